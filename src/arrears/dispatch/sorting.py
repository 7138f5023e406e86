"""What an inbound text says: to stop writing, that it is paid, that it is not owed, and so on, for people to go on from there.

The words are data (`sorting.yaml`), looked for in the searched form of the text (`law.wording.normalise`). An opt-out is rather seen
once too often than missed; a single letter counts only as the whole message.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from arrears.facts.beside import yaml_beside
from arrears.law.wording.normalise import normalise

#: So many characters of a text are read: about thirty SMS in Chinese.
LONGEST = 2_000
OTHER = "other"


@dataclass(frozen=True)
class Sorted:
    """`kind`: opt_out, dispute, paid, hardship, promise, call_me, who_is_this or other. `matched`: the words that said so, as searched.

    `also`: further kinds that the text is of, in their order.
    """

    kind: str
    matched: str
    also: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Words:
    whole: frozenset[str]
    parts: tuple[re.Pattern[str], ...]
    alike: tuple[re.Pattern[str], ...]

    def found(self, text: str, wholes: Iterable[str]) -> str | None:
        for whole in wholes:
            if whole in self.whole:
                return whole
        for pattern in self.alike:
            text = pattern.sub(" ; ", text)
        matches = (pattern.search(text) for pattern in self.parts)
        return next((match[0].strip() for match in matches if match), None)


def kinds() -> tuple[str, ...]:
    """All kinds, in the order in which they count; `other` last."""
    return (*_words(), OTHER)


def sort_text(text: str) -> Sorted:
    """What a text says. Never an error: what says nothing known is `other`, with nothing matched."""
    searched = normalise(text[:LONGEST]).text.translate(_simplified())
    wholes = _wholes(searched)
    searched = re.sub(r"^\W+|\W+$", "", searched)
    found = {kind: said for kind, words in _words().items() if (said := words.found(searched, wholes)) is not None}
    if not found:
        return Sorted(OTHER, "")
    kind = next(iter(found))
    return Sorted(kind, found[kind], tuple(found)[1:])


def _wholes(searched: str) -> tuple[str, ...]:
    """The whole message and its first line, each with and without courtesies; signs and blanks left out."""
    first = next((line for line in searched.split("\n") if line.strip()), "")
    forms = [_bare(searched), _bare(first)]
    before, after = _courtesies()
    for form in tuple(forms):
        plain = after.sub("", before.sub("", form))
        forms.append(plain or form)
    return tuple(dict.fromkeys(form for form in forms if form))


def _bare(text: str) -> str:
    bare = re.sub(r"[\W_]+", "", text)
    return bare or text.strip()[:1]


@cache
def _file() -> dict[str, Any]:
    return dict(yaml_beside("arrears.dispatch", "sorting.yaml"))


@cache
def _simplified() -> dict[int, str]:
    table = _file()["traditional"]
    return {ord(old): new for old, new in zip(table["from"], table["to"], strict=True)}


@cache
def _courtesies() -> tuple[re.Pattern[str], re.Pattern[str]]:
    before, after = (
        "|".join(re.escape(_bare(word)) for word in _file()["courtesies"][side]) for side in ("before", "after")
    )
    return re.compile(f"^({before})+"), re.compile(f"({after})+$")


@cache
def _words() -> Mapping[str, _Words]:
    return {kind: _compiled(words) for kind, words in _file()["kinds"].items()}


def _compiled(words: Mapping[str, list[str]]) -> _Words:
    return _Words(
        frozenset(_bare(word) for word in words["whole"]),
        tuple(re.compile(pattern) for pattern in words["parts"]),
        tuple(re.compile(pattern) for pattern in words.get("not", ())),
    )
