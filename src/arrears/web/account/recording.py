"""Statements into the store: each once, however often its button was pressed, under the hold of the accounts it is about.

A form carries `once`, drawn when it was shown. The event's id follows from the person, the form, `once` and what was typed: the same press
twice is one fact; the same page sent again with another amount is another.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from arrears.dispatch.parking import put
from arrears.store.facts import record_events
from arrears.store.personal import Personal
from arrears.store.tables import Event
from arrears.web.account.statements import COMES_FORWARD, FOR_A_PERSON, Said

PREFIX = "own-"
#: Of the contact that goes with a statement.
WITH_IT = "-in"
ONCE = re.compile(r"[A-Za-z0-9_-]{16,32}")
_REFERENCE = re.compile(r"[A-Z2-7]{12}")


@dataclass(frozen=True)
class Statement:
    """What is to be recorded: by whom, by which form, about which accounts, and the reference that names it."""

    person_id: str
    form: str
    account_ids: tuple[str, ...]
    said: Said
    reference: str


def reference_of(person_id: str, form: str, once: str, texts: Mapping[str, str]) -> str:
    """The reference of one press of a button: 12 letters and figures, 60 bits."""
    told = json.dumps([person_id, form, once, sorted(texts.items())], ensure_ascii=False)
    return base64.b32encode(hashlib.sha256(told.encode()).digest()).decode()[:12]


def event_id_of(reference: str) -> str | None:
    """The id of the fact under a reference as a person may write it; None if it is none."""
    plain = reference.replace("-", "").upper()
    return PREFIX + plain if _REFERENCE.fullmatch(plain) else None


def grouped(reference: str) -> str:
    """A reference as it is shown."""
    return "-".join(reference[start : start + 4] for start in (0, 4, 8))


def is_recorded(connection: Connection, account_ids: Collection[str], reference: str) -> bool:
    """Whether the statement of a reference is there."""
    found = select(Event.seq).where(Event.account_id.in_(account_ids), Event.event_id == PREFIX + reference)
    return connection.execute(found.limit(1)).first() is not None


def record_statement(connection: Connection, personal: Personal, one: Statement, now: datetime) -> int:
    """Append the facts of a statement, and queue it for a person where one is to answer; in the caller's transaction, whose accounts
    are held. Gives how many facts are new: none where it is there already."""
    if is_recorded(connection, one.account_ids, one.reference):
        return 0
    rows = [row for account in one.account_ids for row in _rows(one, account, now)]
    new = record_events(connection, rows, personal)
    if one.form in FOR_A_PERSON:
        _queue(connection, personal, one, now)
    return new


def _rows(one: Statement, account_id: str, now: datetime) -> list[dict[str, Any]]:
    base = {"account_id": account_id, "person_id": one.person_id, "at": now, "recorded_at": now}
    said = one.said
    told = {**said.data, "form": one.form}
    rows = [{**base, "event_id": PREFIX + one.reference, "kind": said.kind, "channel": said.channel, "direction": said.direction,
             "outcome": said.outcome, "amount": said.amount, "data": told}]  # fmt: skip
    if one.form in COMES_FORWARD and said.kind != "contact":
        rows.append({**base, "event_id": PREFIX + one.reference + WITH_IT, "kind": "contact", "channel": "portal", "direction": "in",
                     "outcome": "delivered"})  # fmt: skip
    return rows


def _queue(connection: Connection, personal: Personal, one: Statement, now: datetime) -> None:
    """For a person to answer; what was written is sealed under the person's key."""
    text = {"number": None, "text": one.said.data.get("note", "")}
    content = {"channel": "portal", "accounts": list(one.account_ids), "event": PREFIX + one.reference}
    put(connection, [
        {"queue": "inbound", "key": f"own:{one.person_id}:{one.reference}", "account_id": one.account_ids[0], "person_id": one.person_id,
         "sort": one.form, "queued_at": now, "content": json.dumps(content),
         "sealed": personal.seal(connection, "queue", one.person_id, text)}
    ])  # fmt: skip
