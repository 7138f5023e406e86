"""Days to let pass after something happened: a conversation, a notice, a dispute."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from arrears.errors import refuse
from arrears.law.calendars import Calendar
from arrears.law.clause_kinds import Wait
from arrears.law.clock import midnight
from arrears.law.consents import next_consent
from arrears.law.history import Event
from arrears.law.limits import counts_for, debts, is_exempt, sooner
from arrears.law.questions import Asked


def after_wait(asked: Asked, wait: Wait, zone: str, calendar: Calendar | None, at: datetime) -> datetime | None:
    """The first instant from `at` on at which nothing has to be waited for any more; None while no day is known."""
    if is_exempt(asked, wait, at):
        return at
    latest = at
    for debt in debts(asked, wait.per):
        found: datetime | None = at
        for event in _running(asked, wait, debt):
            ends = _ends(asked, wait, event, zone, calendar)
            found = None if ends is None or found is None else max(found, ends)
        if found != at and "consent" in wait.exclude:
            accounts = (debt,) if debt is not None else asked.question.accounts
            found = sooner(found, next_consent(asked, at, accounts, wait.consent_days))
        if found is None:
            return None
        latest = max(latest, found)
    return latest


def _running(asked: Asked, wait: Wait, debt: str | None) -> list[Event]:
    """The events that the wait runs from and that nothing has ended since."""
    key = (id(wait), debt)
    if key not in asked.kept:
        started = [
            event
            for event in asked.history.named(wait.after, asked.at)
            if counts_for(asked, event, wait.per, debt)
            and (wait.channels is None or event.channel in wait.channels)
            and (wait.direction == "any" or (event.direction == "in") == (wait.direction == "in"))
        ]
        enders = asked.history.named(wait.until, asked.at) if wait.until and started else ()
        ended = max((event.at for event in enders if counts_for(asked, event, wait.per, debt)), default=None)
        asked.kept[key] = [event for event in started if ended is None or event.at > ended]
    return asked.kept[key]  # type: ignore[no-any-return]


def _ends(asked: Asked, wait: Wait, event: Event, zone: str, calendar: Calendar | None) -> datetime | None:
    """The first instant after the days that an event asks for, in every zone; None where no number of days is set."""
    if wait.days is None:
        return None
    zones = asked.zones if wait.zone == "person" else (zone,)
    return max(midnight(open_day(wait, event.day(place), event.received_on, calendar), place) for place in zones)


def open_day(wait: Wait, on: date, received_on: date | None, calendar: Calendar | None) -> date:
    """The first day on which the wait is over, for an event on the day `on` (of a notice: sent then)."""
    start = _received(wait, on, received_on, calendar)
    days = (wait.days or 0) - wait.first_day
    last = _business(calendar).after(start, days) if wait.business else start + timedelta(days=days)
    return last + timedelta(days=1)


def _received(wait: Wait, sent: date, received_on: date | None, calendar: Calendar | None) -> date:
    """The day the wait counts from: the event's, or of a notice the day it was, or is assumed to be, received."""
    if received_on is not None:
        return received_on
    if wait.receipt_days is None:
        return sent
    if wait.receipt_business:
        return _business(calendar).after(sent, wait.receipt_days)
    return sent + timedelta(days=wait.receipt_days)


def _business(calendar: Calendar | None) -> Calendar:
    if calendar is None:
        raise refuse(
            "calendar", "counts business days, but its pack names no calendar", todo="`calendar:` in pack.yaml"
        )
    return calendar
