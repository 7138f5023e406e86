"""Days: which local day an instant falls on, how a year's days are counted for interest, and how long it is between two days.

Dates travel as days since 1970-01-01 (int); instants as microseconds since then, UTC. A day-count basis is a
running total `units(basis, day)`: the accrual of a period is the difference of two totals, so splitting a
period can never change a result. `units_a_year(basis)` is what one full year is worth.
"""

from __future__ import annotations

from calendar import monthrange
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from zoneinfo import ZoneInfo

ACTUAL_365, ACTUAL_360, ACTUAL_ACTUAL, THIRTY_360 = 0, 1, 2, 3
BASES = {
    "actual/365": ACTUAL_365,
    "actual/360": ACTUAL_360,
    "actual/actual": ACTUAL_ACTUAL,
    "30/360": THIRTY_360,
}
EPOCH = date(1970, 1, 1)

#: Time zone of the business day by law; an account may name its own.
BUSINESS_ZONES = {
    "cn": "Asia/Shanghai",
    "us": "America/New_York",
    "uk": "Europe/London",
    "in": "Asia/Kolkata",
    "au": "Australia/Sydney",
    "none": "UTC",
}


def day_number(day: date) -> int:
    """Days since 1970-01-01."""
    return (day - EPOCH).days


def from_day_number(number: int) -> date:
    """The date of a day number."""
    return EPOCH + timedelta(days=int(number))


def microseconds(at: datetime) -> int:
    """Microseconds since 1970-01-01 UTC of an aware instant."""
    return (at - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)


def local_day(at: datetime, zone: str) -> date:
    """The date on the wall calendar of `zone` at the instant `at`."""
    return at.astimezone(ZoneInfo(zone)).date()


def end_of_day(day: date, zone: str) -> datetime:
    """The last microsecond of `day` in `zone`, as an instant (UTC)."""
    midnight = datetime.combine(day + timedelta(days=1), datetime.min.time(), ZoneInfo(zone))
    return midnight.astimezone(UTC) - timedelta(microseconds=1)


def month_later(day: date, months: int) -> date:
    """The same day of a later month (negative: of an earlier one), or that month's last."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def years_by_months(first: date, on: date) -> Fraction:
    """From `first` to `on` in years of twelve equal months.

    Whole months count a twelfth each, counted back from `on` (so instalments a month apart stay a month apart); what is left at the
    beginning counts by days, as in `years_by_days`. From the end of a month to the end of a shorter one is whole months.
    """
    months = (on.year - first.year) * 12 + on.month - first.month
    if month_later(first, months) == on:
        return Fraction(months, 12)
    if month_later(on, -months) < first:
        months -= 1
    return Fraction(months, 12) + _days_left(first, month_later(on, -months))


def years_by_days(first: date, on: date) -> Fraction:
    """From `first` to `on` in years of the calendar: whole years counted back from `on`, then days over 365, or 366 in a leap year.

    The days that are left count over the length of the year that ends on the last of them. From a 29 February to the 28th of another
    year is whole years.
    """
    years = on.year - first.year
    if month_later(first, 12 * years) == on:
        return Fraction(years)
    if month_later(on, -12 * years) < first:
        years -= 1
    return years + _days_left(first, month_later(on, -12 * years))


def _days_left(first: date, on: date) -> Fraction:
    return Fraction((on - first).days, (on - month_later(on, -12)).days)
