"""The schedule of a plan: dates a month apart, level instalments in whole minor units, sums that are exact.

Interest runs on the principal that is still owed, by days over 365, as one running total that is rounded half to even as it falls due
(so splitting it changes nothing). It never runs on penalties, fees or interest. An instalment pays the interest of its month first,
then what was due of interest, then principal, penalties and fees.
"""

from __future__ import annotations

from bisect import bisect_left
from calendar import monthrange
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

from arrears import money
from arrears.law.periods import add_months

#: What is paid off after the interest of the month, in this order.
PAID = ("interest", "principal", "penalty", "fee")
#: Days between an agreement and its first instalment, at least.
NOTICE_DAYS = 7


@dataclass(frozen=True)
class Row:
    """One instalment of a plan, minor units."""

    number: int
    due_on: date
    principal_minor: int = 0
    interest_minor: int = 0
    penalty_minor: int = 0
    fee_minor: int = 0

    @property
    def total_minor(self) -> int:
        """What is paid on the day."""
        return self.principal_minor + self.interest_minor + self.penalty_minor + self.fee_minor


def level(parts: Mapping[str, int], on: date, dates: Sequence[date], rate_ppm: int, most_minor: int) -> int | None:
    """The smallest level instalment, minor units, that pays everything off on the last of the dates (which may take less).

    `parts`: what is paid off by category of `PAID`. None where even `most_minor` an instalment does not pay it off in time, or where
    fewer instalments would do.
    """
    owed = sum(parts.values())
    low, high = max(1, -(-owed // len(dates))), most_minor
    if high < low:
        return None
    if not rate_ppm:
        return low if -(-owed // low) == len(dates) else None
    days = [(day - since).days for since, day in pairwise((on, *dates))]
    if _number_that_pays_off(parts, days, rate_ppm, high) is None:
        return None
    low += bisect_left(
        range(low, high), True, key=lambda minor: _number_that_pays_off(parts, days, rate_ppm, minor) is not None
    )
    return low if _number_that_pays_off(parts, days, rate_ppm, low) == len(dates) else None


def _number_that_pays_off(parts: Mapping[str, int], days: Sequence[int], rate_ppm: int, level_minor: int) -> int | None:
    """With which instalment of that level everything is paid off, as `level_rows` pays it; None if the dates do not suffice.

    `days`: from one date to the next. No rows are made: the search for a level asks this some twenty times.
    """
    interest, principal = parts["interest"], parts["principal"]
    last = parts["penalty"] + parts["fee"]
    accrued = billed = 0
    for number, passed in enumerate(days, 1):
        accrued += principal * rate_ppm * passed
        due = rounded(accrued)
        room = level_minor - interest - due + billed
        billed = due
        if room < 0:
            interest = -room
            continue
        interest = 0
        principal, room = max(0, principal - room), room - min(room, principal)
        last = max(0, last - room)
        if not principal and not last:
            return number
    return None


def level_rows(
    parts: Mapping[str, int], on: date, dates: Sequence[date], rate_ppm: int, level_minor: int
) -> tuple[Row, ...]:
    """The rows by which an instalment of that level pays everything off. `level` says which level does so by the last date."""
    left = {name: parts.get(name, 0) for name in PAID}
    accrued, billed, since = 0, 0, on  # accrued: ppm x minor units x days
    rows: list[Row] = []
    for number, due_on in enumerate(dates, 1):
        if rate_ppm:
            accrued += left["principal"] * rate_ppm * (due_on - since).days
            interest = rounded(accrued) - billed
            billed, since = billed + interest, due_on
            left["interest"] += interest
        room, paid = level_minor, dict.fromkeys(PAID, 0)
        for name in PAID:
            paid[name] = min(room, left[name])
            left[name] -= paid[name]
            room -= paid[name]
        rows.append(Row(number, due_on, paid["principal"], paid["interest"], paid["penalty"], paid["fee"]))
        if not any(left.values()):
            break
    return tuple(rows)


def rounded(accrued: int) -> int:
    """Minor units of a running total of ppm x minor units x days over 365, rounded half to even."""
    whole, rest = divmod(accrued, money.PPM * 365)
    twice = 2 * rest - money.PPM * 365
    return whole + (twice > 0 or (twice == 0 and whole % 2 == 1))


def first_due(on: date, pay_day: int, months: int, notice_days: int = NOTICE_DAYS) -> date:
    """The first pay day at least `notice_days` after a day, so many months later; a month without that day pays on its last."""
    month = on.replace(day=1)
    for step in range(3):
        start = add_months(month, step)
        day = start.replace(day=min(pay_day, (add_months(start, 1) - timedelta(days=1)).day))
        if (day - on).days >= notice_days:
            return monthly(day, pay_day, months + 1)[-1]
    raise AssertionError("a pay day comes every month")


def monthly(first: date, pay_day: int, count: int) -> list[date]:
    """So many monthly due dates from the first, each on the pay day or the last day of a shorter month."""
    months = (divmod(first.year * 12 + first.month - 1 + step, 12) for step in range(count))
    return [date(year, month + 1, min(pay_day, monthrange(year, month + 1)[1])) for year, month in months]
