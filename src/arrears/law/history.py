"""What happened between the lender and the people of a debt, as the clauses ask for it.

Built once from event rows; an event about several debts counts for each of them. A day is a day on the wall calendar of the zone it is
asked in, so every event knows its day for every zone that was asked.
"""

from __future__ import annotations

import json
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from arrears.law.clause_kinds import NOT_CONNECTED
from arrears.law.clock import local_day

CALLS = ("call", "voicebot")


@dataclass(frozen=True, eq=False)
class Event:
    """One event. `person` None: the person who stands in `role` to the debt. `accounts` empty: all debts."""

    at: datetime
    kind: str
    channel: str | None = None
    direction: str | None = None
    outcome: str | None = None
    person: str | None = None
    role: str = "borrower"
    number: str | None = None
    accounts: frozenset[str] = frozenset()
    place: str | None = None
    purpose: str = "collection"
    by: str | None = None
    notice: str | None = None
    invited: bool = False
    from_on: date | None = None
    until_on: date | None = None
    received_on: date | None = None
    hours: tuple[int, int] | None = None
    _days: dict[str, date] = field(default_factory=dict, repr=False)

    def day(self, zone: str) -> date:
        """The event's date on the wall calendar of `zone`."""
        found = self._days.get(zone)
        if found is None:
            found = self._days[zone] = local_day(self.at, zone)
        return found

    def with_person(self, person: str | None, role: str) -> bool:
        """Whether it is with (or from) that person."""
        if self.person is None or person is None:
            return self.role == role
        return self.person == person

    def about(self, account: str | None) -> bool:
        """Whether it is about that debt."""
        return account is None or not self.accounts or account in self.accounts

    def about_any(self, accounts: tuple[str, ...]) -> bool:
        """Whether it is about one of the debts."""
        return not accounts or not self.accounts or any(account in self.accounts for account in accounts)

    @property
    def is_conversation(self) -> bool:
        """Whether people spoke with each other."""
        return self.kind == "contact" and self.outcome == "conversation"

    @property
    def outbound(self) -> bool:
        """Whether it is a contact from the lender's side."""
        return self.kind == "contact" and self.direction != "in"


class History:
    """Events in order of time. `until(at)` gives what had happened by an instant."""

    def __init__(self, events: Iterable[Event]) -> None:
        self.events = sorted(events, key=_order)
        self._at = [event.at for event in self.events]
        self._kinds: dict[str, tuple[list[Event], list[datetime]]] = {}
        for event in self.events:
            ordered, instants = self._kinds.setdefault(event.kind, ([], []))
            ordered.append(event)
            instants.append(event.at)

    def of_kind(self, kind: str, at: datetime) -> list[Event]:
        """The events of a kind up to `at`, the earliest first."""
        ordered, instants = self._kinds.get(kind, ([], []))
        return ordered if not instants or instants[-1] <= at else ordered[: bisect_right(instants, at)]

    def since(self, kind: str, first: datetime, at: datetime) -> list[Event]:
        """The events of a kind from `first` up to `at`."""
        ordered, instants = self._kinds.get(kind, ([], []))
        return ordered[bisect_left(instants, first) : bisect_right(instants, at)]

    def before(self, kind: str, at: datetime) -> list[Event]:
        """The events of a kind before `at`."""
        ordered, instants = self._kinds.get(kind, ([], []))
        return ordered[: bisect_left(instants, at)]

    def between(self, first: datetime, last: datetime) -> list[Event]:
        """The events of any kind after `first` up to `last`."""
        return self.events[bisect_right(self._at, first) : bisect_right(self._at, last)]

    def named(self, word: str, at: datetime) -> Iterator[Event]:
        """Events by the word that a clause uses: a kind, `conversation`, `notice:<word>` or `sent:<channel>`."""
        head, _, tail = word.partition(":")
        if head == "notice":
            yield from (event for event in self.of_kind("notice_served", at) if event.notice == tail)
            yield from (event for event in self.of_kind("contact", at) if event.outbound and event.notice == tail)
        elif head == "sent":
            yield from (event for event in self.of_kind("contact", at) if event.outbound and event.channel == tail
                        and event.outcome not in (*NOT_CONNECTED, "failed"))  # fmt: skip
        elif head == "conversation":
            yield from (event for event in self.of_kind("contact", at) if event.is_conversation)
        else:
            yield from self.of_kind(word, at)


def _order(event: Event) -> tuple[Any, ...]:
    """By time; events of one instant in an order of their content, so the order of recording changes nothing."""
    return (
        event.at,
        event.kind,
        event.channel or "",
        event.outcome or "",
        event.person or "",
        sorted(event.accounts),
        event.number or "",
    )


def history_of(rows: Iterable[Mapping[str, Any]], roles: Mapping[str, str] | None = None) -> History:
    """The history in rows of the events table; rows of one event_id are one event about several debts.

    `roles`: the role of each person by id; a contact may name another in its `party`.
    """
    events: dict[Any, Event] = {}
    for number, row in enumerate(rows):
        key = row.get("event_id") or number
        if key in events and events[key].at == row["at"]:
            known = events[key]
            known.__dict__["accounts"] = known.accounts | {row["account_id"]}
            continue
        events[key] = event_of(row, roles or {})
    return History(events.values())


def event_of(row: Mapping[str, Any], roles: Mapping[str, str]) -> Event:
    """One row of the events table as an event."""
    data = json.loads(row["data"]) if row.get("data") else {}
    person = row.get("person_id")
    role = data.get("party") or roles.get(str(person), "borrower")
    account = row.get("account_id")
    return Event(
        at=row["at"], kind=row["kind"], channel=row.get("channel"), direction=row.get("direction"),
        outcome=row.get("outcome"), person=person, role=role,
        accounts=frozenset([account]) if account is not None else frozenset(), **_details(data),
    )  # fmt: skip


def _details(data: Mapping[str, Any]) -> dict[str, Any]:
    """What an event's data says that the law asks for."""
    if not data:
        return {}
    notice = data.get("notice")
    number = data.get("number") or data.get("value")
    return {
        "number": number if isinstance(number, str) else None, "place": data.get("place"),
        "purpose": data.get("purpose") or "collection", "by": data.get("by_whom") or data.get("by"),
        "notice": notice if isinstance(notice, str) else None, "invited": bool(data.get("invited")),
        "from_on": _day(data.get("from")), "until_on": _day(data.get("until")),
        "received_on": _day(data.get("received_on")), "hours": _hours(data.get("hours")),
    }  # fmt: skip


def _day(value: Any) -> date | None:
    return date.fromisoformat(str(value)[:10]) if value else None


def _hours(value: Any) -> tuple[int, int] | None:
    """A span of the day in seconds."""
    if not value:
        return None
    first, last = (int(text[:2]) * 3600 + int(text[3:5]) * 60 for text in value)
    return first, last
