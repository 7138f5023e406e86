"""The audit of a log: which contacts broke which clause, and which clauses this log could not show."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from arrears.audit.broken import NotShown, broken
from arrears.audit.log import connect, read_log
from arrears.audit.mapping import LogMapping
from arrears.audit.quote import literal
from arrears.audit.rules import Rule, packs_for, rules_of
from arrears.audit.standing import asked, names_in, shown
from arrears.facts.book import Book
from arrears.facts.yaml_text import parse_yaml

CONDITIONS = ("when", "needs", "only_when")


@dataclass(frozen=True)
class Violation:
    """One contact that broke one clause. `line` counts rows of the log, its head included; `at` is UTC."""

    clause: str
    line: int
    account_id: str
    event_id: str
    at: datetime
    channel: str
    outcome: str

    def as_json(self) -> dict[str, Any]:
        """JSON-ready; instants ISO 8601."""
        return {**self.__dict__, "at": self.at.isoformat()}


@dataclass(frozen=True)
class Audit:
    """What an audit came to: contacts looked at, the rules asked, violations in the order of the log, and what was not shown."""

    contacts: int
    rules: tuple[Rule, ...]
    violations: tuple[Violation, ...]
    not_shown: Mapping[str, str]

    def counts(self) -> dict[str, int]:
        """Violations by clause, the most first."""
        found: dict[str, int] = {}
        for violation in self.violations:
            found[violation.clause] = found.get(violation.clause, 0) + 1
        return dict(sorted(found.items(), key=lambda item: (-item[1], item[0])))

    def as_json(self, language: str) -> dict[str, Any]:
        """The object of `arrears audit --json`."""
        tongue = "zh" if language == "zh-CN" else "en"
        by_id = {rule.id: rule for rule in self.rules}
        return {
            "contacts": self.contacts,
            "clauses": len(self.rules),
            "violations": [violation.as_json() for violation in self.violations],
            "counts": [
                {"id": clause, "violations": number, "text": by_id[clause].says[tongue], "source": by_id[clause].source,
                 "force": by_id[clause].force} for clause, number in self.counts().items()
            ],
            "not_shown": [{"id": clause, "why": why} for clause, why in self.not_shown.items()],
        }  # fmt: skip


def audit(
    source: Path | Book,
    mapping: LogMapping,
    packs: Sequence[str] = (),
    house: Sequence[Path] = (),
    law: str | None = None,
) -> Audit:
    """Hold a log (a file, a book's folder, or a book that was opened) against the packs; none named: those of the laws that the log names.

    `law` is the law of rows that name none. Refusal for a log or mapping that cannot be read.
    """
    connection = connect()
    read_log(connection, source, mapping, law)
    laws = [row[0] for row in connection.execute("SELECT DISTINCT law FROM log ORDER BY law").fetchall()]
    rules = rules_of(packs or packs_for(laws), house)
    not_shown: dict[str, str] = {}
    judged = [rule for rule in rules if _can_be_shown(rule, not_shown)]
    connection.execute(asked({word for rule in judged for word in _named(rule)}))
    found: list[Violation] = []
    for rule in judged:
        try:
            found += _violations(connection, rule)
        except NotShown as reason:
            not_shown[rule.id] = str(reason)
    contacts = connection.execute("SELECT count(*) FROM log WHERE kind = 'contact' AND direction = 'out'").fetchone()[0]
    return Audit(int(contacts), tuple(rules), tuple(sorted(found, key=lambda v: (v.at, v.line, v.clause))), not_shown)


def _named(rule: Rule) -> set[str]:
    return {word for key in CONDITIONS if rule.part.get(key) for word in names_in(str(rule.part[key]))}


def _can_be_shown(rule: Rule, not_shown: dict[str, str]) -> bool:
    lacking = sorted(word for word in _named(rule) if not shown(word))
    if lacking:
        not_shown[rule.id] = f"needs {', '.join(lacking)}, which a log of contacts does not hold"
    return not lacking


def _violations(connection: Any, rule: Rule) -> list[Violation]:
    query = broken(rule)
    if rule.part.get("holidays") == "closed":
        _holidays(connection, rule)
    rows = connection.execute(
        f"""SELECT l.line, l.account_id, l.event, l.made_at::TIMESTAMP, l.channel, coalesce(l.outcome, '')
        FROM log AS l WHERE l.n IN ({query}) ORDER BY l.n"""
    ).fetchall()
    return [Violation(rule.id, *row) for row in rows]


def _holidays(connection: Any, rule: Rule) -> None:
    """The table `holiday` for a rule that closes on holidays, from the calendar file its pack names."""
    from importlib import resources

    name = str(rule.calendar)
    file = resources.files("arrears").joinpath("law", "calendars", f"{name}.yaml")
    days = parse_yaml(file.read_text("utf-8"), f"{name}.yaml").value["holidays"]
    values = ", ".join(f"({literal(day)}::DATE)" for day in days) or "(NULL::DATE)"
    connection.execute(f"CREATE OR REPLACE TABLE holiday AS SELECT * FROM (VALUES {values}) AS h(day)")
