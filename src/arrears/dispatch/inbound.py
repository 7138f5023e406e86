"""What comes back by itself: a message from a person, a mailbox that is no good, a wish to hear no more. Facts first, then people.

Facts are written while the accounts are held, so no send overtakes them. A sender whom several people or accounts share gives a fact for
each: who asks not to be written to is believed for every debt of that number.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from arrears.dispatch.channel import Returned
from arrears.dispatch.parking import put
from arrears.facts import schema
from arrears.facts.schema import Facts
from arrears.store.facts import record
from arrears.store.personal import Personal
from arrears.store.reach import Reached, who_has
from arrears.store.tables import Attempt, Event, Person

#: Sorts a text: `opt_out`, `paid`, `call_me`, `who_is_this`, `other` …
Sort = Callable[[str], str]


def concerned(connection: Connection, personal: Personal, one: Returned) -> list[Reached]:
    """The people and accounts that something concerns: by its sender, else by the attempt it answers; each with all accounts of theirs."""
    found: list[Reached] = []
    if one.sender:
        found = who_has(connection, personal, "email" if "@" in one.sender else "phone", one.sender)
    if not found and one.attempt_id:
        wanted = select(Attempt.account_id, Attempt.person_id).where(Attempt.attempt_id == one.attempt_id)
        found = [Reached(account, person) for account, person in connection.execute(wanted)]
    people = {reached.person_id for reached in found}
    others = connection.execute(select(Person.account_id, Person.person_id).where(Person.person_id.in_(people)))
    return sorted({*found, *(Reached(account, person) for account, person in others)})


def record_inbound(
    connection: Connection, personal: Personal, one: Returned, whom: Sequence[Reached], now: datetime, sort: Sort
) -> None:
    """Facts and queue for what is no receipt, in the caller's transaction, whose accounts are held. The same thing again changes nothing."""
    name = _name(one)
    sorted_as = "opt_out" if one.kind == "opt_out" else "bounce" if one.kind == "bounce" else sort(one.text or "")
    rows = [row for reached in whom for row in _facts(one, sorted_as, name, reached, now)]
    _append(connection, personal, rows)
    if not whom:
        sorted_as = f"unknown_sender_{sorted_as}" if sorted_as in ("opt_out", "bounce") else "unknown_sender"
    elif sorted_as in ("opt_out", "bounce"):
        return  # the facts say all there is
    _queue(connection, personal, one, whom, sorted_as, name, now)


def _name(one: Returned) -> str:
    """The same name for the same thing told twice."""
    parts = (one.kind, one.channel, one.sender or "", one.attempt_id or "", one.text or "", one.at.isoformat())
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:24]


def _facts(one: Returned, sorted_as: str, name: str, reached: Reached, now: datetime) -> list[dict[str, Any]]:
    """Of a message: a contact from their side, and a wish to hear no more on this channel. Of a bounce: that it is no good."""
    base = {
        "account_id": reached.account_id, "person_id": reached.person_id, "at": min(one.at, now), "recorded_at": now,
        "channel": one.channel,
    }  # fmt: skip
    of_person = f"{name}-{hashlib.sha256(reached.person_id.encode()).hexdigest()[:8]}"
    if one.kind == "bounce":
        number = {"number": one.sender} if one.sender else {}
        return [{**base, "event_id": f"bounce-{of_person}", "kind": "contact_invalid", "data": _json(number)}]
    found = []
    if one.kind == "inbound":
        number = {"number": one.sender} if one.sender else {}
        contact = {"kind": "contact", "direction": "in", "outcome": "delivered", "data": _json(number)}
        found.append({**base, **contact, "event_id": f"inbound-{of_person}"})
    if sorted_as == "opt_out":
        said = {"text": one.text} if one.text else {}
        found.append({**base, "event_id": f"opt-out-{of_person}", "kind": "opt_out", "data": _json(said)})
    return found


def _json(data: dict[str, Any]) -> str | None:
    return json.dumps(data, ensure_ascii=False) if data else None


def _append(connection: Connection, personal: Personal, rows: Sequence[dict[str, Any]]) -> None:
    """Facts that are not there yet."""
    ids = {row["event_id"] for row in rows}
    accounts = {row["account_id"] for row in rows}
    there = {
        (account, event)
        for account, event in connection.execute(
            select(Event.account_id, Event.event_id).where(Event.account_id.in_(accounts), Event.event_id.in_(ids))
        )
    }
    new = [row for row in rows if (row["account_id"], row["event_id"]) not in there]
    if new:
        none = {table: schema.empty(table) for table in ("accounts", "instalments", "people")}
        events = schema.frame("events", [dict(row) for row in new])
        record(connection, Facts(none["accounts"], none["instalments"], events, none["people"]), personal)


def _queue(
    connection: Connection,
    personal: Personal,
    one: Returned,
    whom: Sequence[Reached],
    sorted_as: str,
    name: str,
    now: datetime,
) -> None:
    """For a person to answer; sender and text sealed, under the person's key or, of a stranger, under one of their own."""
    owner = whom[0].person_id if whom else f"sender:{name}"
    sealed = personal.seal(connection, "queue", owner, {"number": one.sender, "text": one.text})
    put(connection, [
        {"queue": "inbound", "key": f"{one.kind}:{name}", "account_id": whom[0].account_id if whom else None,
         "person_id": owner, "sort": sorted_as, "queued_at": now, "sealed": sealed,
         "content": json.dumps({"channel": one.channel, "accounts": sorted({reached.account_id for reached in whom})})}
    ])  # fmt: skip
