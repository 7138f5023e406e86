"""When contact is open: windows of the day on every clock where the person may be.

A window is a stretch of real time. Its edges are read off the wall clock: an edge that the clock skips (spring) is the first instant
after the gap; of an hour that comes twice (autumn) the window opens with the first and closes with the second.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime, timedelta
from functools import lru_cache

from arrears.law.clause_kinds import Window
from arrears.law.clock import instant_of, local_day

#: How far ahead an opening is looked for: longer than any run of closed days.
LOOK_AHEAD_DAYS = 40
ROUNDS = 400
TICK = timedelta(microseconds=1)
DAYS = timedelta(days=1)

Next = Callable[[datetime], datetime | None]
Closed = Callable[[date], bool]


@lru_cache(maxsize=65536)
def openings(windows: tuple[Window, ...], day: date, zone: str) -> tuple[tuple[datetime, datetime], ...]:
    """The windows of one day as [from, until) in UTC, in order."""
    weekday = day.weekday()
    spans = [
        (instant_of(day, window.from_s, zone), instant_of(day, window.until_s, zone, last=True))
        for window in windows
        if weekday in window.days
    ]
    return tuple(sorted((begins, ends) for begins, ends in spans if begins < ends))


def next_open(
    at: datetime, windows: tuple[Window, ...], zone: str, through: bool = False, closed: Closed | None = None
) -> datetime | None:
    """`at` if a window is open then in `zone`, else when the next one opens; None if none does within sight.

    `closed`: days on which none opens.
    """
    day = local_day(at, zone)
    for ahead in range(LOOK_AHEAD_DAYS):
        other = day + ahead * DAYS
        if closed is not None and closed(other):
            continue
        for begins, ends in openings(windows, other, zone):
            if at < ends or (through and at == ends):
                return max(at, begins)
    return None


def closes(at: datetime, windows: tuple[Window, ...], zone: str, through: bool = False) -> datetime:
    """When the window that is open at `at` in `zone` closes (the first instant that is not open)."""
    day = local_day(at, zone)
    ends = [
        last + TICK * through for first, last in openings(windows, day, zone) if first <= at < last + TICK * through
    ]
    return max(ends, default=at)


def all_open(at: datetime, steps: Sequence[Next]) -> datetime | None:
    """The first instant from `at` on at which every one of `steps` is open; None if there is none in sight."""
    horizon = at + LOOK_AHEAD_DAYS * DAYS
    for _ in range(ROUNDS):
        later = at
        for step in steps:
            found = step(later)
            if found is None or found > horizon:
                return None
            later = found
        if later == at:
            return at
        at = later
    return None


def spans_open(at: datetime, closed: Iterable[tuple[int, int]], zone: str) -> datetime:
    """`at`, or the first instant after it that lies in none of the closed spans (seconds) of its local day."""
    spans = tuple(closed)
    for _ in range(ROUNDS):
        day = local_day(at, zone)
        later = max((ends for begins, ends in _spans(spans, day, zone) if begins <= at < ends), default=at)
        if later == at:
            return at
        at = later
    return at


def _spans(spans: tuple[tuple[int, int], ...], day: date, zone: str) -> list[tuple[datetime, datetime]]:
    return [(instant_of(day, first, zone), instant_of(day, last, zone, last=True)) for first, last in spans]
