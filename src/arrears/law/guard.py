"""May this contact be made? One answer for one contact: allowed, wait until, or never, with every deciding clause.

The law of the day of the contact applies. `wait` names the first instant that is lawful under all clauses together.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl

from arrears.law.clauses import QUESTION_COLUMNS, Clause, Pack

ROUNDS = 64  # a wait is found within a few rounds; beyond this there is no lawful instant in sight


@dataclass(frozen=True)
class Contact:
    """A contact that was made: when (instant), on which channel, how it ended, to which number."""

    at: datetime
    channel: str
    outcome: str
    number: str | None = None


@dataclass(frozen=True)
class Question:
    """A contact that somebody wants to make. `zones`: every time zone the person may be in."""

    channel: str
    at: datetime
    zones: tuple[str, ...]
    role: str = "borrower"
    purpose: str = "collection"
    number: str | None = None
    binds: str = "lender"
    standing: Mapping[str, Any] = field(default_factory=dict)
    contacts: tuple[Contact, ...] = ()


@dataclass(frozen=True)
class Verdict:
    """`allowed`, `wait` (until `not_before`) or `never`, the clauses that decide, and what the contact must observe."""

    verdict: str
    not_before: datetime | None
    clauses: tuple[Clause, ...]
    requires: tuple[Clause, ...]

    def as_json(self, language: str) -> dict[str, Any]:
        """The form of `arrears may --json`."""
        return {
            "verdict": self.verdict,
            "not_before": self.not_before.isoformat() if self.not_before else None,
            "clauses": [clause.as_json(language) for clause in self.clauses],
            "requires": [clause.as_json(language) for clause in self.requires],
        }


def may(pack: Pack, question: Question) -> Verdict:
    """The verdict on one contact."""
    day = _law_day(pack, question.at)
    standing = [clause for clause in pack.clauses if clause.applies(question.channel, day, question.binds)]
    requires = tuple(clause for clause in standing if clause.kind == "require")
    never = tuple(clause for clause in standing if clause.kind == "forbid" and _holds(clause, question))
    if never:
        return Verdict("never", None, never, requires)
    deciding = tuple(clause for clause in standing if _earliest(clause, pack, question, question.at) > question.at)
    if not deciding:
        return Verdict("allowed", None, (), requires)
    not_before = _first_lawful(pack, question)
    return Verdict("wait" if not_before else "never", not_before, deciding, requires)


def _law_day(pack: Pack, at: datetime) -> date:
    return at.astimezone(ZoneInfo(pack.zone)).date()


def _first_lawful(pack: Pack, question: Question) -> datetime | None:
    """The first instant from `question.at` on that no clause of its own day forbids; None if none is in sight."""
    at = question.at
    for _ in range(ROUNDS):
        day = _law_day(pack, at)
        clauses = [clause for clause in pack.clauses if clause.applies(question.channel, day, question.binds)]
        later = max((_earliest(clause, pack, question, at) for clause in clauses), default=at)
        if later <= at:
            return at
        at = later
    return None


def _earliest(clause: Clause, pack: Pack, question: Question, at: datetime) -> datetime:
    """The first instant from `at` on that the clause alone does not forbid."""
    if clause.kind == "hours" and clause.open is not None:
        return max(_opening(at, clause.open, zone) for zone in question.zones)
    if clause.kind == "limit" and clause.limit is not None and _used(clause, pack, question, at) >= clause.limit.most:
        return _midnight_after(at, pack.zone)
    return at


def _opening(at: datetime, hours: tuple[time, time], zone: str) -> datetime:
    """`at` if the window is open then in `zone`, else when it opens next (DST: the wall clock decides)."""
    local = at.astimezone(ZoneInfo(zone))
    begins, ends = hours
    if begins <= local.time() < ends:
        return at
    day = local.date() if local.time() < begins else local.date() + timedelta(days=1)
    return datetime.combine(day, begins, ZoneInfo(zone)).astimezone(UTC)


def _midnight_after(at: datetime, zone: str) -> datetime:
    day = at.astimezone(ZoneInfo(zone)).date() + timedelta(days=1)
    return datetime.combine(day, time(0), ZoneInfo(zone)).astimezone(UTC)


def _used(clause: Clause, pack: Pack, question: Question, at: datetime) -> int:
    """Contacts of the calendar day of `at` that count for the limit."""
    limit = clause.limit
    assert limit is not None
    day = _law_day(pack, at)
    return sum(
        contact.channel in limit.channels
        and contact.outcome in limit.outcomes
        and _law_day(pack, contact.at) == day
        and (limit.per != "number" or question.number is None or contact.number in (None, question.number))
        for contact in question.contacts
    )


def _holds(clause: Clause, question: Question) -> bool:
    """Whether a forbidding condition holds for this question."""
    if clause.when is None:
        return False
    from arrears.replay.columns import columns

    types: dict[str, Any] = {**columns(), **QUESTION_COLUMNS}
    asked = {"role": question.role, "purpose": question.purpose, "channel": question.channel, **question.standing}
    names = clause.when.meta.root_names()
    row = {name: [asked.get(name)] for name in dict.fromkeys(names)}
    frame = pl.DataFrame(row, schema={name: types[name] for name in row}, strict=False)
    return bool(frame.select(clause.when).item())


def contacts_of(events: Iterable[Mapping[str, Any]]) -> tuple[Contact, ...]:
    """Attempts among event rows (columns of `facts.schema`), for the limits."""
    import json

    found = []
    for event in events:
        if event["kind"] != "contact" or event["direction"] == "in":
            continue
        data = json.loads(event["data"]) if event.get("data") else {}
        found.append(Contact(event["at"], event["channel"] or "", event["outcome"] or "", data.get("number")))
    return tuple(found)
