"""Receipts: which attempt each is about, whatever form the provider gives its id, and the fact that follows, once an outcome.

A receipt is a hint: it tells of a delivery, and that an attempt of unknown end did reach the provider. It never lets anything be sent.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, bindparam, or_, select, update

from arrears.dispatch.channel import Returned
from arrears.dispatch.deliveries import Delivery, write_deliveries
from arrears.dispatch.provider_refs import forms
from arrears.store.personal import Personal
from arrears.store.reach import who_has
from arrears.store.tables import Attempt, Work

#: An attempt as receipts need it, in the order of `_COLUMNS`.
Found = tuple[str, str, str, str, str, str, str | None]
_COLUMNS = (
    Attempt.attempt_id, Attempt.key, Attempt.account_id, Attempt.person_id, Attempt.channel, Attempt.event_id,
    Attempt.provider_ref,
)  # fmt: skip


def match(connection: Connection, personal: Personal, receipts: Sequence[Returned]) -> list[Found | None]:
    """The attempt of each receipt: by our own name of it, by the provider's id as it stands, else by another form that fits one only."""
    by_id = _by_attempt(connection, [one.attempt_id for one in receipts if one.attempt_id])
    by_ref = _by_exact_ref(connection, [(one.channel, one.provider_ref) for one in receipts if one.provider_ref])
    return [
        by_id.get(one.attempt_id or "")
        or by_ref.get((one.channel, one.provider_ref or ""))
        or (_by_other_form(connection, personal, one) if one.provider_ref else None)
        for one in receipts
    ]


def _by_attempt(connection: Connection, attempt_ids: Sequence[str | None]) -> dict[str, Found]:
    if not attempt_ids:
        return {}
    rows = connection.execute(select(*_COLUMNS).where(Attempt.attempt_id.in_(attempt_ids)))
    return {row[0]: row for row in rows}


def _by_exact_ref(connection: Connection, refs: Sequence[tuple[str, str | None]]) -> dict[tuple[str, str], Found]:
    """Attempts by channel and id; an id that stands for several is none."""
    found: dict[tuple[str, str], Found] = {}
    twice = set()
    for channel in {channel for channel, _ in refs}:
        named = [ref for own, ref in refs if own == channel]
        wanted = select(*_COLUMNS).where(Attempt.channel == channel, Attempt.provider_ref.in_(named))
        for row in connection.execute(wanted):
            key = (channel, row[6] or "")
            twice |= {key} if key in found else set()
            found[key] = row
    return {key: row for key, row in found.items() if key not in twice}


def _by_other_form(connection: Connection, personal: Personal, receipt: Returned) -> Found | None:
    """By another form of the id. Ids that count up are each other's other forms, so the number that we wrote to must fit as well."""
    wanted = select(*_COLUMNS).where(
        Attempt.channel == receipt.channel, Attempt.provider_ref.in_(forms(receipt.provider_ref or ""))
    )
    rows = list(connection.execute(wanted))
    if receipt.sender and rows:
        kind = "email" if receipt.channel == "email" else "phone"
        people = {found.person_id for found in who_has(connection, personal, kind, receipt.sender)}
        rows = [row for row in rows if row[3] in people] if people else rows
    return rows[0] if len(rows) == 1 else None


def record_receipts(
    connection: Connection, personal: Personal, matched: Sequence[tuple[Returned, Found]], now: datetime
) -> int:  # fmt: skip
    """Deliveries of receipts in the caller's transaction, whose accounts are held; gives how many are new."""
    final = [(one, row) for one, row in matched if one.outcome is not None]
    if not final:
        return 0
    facts = [
        Delivery(row[0], row[2], row[3], row[4], row[5], str(one.outcome), one.at, one.detail[:60])
        for one, row in final
    ]
    connection.execute(
        update(Attempt).where(Attempt.attempt_id == bindparam("id")).values(delivered=bindparam("outcome")),
        [{"id": row[0], "outcome": one.outcome} for one, row in final],
    )
    _settle_unknown(connection, final, now)
    return write_deliveries(connection, personal, facts, now)


def _settle_unknown(connection: Connection, final: Sequence[tuple[Returned, Found]], now: datetime) -> None:
    """The provider tells what became of it, so it had it."""
    attempts = [row[0] for _, row in final]
    open_ = or_(Attempt.answer.is_(None), Attempt.answer == "unknown")
    there = Attempt.attempt_id.in_(attempts) & open_
    unknown = select(Attempt.key).where(there)
    keys = set(
        connection.execute(
            update(Work)
            .where(Work.key.in_(unknown), Work.state == "unknown")
            .values(state="sent", changed_at=now)
            .returning(Work.key)
        ).scalars()
    )
    if keys:
        values = {"answer": "accepted", "answered_at": now, "detail": "by its receipt"}
        connection.execute(update(Attempt).where(there, Attempt.key.in_(keys)).values(**values))
