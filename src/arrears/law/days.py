"""One day of one person: whether a contact may be made on it, from when until when."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from arrears.law.clause_kinds import Hours
from arrears.law.clock import instant_of, local_day, midnight
from arrears.law.guard import EVERYTHING, Policy, Search, Verdict, applicable, is_lawful, may, search_from
from arrears.law.history import History
from arrears.law.hours import TICK, openings
from arrears.law.packs import Stack
from arrears.law.questions import Asked, Question

ONE_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Day:
    """The verdict for a day: `allowed` from `not_before` until before `not_after` (UTC), `wait` (a later day), `never`."""

    verdict: str
    not_before: datetime | None
    not_after: datetime | None
    clauses: tuple[str, ...]


def on_day(stack: Stack, question: Question, history: History, day: date, policy: Policy = EVERYTHING) -> Verdict:
    """Whether the contact may be made on `day` of the person (of the first zone), asked for its first instant.

    `allowed`: at `not_before`, the first lawful instant of the day; `wait`: only on a later day.
    """
    begins = midnight(day, question.zones[0])
    verdict = may(stack, replace(question, at=begins), history, policy)
    first = verdict.not_before or begins
    if verdict.verdict == "never" or first >= midnight(day + ONE_DAY, question.zones[0]):
        return verdict
    return replace(verdict, verdict="allowed", not_before=first)


def day_of(stack: Stack, question: Question, history: History, day: date, policy: Policy = EVERYTHING) -> Day:
    """The verdict for a day with the end of its first lawful stretch, and the ids of the clauses behind it.

    Of an allowed day these are the clauses that shape the stretch and those that the contact must observe. Asked by what had happened up
    to the day's first instant.
    """
    return _asked_about(stack, question, history, day, policy).first()


def stretches_of(
    stack: Stack, question: Question, history: History, day: date, policy: Policy = EVERYTHING
) -> list[tuple[datetime, datetime]]:  # fmt: skip
    """Every lawful stretch of a day of the person (of the first zone): from an instant on, until before another (UTC). As `day_of` asks."""
    return _asked_about(stack, question, history, day, policy).stretches()


def open_days(
    stack: Stack, question: Question, history: History, days: Iterable[date], policy: Policy = EVERYTHING
) -> list[tuple[Day, list[tuple[datetime, datetime]]]]:  # fmt: skip
    """What `day_of` and `stretches_of` say of each of the days.

    What the clauses have looked up in the history is looked up once for all days before which nothing more has happened.
    """
    found, before = [], None
    for day in days:
        one = _asked_about(stack, question, history, day, policy, before)
        found.append((one.first(), one.stretches()))
        before = one.asked
    return found


def _asked_about(
    stack: Stack, question: Question, history: History, day: date, policy: Policy, before: Asked | None = None
) -> _AskedDay:
    begins, ends = midnight(day, question.zones[0]), midnight(day + ONE_DAY, question.zones[0])
    asked = Asked(replace(question, at=begins), history)
    if before is not None and not history.between(before.at, begins):
        asked.kept = before.kept
    return _AskedDay(stack, asked, begins, ends, policy)


@dataclass
class _AskedDay:
    """A day that is being asked about: each instant at which somebody looked is searched from once."""

    stack: Stack
    asked: Asked
    begins: datetime
    ends: datetime
    policy: Policy
    searched: dict[datetime, Search] = field(default_factory=dict)

    def search(self, at: datetime) -> Search:
        if at not in self.searched:
            self.searched[at] = search_from(self.stack, self.asked, at, self.policy)
        return self.searched[at]

    def first(self) -> Day:
        """The day as `day_of` tells it."""
        search = self.search(self.begins)
        ids = [clause.id for clause in search.deciding]
        if search.found is None:
            return Day("never", None, None, tuple(ids))
        if search.found >= self.ends:
            return Day("wait", None, None, tuple(ids))
        shown = applicable(self.stack, self.asked.question, self.begins, self.policy).shown
        ids += [clause.id for clause in shown if clause not in search.deciding]
        last = self.closes(search.found)
        if last < self.ends:
            ids += [clause.id for clause in self.search(last).deciding if clause.id not in ids]
        return Day("allowed", search.found, last, tuple(ids))

    def stretches(self) -> list[tuple[datetime, datetime]]:
        """Every lawful stretch, in order."""
        found: list[tuple[datetime, datetime]] = []
        at = self.begins
        while at < self.ends:
            first = self.search(at).found
            if first is None or first >= self.ends:
                break
            at = self.closes(first)
            found.append((first, at))
        return found

    def closes(self, first: datetime) -> datetime:
        """The end of the stretch that opens at `first`: the first instant that is not lawful, or the end of the day."""
        edges = _edges(self.stack, self.asked.question, self.asked.history, first, self.ends, self.policy)
        return next((edge for edge in edges if not is_lawful(self.stack, self.asked, edge, self.policy)), self.ends)


def _edges(
    stack: Stack, question: Question, history: History, first: datetime, last: datetime, policy: Policy
) -> list[datetime]:
    """The instants after `first` and before `last` at which a verdict may change: edges of windows, consents, days."""
    found: set[datetime] = set()
    spans = [event.hours for kind in ("consent", "inconvenient") for event in history.of_kind(kind, last)]
    seconds = {edge for span in spans if span is not None for edge in span}
    law = applicable(stack, question, first, policy).blocking
    zones = {*question.zones, *(pack.zone for pack in stack.packs)}
    zones |= {clause.rule.zone for clause, _ in law if isinstance(clause.rule, Hours) and clause.rule.zone}
    for zone in zones:
        for other in _calendar_days(first, last, zone):
            found.add(midnight(other, zone))
            found |= {instant_of(other, edge, zone, twice) for edge in seconds for twice in (False, True)}
            for clause, _ in law:
                if isinstance(clause.rule, Hours):
                    for begins, ends in openings(clause.rule.windows, other, zone):
                        found |= {begins, ends, ends + TICK}
    return sorted(edge for edge in found if first < edge < last)


def _calendar_days(first: datetime, last: datetime, zone: str) -> list[date]:
    """The days of a zone's calendar whose windows may have an edge between two instants: a window may go on past its day's end."""
    begins, ends = (local_day(at, zone) for at in (first, last))
    return [begins + number * ONE_DAY for number in range(-1, (ends - begins).days + 1)]
