"""One day of one person: whether a contact may be made on it, from when until when."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

from arrears.law.clause_kinds import Hours
from arrears.law.clock import instant_of, midnight
from arrears.law.guard import EVERYTHING, Policy, Verdict, applicable, may
from arrears.law.history import History
from arrears.law.hours import TICK, openings
from arrears.law.packs import Stack
from arrears.law.questions import Question

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

    Of an allowed day these are the clauses that shape the stretch and those that the contact must observe.
    """
    verdict = on_day(stack, question, history, day, policy)
    ids = [clause.id for clause in verdict.clauses]
    if verdict.verdict != "allowed" or verdict.not_before is None:
        return Day(verdict.verdict, None, None, tuple(ids))
    ids += [clause.id for clause in verdict.requires]
    last = midnight(day + ONE_DAY, question.zones[0])
    for edge in _edges(stack, question, history, verdict.not_before, last, policy):
        asked = may(stack, replace(question, at=edge), history, policy)
        if asked.verdict != "allowed":
            last = edge
            ids += [clause.id for clause in asked.clauses if clause.id not in ids]
            break
    return Day("allowed", verdict.not_before, last, tuple(ids))


def stretches_of(
    stack: Stack, question: Question, history: History, day: date, policy: Policy = EVERYTHING
) -> list[tuple[datetime, datetime]]:  # fmt: skip
    """Every lawful stretch of a day of the person (of the first zone): from an instant on, until before another (UTC)."""
    at, ends = midnight(day, question.zones[0]), midnight(day + ONE_DAY, question.zones[0])
    found: list[tuple[datetime, datetime]] = []
    while at < ends:
        verdict = may(stack, replace(question, at=at), history, policy)
        first = at if verdict.verdict == "allowed" else verdict.not_before
        if first is None or first >= ends:
            break
        edges = _edges(stack, question, history, first, ends, policy)
        closed = (
            edge for edge in edges if may(stack, replace(question, at=edge), history, policy).verdict != "allowed"
        )
        at = next(closed, ends)
        found.append((first, at))
    return found


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
        day = first.astimezone(UTC).date()
        for other in (day - ONE_DAY, day, day + ONE_DAY, day + 2 * ONE_DAY):
            found.add(midnight(other, zone))
            found |= {instant_of(other, edge, zone, twice) for edge in seconds for twice in (False, True)}
            for clause, _ in law:
                if isinstance(clause.rule, Hours):
                    for begins, ends in openings(clause.rule.windows, other, zone):
                        found |= {begins, ends, ends + TICK}
    return sorted(edge for edge in found if first < edge < last)
