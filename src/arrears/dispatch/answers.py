"""What the provider said, recorded: on the attempt once, on the work as far as it is still ours, and as a fact where it is one.

An answer is taken once: the row of the attempt is open until then. So an answer that comes late and a look-up that found the same are one.
Sent again is only what the provider surely does not have (`later`): at most so often, and after a look-up at most once.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Update, or_, select, update

from arrears.dispatch.channel import Answer
from arrears.dispatch.claim import under
from arrears.dispatch.deliveries import Delivery, write_deliveries
from arrears.dispatch.fresh import NOT_TAKEN
from arrears.dispatch.pace import Backoff
from arrears.dispatch.parking import queue_parked
from arrears.dispatch.reasons import Why, to_json
from arrears.store.many import among, update_many
from arrears.store.personal import Personal
from arrears.store.tables import Attempt, Work

LOOKED_UP = "looked up"


@dataclass(frozen=True)
class Retry:
    """How often one piece of work is tried, and the waits between."""

    most: int = 5
    backoff: Backoff = field(default_factory=Backoff)


@dataclass(frozen=True)
class Tried:
    """One attempt of a piece of work. `number`: the how-many-th; `lease_by`: the lease it was made under, None once that is over."""

    attempt_id: str
    key: str
    account_id: str
    person_id: str
    channel: str
    event_id: str
    number: int
    not_after: datetime
    lease_by: str | None = None


@dataclass(frozen=True)
class Answered:
    """An attempt and what became of it. `draw`: from [0, 1), for the jitter of the next one."""

    attempt: Tried
    answer: Answer
    draw: float = 0.0
    by_look_up: bool = False


def record_answers(
    connection: Connection, personal: Personal, answered: Sequence[Answered], now: datetime, retry: Retry
) -> list[Answered]:  # fmt: skip
    """Record answers in the caller's transaction; gives those that were taken (the others had an answer already)."""
    taken = _still_open(connection, answered)
    if not taken:
        return []
    _note_on_attempts(connection, taken, now)
    for one in ("accepted", "refused", "unknown"):
        _settle(connection, [found for found in taken if found.answer.kind == one], one, now)
    _again(connection, [found for found in taken if found.answer.kind == "later"], now, retry)
    write_deliveries(connection, personal, _facts(taken, now), now)
    return taken


def _still_open(connection: Connection, answered: Sequence[Answered]) -> list[Answered]:
    """Those whose attempt has no answer yet, or one of unknown end."""
    wanted = select(Attempt.attempt_id).where(
        among(connection, Attempt.attempt_id, [one.attempt.attempt_id for one in answered]),
        or_(Attempt.answer.is_(None), Attempt.answer == "unknown"),
    )
    if connection.dialect.name == "postgresql":
        wanted = wanted.with_for_update()
    found = set(connection.execute(wanted).scalars())
    return [
        one for one in {one.attempt.attempt_id: one for one in answered}.values() if one.attempt.attempt_id in found
    ]


def _note_on_attempts(connection: Connection, taken: Sequence[Answered], now: datetime) -> None:
    rows = [
        {"attempt_id": one.attempt.attempt_id, "answer": one.answer.kind, "provider_ref": one.answer.provider_ref, "detail": _said(one)}
        for one in taken
    ]  # fmt: skip
    update_many(connection, Attempt, "attempt_id", rows, {"answered_at": now})


def _said(one: Answered) -> str | None:
    text = ": ".join(part for part in (LOOKED_UP if one.by_look_up else "", one.answer.detail[:200]) if part)
    return text or None


def _mine(found: Collection[Answered]) -> Any:
    """Work that still waits for just this attempt: leased by who made it, or of unknown end."""
    leases = {one.attempt.lease_by for one in found if one.attempt.lease_by is not None}
    return or_(under(leases), Work.state == "unknown") if leases else Work.state == "unknown"


def _settle(connection: Connection, found: Sequence[Answered], kind: str, now: datetime) -> None:
    """Work whose attempt ended with that answer."""
    if not found:
        return
    state = {"accepted": "sent", "refused": "held", "unknown": "unknown"}[kind]
    change: Update = update(Work).where(among(connection, Work.key, [one.attempt.key for one in found]), _mine(found))
    values = {"state": state, "lease_by": None, "lease_until": None, "changed_at": now}
    if kind != "refused":
        connection.execute(change.values(**values))
        return
    for detail in sorted({one.answer.detail for one in found}):
        keys = [one.attempt.key for one in found if one.answer.detail == detail]
        reason = to_json([Why("refused_by_provider", note=detail[:100])])
        connection.execute(
            update(Work).where(Work.key.in_(keys), _mine(found)).values(**values, reason=reason)
        )  # fmt: skip


def _again(connection: Connection, found: Sequence[Answered], now: datetime, retry: Retry) -> None:
    """What the provider surely does not have: ready again after a wait, parked after too many tries, or its window is over."""
    looked = _looked_up_before(connection, [one.attempt.key for one in found if one.by_look_up])
    for one in found:
        at = now + timedelta(
            seconds=max(one.answer.retry_after or 0.0, retry.backoff.seconds(one.attempt.number, one.draw))
        )
        values: dict[str, Any] = {"lease_by": None, "lease_until": None, "changed_at": now}
        if one.attempt.number >= retry.most or looked.get(one.attempt.key, 0) > 1:
            values |= {"state": "parked", "reason": to_json([Why("too_many_attempts", note=one.answer.detail[:100])])}
        elif at >= one.attempt.not_after:
            values |= {"state": "expired", "reason": to_json([Why("window_over")])}
        else:
            values |= {"state": "ready", "available_at": at}
        connection.execute(update(Work).where(Work.key == one.attempt.key, _mine([one])).values(**values))
        if values["state"] == "parked":
            queue_parked(connection, [one.attempt.key], now)


def _looked_up_before(connection: Connection, keys: Sequence[str]) -> dict[str, int]:
    """How many attempts of each work were found not taken by a look-up, this one included."""
    counts: dict[str, int] = {}
    if keys:
        wanted = select(Attempt.key).where(
            Attempt.key.in_(keys), Attempt.answer == "later", Attempt.detail.startswith(LOOKED_UP)
        )
        for key in connection.execute(wanted).scalars():
            counts[key] = counts.get(key, 0) + 1
    return counts


def _facts(taken: Sequence[Answered], now: datetime) -> list[Delivery]:
    """Refused is a failed delivery; what was not taken never was a contact, and a fact says so."""
    reason = {"refused": "refused", "later": NOT_TAKEN}
    return [
        Delivery(one.attempt.attempt_id, one.attempt.account_id, one.attempt.person_id, one.attempt.channel, one.attempt.event_id, "failed", now, reason[one.answer.kind])
        for one in taken
        if one.answer.kind in reason
    ]  # fmt: skip
