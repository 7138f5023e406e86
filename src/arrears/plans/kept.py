"""Whether a plan is kept: the replay's own answer day by day, with the policy's one repair.

The replay says of a day whether an instalment is unpaid beyond its grace (rule 23). Here those days are put in a row: the first time
the plan is broken it can be repaired, once, by paying within the repair days; a second time it is broken.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import polars as pl

from arrears.calendar import local_day
from arrears.facts.schema import Facts
from arrears.plans.owed import owed_of
from arrears.replay.position import replay_one


@dataclass(frozen=True)
class Breach:
    """A time in which an instalment was unpaid beyond its grace. `repaired_on`: the day it was made good; None if it still lasts."""

    began_on: date
    repaired_on: date | None


@dataclass(frozen=True)
class Kept:
    """How a plan is kept. `state`: `none` `kept` `late` `in_repair` `repaired` `broken` `completed` `cancelled`.

    `since`: the day the plan began; `kept`: instalments that fell due and are paid or in grace before the first lasting breach; `repair_until`: while in repair.
    """

    state: str
    since: date | None = None
    breaches: tuple[Breach, ...] = ()
    kept: int = 0
    repair_until: date | None = None


def kept(facts: Facts, account_id: str, as_of: date, repair_days: int) -> Kept:
    """How the latest plan of an account is kept by the end of a day. KeyError if the account is unknown."""
    position = replay_one(facts, account_id, as_of).position
    status, since = str(position["plan_status"]), position["plan_since"]
    if status == "none":
        return Kept("none")
    if status == "cancelled":
        return Kept("cancelled", since)
    zone = owed_of(facts, account_id, as_of).zone
    due, grace = _instalments(facts, account_id, zone, since)
    breaches = tuple(_breaches(facts, account_id, zone, since, as_of, [day + timedelta(days=grace + 1) for day in due]))
    lost = _lost_on(breaches, as_of, repair_days)
    fallen = sum(day <= as_of for day in due)
    late = bool(position["missed_instalments"])
    safe = sum(day + timedelta(days=grace + 1) < lost for day in due) if lost else fallen - late
    if lost:
        return Kept("broken", since, breaches, safe)
    if status == "broken":
        return Kept("in_repair", since, breaches, safe, breaches[-1].began_on + timedelta(days=repair_days))
    if status == "completed":
        return Kept("completed", since, breaches, safe)
    if late:
        return Kept("late", since, breaches, safe)
    return Kept("repaired" if breaches else "kept", since, breaches, safe)


def _lost_on(breaches: Sequence[Breach], as_of: date, repair_days: int) -> date | None:
    """The day on which the plan was broken for good: the second breach, or the first one that was not repaired in time."""
    if not breaches:
        return None
    first = breaches[0]
    if (first.repaired_on or as_of) > first.began_on + timedelta(days=repair_days):
        return first.began_on
    return breaches[1].began_on if len(breaches) > 1 else None


def _instalments(facts: Facts, account_id: str, zone: str, since: date) -> tuple[list[date], int]:
    """Due dates and days of grace of the last plan that began on a day."""
    own = facts.events.filter((pl.col("account_id") == account_id) & (pl.col("kind").cast(pl.String) == "plan"))
    begun = [row for row in own.sort("at", "event_id").iter_rows(named=True) if local_day(row["at"], zone) == since]
    data = json.loads(begun[-1]["data"])
    return sorted(date.fromisoformat(row["due_on"]) for row in data["instalments"]), int(data.get("grace_days") or 0)


def _breaches(
    facts: Facts, account_id: str, zone: str, since: date, as_of: date, deadlines: Sequence[date]
) -> Iterator[Breach]:
    """The times of breach, found on the days on which the answer can change: the day after grace, and days of events."""
    own = facts.events.filter(pl.col("account_id") == account_id)
    moved = {local_day(at, zone) for at in own["at"].to_list()}
    days = sorted(day for day in {*deadlines, *moved, as_of} if since <= day <= as_of)
    began: date | None = None
    for day in days:
        broken = str(replay_one(facts, account_id, day).position["plan_status"]) == "broken"
        if broken and began is None:
            began = day
        elif not broken and began is not None:
            yield Breach(began, day)
            began = None
    if began is not None:
        yield Breach(began, None)
