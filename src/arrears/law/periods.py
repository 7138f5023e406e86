"""Periods of law: how a limitation, a notice period or a retention runs, and the last day on which it still does.

Days are days in the pack's zone. Months and years end on the day of the same number, or the last of a shorter month.

`course` is for showing: where no calendar knows whether the last day is worked, it gives the day as counted and says that it is
provisional. `ends_on` is for relying on: there it refuses.
"""

from __future__ import annotations

import calendar as months_of_year
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from arrears.errors import refuse
from arrears.law.calendars import Calendar
from arrears.law.clause_kinds import Period
from arrears.law.history import Event, History
from arrears.law.packs import Pack


@dataclass(frozen=True)
class Course:
    """How a period ran. `began_on`: the day from which it now counts, `start_on` or that of the last restart.

    `counted_on`: the last day before it moves for a holiday; `last_on` the last day. Both None while it is held without end.
    `provisional`: no calendar knows the days around the end; `last_on` may be moved to a later working day (never an earlier one).
    `cut_short`: it ends where the longest period ends. `too_late`: what would have started it again, but came after its end.
    """

    start_on: date
    began_on: date
    counted_on: date | None
    last_on: date | None
    provisional: bool
    cut_short: bool
    restarted_by: tuple[Event, ...]
    held_by: tuple[Event, ...]
    too_late: tuple[Event, ...]


@dataclass(frozen=True)
class _End:
    counted_on: date | None
    last_on: date | None
    provisional: bool
    cut_short: bool
    held_by: tuple[Event, ...]


def ends_on(period: Period, pack: Pack, start: date, events: Iterable[Event] = ()) -> date | None:
    """The last day of the period that runs from `start`, after what happened since; None while it is held without end.

    `start` is the day of the event or due date from which it runs. An event that starts it again counts only while it runs.
    Refusal where a business day is asked for that no calendar knows.
    """
    found = course(period, pack, start, events)
    if found.provisional and period.business:
        return _calendar(pack).after(found.began_on, period.days - period.first_day)
    if found.provisional and found.counted_on is not None:
        return _calendar(pack).on_or_after(found.counted_on)
    return found.last_on


def course(period: Period, pack: Pack, start: date, events: Iterable[Event] = ()) -> Course:
    """How the period that runs from `start` ran after what happened since; to be shown, not to be relied on where provisional.

    Refusal where the period needs a calendar and the pack has none.
    """
    ordered = History(events).events
    began, end = start, _end(period, pack, start, start, ordered)
    restarts, too_late = [], []
    for event in ordered:
        day = event.day(pack.zone)
        if not _is(event, period.restart_on) or day < began:
            continue
        if end.last_on is not None and day > end.last_on:
            too_late.append(event)
            continue
        restarts.append(event)
        began, end = day, _end(period, pack, start, day, ordered)
    return Course(
        start, began, end.counted_on, end.last_on, end.provisional, end.cut_short, tuple(restarts), end.held_by, tuple(too_late)
    )  # fmt: skip


def _is(event: Event, words: frozenset[str]) -> bool:
    return event.kind in words or ("conversation" in words and event.is_conversation)


def _end(period: Period, pack: Pack, start: date, began: date, events: Sequence[Event]) -> _End:
    """The end of the period that counts from `began` and, at the longest, runs from `start`."""
    last, known = _counted(period, pack, began)
    held, held_by = _held(period, pack, last, events)
    if held is None:
        return _End(None, None, False, False, held_by)
    longest = None if period.longest_years is None else add_months(start, 12 * period.longest_years)
    counted = held if longest is None else min(held, longest)
    rolled = _rolled(_calendar(pack), counted) if period.rolls else counted
    return _End(counted, rolled or counted, not known or rolled is None, counted != held, held_by)


def _counted(period: Period, pack: Pack, began: date) -> tuple[date, bool]:
    """The last day, counted from `began`, and whether it is known: with `first_day` 1 that day is the first one of the period."""
    if not period.business:
        last = add_months(began, 12 * period.years + period.months) + timedelta(days=period.days)
        return last - timedelta(days=period.first_day), True
    days = _calendar(pack)
    day, left, known = began, period.days - period.first_day, True
    while left > 0:
        day += timedelta(days=1)
        known = known and days.knows(day)
        left -= days.is_business_day(day) if days.knows(day) else day.weekday() not in days.weekend
    return day, known


def _rolled(days: Calendar, day: date) -> date | None:
    """The day, or the next that is worked; None where the calendar ends before one is found."""
    while days.knows(day):
        if days.is_business_day(day):
            return day
        day += timedelta(days=1)
    return None


def _held(period: Period, pack: Pack, last: date, events: Iterable[Event]) -> tuple[date | None, tuple[Event, ...]]:
    """The last day where something held the period within its last months: so many months after that was over; and what held it."""
    held_by: list[Event] = []
    if period.suspend_months is None:
        return last, ()
    for event in events:
        begins = event.from_on or event.day(pack.zone)
        within = add_months(last, -period.suspend_months)
        if not _is(event, period.suspend_on) or begins > last:
            continue
        if event.until_on is None:
            return None, (*held_by, event)
        if event.until_on >= within:
            # the end of a shorter month must not take a day away
            last = max(last, add_months(event.until_on, period.suspend_months))
            held_by.append(event)
    return last, tuple(held_by)


def _calendar(pack: Pack) -> Calendar:
    if pack.calendar is None:
        raise refuse("calendar", "counts business days, but the pack names no calendar", value=pack.name,
                     todo="write `calendar:` in pack.yaml")  # fmt: skip
    return pack.calendar


def add_months(day: date, months: int) -> date:
    """The day of the same number so many months on, or the last day of a shorter month."""
    index = day.year * 12 + day.month - 1 + months
    year, month = index // 12, index % 12 + 1
    return date(year, month, min(day.day, months_of_year.monthrange(year, month)[1]))
