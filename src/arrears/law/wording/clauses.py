"""Clauses of kind `wording`: which families a law forbids in a text, and which elements it demands.

They stand in `packs/<pack>/wording.yaml`, with the same heads as every other clause.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib import resources
from typing import Any

from arrears.errors import refuse
from arrears.facts.schema import CHANNELS
from arrears.facts.yaml_text import Document, parse_yaml
from arrears.law.cited import Cited
from arrears.law.wording.families import RECIPIENTS, Rule, families, rule_of

#: Strictest first. A clause of the first four blocks a text, the others warn.
FORCES = ("statute", "regulation", "standard", "self_regulation", "presumption", "guideline", "house", "proposal")
BLOCKING = FORCES[:4]
CONFIRMED = ("read", "secondary", "false")
KEYS = (
    "id",
    "kind",
    "says",
    "source",
    "in_force",
    "binds",
    "channels",
    "recipients",
    "force",
    "confirmed",
    "wording",
    "examples",
)
WORDING_KEYS = ("must_not", "must", "only_with", "rules", "suggest")
EXAMPLES_AT_LEAST = 3


@dataclass(frozen=True)
class WordingClause(Cited):
    """One clause. `must_not` and `must` name families; `only_with` limits a demand to texts that hold `promotion`."""

    id: str
    says: Mapping[str, str]
    instrument: str
    article: str
    from_on: date
    until_on: date | None
    binds: tuple[str, ...]
    channels: tuple[str, ...]
    recipients: tuple[str, ...]
    force: str
    confirmed: str
    must_not: tuple[str, ...]
    must: tuple[str, ...]
    only_with: str | None
    rules: tuple[Rule, ...]
    suggest: Mapping[str, str] | None
    examples: tuple[Mapping[str, Any], ...]
    place: str

    @property
    def blocks(self) -> bool:
        """Whether a breach blocks the text: binding or agreed rules do, unless their source is not confirmed."""
        return self.force in BLOCKING and self.confirmed != "false"

    @property
    def strictness(self) -> tuple[bool, int]:
        """Sorts clauses, strictest first."""
        return not self.blocks, FORCES.index(self.force)

    def applies(self, channel: str, recipient: str, on: date, binds: str) -> bool:
        """Whether the clause speaks of a text on `channel` to `recipient` on a day by `binds` (lender or agency)."""
        return self.in_force(on) and channel in self.channels and recipient in self.recipients and binds in self.binds


def wording_packs() -> tuple[str, ...]:
    """Names of the packs that have wording clauses."""
    folder = resources.files("arrears.law").joinpath("packs")
    return tuple(sorted(entry.name for entry in folder.iterdir() if entry.joinpath("wording.yaml").is_file()))


@cache
def load_wording(pack: str) -> tuple[WordingClause, ...]:
    """The wording clauses of a pack. Refusal if there are none, or with every fault of the file."""
    if pack not in wording_packs():
        known = "known: " + ", ".join(wording_packs())
        raise refuse("no_pack", "there are no wording clauses for this law", value=pack, todo=known, exit_code=2)
    file = resources.files("arrears.law").joinpath("packs", pack, "wording.yaml")
    return read_wording(parse_yaml(file.read_text("utf-8"), f"packs/{pack}/wording.yaml"))


def read_wording(document: Document) -> tuple[WordingClause, ...]:
    """The wording clauses of one document. Refusal with every fault found."""
    top = document.value if isinstance(document.value, dict) else {}
    if not isinstance(top.get("clauses"), list):
        document.fault("form", "clauses", "is not a list of clauses")
    parts = enumerate(top.get("clauses") or [])
    found = [_Reader(document, f"clauses[{index}]", part).clause() for index, part in parts]
    document.raise_findings()
    return tuple(clause for clause in found if clause is not None)


class _Reader:
    """Reads one clause and keeps every fault."""

    def __init__(self, document: Document, path: str, part: Any) -> None:
        self.doc, self.path = document, path
        self.part: dict[str, Any] = part if isinstance(part, dict) else {}

    def fault(self, name: str, what: str, value: object = "", todo: str = "") -> None:
        self.doc.fault("clause", f"{self.path}.{name}", what, value, todo)

    def all_of(self, name: str, values: Any, allowed: tuple[str, ...]) -> tuple[str, ...]:
        for value in values:
            if value not in allowed:
                self.fault(name, "is not one of " + ", ".join(allowed), value)
        return tuple(values)

    def day(self, name: str, value: Any) -> date | None:
        try:
            return None if value is None else date.fromisoformat(str(value))
        except ValueError:
            self.fault(name, "is not a date", value)
            return None

    def clause(self) -> WordingClause | None:
        part = self.part
        for key in set(part) - set(KEYS):
            self.fault(key, "is not known", todo="known: " + ", ".join(KEYS))
        needed = [key for key in KEYS if key not in ("channels", "recipients") and not part.get(key)]
        for key in needed:
            if not (key == "confirmed" and part.get(key) is False):
                self.fault(key, "is missing: a clause without it does not go in")
        if any(key != "confirmed" for key in needed):
            return None
        self.all_of("kind", [part["kind"]], ("wording",))
        if len(part["examples"]) < EXAMPLES_AT_LEAST:
            self.fault("examples", f"are fewer than {EXAMPLES_AT_LEAST}")
        if not (part["says"].get("zh") and part["says"].get("en")):
            self.fault("says", "needs zh and en")
        return self.read(part)

    def read(self, part: dict[str, Any]) -> WordingClause:
        wording, known = part["wording"], tuple(families())
        for key in set(wording) - set(WORDING_KEYS):
            self.fault(f"wording.{key}", "is not known", todo="known: " + ", ".join(WORDING_KEYS))
        if bool(wording.get("must_not") or wording.get("rules")) == bool(wording.get("must")):
            self.fault("wording", "needs must_not (or rules), or must, and not both")
        confirmed = "false" if part["confirmed"] is False else str(part["confirmed"])
        return WordingClause(
            id=str(part["id"]), says=part["says"], instrument=str(part["source"].get("instrument", "")),
            article=str(part["source"].get("article", "")),
            from_on=self.day("in_force.from", part["in_force"].get("from")) or date.max,
            until_on=self.day("in_force.until", part["in_force"].get("until")),
            binds=self.all_of("binds", part["binds"], ("lender", "agency")),
            channels=self.all_of("channels", part.get("channels") or CHANNELS, CHANNELS),
            recipients=self.all_of("recipients", part.get("recipients") or RECIPIENTS, RECIPIENTS),
            force=self.all_of("force", [part["force"]], FORCES)[0], confirmed=self.all_of("confirmed", [confirmed], CONFIRMED)[0],
            must_not=self.all_of("wording.must_not", wording.get("must_not") or (), known),
            must=self.all_of("wording.must", wording.get("must") or (), known),
            only_with=wording.get("only_with"), rules=self.rules(wording.get("rules") or ()), suggest=wording.get("suggest"),
            examples=tuple(part["examples"]), place=f"{self.doc.file}:{self.doc.lines.get(self.path, 1)}",
        )  # fmt: skip

    def rules(self, entries: Any) -> tuple[Rule, ...]:
        found = []
        for index, entry in enumerate(entries):
            try:
                found.append(rule_of(entry, self.all_of("wording.rules", [entry["family"]], tuple(families()))[0]))
            except (KeyError, ValueError, re.error) as error:
                self.fault(f"wording.rules[{index}]", f"is not a rule: {error}")
        return tuple(found)
