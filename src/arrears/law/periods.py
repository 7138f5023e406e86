"""Periods of law: the last day on which a limitation, a notice period or a retention still runs.

Days are days in the pack's zone. Months and years end on the day of the same number, or the last of a shorter month.
"""

from __future__ import annotations

import calendar as months_of_year
from collections.abc import Iterable
from datetime import date, timedelta

from arrears.errors import refuse
from arrears.law.calendars import Calendar
from arrears.law.clause_kinds import Period
from arrears.law.history import Event
from arrears.law.packs import Pack


def ends_on(period: Period, pack: Pack, start: date, events: Iterable[Event] = ()) -> date | None:
    """The last day of the period that runs from `start`, after what happened since; None while it is held without end.

    `start` is the day of the event or due date from which it runs. An event that starts it again counts only while it runs.
    Refusal where a business day is asked for that no calendar knows.
    """
    happened = sorted(events, key=lambda event: event.at)
    began, last = start, _end(period, pack, start)
    for event in happened:
        day = event.day(pack.zone)
        if _is(event, period.restart_on) and began <= day <= last:
            began, last = day, _end(period, pack, day)
    held = _held(period, pack, last, happened)
    if held is None:
        return None
    if period.longest_years is not None:
        held = min(held, add_months(start, 12 * period.longest_years))
    return _calendar(pack).on_or_after(held) if period.rolls else held


def _is(event: Event, words: frozenset[str]) -> bool:
    return event.kind in words or ("conversation" in words and event.is_conversation)


def _end(period: Period, pack: Pack, start: date) -> date:
    """The last day, counted from `start`: with `first_day` 1 that day is the first one of the period."""
    if period.business:
        return _calendar(pack).after(start, period.days - period.first_day)
    last = add_months(start, 12 * period.years + period.months) + timedelta(days=period.days)
    return last - timedelta(days=period.first_day)


def _held(period: Period, pack: Pack, last: date, events: Iterable[Event]) -> date | None:
    """The last day where something held the period within its last months: so many months after that was over."""
    if period.suspend_months is None:
        return last
    for event in events:
        begins = event.from_on or event.day(pack.zone)
        within = add_months(last, -period.suspend_months)
        if not _is(event, period.suspend_on) or begins > last:
            continue
        if event.until_on is None:
            return None
        if event.until_on >= within:
            last = add_months(event.until_on, period.suspend_months)
    return last


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
