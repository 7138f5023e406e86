"""Accounts that are alike for the law: the clauses that speak of a contact with them, and their day by the hours alone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from arrears.law.clause_kinds import DECIDING, Forbid, Hours, Require, ThirdParty
from arrears.law.clauses import Clause
from arrears.law.clock import midnight
from arrears.law.conditions import Condition
from arrears.law.days import ONE_DAY, Day, day_of
from arrears.law.guard import Policy, applicable
from arrears.law.history import History
from arrears.law.hours import LOOK_AHEAD_DAYS, openings
from arrears.law.packs import Pack, Stack, packs, stack
from arrears.law.questions import Question

NOTHING = History(())


@dataclass(frozen=True)
class Group:
    """Accounts that are alike for the law, apart from their history and standing.

    `stack` None: there are no clauses to ask. `one_by_one`: the guard is asked for each account. `closed_since`: the instant from which
    the time before the day was closed by hours that a reply lifts; None where there are none.
    """

    number: int
    zones: tuple[str, ...]
    stack: Stack | None
    question: Question
    day: Day
    clauses: tuple[tuple[Clause, Pack], ...]
    one_by_one: bool
    closed_since: datetime | None


def group_of(
    number: int, row: dict[str, Any], on: date, channel: str, binds: str, policy: Policy, house: Sequence[Path]
) -> Group:
    """What holds for all accounts of a group: the clauses that speak of the contact, and the day by their hours alone."""
    zones = tuple(row["zones"].split(","))
    begins, ends = midnight(on, zones[0]), midnight(on + ONE_DAY, zones[0])
    question = Question(
        channel, begins, zones, accounts=("",), binds=binds, lender_kind=row["lender_kind"], product=row["product"],
        region=row["region"],
    )  # fmt: skip
    if row["law"] not in packs():
        day = Day("allowed", begins, ends, ()) if row["law"] == "none" else Day("no_pack", None, None, ())
        return Group(number, zones, None, question, day, (), False, None)
    laws = stack(row["law"], row["region"], house)
    law = applicable(laws, question, begins, policy)
    later = applicable(laws, question, ends, policy)
    clauses = tuple(item for item in law.blocking if not is_hours_alone(item[0]))
    by_hours = day_of(_hours_of(laws), question, NOTHING, on, policy)
    one_by_one = len(zones) > 1 or law.blocking != later.blocking or _is_elsewhere(clauses, zones[0])
    return Group(
        number, zones, laws, question, by_hours, clauses, one_by_one, _closed_since(law.blocking, question, on)
    )


def _is_elsewhere(clauses: Sequence[tuple[Clause, Pack]], zone: str) -> bool:
    """Whether a clause counts days on another clock than the person's, or speaks of people in a way of its own."""
    return any(
        isinstance(clause.rule, ThirdParty) or (pack.zone != zone and getattr(clause.rule, "zone", "person") == "pack")
        for clause, pack in clauses
    )


def _closed_since(law: Sequence[tuple[Clause, Pack]], question: Question, on: date) -> datetime | None:
    """When the last window before the day closed, of the hours that a reply lifts: the earliest of them."""
    found = []
    for clause, _ in law:
        if isinstance(clause.rule, Hours) and "reply" in clause.rule.lifted_by and not clause.rule.requested:
            zone = clause.rule.zone or question.zones[0]
            days = [on - timedelta(days=back) for back in range(LOOK_AHEAD_DAYS)]
            ends = [end for day in days for _, end in openings(clause.rule.windows, day, zone) if end <= question.at]
            found.append(max(ends, default=midnight(days[-1], zone)))
    return min(found, default=None)


def is_hours_alone(clause: Clause) -> bool:
    """Whether a clause is the same for every account without a history: hours that nobody asked for."""
    return isinstance(clause.rule, Hours) and not clause.rule.requested


def _hours_of(laws: Stack) -> Stack:
    """The stack without the clauses that decide by an account's history or standing."""
    kept: Stack | None = laws.kept.get("hours")
    if kept is None:
        kept = laws.kept["hours"] = Stack(
            tuple(
                replace(
                    pack,
                    clauses=tuple(
                        clause for clause in pack.clauses if clause.kind not in DECIDING or _is_for_all(clause)
                    ),
                )
                for pack in laws.packs
            )
        )
    return kept


def _is_for_all(clause: Clause) -> bool:
    return is_hours_alone(clause) or (isinstance(clause.rule, Require) and clause.rule.needs is None)


def conditions_of(clause: Clause) -> Iterator[Condition]:
    """The conditions of a clause."""
    match clause.rule:
        case Forbid(when=Condition() as found) | Require(needs=Condition() as found):
            yield found
        case ThirdParty(only_when=Condition() as found):
            yield found
