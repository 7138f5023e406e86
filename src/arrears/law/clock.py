"""Instants and the wall clocks of time zones: which instant a local time is, also where the clock is put forward or back."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

ONE_DAY = timedelta(days=1)


@lru_cache(maxsize=256)
def zone_info(zone: str) -> ZoneInfo:
    """The time zone of that name."""
    return ZoneInfo(zone)


@lru_cache(maxsize=4096)
def local_day(at: datetime, zone: str) -> date:
    """The date on the wall calendar of `zone` at the instant `at`. Remembered: a batch is asked about one instant, clause by clause."""
    return at.astimezone(zone_info(zone)).date()


@lru_cache(maxsize=65536)
def midnight(day: date, zone: str) -> datetime:
    """The first instant of `day` in `zone`, as UTC."""
    return instant_of(day, 0, zone)


@lru_cache(maxsize=65536)
def instant_of(day: date, seconds: int, zone: str, last: bool = False) -> datetime:
    """The instant (UTC) at which the wall clock of `zone` shows so many seconds of `day`.

    Where the clock shows it twice: the first, or the `last`. Where it never does: the first instant after the gap.
    """
    local = datetime.combine(day, datetime.min.time()) + timedelta(seconds=seconds)
    info = zone_info(zone)
    early, late = (local.replace(tzinfo=info, fold=fold).astimezone(UTC) for fold in (0, 1))
    if early.astimezone(info).replace(tzinfo=None) != local:
        return _end_of_gap(late, early, zone)
    return late if last else early


def _end_of_gap(before: datetime, after: datetime, zone: str) -> datetime:
    """The instant between the two at which the offset changes."""
    info = zone_info(zone)
    offset = before.astimezone(info).utcoffset()
    low, high = int(before.timestamp()), int(after.timestamp())
    while high - low > 1:
        middle = (low + high) // 2
        same = datetime.fromtimestamp(middle, UTC).astimezone(info).utcoffset() == offset
        low, high = (middle, high) if same else (low, middle)
    return datetime.fromtimestamp(high, UTC)
