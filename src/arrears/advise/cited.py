"""What a text rests on: a clause of a law pack, or one of the sources that only texts use (`sources.yaml`)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from arrears.advise.said import Said, read_words
from arrears.law import Stack, load_pack, packs
from arrears.law.cited import Cited
from arrears.law.pages import confirmed_word
from arrears.law.source_words import source_in


@dataclass(frozen=True)
class Reference:
    """A rule with its source. `confirmed`: `read`, `secondary` or `false`. `from_on` None: the day it came into force was not checked."""

    id: str
    says: Said
    source: str
    force: str
    confirmed: str
    from_on: date | None

    def confirmed_text(self, language: str) -> str:
        """How it was confirmed, in words."""
        return confirmed_word(self, language)

    def source_in(self, language: str) -> str:
        """The source for a reader of `zh-CN` or `en`: in English, a Chinese title is told with the original beside it."""
        return source_in(self.source, language)

    def as_json(self, language: str) -> dict[str, Any]:
        """The rule as JSON."""
        since = self.from_on.isoformat() if self.from_on else None
        return {"id": self.id, "text": self.says.text(language), "source": self.source, "from": since,
                "force": self.force, "confirmed": self.confirmed}  # fmt: skip


def reference_of(clause: Cited) -> Reference:
    """A clause as what a text rests on."""
    says = Said(clause.says["zh"], clause.says["en"])
    return Reference(clause.id, says, clause.source, clause.force, clause.confirmed, clause.from_on)


def references_under(laws: Stack | None) -> Mapping[str, Reference]:
    """What the texts of a case may rest on: `references`, and the lender's own clauses that its stack holds."""
    held = laws.clauses if laws else ()
    return {**references(), **{clause.id: reference_of(clause) for clause, _ in held if clause.id not in references()}}


@cache
def references() -> Mapping[str, Reference]:
    """Every clause of every pack and every source of texts, by id."""
    found = {}
    for pack in packs():
        for clause in load_pack(pack).clauses:
            found[clause.id] = reference_of(clause)
    for name, part in read_words("sources.yaml").items():
        since = part.get("from")
        from_on = since if since is None or isinstance(since, date) else date.fromisoformat(str(since))
        found[name] = Reference(
            name, Said(part["zh"], part["en"]), part["source"], part["force"], str(part["confirmed"]).lower(), from_on
        )
    return found
