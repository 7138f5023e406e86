"""How an agreed plan is kept, read off the fold (rule 23): its status, and each time an instalment was unpaid past its grace."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from arrears.calendar import from_day_number
from arrears.facts.schema import Facts
from arrears.replay import layout
from arrears.replay.position import Replayed, replay_one


@dataclass(frozen=True)
class Breach:
    """A time in which an instalment was unpaid beyond its grace. `repaired_on`: the day on which that restored the plan; None: it did not."""

    began_on: date
    repaired_on: date | None


@dataclass(frozen=True)
class Kept:
    """How a plan is kept. `state`: the column `plan_status` of the replay.

    `since`: the day the plan began; `kept`: instalments that fell due and are paid or in grace before the breach that broke the plan;
    `late`: an instalment is unpaid and in its grace; `repair_until`: the last day of the repair, while the plan is in repair.
    """

    state: str
    since: date | None = None
    breaches: tuple[Breach, ...] = ()
    kept: int = 0
    late: bool = False
    repair_until: date | None = None

    @property
    def said(self) -> str:
        """The word of the plan rooms' words for it: the state; of a current plan also `late` and `repaired`."""
        if self.state != "current":
            return self.state
        return "late" if self.late else "repaired" if self.breaches else "current"


def kept(facts: Facts, account_id: str, as_of: date) -> Kept:
    """How the latest plan of an account is kept by the end of a day. KeyError if the account is unknown."""
    replayed = replay_one(facts, account_id, as_of)
    position = replayed.position
    state, since = str(position["plan_status"]), position["plan_since"]
    if state in ("none", "cancelled"):
        return Kept(state, since)
    breaches, late = tuple(_breaches(replayed)), state == "current" and bool(position["missed_instalments"])
    fallen, grace = _instalments(replayed, as_of)
    if state == "broken":
        safe = sum(day + timedelta(days=grace + 1) < breaches[-1].began_on for day in fallen)
    else:
        safe = len(fallen) - bool(position["missed_instalments"])
    return Kept(state, since, breaches, safe, late, position["plan_repair_until"])


def _breaches(replayed: Replayed) -> Iterator[Breach]:
    """The breaches of the last plan, from the lines that the fold wrote of it."""
    began: date | None = None
    for row in replayed.lines[_first_line(replayed) :]:
        code, on = int(row[layout.X_CODE]), from_day_number(row[layout.X_ON])
        if code in (layout.L_PLAN_MISSED, layout.L_PLAN_BROKEN):
            began = began or on
        elif code == layout.L_PLAN_REPAIRED and began is not None:
            yield Breach(began, on)
            began = None
    if began is not None:
        yield Breach(began, None)


def _first_line(replayed: Replayed) -> int:
    """Where the lines of the last plan begin."""
    begun = [place for place, row in enumerate(replayed.lines) if row[layout.X_CODE] == layout.L_PLAN]
    return begun[-1] if begun else 0


def _instalments(replayed: Replayed, as_of: date) -> tuple[list[date], int]:
    """The due dates, up to a day, of the last plan that began, and its days of grace."""
    event = int(replayed.lines[_first_line(replayed)][layout.X_EVENT])
    plans, mask = replayed.packed.plans, int(replayed.packed.events.mask[event])
    own = (plans[layout.P_EVENT] == event) & (plans[layout.P_NUMBER] > 0)
    due = [from_day_number(day) for day in plans[layout.P_DUE_ON][own]]
    return [day for day in due if day <= as_of], mask >> layout.GRACE_SHIFT
