"""Deliveries as facts: what became of a contact after it was sent, once an outcome, however often it is told."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from arrears.facts import schema
from arrears.store.personal import Personal
from arrears.store.tables import Event
from arrears.store.writing import append_events


@dataclass(frozen=True)
class Delivery:
    """`outcome`: delivered or failed. `event_id`: of the contact. `reason`: refused, not_taken, or nothing."""

    attempt_id: str
    account_id: str
    person_id: str
    channel: str
    event_id: str
    outcome: str
    at: datetime
    reason: str = ""

    @property
    def id(self) -> str:
        """The event id of the fact: one for each outcome of an attempt."""
        return f"delivery-{self.outcome}-{self.attempt_id}"

    def row(self, now: datetime) -> dict[str, Any]:
        """The fact as a row of events."""
        return {
            "event_id": self.id, "account_id": self.account_id, "person_id": self.person_id, "at": min(self.at, now),
            "recorded_at": now, "kind": "delivery", "channel": self.channel, "outcome": self.outcome, "ref": self.event_id,
            "data": json.dumps({"reason": self.reason}) if self.reason else None,
        }  # fmt: skip


def write_deliveries(connection: Connection, personal: Personal, found: Sequence[Delivery], now: datetime) -> int:
    """Append those that are not there yet; gives how many."""
    unique = {one.id: one for one in found}
    if not unique:
        return 0
    accounts = {one.account_id for one in unique.values()}
    there = set(
        connection.execute(
            select(Event.event_id).where(Event.account_id.in_(accounts), Event.event_id.in_(list(unique)))
        ).scalars()
    )
    new = [one.row(now) for name, one in unique.items() if name not in there]
    if new:
        append_events(connection, schema.frame("events", new), personal)
    return len(new)
