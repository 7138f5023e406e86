"""A reply: the message by which a borrower is told what became of what they asked for, put into their own pages as it is decided.

No night plans it and it asks for no money, so it passes neither ladder nor outbox: it is written in the transaction of the fact that it
tells, and neither is there without the other. Everything else is as for any message: the wording check, a code and a signature, the notice
by which it is verified, the attempt, and the contact that the law counts (purpose `reply`).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert

from arrears.dispatch.attempts import contact_id
from arrears.dispatch.channel import Message
from arrears.dispatch.channels.portal import CHANNEL, put_in
from arrears.dispatch.compose import Random, Writing, notice_of
from arrears.notice.codes import RANDOM_BYTES, new_code
from arrears.notice.language import language_of
from arrears.notice.occasion import Occasion
from arrears.store.facts import record_event
from arrears.store.personal import Personal
from arrears.store.tables import Attempt, Notice

#: Who made the attempt, where no worker did.
DESK = "desk"


def action_of(kind: str, opening_data: str | None) -> str:
    """What a reply that tells a fact of a kind is about, by what its opening said (`data`, JSON): a dispute of identity has its own words."""
    identity = json.loads(opening_data or "{}").get("reason") == "identity_theft"
    return "identity_theft_closed" if kind == "dispute_closed" and identity else kind


def reply_id(account_id: str, event_id: str) -> str:
    """The attempt's id of the reply that tells a fact: the same fact is told once."""
    return _key(account_id, event_id)[:32]


def reply(
    connection: Connection, personal: Personal, writer: Writing, random: Random, occasion: Occasion, position: Mapping[str, Any],
    person: Mapping[str, Any], event_id: str, now: datetime,
) -> bool:  # fmt: skip
    """Write a reply to a person (a row of people) about the fact of an id, in the caller's transaction, whose account is held.

    False, and nothing is written, where the person was erased. Refusal as `notice.writer.Writer.words`.
    """
    code = new_code(random(RANDOM_BYTES))
    words = writer.words(occasion, position, language_of(person["language"], occasion.law), code)
    attempt_id, person_id = reply_id(occasion.account_id, event_id), str(person["person_id"])
    message = Message(
        _key(occasion.account_id, event_id), attempt_id, CHANNEL, person_id, words, occasion.account_id, person_id
    )
    if not put_in(connection, personal, message, now):
        return False
    record_event(connection, _contact(message, occasion.binds, now), personal)
    connection.execute(insert(Attempt).values(_attempt(message, now)))
    said = personal.seal(connection, "notices", person_id, {"text": words.text, "subject": words.subject})
    connection.execute(insert(Notice).values(**notice_of(message, writer, now), sealed=said))
    return True


def _key(account_id: str, event_id: str) -> str:
    return hashlib.sha256(f"reply\n{account_id}\n{event_id}".encode()).hexdigest()


def _contact(message: Message, binds: str, now: datetime) -> dict[str, Any]:
    return {
        "event_id": contact_id(message.attempt_id), "account_id": message.account_id, "person_id": message.person_id, "at": now,
        "recorded_at": now, "kind": "contact", "channel": CHANNEL, "direction": "out", "outcome": "sent",
        "data": {"purpose": "reply", "by_whom": binds},
    }  # fmt: skip


def _attempt(message: Message, now: datetime) -> dict[str, Any]:
    return {
        "attempt_id": message.attempt_id, "key": message.key, "account_id": message.account_id, "person_id": message.person_id,
        "channel": CHANNEL, "worker": DESK, "event_id": contact_id(message.attempt_id), "started_at": now, "answered_at": now,
        "answer": "accepted", "provider_ref": message.attempt_id, "looked_up": 0,
    }  # fmt: skip
