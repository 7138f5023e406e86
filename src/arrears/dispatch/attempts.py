"""The attempt: written down, with the contact that the law counts, before anything leaves; in one transaction with the asking.

An attempt follows from its work and its number, so the database itself refuses a second row of the same one. What stands here without an
answer has an unknown end: it may have left.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, bindparam, select, update

from arrears.dispatch.ask import Asked, number_of
from arrears.dispatch.claim import under
from arrears.dispatch.compose import Composed
from arrears.dispatch.parking import queue_parked
from arrears.dispatch.reasons import Why, to_json
from arrears.dispatch.works import Claimed
from arrears.facts import schema
from arrears.store.many import among, insert_many
from arrears.store.personal import Personal
from arrears.store.tables import Attempt, Notice, Work
from arrears.store.writing import append_events

log = logging.getLogger("arrears.dispatch.attempts")
_STATE_OF = {"hold": "held", "wait": "ready", "expired": "expired", "park": "parked"}


def begin(
    connection: Connection, personal: Personal, composed: Sequence[Composed], worker: str, binds: str, now: datetime, lease_seconds: float
) -> list[Composed]:  # fmt: skip
    """Write the attempts of messages about to leave, their contacts and notices. Gives those whose lease still holds: only they may leave.

    What was attempted before leaves again only if every attempt of it is known to have failed.
    """
    composed = _not_gone_before(connection, composed, now)
    if not composed:
        return []
    leases = {one.work.lease_by for one in composed if one.work.lease_by is not None}
    take = (
        update(Work)
        .where(among(connection, Work.key, [one.work.key for one in composed]), under(leases))
        .values(attempts=Work.attempts + 1, lease_until=now + timedelta(seconds=lease_seconds), changed_at=now)
        .returning(Work.key, Work.lease_by, Work.attempts)
    )
    mine = {(key, lease, attempts - 1) for key, lease, attempts in connection.execute(take)}
    leaving = [one for one in composed if (one.work.key, one.work.lease_by, one.work.attempts) in mine]
    if leaving:
        insert_many(connection, Attempt, [_attempt(one, worker, now) for one in leaving])
        _write_contacts(connection, personal, [contact_of(one.work, one.message.to, binds, now) for one in leaving])
        _write_notices(connection, personal, leaving)
    return leaving


def _not_gone_before(connection: Connection, composed: Sequence[Composed], now: datetime) -> list[Composed]:
    """Without work that an earlier attempt sent, or may have sent. Such work is never ready; should it be, it ends here as sent or unknown."""
    tried = [one.work for one in composed if one.work.attempts]
    if not tried:
        return list(composed)
    keys = [work.key for work in tried]
    wanted = select(Attempt.key, Attempt.answer).where(among(connection, Attempt.key, keys))
    answers: dict[str, set[str | None]] = {}
    for key, answer in connection.execute(wanted):
        answers.setdefault(key, set()).add(answer)
    ends = {"sent": {key for key in keys if "accepted" in answers.get(key, ())}}
    ends["unknown"] = {key for key in keys if answers.get(key, set()) & {None, "unknown"}} - ends["sent"]
    freed = {"lease_by": None, "lease_until": None, "changed_at": now}
    leases = {work.lease_by for work in tried if work.lease_by is not None}
    for state, gone in ends.items():
        if gone:
            log.error(
                "%d pieces of work were ready although an attempt may have sent them; they are %s", len(gone), state
            )
            change = update(Work).where(among(connection, Work.key, gone), under(leases))
            connection.execute(change.values(state=state, **freed))
    return [one for one in composed if one.work.key not in ends["sent"] | ends["unknown"]]


def contact_id(attempt_id: str) -> str:
    """The event id of the contact of an attempt."""
    return f"contact-{attempt_id}"


def contact_of(work: Claimed, to: str, binds: str, now: datetime) -> dict[str, Any]:
    """The contact that an attempt is, as a row of events; the number stands sealed in the store."""
    number = number_of(work.channel, to)
    data = {"purpose": "collection", "by_whom": binds} | ({"number": number} if number else {})
    return {
        "event_id": contact_id(work.attempt_id), "account_id": work.account_id, "person_id": work.person_id, "at": now,
        "recorded_at": now, "kind": "contact", "channel": work.channel, "direction": "out", "outcome": "sent",
        "data": json.dumps(data, ensure_ascii=False, sort_keys=True),
    }  # fmt: skip


def _attempt(one: Composed, worker: str, now: datetime) -> dict[str, Any]:
    work = one.work
    return {
        "attempt_id": work.attempt_id, "key": work.key, "account_id": work.account_id, "person_id": work.person_id,
        "channel": work.channel, "worker": worker, "event_id": contact_id(work.attempt_id), "started_at": now, "looked_up": 0,
    }  # fmt: skip


def _write_contacts(connection: Connection, personal: Personal, rows: Sequence[Mapping[str, Any]]) -> None:
    """The contacts of new attempts, whose ids are new."""
    append_events(connection, schema.frame("events", [dict(row) for row in rows]), personal)


def _write_notices(connection: Connection, personal: Personal, leaving: Sequence[Composed]) -> None:
    """What is said in each message, so that it can be verified and shown again; the text under the person's key."""
    said = [{"text": one.message.words.text, "subject": one.message.words.subject} for one in leaving]
    sealed = personal.seal_many(connection, "notices", [one.work.person_id for one in leaving], said)
    insert_many(connection, Notice, [{**one.notice, "sealed": blob} for one, blob in zip(leaving, sealed, strict=True)])


def settle(
    connection: Connection, answers: Iterable[tuple[Claimed, str, datetime | None, Sequence[Why]]], now: datetime
) -> None:
    """Work that does not leave: (work, `hold` `wait` `expired` `park`, available_at, reasons), as far as its lease still holds."""
    rows: list[dict[str, Any]] = [
        {"k": work.key, "l": work.lease_by, "state": _STATE_OF[verdict], "available_at": at or work.not_before,
         "reason": to_json(reasons)}
        for work, verdict, at, reasons in answers
    ]  # fmt: skip
    if not rows:
        return
    connection.execute(
        update(Work)
        .where(Work.key == bindparam("k"), Work.lease_by == bindparam("l"), Work.state == "leased")
        .values(
            state=bindparam("state"), available_at=bindparam("available_at"), reason=bindparam("reason"), lease_by=None,
            lease_until=None, changed_at=now,
        ),
        rows,
    )  # fmt: skip
    queue_parked(connection, [row["k"] for row in rows if row["state"] == "parked"], now)


def of_asked(asked: Asked) -> tuple[Claimed, str, datetime | None, Sequence[Why]]:
    """An answer other than `send`, as `settle` takes it."""
    return asked.work, asked.verdict, asked.available_at, asked.reasons
