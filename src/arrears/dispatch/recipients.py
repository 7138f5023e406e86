"""Whom exactly a piece of work reaches: the person and, of their numbers or mailboxes, the ones that may be tried."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from arrears.law import Event

#: Where a channel finds the person: a column of people; None: by the person's id.
REACHED_BY: Mapping[str, str | None] = {
    "sms": "phones", "call": "phones", "voicebot": "phones", "email": "emails", "letter": "addresses",
    "visit": "addresses", "push": None, "portal": None,
}  # fmt: skip
#: Facts by which a number or mailbox is known to be good again.
_GOOD = ("conversation", "voicemail", "delivered", "refused")
_BAD = ("wrong_number", "not_in_service")


@dataclass(frozen=True)
class Recipient:
    """`to`: number (E.164), mailbox, lines of a postal address, or the person's id. `zones`: every zone the person may be in."""

    person_id: str
    to: str
    name: str | None
    language: str | None
    zones: tuple[str, ...]
    region: str | None
    latitude: float | None = None
    longitude: float | None = None


def candidates(person: Mapping[str, Any], channel: str, zone: str) -> list[Recipient]:
    """The ways to reach a person (a row of people) on a channel, in the order they were given. `zone`: the law's, where none is named."""
    zones = (person.get("time_zone") or zone, *(person.get("other_zones") or ()))
    column = REACHED_BY[channel]
    named = [person["person_id"]] if column is None else list(dict.fromkeys(map(_key, person.get(column) or ())))
    return [
        Recipient(
            person["person_id"], to, person.get("name"), person.get("language"), zones, person.get("region"), *place
        )
        for to, *place in (item if isinstance(item, tuple) else (item, None, None) for item in named)
        if to
    ]


def _key(found: Any) -> Any:
    """An address with its place, or a number as it stands."""
    return (found.get("text"), found.get("lat"), found.get("lon")) if isinstance(found, Mapping) else found


def without_bad(found: Sequence[Recipient], events: Sequence[Event]) -> list[Recipient]:
    """Those whose number or mailbox was not last found to be no good, whatever the law says of it."""
    marks: dict[str, Any] = {}
    for event in events:  # in the order of time
        if event.number is None:
            continue
        if event.kind == "contact_invalid" or (event.kind == "contact" and event.outcome in _BAD):
            marks[event.number] = False
        elif event.kind == "contact" and event.outcome in _GOOD:
            marks[event.number] = True
    return [recipient for recipient in found if marks.get(recipient.to, True)]
