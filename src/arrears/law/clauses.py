"""Clauses: dated, cited rules of law as data, and the packs that hold them.

A pack is a folder of YAML files. Every clause says what it demands in our words, names its source, the days on which it is in
force, whom it binds and how it was confirmed, and carries worked examples that `arrears test` runs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, time
from functools import cache
from importlib import resources
from typing import Any

import polars as pl

from arrears.calendar import BUSINESS_ZONES
from arrears.errors import refuse
from arrears.facts.schema import CHANNELS
from arrears.facts.yaml_text import Document, parse_yaml

KINDS = ("hours", "limit", "forbid", "require")
FORCES = ("statute", "regulation", "standard", "self_regulation", "house")
CONFIRMED = ("read", "secondary", "false")
KEYS = ("id", "kind", "says", "source", "in_force", "binds", "channels", "force", "confirmed", "open", "limit", "when",
        "require", "examples")  # fmt: skip
#: Columns of a question beside those of the standing.
QUESTION_COLUMNS = {"role": pl.String, "purpose": pl.String, "channel": pl.String}
EXAMPLES_AT_LEAST = 3


@dataclass(frozen=True)
class Limit:
    """At most `most` contacts with one of `outcomes` on `channels` in a calendar day, per borrower or per number."""

    most: int
    per: str
    channels: tuple[str, ...]
    outcomes: tuple[str, ...]


@dataclass(frozen=True)
class Clause:
    """One clause. `open` is the lawful part of the day in the borrower's own zone; `when` a condition that forbids."""

    id: str
    kind: str
    says: Mapping[str, str]
    instrument: str
    article: str
    from_on: date
    until_on: date | None
    binds: tuple[str, ...]
    channels: tuple[str, ...]
    force: str
    confirmed: str
    open: tuple[time, time] | None
    limit: Limit | None
    when: pl.Expr | None
    require: Mapping[str, Any]
    examples: tuple[Mapping[str, Any], ...]
    place: str

    def in_force(self, day: date) -> bool:
        """Whether the clause is in force on `day`."""
        return self.from_on <= day and (self.until_on is None or day <= self.until_on)

    def applies(self, channel: str, day: date, binds: str) -> bool:
        """Whether the clause speaks of a contact on `channel` on `day` by `binds` (lender or agency)."""
        return self.in_force(day) and channel in self.channels and binds in self.binds and self.confirmed != "false"

    @property
    def source(self) -> str:
        """Instrument and article in one line."""
        return f"{self.instrument} {self.article}".strip()

    def as_json(self, language: str) -> dict[str, Any]:
        """The clause as `arrears may` returns it."""
        return {
            "id": self.id,
            "source": self.source,
            "text": self.says["zh" if language == "zh-CN" else "en"],
            "in_force": {
                "from": self.from_on.isoformat(),
                "until": self.until_on.isoformat() if self.until_on else None,
            },
            "force": self.force,
            "confirmed": self.confirmed,
        }


@dataclass(frozen=True)
class Pack:
    """The clauses of one law; `zone` is where its calendar days are counted."""

    name: str
    zone: str
    clauses: tuple[Clause, ...]

    def clause(self, clause_id: str) -> Clause:
        """The clause of that id. KeyError if there is none."""
        for clause in self.clauses:
            if clause.id == clause_id:
                return clause
        raise KeyError(clause_id)


def packs() -> tuple[str, ...]:
    """Names of the packs that come with arrears."""
    folder = resources.files("arrears.law").joinpath("packs")
    return tuple(sorted(entry.name for entry in folder.iterdir() if entry.is_dir()))


@cache
def load_pack(name: str) -> Pack:
    """The pack of a law. Refusal if there is none, or with every fault of its files."""
    if name not in packs():
        raise refuse(
            "no_pack", "there is no law pack for this law yet", value=name, todo="known: " + ", ".join(packs())
        )
    folder = resources.files("arrears.law").joinpath("packs", name)
    clauses: list[Clause] = []
    for entry in sorted(folder.iterdir(), key=lambda item: item.name):
        if entry.name.endswith(".yaml"):
            clauses += read_clauses(parse_yaml(entry.read_text("utf-8"), f"packs/{name}/{entry.name}"))
    return Pack(name, BUSINESS_ZONES[name], tuple(clauses))


def read_clauses(document: Document) -> list[Clause]:
    """The clauses of one document. Refusal with every fault found."""
    top = document.value if isinstance(document.value, dict) else {}
    if not isinstance(top.get("clauses"), list):
        document.fault("form", "clauses", "is not a list of clauses")
    found = [
        clause
        for index, part in enumerate(top.get("clauses") or [])
        if (clause := _ClauseReader(document, f"clauses[{index}]", part).clause()) is not None
    ]
    document.raise_findings()
    return found


class _ClauseReader:
    """Reads one clause and keeps every fault."""

    def __init__(self, document: Document, path: str, part: Any) -> None:
        self.doc, self.path = document, path
        self.part: dict[str, Any] = part if isinstance(part, dict) else {}

    def fault(self, name: str, what: str, value: object = "", todo: str = "") -> None:
        self.doc.fault("clause", f"{self.path}.{name}", what, value, todo)

    def clause(self) -> Clause | None:
        part = self.part
        for key in part:
            if key not in KEYS:
                self.fault(key, "is not known", todo="known: " + ", ".join(KEYS))
        for key in ("id", "kind", "says", "source", "in_force", "binds", "force", "confirmed", "examples"):
            if not part.get(key):
                self.fault(key, "is missing: a clause without it does not go in")
                return None
        self.one_of("kind", part["kind"], KINDS)
        self.one_of("force", part["force"], FORCES)
        confirmed = "false" if part["confirmed"] is False else str(part["confirmed"])
        self.one_of("confirmed", confirmed, CONFIRMED)
        if len(part["examples"]) < EXAMPLES_AT_LEAST:
            self.fault("examples", f"are fewer than {EXAMPLES_AT_LEAST}")
        if not (part["says"].get("zh") and part["says"].get("en")):
            self.fault("says", "needs zh and en")
        in_force = part["in_force"]
        return Clause(
            id=str(part["id"]), kind=str(part["kind"]), says=part["says"],
            instrument=str(part["source"].get("instrument", "")), article=str(part["source"].get("article", "")),
            from_on=self.day("in_force.from", in_force.get("from")) or date.max,
            until_on=self.day("in_force.until", in_force.get("until")),
            binds=tuple(part["binds"]), channels=self.channels("channels", part.get("channels", list(CHANNELS))),
            force=str(part["force"]), confirmed=confirmed, open=self.open(), limit=self.limit(), when=self.when(),
            require=part.get("require") or {}, examples=tuple(part["examples"]),
            place=f"{self.doc.file}:{self.doc.lines.get(self.path, 1)}",
        )  # fmt: skip

    def one_of(self, name: str, value: Any, allowed: tuple[str, ...]) -> None:
        if value not in allowed:
            self.fault(name, "is not one of " + ", ".join(allowed), value)

    def channels(self, name: str, value: Any) -> tuple[str, ...]:
        for channel in value:
            self.one_of(name, channel, CHANNELS)
        return tuple(value)

    def day(self, name: str, value: Any) -> date | None:
        if value is None:
            return None
        try:
            return date.fromisoformat(str(value))
        except ValueError:
            self.fault(name, "is not a date", value)
            return None

    def open(self) -> tuple[time, time] | None:
        if self.part["kind"] != "hours":
            return None
        hours = self.part.get("open") or {}
        try:
            begins, ends = (time.fromisoformat(str(hours.get(name))) for name in ("from", "until"))
        except ValueError:
            self.fault("open", 'is not {from: "HH:MM", until: "HH:MM"}')
            return None
        if begins >= ends:
            self.fault("open", "ends before it begins")
        return begins, ends

    def limit(self) -> Limit | None:
        if self.part["kind"] != "limit":
            return None
        limit = self.part.get("limit") or {}
        self.one_of("limit.per", limit.get("per"), ("borrower", "number"))
        self.one_of("limit.window", limit.get("window"), ("day",))
        if not str(limit.get("most", "")).isdigit():
            self.fault("limit.most", "is not a number", limit.get("most"))
            return None
        channels = self.channels("limit.channels", limit.get("channels") or ())
        return Limit(int(limit["most"]), str(limit.get("per")), channels, tuple(limit.get("outcomes") or ()))

    def when(self) -> pl.Expr | None:
        if self.part["kind"] != "forbid":
            return None
        from arrears.replay.columns import columns

        sql = str(self.part.get("when"))
        try:
            expression = pl.sql_expr(sql)
            unknown = set(expression.meta.root_names()) - set(columns()) - set(QUESTION_COLUMNS)
        except Exception as error:
            self.fault("when", f"is not an SQL condition: {str(error).splitlines()[0]}", sql)
            return None
        if unknown:
            self.fault("when", "names no column", ", ".join(sorted(unknown)))
        return expression.fill_null(False)
