"""What a person asked to be closed: a medium, a number, a place, or hours."""

from __future__ import annotations

from datetime import datetime, timedelta

from arrears.law.clock import local_day, midnight
from arrears.law.history import Event
from arrears.law.hours import Next, all_open, spans_open
from arrears.law.questions import Asked

ONE_DAY = timedelta(days=1)


def after_request(asked: Asked, what: str, at: datetime) -> datetime | None:
    """The first instant from `at` on at which no request closes the medium, number or place; None if none ends."""
    latest = at
    for event in _requests(asked, what):
        if _is_lifted(asked, event, what, at):
            continue
        found = _after(event, at, asked.zones)
        if found is None:
            return None
        latest = max(latest, found)
    return latest


def _requests(asked: Asked, what: str) -> list[Event]:
    """The requests that close what the question asks for."""
    question = asked.question
    inconvenient = [event for event in asked.of_person("inconvenient") if event.hours is None]
    opted_out = asked.of_person("opt_out")
    if what == "place":
        return [event for event in inconvenient if event.place is not None and event.place == question.place]
    if what == "number":
        invalid = asked.history.of_kind("contact_invalid", asked.at)
        named = [*opted_out, *(event for event in inconvenient if event.place is None), *invalid]
        return [event for event in named if event.number is not None and event.number == question.number]
    media = [event for event in opted_out if event.number is None and event.channel in (None, question.channel)]
    return media + [
        event
        for event in inconvenient
        if event.channel is not None and event.channel == question.channel and event.number is event.place is None
    ]


def _is_lifted(asked: Asked, request: Event, what: str, at: datetime) -> bool:
    """Whether the person took the request back by a later consent that still holds at `at`.

    What was closed by name, a number or a place, only a consent that names it opens again.
    """
    return any(
        consent.at > request.at
        and (consent.until_on is None or all(local_day(at, zone) <= consent.until_on for zone in asked.zones))
        and consent.channel in (None, asked.question.channel)
        and _speaks_to(consent, request, what, asked.question.number)
        for consent in asked.of_person("consent")
    )


def _speaks_to(consent: Event, request: Event, what: str, number: str | None) -> bool:
    if what == "number":
        return consent.number is not None and consent.number == request.number
    if what == "place":
        return consent.place == request.place or (consent.number is not None and consent.number == number)
    return consent.number in (None, number)


def _after(event: Event, at: datetime, zones: tuple[str, ...]) -> datetime | None:
    """`at` outside the days of a request, the first instant after them inside, None if they have no end."""
    if event.from_on is not None and all(local_day(at, zone) < event.from_on for zone in zones):
        return at
    if event.until_on is None:
        return None
    return max(at, *(midnight(event.until_on + ONE_DAY, zone) for zone in zones))


def inconvenient_hours(asked: Asked, at: datetime) -> datetime | None:
    """The first instant from `at` on that is in none of the hours or days that the person named; None if there is none."""
    question = asked.question
    named = [
        event
        for event in asked.of_person("inconvenient")
        if event.channel in (None, question.channel)
        and event.number in (None, question.number)
        and event.place in (None, question.place)
        and (event.hours is not None or ((event.from_on or event.until_on) and event.number is event.place is None))
        and not _is_lifted(asked, event, "hours", at)
    ]
    if not named:
        return at
    return all_open(at, [_step(event, zone) for event in named for zone in asked.zones])


def _step(event: Event, zone: str) -> Next:
    """When the hours that one event names are over, in one zone."""
    spans = (event.hours or (0, 86_400),)

    def step(at: datetime) -> datetime | None:
        day = local_day(at, zone)
        if event.from_on is not None and day < event.from_on:
            return at
        if event.until_on is not None and day > event.until_on:
            return at
        if event.hours is None:
            return None if event.until_on is None else midnight(event.until_on + ONE_DAY, zone)
        return spans_open(at, spans, zone)

    return step
