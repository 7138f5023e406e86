"""What stands around a match: the sentence, the part of it, and whether it denies, warns or explains rather than threatens."""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import dataclass
from functools import cache

from arrears.law.wording.families import words

_END = re.compile(r"[。!?;\n]|\.(?=\s|$)")


@dataclass(frozen=True)
class _Marks:
    negation: re.Pattern[str]
    parts: re.Pattern[str]
    warning: re.Pattern[str]


@cache
def _marks(language: str) -> _Marks:
    return _Marks(*(re.compile(words()[name][language]) for name in ("negation", "parts", "warning")))


class Context:
    """Sentences of one searched text; found once, asked for each match."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._ends = [match.start() for match in _END.finditer(text)]

    def sentence(self, start: int, end: int) -> tuple[int, int]:
        """Where the sentence (or sentences) of a match begins and ends."""
        before, after = bisect_left(self._ends, start), bisect_left(self._ends, end)
        begins = self._ends[before - 1] + 1 if before else 0
        return begins, self._ends[after] if after < len(self._ends) else len(self.text)

    def excused(self, start: int, end: int, language: str, negation: bool) -> bool:
        """Whether a match is denied in its part of the sentence, or its sentence warns of it or explains rights."""
        marks = _marks(language)
        begins, ends = self.sentence(start, end)
        if marks.warning.search(self.text, begins, ends):
            return True
        if not negation:
            return False
        part = max((match.end() for match in marks.parts.finditer(self.text, begins, start)), default=begins)
        return any(match.start() != start for match in marks.negation.finditer(self.text, part, end))
