"""Clauses: dated, cited rules of law as data.

Every clause says what it demands in our words, names its source, the days on which it is in force, whom it binds and how it was
confirmed, and carries worked examples that `arrears test` runs. `clause_kinds` has what each kind says beyond that.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from arrears.facts.fields import Fields
from arrears.facts.schema import ACTS, BINDS, CHANNELS, LENDER_KINDS, PURPOSES, ROLES
from arrears.facts.yaml_text import Document
from arrears.law import clause_kinds as kinds
from arrears.law.cited import Cited
from arrears.law.kind_readers import KindReader, channels_of, roles_of

FORCES = ("statute", "regulation", "presumption", "standard", "guideline", "self_regulation", "house", "proposal")
CONFIRMED = ("read", "secondary", "false")
HEADER = ("id", "kind", "says", "source", "in_force", "binds", "lenders", "products", "except_products", "regions",
          "acts", "channels", "roles", "purposes", "except_purposes", "force", "confirmed", "on", "examples")  # fmt: skip
NEEDED = ("id", "kind", "says", "source", "in_force", "binds", "force", "confirmed", "examples")
EXAMPLES_AT_LEAST = 3
_ID = re.compile(r"[A-Z][A-Z0-9]*(-[A-Z0-9]+)+", re.ASCII)


@dataclass(frozen=True)
class Clause(Cited):
    """One clause. A None among lenders, products, regions, channels, roles, purposes means all.

    `note`: what is to be known about the source, such as a date of force that is not confirmed.
    """

    id: str
    kind: str
    says: Mapping[str, str]
    instrument: str
    article: str
    from_on: date
    until_on: date | None
    binds: tuple[str, ...]
    lenders: frozenset[str] | None
    products: frozenset[str] | None
    except_products: frozenset[str]
    regions: frozenset[str] | None
    acts: frozenset[str]
    channels: frozenset[str] | None
    roles: frozenset[str] | None
    purposes: frozenset[str] | None
    except_purposes: frozenset[str]
    force: str
    confirmed: str
    on: bool
    rule: kinds.Rule
    examples: tuple[Mapping[str, Any], ...]
    file: str
    line: int
    lines: tuple[int, ...]
    pack: str = ""
    note: str = ""

    def __hash__(self) -> int:
        return hash((self.pack, self.id))

    def speaks_to(self, lender_kind: str | None, product: str | None, region: str | None) -> bool:
        """Whether the clause speaks to that kind of lender, product and region.

        A lender kind or region that is not known is taken as one the clause speaks to: the guard fails closed.
        """
        return (
            (self.lenders is None or lender_kind is None or lender_kind in self.lenders)
            and (self.products is None or product in self.products)
            and product not in self.except_products
            and (self.regions is None or region is None or region in self.regions)
        )


def read_clauses(document: Document, pack: str = "", house: bool = False) -> list[Clause]:
    """The clauses of one document. Refusal with every fault found. `house`: only the force `house` may stand there."""
    fields = Fields(document)
    top = fields.mapping("", document.value) or {}
    fields.known_keys("", top, ("clauses",))
    found = []
    for index, part in enumerate(fields.listed("clauses", top.get("clauses"))):
        path = f"clauses[{index}]"
        if fields.mapping(path, part) is not None:
            clause = _ClauseReader(document, path, part, pack).clause()
            found += [clause] if clause is not None else []
            if house and part.get("force") != "house":
                fields.fault("unknown_value", f"{path}.force", "of a house's own clause is `house`", part.get("force"))
    if "clauses" not in top:
        fields.missing("clauses")
    document.raise_findings()
    return found


class _ClauseReader:
    """Reads one clause and keeps every fault."""

    def __init__(self, document: Document, path: str, part: Mapping[str, Any], pack: str) -> None:
        self.fields, self.lines, self.file = Fields(document), document.lines, document.file
        self.path, self.part, self.pack = path, part, pack

    def at(self, name: str) -> str:
        return f"{self.path}.{name}"

    def clause(self) -> Clause | None:
        missing = [name for name in NEEDED if self.part.get(name) in (None, "", [], {})]
        if self.part.get("confirmed") is False:
            missing = [name for name in missing if name != "confirmed"]
        for name in missing:
            self.fields.missing(self.at(name), "a clause without it does not go in")
        kind = self.fields.optional(self.at("kind"), self.part.get("kind"), kinds.KINDS)
        if missing or kind is None:
            return None
        self.fields.known_keys(self.path, self.part, (*HEADER, kind))
        if kind == "wording":
            self.fields.fault("form", self.at("kind"), "stands in wording.yaml, which has a form of its own")
            return None
        rule = self.rule(kind)
        return None if rule is None else self.made(kind, rule)

    def rule(self, kind: str) -> kinds.Rule | None:
        part = self.fields.mapping(self.at(kind), self.part.get(kind))
        return None if part is None else KindReader(self.fields, self.at(kind), part).rule(kind)

    def made(self, kind: str, rule: kinds.Rule) -> Clause:
        part, source, in_force = self.part, self.mapping("source"), self.mapping("in_force")
        self.fields.known_keys(self.at("source"), source, ("instrument", "article", "note"))
        self.fields.known_keys(self.at("in_force"), in_force, ("from", "until"))
        confirmed = self.confirmed()
        force = self.fields.choice(self.at("force"), part["force"], FORCES) or "proposal"
        from_on, until_on = self.in_force(in_force)
        return Clause(
            id=self.id(), kind=kind, says=self.says(), instrument=self.text("source.instrument", source, "instrument"),
            article=self.text("source.article", source, "article"), from_on=from_on, until_on=until_on,
            binds=tuple(self.fields.choices(self.at("binds"), part["binds"], BINDS)), lenders=self.words("lenders", LENDER_KINDS),
            products=self.texts("products"),
            except_products=self.texts("except_products") or frozenset(), regions=self.texts("regions"),
            acts=self.words("acts", ACTS) or frozenset({"contact"}),
            channels=self.words("channels", CHANNELS, channels_of(kind)),
            roles=self.words("roles", ROLES, roles_of(kind)), purposes=self.words("purposes", PURPOSES),
            except_purposes=self.words("except_purposes", PURPOSES) or frozenset(), force=force, confirmed=confirmed,
            on=self.on(confirmed != "false" and force != "proposal"), rule=rule, examples=self.examples(),
            file=self.file, line=self.lines.get(self.path, 1),
            lines=tuple(self.lines.get(f"{self.at('examples')}[{i}]", 1) for i in range(len(part["examples"]))),
            pack=self.pack, note=str(source.get("note") or ""),
        )  # fmt: skip

    def id(self) -> str:
        """The id: capitals, digits and hyphens, begun by the pack's name (US-MA-… in us-ma)."""
        found, prefix = str(self.part["id"]), f"{self.pack.upper()}-" if self.pack else ""
        if not _ID.fullmatch(found) or not found.startswith(prefix):
            what = f"is not an id such as {prefix or 'HOUSE-'}HRS-1"
            self.fields.fault(
                "form", self.at("id"), what, found, "capitals, digits and hyphens, begun by the pack's name"
            )
        return found

    def in_force(self, part: Mapping[str, Any]) -> tuple[date, date | None]:
        first = self.fields.day(self.at("in_force.from"), part.get("from"), required=True)
        last = self.fields.day(self.at("in_force.until"), part.get("until"))
        if first and last and last < first:
            self.fields.fault("dates", self.at("in_force.until"), "is before the first day in force", last)
        return first or date.max, last

    def confirmed(self) -> str:
        value = "false" if self.part["confirmed"] is False else self.part["confirmed"]
        return self.fields.choice(self.at("confirmed"), value, CONFIRMED) or "false"

    def on(self, default: bool) -> bool:
        return self.fields.flag(self.at("on"), self.part["on"]) if "on" in self.part else default

    def says(self) -> Mapping[str, str]:
        said = self.mapping("says")
        self.fields.known_keys(self.at("says"), said, ("zh", "en"))
        return {tongue: self.text(f"says.{tongue}", said, tongue) for tongue in ("zh", "en")}

    def mapping(self, name: str) -> Mapping[str, Any]:
        return self.fields.mapping(self.at(name), self.part.get(name)) or {}

    def text(self, path: str, part: Mapping[str, Any], name: str) -> str:
        found = self.fields.text(self.at(path), part.get(name))
        if not found:
            self.fields.missing(self.at(path))
        return found or ""

    def words(
        self, name: str, allowed: tuple[str, ...], default: tuple[str, ...] | None = None
    ) -> frozenset[str] | None:
        if name not in self.part:
            return None if default is None else frozenset(default)
        return frozenset(self.fields.choices(self.at(name), self.part[name], allowed))

    def texts(self, name: str) -> frozenset[str] | None:
        return frozenset(self.fields.texts(self.at(name), self.part[name])) if name in self.part else None

    def examples(self) -> tuple[Mapping[str, Any], ...]:
        path = self.at("examples")
        found = [
            self.fields.mapping(f"{path}[{index}]", part)
            for index, part in enumerate(self.fields.listed(path, self.part["examples"]))
        ]
        if len(found) < EXAMPLES_AT_LEAST:
            self.fields.fault(
                "form", path, f"are fewer than {EXAMPLES_AT_LEAST}", todo="show both sides of each boundary"
            )
        return tuple(part for part in found if part is not None)
