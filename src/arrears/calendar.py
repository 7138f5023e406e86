"""Days: which local day an instant falls on, and how a year's days are counted for interest.

Dates travel as days since 1970-01-01 (int); instants as microseconds since then, UTC. A day-count basis is a
running total `units(basis, day)`: the accrual of a period is the difference of two totals, so splitting a
period can never change a result. `units_a_year(basis)` is what one full year is worth.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
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
