"""How many contacts are too many: counts over calendar days, per debtor, person, debt or number."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from datetime import date, datetime, timedelta

from arrears.law.clause_kinds import NOT_CONNECTED, Limit, Wait
from arrears.law.clock import local_day, midnight
from arrears.law.consents import is_reply, next_consent, was_consented
from arrears.law.history import Event
from arrears.law.questions import Asked, Question

LONGEST_UNIT_DAYS = 31
EXEMPT_PURPOSES = ("location_information", "required_notice", "reply")


def after_limit(asked: Asked, limit: Limit, zone: str, at: datetime) -> datetime | None:
    """The first instant from `at` on at which the limit leaves room for one more contact; None if never."""
    if is_exempt(asked, limit, at) or not at_place(asked.question, limit.place):
        return at
    latest = at
    for debt in debts(asked, limit.per):
        found = _after_counts(asked, limit, debt, zone, at)
        if found != at and "consent" in limit.exclude:
            found = sooner(found, next_consent(asked, at, _accounts(asked, debt), limit.consent_days))
        if found is None:
            return None
        latest = max(latest, found)
    return latest


def is_exempt(asked: Asked, rule: Limit | Wait, at: datetime) -> bool:
    """Whether a contact for that purpose, or a reply, is outside the rule."""
    purpose = asked.question.purpose
    if purpose in EXEMPT_PURPOSES and purpose in rule.exclude:
        return True
    return "reply" in rule.exclude and is_reply(asked, at)


def at_place(question: Question, place: str | None) -> bool:
    """Whether a rule for a place (`work`, `not_work`, None: any) speaks of the question's."""
    return place is None or question.at_work == (place == "work")


def debts(asked: Asked, per: frozenset[str]) -> Sequence[str | None]:
    """The debts that are counted one by one; a single None where the count is not per debt."""
    return asked.question.accounts if "debt" in per and asked.question.accounts else (None,)


def _accounts(asked: Asked, debt: str | None) -> Sequence[str]:
    return (debt,) if debt is not None else asked.question.accounts


def sooner(one: datetime | None, other: datetime | None) -> datetime | None:
    """The earlier instant; None is never."""
    return other if one is None else one if other is None else min(one, other)


def counts_for(asked: Asked, event: Event, per: frozenset[str], debt: str | None) -> bool:
    """Whether an event is of the person, debt or number that is counted."""
    question = asked.question
    if "debtor" in per and event.role != "borrower":
        return False
    if "person" in per and not event.with_person(question.person, question.role):
        return False
    if "number" in per and None not in (event.number, question.number) and event.number != question.number:
        return False
    return event.about(debt)


def counted(asked: Asked, limit: Limit, debt: str | None) -> list[Event]:
    """The contacts so far that count for the limit."""
    key = (id(limit), debt)
    found: list[Event] | None = asked.kept.get(key)
    if found is None:
        found = [event for event in _recent(asked, limit) if _counts(asked, limit, event, debt)]
        asked.kept[key] = found
    return found


def _recent(asked: Asked, limit: Limit) -> list[Event]:
    """The contacts that can lie in the limit's window in some zone: older ones need not be looked at."""
    if limit.days is None and limit.calendar is None:
        return asked.contacts()
    days = limit.days if limit.days is not None else LONGEST_UNIT_DAYS
    return asked.history.since("contact", asked.at - timedelta(days=days + 2), asked.at)


def _counts(asked: Asked, limit: Limit, event: Event, debt: str | None) -> bool:
    if event.outcome not in limit.outcomes or (limit.channels is not None and event.channel not in limit.channels):
        return False
    if limit.direction != "any" and event.outbound != (limit.direction == "out"):
        return False
    if limit.place is not None and (event.place == "work") != (limit.place == "work"):
        return False
    if limit.purposes is not None and event.purpose not in limit.purposes:
        return False
    if limit.own and event.by not in (None, asked.question.binds):
        return False
    if not counts_for(asked, event, limit.per, debt) or event.purpose in limit.exclude:
        return False
    if "not_connected" in limit.exclude and event.outcome in NOT_CONNECTED:
        return False
    return not ("consent" in limit.exclude and was_consented(asked, event, debt, limit.consent_days))


def _after_counts(asked: Asked, limit: Limit, debt: str | None, zone: str, at: datetime) -> datetime | None:
    events = counted(asked, limit, debt)
    if len(events) < limit.most:
        return at
    if limit.most == 0 or (limit.days is None and limit.calendar is None):
        return None
    latest = at
    for place in asked.zones if limit.zone == "person" else (zone,):
        today = local_day(at, place)
        free = first_free_day(sorted(event.day(place) for event in events), today, limit)
        latest = max(latest, at if free <= today else midnight(free, place))
    return latest


def first_free_day(days: list[date], today: date, limit: Limit) -> date:
    """The first day from `today` on whose window holds fewer than `most` of the counted days (sorted)."""
    if limit.days is not None:
        if len(days) - bisect_left(days, today - timedelta(days=limit.days - 1)) < limit.most:
            return today
        return days[-limit.most] + timedelta(days=limit.days)
    begins, ends = calendar_window(today, str(limit.calendar))
    inside = bisect_left(days, ends) - bisect_left(days, begins)
    return today if inside < limit.most else ends


def calendar_window(day: date, unit: str) -> tuple[date, date]:
    """The calendar day, week (from Monday) or month of `day`: its first day, and the first day of the next."""
    if unit == "day":
        return day, day + timedelta(days=1)
    if unit == "week":
        monday = day - timedelta(days=day.weekday())
        return monday, monday + timedelta(days=7)
    first = day.replace(day=1)
    return first, (first + timedelta(days=32)).replace(day=1)
