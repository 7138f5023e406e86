"""One debt as the periods of law ask for it: what happened with the debtor by a day, and which instalments are unpaid."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from typing import Any

import polars as pl

from arrears import calendar
from arrears.claim import account_row, claim_of
from arrears.facts.schema import Facts
from arrears.law import Event, History, Stack, packs, stack
from arrears.law.history import event_of

#: Who speaks and pays for the debtor. What a guarantor or a third party says or pays is not taken for the debtor's own act.
DEBTOR = ("borrower", "representative")

#: `events` holds nothing later than the day asked about, so nothing has to be cut off.
EVER = datetime.combine(date.max, time.min, UTC)


@dataclass(frozen=True)
class Debt:
    """A debt on a day. `events`: what the debtor did or had done to them, the earliest first; `ids`: the id of each event.

    `aside`: events that do not count, with the reason (`by_other`: of another person; `reversed`: a payment given back in full).
    `stack` None: the law has no pack. `recorded`: every event known by then, whoever it is of, as a row of the events table with `data` read
    and `on`, its day in the business zone.
    """

    facts: Facts
    row: Mapping[str, Any]
    as_of: date | datetime
    known_at: datetime | None
    day: date
    region: str | None
    roles: frozenset[str]
    stack: Stack | None
    events: tuple[Event, ...]
    aside: tuple[tuple[Event, str], ...]
    ids: Mapping[Event, str]
    recorded: tuple[Mapping[str, Any], ...] = ()

    @property
    def account_id(self) -> str:
        """The account's id."""
        return str(self.row["account_id"])

    @property
    def law(self) -> str:
        """The account's law."""
        return str(self.row["law"])

    @property
    def parties(self) -> frozenset[str]:
        """Who collects, as the facts say: the lender or who bought the debt, and an agency once it was placed with one."""
        named = {event.by for event in self.events}
        sold = "assignee" in named or any(event.kind == "sold" for event in self.events)
        placed = "agency" in named or any(event.kind == "placed" for event in self.events)
        return frozenset({"assignee" if sold else "lender"} | ({"agency"} if placed else set()))

    @cached_property
    def role_of(self) -> Mapping[str, str]:
        """By id of a person of the account, their role."""
        own = self.facts.people.filter(pl.col("account_id") == self.account_id)
        return dict(own.select("person_id", pl.col("role").cast(pl.String)).iter_rows())

    @cached_property
    def due_days(self) -> tuple[date, ...]:
        """The due dates of the schedule."""
        own = self.facts.instalments.filter(pl.col("account_id") == self.account_id)
        return tuple(sorted(own["due_on"].to_list()))

    @cached_property
    def oldest_due_on(self) -> date | None:
        """The due date of the oldest instalment that is unpaid; None if nothing is past due."""
        return self._oldest(self.as_of)

    @cached_property
    def unpaid_due_days(self) -> tuple[date, ...]:
        """The due dates, up to the day, of instalments not paid in full; under a plan that replaced them, its oldest."""
        oldest = self.oldest_due_on
        if oldest is None:
            return ()
        return tuple(day for day in self.due_days if oldest <= day < self.day) or (oldest,)

    @cached_property
    def cured_by(self) -> Event | None:
        """The payment that ended the last default; None while one lasts, or if there never was one."""
        if self.oldest_due_on is not None:
            return None
        for event in reversed(self.events):
            if event.kind == "payment" and self._oldest(self._day_before(event)) is not None:
                return event if self._oldest(event.day(self.zone)) is None else None
        return None

    def happened(self, word: str) -> list[Event]:
        """The events that a clause means by a word (`History.named`), the earliest first."""
        return sorted(History(self.events).named(word, EVER), key=lambda event: event.at)

    def of_kind(self, kind: str) -> list[Mapping[str, Any]]:
        """The rows of `recorded` of one kind, the earliest first."""
        return [row for row in self.recorded if row["kind"] == kind]

    def payments(self) -> list[tuple[date, int]]:
        """The payments, whoever made them: day and minor units, less what was given back of each; none of which nothing is left."""
        back: dict[str, int | None] = {}
        for row in self.of_kind("payment_reversed"):
            before = back.get(row["ref"], 0)
            back[row["ref"]] = None if row["amount"] is None or before is None else before + row["amount"]
        kept = [(row["on"], row["amount"], back.get(row["event_id"], 0)) for row in self.of_kind("payment")]
        return [(on, amount - gone) for on, amount, gone in kept if gone is not None and amount > gone]

    @property
    def zone(self) -> str:
        """The account's business time zone."""
        return str(self.row["time_zone"] or calendar.BUSINESS_ZONES[self.law])

    def _day_before(self, event: Event) -> date:
        opened_on: date = self.row["opened_on"]
        return max(event.day(self.zone) - timedelta(days=1), opened_on)

    def _oldest(self, as_of: date | datetime) -> date | None:
        position = claim_of(self.facts, self.account_id, as_of, self.known_at, self.stack).replayed.position
        found: date | None = position["oldest_due_on"]
        return found


def debt_of(facts: Facts, account_id: str, as_of: date | datetime, known_at: datetime | None = None) -> Debt:
    """The debt as it was known. `as_of` a date: its end in the business zone. KeyError if the account is unknown."""
    row = account_row(facts, account_id)
    zone = str(row["time_zone"] or calendar.BUSINESS_ZONES[str(row["law"])])
    day = calendar.local_day(as_of, zone) if isinstance(as_of, datetime) else as_of
    people = facts.people.filter(pl.col("account_id") == account_id).sort("person_id")
    roles = {str(person): str(role) for person, role in people.select("person_id", "role").iter_rows()}
    borrowers = people.filter(pl.col("role") == "borrower")
    region = borrowers["region"][0] if borrowers.height else None
    until = as_of if isinstance(as_of, datetime) else calendar.end_of_day(as_of, zone)
    rows = _known(facts, account_id, until, known_at)
    ids = {event_of(event, roles): str(event["event_id"]) for event in rows}
    gone = _reversed(rows)
    aside = tuple(
        (event, "reversed" if event_id in gone else "by_other")
        for event, event_id in ids.items()
        if event_id in gone or event.role not in DEBTOR
    )
    law = str(row["law"])
    return Debt(
        facts, row, as_of, known_at, day, region, frozenset({"borrower", *roles.values()}),
        stack(law, region) if law in packs() else None,
        tuple(event for event in ids if event not in dict(aside)), aside, ids, tuple(_read(row, zone) for row in rows),
    )  # fmt: skip


def _known(facts: Facts, account_id: str, until: datetime, known_at: datetime | None) -> list[dict[str, Any]]:
    """The rows of the account's events up to an instant that were known by then, the earliest first."""
    known = facts.events.filter((pl.col("account_id") == account_id) & (pl.col("at") <= until))
    if known_at is not None:
        known = known.filter(pl.col("recorded_at") <= known_at)
    return known.sort("at", "event_id").to_dicts()


def _read(row: Mapping[str, Any], zone: str) -> Mapping[str, Any]:
    data = json.loads(row["data"]) if row["data"] else {}
    return {**row, "data": data, "on": calendar.local_day(row["at"], zone)}


def _reversed(rows: list[dict[str, Any]]) -> set[str]:
    """The ids of payments that were given back in full."""
    back: dict[str, int | None] = {}
    for row in rows:
        if row["kind"] == "payment_reversed" and row["ref"]:
            before = back.get(row["ref"], 0)
            back[row["ref"]] = None if row["amount"] is None or before is None else before + row["amount"]
    paid = {row["event_id"]: row["amount"] for row in rows if row["kind"] == "payment"}
    return {ref for ref, amount in back.items() if ref in paid and (amount is None or amount >= (paid[ref] or 0))}
