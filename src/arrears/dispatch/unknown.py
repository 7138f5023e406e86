"""Attempts whose end nobody knows: looked up at the provider at growing intervals, never sent again by themselves.

The law counts them as contacts: they were written down as such before anything left. When the last look-up has not settled it either, the
attempt stays unknown and is put before a person.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, and_, or_, select, update

from arrears.dispatch.answers import Tried
from arrears.dispatch.channel import Sent
from arrears.dispatch.parking import put
from arrears.dispatch.recipients import REACHED_BY
from arrears.store.personal import Personal
from arrears.store.tables import Attempt, Event, Work

#: How long after the attempt each look-up is made, seconds.
LOOK_UPS = (10, 60, 300, 1800, 7200, 28_800, 86_400)


@dataclass(frozen=True)
class LookUp:
    """An attempt to look up: what the channel is told, and what the answer is recorded by."""

    sent: Sent
    attempt: Tried


def due_look_ups(
    connection: Connection, personal: Personal, channel: str, now: datetime, most: int,
    intervals: Sequence[float] = LOOK_UPS,
) -> list[LookUp]:  # fmt: skip
    """Attempts of unknown end whose next look-up is due, at most `most`; each is counted, so that no other worker does the same."""
    due = or_(
        *(
            and_(Attempt.looked_up == done, Attempt.started_at <= now - timedelta(seconds=seconds))
            for done, seconds in enumerate(intervals)
        )
    )
    wanted = (
        select(*_COLUMNS, Work.attempts, Work.not_after, Event.sealed)
        .join(Work, Work.key == Attempt.key)
        .outerjoin(Event, and_(Event.account_id == Attempt.account_id, Event.event_id == Attempt.event_id))
        .where(Attempt.channel == channel, Work.state == "unknown", _open(), due)
        .order_by(Attempt.started_at)
        .limit(most)
    )
    rows: list[Any] = [row for row in connection.execute(wanted).all() if _count(connection, row)]
    _leave_to_people(connection, [row for row in rows if row.looked_up + 1 >= len(intervals)], now)
    return [_look_up(row, to) for row, to in zip(rows, _reached(connection, personal, rows), strict=True)]


_COLUMNS = (
    Attempt.attempt_id, Attempt.key, Attempt.account_id, Attempt.person_id, Attempt.channel, Attempt.event_id, Attempt.provider_ref,
    Attempt.started_at, Attempt.looked_up,
)  # fmt: skip


def _open() -> Any:
    return or_(Attempt.answer.is_(None), Attempt.answer == "unknown")


def _count(connection: Connection, attempt: Any) -> bool:
    """Count a look-up, unless another worker just did."""
    change = update(Attempt).where(Attempt.attempt_id == attempt.attempt_id, Attempt.looked_up == attempt.looked_up)
    return connection.execute(change.values(looked_up=attempt.looked_up + 1)).rowcount == 1


def _leave_to_people(connection: Connection, attempts: Sequence[Any], now: datetime) -> None:
    """The last look-up is made: whatever it says, a person is told; if it settles the end, the entry says so by the attempt."""
    put(connection, [
        {"queue": "unknown", "key": f"unknown:{one.attempt_id}", "account_id": one.account_id, "person_id": one.person_id,
         "sort": "unknown", "queued_at": now, "content": json.dumps({"work": one.key, "channel": one.channel})}
        for one in attempts
    ])  # fmt: skip


def _reached(connection: Connection, personal: Personal, rows: Sequence[Any]) -> list[str]:
    """The number or mailbox of each attempt; empty where the person was erased since."""
    opened = personal.unseal_many(connection, "events", [row.person_id for row in rows], [row.sealed for row in rows])
    return [
        row.person_id if REACHED_BY[row.channel] is None else str((data or {}).get("number") or "")
        for row, data in zip(rows, opened, strict=True)
    ]


def _look_up(row: Any, to: str) -> LookUp:
    sent = Sent(row.key, row.attempt_id, row.provider_ref, row.started_at, to)
    attempt = Tried(
        row.attempt_id, row.key, row.account_id, row.person_id, row.channel, row.event_id, row.attempts, row.not_after
    )  # fmt: skip
    return LookUp(sent, attempt)
