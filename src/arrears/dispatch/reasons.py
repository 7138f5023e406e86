"""Why work did not leave: ids, words in both languages, clauses; as JSON in the outbox."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from arrears.facts.beside import yaml_beside
from arrears.law import Clause
from arrears.strategy.ladder import reason_name
from arrears.strategy.ladder import words as ladder_words


@dataclass(frozen=True)
class Why:
    """One reason. `kinds`: facts that changed the picture. `clauses`: (id, source) of the clauses behind it. `note`: no personal data."""

    id: str
    kinds: tuple[str, ...] = ()
    clauses: tuple[tuple[str, str], ...] = ()
    note: str = ""

    def text(self, language: str) -> str:
        """The reason in `zh-CN` or `en`, with the facts and clauses it names."""
        tongue = "zh" if language.startswith("zh") else "en"
        told = [kind_words(kind)[tongue] for kind in self.kinds]
        told += [f"{clause} ({source})" if source else clause for clause, source in self.clauses]
        told += [self.note] if self.note else []
        open_, glue, close = ("（", "、", "）") if tongue == "zh" else (" (", ", ", ")")
        return reason_words(self.id, tongue) + (f"{open_}{glue.join(told)}{close}" if told else "")


@cache
def content() -> dict[str, Any]:
    """What stands in reasons.yaml."""
    found: dict[str, Any] = yaml_beside("arrears.dispatch", "reasons.yaml")
    return found


def since() -> tuple[str, ...]:
    """Kinds of fact that hold work decided before them."""
    return tuple(content()["since"])


def asked_again_not() -> frozenset[str]:
    """Reasons of a ladder that the night settles and dispatch does not ask again."""
    return frozenset(content()["asked_again_not"])


def reason_words(reason: str, tongue: str) -> str:
    """A reason in `zh` or `en`: ours, else the ladder's."""
    own: Mapping[str, Mapping[str, str]] = content()["reasons"]
    if reason in own:
        return own[reason][tongue]
    return reason_name(reason, tongue) if reason in ladder_words()["reasons"] else reason


def kind_words(kind: str) -> Mapping[str, str]:
    """A kind of fact (or `inbound`, `conversation`) in both languages."""
    found: Mapping[str, str] | None = {**content()["since"], **content()["since_contact"]}.get(kind)
    return found or {"zh": kind, "en": kind}


def by_law(reason: str, clauses: Iterable[Clause]) -> Why:
    """A reason of the law with its clauses."""
    return Why(reason, clauses=tuple((clause.id, clause.source) for clause in clauses))


def to_json(reasons: Iterable[Why]) -> str:
    """The reasons as the outbox keeps them."""
    rows = [
        {name: value for name, value in (("id", why.id), ("kinds", why.kinds), ("clauses", why.clauses), ("note", why.note)) if value}
        for why in reasons
    ]  # fmt: skip
    return json.dumps(rows, ensure_ascii=False)


def from_json(text: str | None) -> tuple[Why, ...]:
    """The reasons of a row of the outbox."""
    return tuple(
        Why(
            row["id"],
            tuple(row.get("kinds", ())),
            tuple((clause, source) for clause, source in row.get("clauses", ())),
            row.get("note", ""),
        )
        for row in json.loads(text or "[]")
    )
