"""The kinds of offer: from what is owed and the policy to the question that the search answers, and from its answer to exact rows."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from arrears import money
from arrears.law.periods import add_months
from arrears.plans.owed import Owed
from arrears.plans.policy import Assumptions, Level, LongestPlan, Policy, Terms
from arrears.plans.schedule import PAID, Row, first_due, level, level_rows, monthly, rounded
from arrears.plans.search import Length, best
from arrears.plans.worth import worth_by_length

#: In which order the lender gives up what is owed: principal last.
WAIVED_FIRST = ("penalty", "fee", "interest", "principal")
WAIVING = {"stepped_waiver": ("penalty", "fee"), "settlement": WAIVED_FIRST}
INTEREST_STOPS = ("interest_stop", "stepped_waiver", "settlement")
#: Kinds that leave the schedule still to come as it is and spread only what is in arrears.
SCHEDULE_STAYS = ("instalments", "re_age")


@dataclass(frozen=True)
class Asked:
    """One question to the search: a kind at a level of authority. `parts`: what is paid off, by category; `dates`: the longest run of due dates.

    `accrued_minor`: daily interest that the replay bills with the first instalment, which must therefore carry it. `room`: by length (place in `dates`), the most one instalment may be.
    """

    kind: str
    level: Level
    parts: Mapping[str, int]
    dates: tuple[date, ...]
    rate_ppm: int
    room: tuple[int, ...]
    waivable: Mapping[str, int]
    least_minor: int
    accrued_minor: int = 0

    @property
    def most_waived_minor(self) -> int:
        """All that may be waived: a plan has something to pay."""
        return min(sum(self.waivable.values()), sum(self.parts.values()) - 1)


@dataclass(frozen=True)
class Made:
    """An answer made exact: the rows of the plan and what it waives by category, minor units."""

    asked: Asked
    rows: tuple[Row, ...]
    waived: Mapping[str, int]

    @property
    def total_minor(self) -> int:
        """All that is paid."""
        return sum(row.total_minor for row in self.rows)


def ask(
    kind: str, terms: Terms, level: Level, owed: Owed, policy: Policy, affordable_minor: int, pay_day: int,
    limit: LongestPlan | None,
) -> Asked | None:  # fmt: skip
    """The question for a kind at a level; None where the kind is not for this debt or not within the level."""
    months = terms.months if kind == "deferral" else 0
    if months > level.defer_months or (kind in INTEREST_STOPS and not level.stop_interest and _carries_interest(owed)):
        return None
    if kind == "interest_stop" and not _carries_interest(owed):
        return None
    if owed.payments < terms.after_payments or (kind in SCHEDULE_STAYS and not _schedule_can_stay(owed)):
        return None
    if kind == "deferral" and not months:
        return None
    last = add_months(owed.on, limit.months) if limit else date.max
    most = min(terms.most, level.most, limit.months if limit else terms.most)
    dates, room = _dates(kind, owed, pay_day, months, most, affordable_minor)
    kept = tuple(day for day in dates if day <= last)
    if not kept or (kind in SCHEDULE_STAYS and owed.later and owed.later[-1].due_on > last):
        return None
    return Asked(
        kind, level, _parts(kind, owed), kept, _rate(kind, owed), room[: len(kept)], _waivable(kind, level, owed),
        policy.least_minor, owed.accrued_minor,
    )  # fmt: skip


def _carries_interest(owed: Owed) -> bool:
    return owed.rate_ppm > 0 or owed.interest_later_minor > 0


def _schedule_can_stay(owed: Owed) -> bool:
    """Whether instalments are still to come, and are known."""
    return bool(owed.later) and not owed.daily


def _rate(kind: str, owed: Owed) -> int:
    return owed.rate_ppm if kind in ("stretch", "deferral") else 0


def _parts(kind: str, owed: Owed) -> dict[str, int]:
    """What the level instalments pay off. Where no rate is stated, the scheduled interest still to come is kept as it is."""
    due = {name: owed.due[name] for name in PAID}
    if kind in SCHEDULE_STAYS:
        return due
    later = owed.interest_later_minor if kind in ("stretch", "deferral") and not owed.rate_ppm else 0
    return due | {"interest": due["interest"] + owed.accrued_minor + later, "principal": owed.principal_minor}


def _waivable(kind: str, level: Level, owed: Owed) -> dict[str, int]:
    """By category, the most that the level may waive of what is due."""
    names = WAIVING.get(kind, ())
    base = dict(owed.due) | {"principal": owed.principal_minor}
    return {name: base[name] * level.waive_ppm.get(name, 0) // money.PPM for name in names}


def _dates(
    kind: str, owed: Owed, pay_day: int, months: int, most: int, affordable_minor: int
) -> tuple[list[date], tuple[int, ...]]:
    """The due dates of the longest plan, and by length what an instalment may be at most."""
    if kind == "re_age":
        last = owed.later[-1].due_on
        dates = monthly(add_months(last, 1), last.day, most)
        fits = all(row.total_minor <= affordable_minor for row in owed.later)
        return dates, (affordable_minor if fits else 0,) * most
    if kind == "instalments":
        return _beside_the_schedule(owed, most, affordable_minor)
    return monthly(first_due(owed.on, pay_day, months), pay_day, most), (affordable_minor,) * most


def _beside_the_schedule(owed: Owed, most: int, affordable_minor: int) -> tuple[list[date], tuple[int, ...]]:
    """Arrears are paid on the due dates still to come, on top of what falls due then."""
    dates = [row.due_on for row in owed.later][:most]
    while len(dates) < most:
        dates.append(monthly(add_months(dates[-1], 1), owed.later[-1].due_on.day, 1)[0])
    highest = max(row.total_minor for row in owed.later)
    return dates, (max(0, affordable_minor - highest),) * most


def lengths(asked: Asked, on: date, assumed: Assumptions) -> tuple[Length, ...]:
    """Every number of instalments that a question allows."""
    return tuple(
        Length(count, _interest(asked, count), asked.room[count - 1], asked.least_minor, worth)
        for count, worth in enumerate(worth_by_length(asked.dates, on, assumed), 1)
    )


def answer(asked: Asked, on: date, allowed: Sequence[Length], cheapest: bool) -> Made | None:
    """The best of a kind (for the lender, or the cheapest for the borrower) among its lengths, exact to the minor unit; None if nothing fits."""
    found = best(sum(asked.parts.values()), allowed, asked.waivable, cheapest)
    if found is None:
        return None
    for count in (*range(found.place + 1, len(asked.dates) + 1), *range(found.place, 0, -1)):
        made = _exact(asked, count, on, _most_waived(asked, found.waived_minor) if cheapest else 0)
        if made is not None:
            return made
    return None


def lowest(asked: Asked, on: date) -> Made | None:
    """The lowest level instalment of a kind: the longest run of dates that the least instalment lets be, with nothing waived that need not be."""
    for count in range(len(asked.dates), 0, -1):
        if made := _exact(asked, count, on, 0):
            return made
    return None


def _most_waived(asked: Asked, about_minor: int) -> int:
    """All that may be waived, where the solver says as much to within its own counting."""
    total = asked.most_waived_minor
    return total if total - about_minor <= 2 + total // 50_000 else about_minor


def _exact(asked: Asked, count: int, on: date, waived_minor: int) -> Made | None:
    """The rows of a length with at least so much waived, and no more than it takes to fit."""
    low, high = waived_minor, asked.most_waived_minor
    level_minor = _level(asked, count, on, low)
    if level_minor is None and low < high and _level(asked, count, on, high) is not None:
        low += bisect_left(range(low, high), True, key=lambda minor: _level(asked, count, on, minor) is not None)
        level_minor = _level(asked, count, on, low)
    if level_minor is None:
        return None
    parts, waived = _waived(asked, low)
    return Made(asked, level_rows(parts, on, asked.dates[:count], asked.rate_ppm, level_minor), waived)


def _level(asked: Asked, count: int, on: date, waived_minor: int) -> int | None:
    """The level instalment of a length with so much waived; None where it does not fit.

    Every row but the last is of that level, so that the least instalment holds for it; the first pays interest before all else.
    """
    parts, dates = _waived(asked, waived_minor)[0], asked.dates[:count]
    found = level(parts, on, dates, asked.rate_ppm, asked.room[count - 1])
    if found is None or (count > 1 and found < asked.least_minor):
        return None
    first = parts["interest"] + rounded(parts["principal"] * asked.rate_ppm * (dates[0] - on).days)
    return found if min(first, found) >= asked.accrued_minor else None


def _waived(asked: Asked, waived_minor: int) -> tuple[dict[str, int], dict[str, int]]:
    """What is left to pay off by category once so much is waived, and what is waived of each."""
    left, waived, parts = waived_minor, {}, dict(asked.parts)
    for name in WAIVED_FIRST:
        off = min(left, asked.waivable.get(name, 0))
        left -= off
        parts[name] -= off
        if off:
            waived[name] = off
    return parts, waived


def _interest(asked: Asked, count: int) -> int:
    """About what the interest of a length comes to (level instalments, equal months); rows are made exact later."""
    principal, rate = asked.parts["principal"], asked.rate_ppm / money.PPM / 12
    if not rate:
        return 0
    return round(principal * (count * rate / (1 - (1 + rate) ** -count) - 1))
