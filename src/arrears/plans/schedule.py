"""The schedule of a plan: dates a month apart, level instalments in whole minor units, sums that are exact.

Interest runs on the principal that is still owed, by days over 365, as one running total that is rounded half to even as it falls due
(so splitting it changes nothing). It never runs on penalties, fees or interest. An instalment pays the interest of its month first,
then what was due of interest, then principal, penalties and fees.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

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


def level_schedule(
    parts: Mapping[str, int], on: date, dates: Sequence[date], rate_ppm: int, most_minor: int
) -> tuple[Row, ...] | None:
    """The schedule over all the dates with the smallest level instalment (the last may be smaller).

    `parts`: what is paid off by category of `PAID`. None where even `most_minor` an instalment does not pay it off in time, or where
    fewer instalments would do.
    """
    low, high = max(1, -(-sum(parts.values()) // len(dates))), most_minor
    if high < low or _paid_off(parts, on, dates, rate_ppm, high) is None:
        return None
    while low < high:
        middle = (low + high) // 2
        if _paid_off(parts, on, dates, rate_ppm, middle) is None:
            low = middle + 1
        else:
            high = middle
    rows = _paid_off(parts, on, dates, rate_ppm, low)
    return tuple(rows) if rows is not None and len(rows) == len(dates) else None


def _paid_off(
    parts: Mapping[str, int], on: date, dates: Sequence[date], rate_ppm: int, level_minor: int
) -> list[Row] | None:
    """The rows by which a level instalment pays everything off; None if it does not by the last date."""
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
            return rows
    return None


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
    starts = (add_months(first.replace(day=1), step) for step in range(count))
    return [start.replace(day=min(pay_day, (add_months(start, 1) - timedelta(days=1)).day)) for start in starts]
