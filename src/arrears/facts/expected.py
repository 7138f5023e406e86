"""What a case file expects, held against what the engine answers: the comparison of `arrears test`.

`expect` is any part of the answer. A mapping compares the fields it gives; amounts and numbers compare as decimals. A
list compares the elements it gives, in any order: each must be found in the answer, and no element of the answer stands for two.
An empty list expects an empty list. A name alone (``clauses: [CN-1]``) matches an entry whose id or action it is.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from arrears.errors import Finding
from arrears.facts.fields import nearest
from arrears.facts.yaml_text import Document

#: Fields by which an entry of a list is known, so that a mismatch can say what is wrong with *that* entry.
NAMES = ("id", "action", "account", "code", "event", "channel", "on")
_NUMBER = re.compile(r"-?\d+(\.\d+)?", re.ASCII)


def compare(expect: Any, got: Any, document: Document | None = None, path: str = "expect") -> list[Finding]:
    """Where the answer differs from the part of it that is expected; empty if nowhere.

    `document` is the case file, in which the expectation stands at `path`: findings name its lines.
    """
    return _Comparison(document).value(expect, got, path)


class _Comparison:
    """Walks an expectation and places the findings in its document."""

    def __init__(self, document: Document | None) -> None:
        self.document = document

    def where(self, path: str) -> dict[str, Any]:
        return self.document.where(path) if self.document else {"field": path}

    def value(self, expect: Any, got: Any, path: str) -> list[Finding]:
        if isinstance(expect, dict):
            if isinstance(got, dict):
                return self.mapping(expect, got, path)
            return [self.differs(path, "a mapping", got)]
        if isinstance(expect, list):
            if isinstance(got, list):
                return self.listed(expect, got, path)
            return [self.differs(path, "a list", got)]
        return [] if _same(expect, got) else [self.differs(path, _shown(expect), got)]

    def mapping(self, expect: Mapping[str, Any], got: Mapping[str, Any], path: str) -> list[Finding]:
        found = []
        for key, value in expect.items():
            here = f"{path}.{key}"
            if key in got:
                found += self.value(value, got[key], here)
            else:
                found.append(Finding("expected", "is not in the answer", todo=nearest(key, got), **self.where(here)))
        return found

    def listed(self, expect: Sequence[Any], got: Sequence[Any], path: str) -> list[Finding]:
        if not expect and got:
            return [self.differs(path, "nothing", got)]
        found, left = [], list(got)
        for index, value in enumerate(expect):
            here = f"{path}[{index}]"
            match = next((item for item in left if not self.value(value, item, here)), None)
            if match is not None:
                left.remove(match)
            else:
                found += self.unmatched(value, left, here)
        return found

    def unmatched(self, value: Any, left: Sequence[Any], path: str) -> list[Finding]:
        """Why no entry matches: what differs in the entry of the same name if there is one, else what there is instead."""
        for name in NAMES if isinstance(value, dict) else ():
            named = [item for item in left if isinstance(item, dict) and name in value and name in item]
            same = [item for item in named if _same(value[name], item[name])]
            if len(same) == 1:
                return self.value(value, same[0], path)
        what = f"expected an entry {_shown(value)}, the answer has {_shown([_brief(item) for item in left])}"
        return [Finding("expected", what, **self.where(path))]

    def differs(self, path: str, expect: str, got: Any) -> Finding:
        return Finding("expected", f"expected {expect}, the answer is {_shown(got)}", **self.where(path))


def _same(expect: Any, got: Any) -> bool:
    """Equal as values: text of the file against JSON values, numbers as decimals, a name against the entry it names."""
    if isinstance(got, dict):
        return any(expect is not None and _same(expect, got[name]) for name in ("id", "action") if name in got)
    if expect is None or got is None or isinstance(got, bool) or isinstance(expect, bool):
        return expect is got
    if str(expect) == str(got):
        return True
    numbers = _NUMBER.fullmatch(str(expect)) and _NUMBER.fullmatch(str(got))
    return bool(numbers) and Decimal(str(expect)) == Decimal(str(got))


def _brief(item: Any) -> Any:
    """An entry by its name, to be shown in a list."""
    if not isinstance(item, dict):
        return item
    return next((item[name] for name in NAMES if name in item), item)


def _shown(value: Any) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return "[" + ", ".join(_shown(item) for item in value) + "]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {_shown(item)}" for key, item in value.items()) + "}"
    return str(value)
