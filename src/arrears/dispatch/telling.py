"""An outcome is told: the contact fact, what follows from it, the attempt's answer and the outbox, in one transaction.

The same outcome told again changes nothing. Another outcome for the same attempt is refused: what is recorded stays, a correction is
another fact.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from arrears.dispatch.carried import LAPSED, Office, to_of
from arrears.dispatch.channel import CARRIED_BY_PEOPLE
from arrears.dispatch.outcomes import Code, Made, Told, code_of, facts_of, kind_of, read_details
from arrears.dispatch.reasons import Why, to_json
from arrears.errors import Refusal, refuse
from arrears.store.facts import record_event
from arrears.store.tables import Account, Attempt, Queued, Work

#: Clocks of phones and diallers may be wrong by so much.
SLACK = timedelta(minutes=5)


@dataclass(frozen=True)
class Recorded:
    """What became of an outcome: `new` facts (0: it was known), the account, and how the contact broke its window (empty: it did not).

    breach: `outside_window` (outside the lawful hours it was taken for), `after_validity` (after the file or sheet was no longer valid).
    """

    key: str
    account_id: str
    code: str
    new: int
    breach: tuple[str, ...] = ()


def tell(office: Office, told: Told, now: datetime, mapping: Mapping[str, str] | None = None) -> Recorded:
    """Record one outcome. Refusal if there is no such attempt, it was told differently before, or what was told cannot be."""
    with office.store.read() as connection:
        found = _attempt(connection, told.key)
    with office.store.hold([found.account_id]), office.store.begin() as connection:
        return _tell(connection, office, _attempt(connection, told.key), told, now, mapping)


def _tell(
    connection: Connection, office: Office, attempt: Row[Any], told: Told, now: datetime, mapping: Mapping[str, str] | None
) -> Recorded:  # fmt: skip
    code = code_of(kind_of(attempt.channel), told.code, mapping)
    told = replace(told, code=code.id)
    _in_time(attempt, told, now)
    lapsed = (attempt.detail or "").startswith(LAPSED)
    if attempt.answer is not None and not lapsed:
        return _known(attempt, code)
    made = made_of(connection, office, attempt)
    if code.outcome is None and lapsed:
        raise refuse(
            "outcome",
            "comes too late: nothing was told in time, so it is counted as an attempt",
            field="code",
            value=code.id,
        )
    if lapsed:
        made = replace(made, event_id=f"{attempt.event_id}-told")
    rows = facts_of(told, made, now, contact=not lapsed or code.strong)
    new = sum(record_event(connection, row, office.personal) for row in rows)
    _answer(connection, attempt, code, told, now)
    if code.queue:
        _enqueue(connection, office, attempt, code, told, made.currency, now)
    return Recorded(told.key, attempt.account_id, code.id, new, _breach(attempt, told, code))


def _attempt(connection: Connection, key: str) -> Row[Any]:
    wanted = (
        select(Attempt, Work.not_before, Work.not_after, Work.lease_until, Work.stage)
        .join(Work, Work.key == Attempt.key)
        .where(Attempt.attempt_id == key, Attempt.channel.in_(CARRIED_BY_PEOPLE))
    )
    columns = [*Attempt.__table__.columns, Work.not_before, Work.not_after, Work.lease_until]
    row = connection.execute(wanted.with_only_columns(*columns)).one_or_none()
    if row is None:
        raise refuse("outcome", "names no call or visit that was taken", field="key", value=key[:40])
    return row


def made_of(connection: Connection, office: Office, attempt: Row[Any]) -> Made:
    """What the facts of an attempt are about."""
    currency = connection.execute(select(Account.currency).where(Account.account_id == attempt.account_id)).scalar_one()
    to = to_of(connection, office, attempt.account_id, attempt.person_id, attempt.channel, attempt.detail)
    return Made(
        attempt.event_id,
        attempt.account_id,
        attempt.person_id,
        attempt.channel,
        currency,
        to,
        office.rules.asking.binds,
    )


def _in_time(attempt: Row[Any], told: Told, now: datetime) -> None:
    """An outcome is of something that has happened, and not from before the work was taken."""
    if told.at > now + SLACK:
        raise refuse("outcome", "lies in the future", field="at", value=told.at.isoformat())
    # a visit may be earlier than planned, never on an earlier day
    earliest = attempt.started_at - (timedelta(days=1) if attempt.channel == "visit" else SLACK)
    if told.at < earliest:
        raise refuse("outcome", "lies before the work was taken", field="at", value=told.at.isoformat())


def _known(attempt: Row[Any], code: Code) -> Recorded:
    before = (attempt.detail or "").split(" ")[0]
    if before != code.id:
        raise refuse("outcome", f"was told before as {before}", field="code", value=code.id,
                     todo="what is recorded stays: record a correction as another fact")  # fmt: skip
    return Recorded(attempt.attempt_id, attempt.account_id, code.id, 0)


def _answer(connection: Connection, attempt: Row[Any], code: Code, told: Told, now: datetime) -> None:
    """The attempt is answered; the work is done, or free again where nothing was made."""
    seconds = f" {told.duration_s}s" if told.duration_s is not None else ""
    made = code.outcome is not None
    connection.execute(
        update(Attempt)
        .where(Attempt.attempt_id == attempt.attempt_id)
        .values(answer="accepted" if made else "refused", answered_at=now, detail=f"{code.id}{seconds}")
    )
    again = not made and attempt.not_after > now
    values: dict[str, Any] = {
        "state": "sent" if made else "ready" if again else "expired",
        "lease_by": None,
        "changed_at": now,
    }
    if not made:
        values |= {"lease_until": None, "reason": None if again else to_json([Why("window_over")])}
    connection.execute(update(Work).where(Work.key == attempt.key).values(**values))


def _enqueue(
    connection: Connection, office: Office, attempt: Row[Any], code: Code, told: Told, currency: str, now: datetime
) -> None:  # fmt: skip
    """What a person has to see to, once."""
    details = read_details(code, told.details, currency, told.at.date())
    note = {"text": details.pop("note")} if "note" in details else {}
    key = f"outcome:{attempt.attempt_id}"
    if connection.execute(select(Queued.number).where(Queued.key == key)).first() is None:
        content = {"channel": attempt.channel, "code": code.id, "at": told.at.isoformat(), **details}
        sealed = office.personal.seal(connection, "queue", attempt.person_id, note) if note else None
        connection.execute(
            insert(Queued).values(
                queue="inbound", key=key, account_id=attempt.account_id, person_id=attempt.person_id, sort=code.queue,
                content=json.dumps(content, ensure_ascii=False), sealed=sealed, queued_at=now,
            )
        )  # fmt: skip


def _breach(attempt: Row[Any], told: Told, code: Code) -> tuple[str, ...]:
    if code.outcome is None:
        return ()
    found = [] if attempt.not_before <= told.at < attempt.not_after else ["outside_window"]
    if attempt.lease_until is not None and told.at > attempt.lease_until:
        found.append("after_validity")
    return tuple(found)


def record_lapse(connection: Connection, office: Office, attempt_id: str, now: datetime) -> int:
    """Nothing was told in time: a contact without an answer, at the moment it was to begin. 1, or 0 if it was told meanwhile."""
    attempt = _attempt(connection, attempt_id)
    if attempt.answer is not None:
        return 0
    made = made_of(connection, office, attempt)
    at = min(attempt.started_at, now)
    data = {"reason": "not_told", **({"number": made.to} if made.to and made.channel != "visit" else {})}
    row = {
        "event_id": made.event_id, "account_id": made.account_id, "person_id": made.person_id, "at": at, "recorded_at": now,
        "kind": "contact", "channel": made.channel, "direction": "out",
        "outcome": "absent" if made.channel == "visit" else "no_answer", "data": data,
    }  # fmt: skip
    record_event(connection, row, office.personal)
    kept = (attempt.detail or "").removeprefix(LAPSED).strip()
    connection.execute(
        update(Attempt)
        .where(Attempt.attempt_id == attempt_id)
        .values(answer="accepted", answered_at=now, detail=f"{LAPSED} {kept}")
    )
    connection.execute(update(Work).where(Work.key == attempt.key).values(state="sent", lease_by=None, changed_at=now))
    return 1


def tell_all(
    office: Office, rows: Sequence[tuple[int, Told]], file: str, now: datetime, mapping: Mapping[str, str] | None = None
) -> tuple[list[Recorded], list[Refusal]]:  # fmt: skip
    """Record the outcomes of a file, each in a transaction of its own, with the line of each fault: (line, outcome) in order."""
    recorded, refused = [], []
    for line, told in rows:
        try:
            recorded.append(tell(office, told, now, mapping))
        except Refusal as error:
            refused.append(Refusal(*(replace(finding, file=file, line=line) for finding in error.findings)))
    return recorded, refused
