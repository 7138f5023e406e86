"""Consent and reply: what opens a contact that would otherwise be closed.

A consent is direct and given before the contact. It is live from the moment it is given through its last day (its day is day 1), only
for the channel, number, hours and debts it names, and ends at once when it is withdrawn or, unless it lasts until withdrawn, when the
debt was talked about. A reply is one answer on the very channel on which the person has just written or called.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from arrears.law.clause_kinds import CONSENT_DAYS, UNTIL_WITHDRAWN, Window
from arrears.law.clock import local_day, midnight
from arrears.law.history import Event
from arrears.law.hours import all_open, next_open
from arrears.law.questions import Asked

EVERY_DAY = frozenset(range(7))


def next_consent(
    asked: Asked, at: datetime, accounts: Sequence[str], days: int = CONSENT_DAYS, naming_hours: bool = False
) -> datetime | None:
    """The first instant from `at` on at which a consent is live for the contact asked about; None if there is none.

    `days`: how many days a consent lasts at most, its own day included; `UNTIL_WITHDRAWN`: until it is withdrawn. `naming_hours`: only
    a consent that names hours, since one to be called does not make the night a convenient time.
    """
    question, given = asked.question, asked.history.of_kind("consent", asked.at)
    found = [
        opened
        for consent in given
        if (consent.hours is not None or not naming_hours)
        and consent.with_person(question.person, question.role)
        and _covers(consent, question.channel, question.number, accounts)
        and not _ended(asked, consent, accounts, days, None)
        and (opened := _opened(consent, at, asked.zones, days)) is not None
    ]
    return min(found, default=None)


def was_consented(asked: Asked, contact: Event, account: str | None, days: int) -> bool:
    """Whether a past contact was made under a consent that was live then."""
    accounts = (account,) if account is not None else tuple(contact.accounts)
    return any(
        consent.with_person(contact.person, contact.role)
        and _covers(consent, contact.channel, contact.number, accounts)
        and not _ended(asked, consent, accounts, days, contact.at)
        and _opened(consent, contact.at, asked.zones, days) == contact.at
        for consent in asked.history.before("consent", contact.at)
    )


def _covers(consent: Event, channel: str | None, number: str | None, accounts: Sequence[str]) -> bool:
    return (
        consent.channel in (None, channel)
        and consent.number in (None, number)
        and all(consent.about(account) for account in accounts)
    )


def _ended(asked: Asked, consent: Event, accounts: Sequence[str], days: int, before: datetime | None) -> bool:
    """Whether it was withdrawn, or used up by a conversation about the debt, by now (or before that instant)."""

    def after(event: Event) -> bool:
        return (
            event.at > consent.at
            and (before is None or event.at < before)
            and event.with_person(consent.person, consent.role)
            and event.about_any(tuple(accounts))
        )

    history = asked.history
    withdrawn = any(
        after(event)
        and (event.channel is None or consent.channel is None or event.channel == consent.channel)
        and (event.number is None or consent.number is None or event.number == consent.number)
        for event in history.of_kind("opt_out", asked.at)
    ) or any(after(event) for event in history.of_kind("cease", asked.at))
    if withdrawn or days == UNTIL_WITHDRAWN:
        return withdrawn
    return any(event.is_conversation and after(event) for event in history.of_kind("contact", asked.at))


def _opened(consent: Event, at: datetime, zones: tuple[str, ...], days: int) -> datetime | None:
    """The first instant from `at` on that lies within the consent's days and hours in every zone."""
    last_days = [
        min(day for day in (consent.until_on, _last(consent, zone, days)) if day is not None)
        for zone in zones
        if consent.until_on is not None or days != UNTIL_WITHDRAWN
    ]
    ends = min(
        (midnight(day + timedelta(days=1), zone) for day, zone in zip(last_days, zones, strict=False)), default=None
    )
    opened: datetime | None = max(at, consent.at)
    if consent.hours is not None and opened is not None:
        window = (Window(EVERY_DAY, *consent.hours),)
        opened = all_open(opened, [lambda t, zone=zone: next_open(t, window, zone) for zone in zones])  # type: ignore[misc]
    return None if opened is None or (ends is not None and opened >= ends) else opened


def _last(consent: Event, zone: str, days: int) -> date | None:
    return None if days == UNTIL_WITHDRAWN else consent.day(zone) + timedelta(days=days - 1)


def answers(asked: Asked) -> Event | None:
    """The person's last contact on this channel to which nothing has gone out on it since; None if there is none."""
    question = asked.question
    own = [
        event
        for event in asked.contacts()
        if event.channel == question.channel and event.with_person(question.person, question.role)
    ]
    return own[-1] if own and not own[-1].outbound else None


def is_reply(asked: Asked, at: datetime) -> bool:
    """Whether the contact would answer what the person wrote or said on this channel, on the same day of theirs."""
    asking = answers(asked)
    return asking is not None and all(local_day(at, zone) == asking.day(zone) for zone in asked.zones)
