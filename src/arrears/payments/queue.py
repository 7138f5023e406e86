"""Payments that name no account, or more than one: a person finds where they belong, or says that they do not.

What the payer wrote and who it was stand sealed under a key of the entry alone, so that it can be destroyed when the entry is done with.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, insert, select, update

from arrears.errors import refuse
from arrears.payments.entries import Entry
from arrears.payments.match import Match, Unmatched
from arrears.store.connect import Store
from arrears.store.facts import record_event
from arrears.store.personal import Personal
from arrears.store.tables import Queued

QUEUE = "unmatched"


@dataclass(frozen=True)
class Waiting:
    """An entry in the queue. `references` and `payer` are None where they were erased."""

    number: int
    entry: Entry
    why: str
    named: tuple[str, ...]
    queued_at: datetime


def _subject(entry_id: str) -> str:
    return f"payment:{entry_id}"


def queued_keys(connection: Connection, entry_ids: Sequence[str]) -> set[str]:
    """Which of the entries were queued before, done with or not."""
    found: set[str] = set()
    for start in range(0, len(entry_ids), 5_000):
        keys = [f"{QUEUE}:{entry_id}" for entry_id in entry_ids[start : start + 5_000]]
        found |= set(connection.execute(select(Queued.key).where(Queued.key.in_(keys))).scalars())
    return {key.removeprefix(f"{QUEUE}:") for key in found}


def queue_entry(connection: Connection, personal: Personal, hit: Unmatched, now: datetime) -> None:
    """Put an entry into the queue."""
    entry = hit.entry
    content = {
        "entry_id": entry.entry_id, "kind": entry.kind, "amount": entry.amount, "currency": entry.currency,
        "on": entry.on.isoformat(), "at": entry.at.isoformat() if entry.at else None, "reverses": entry.reverses,
        "named": list(hit.named),
    }  # fmt: skip
    said = {"references": list(entry.references), "payer": entry.payer}
    connection.execute(
        insert(Queued).values(
            queue=QUEUE, key=f"{QUEUE}:{entry.entry_id}", sort=hit.why, content=json.dumps(content), queued_at=now,
            account_id=hit.named[0] if len(hit.named) == 1 else None,
            sealed=personal.seal(connection, "queue", _subject(entry.entry_id), said),
        )
    )  # fmt: skip


def waiting(store: Store, personal: Personal) -> list[Waiting]:
    """What waits, the oldest first."""
    with store.read() as connection:
        rows = connection.execute(
            select(Queued).where(Queued.queue == QUEUE, Queued.done_at.is_(None)).order_by(Queued.number)
        ).all()
        return [_waiting(connection, personal, row) for row in rows]


def _waiting(connection: Connection, personal: Personal, row: Any) -> Waiting:
    content = json.loads(row.content)
    said = personal.unseal(connection, "queue", _subject(content["entry_id"]), row.sealed) or {}
    entry = Entry(
        content["entry_id"], content["kind"], content["amount"], content["currency"], date.fromisoformat(content["on"]),
        datetime.fromisoformat(content["at"]) if content["at"] else None, tuple(said.get("references") or ()),
        said.get("payer"), content["reverses"],
    )  # fmt: skip
    return Waiting(row.number, entry, row.sort, tuple(content["named"]), row.queued_at)


def match_by_hand(store: Store, personal: Personal, number: int, account_id: str, by: str, now: datetime) -> None:
    """A person says which account entry `number` is for: it becomes a payment of that account, on its own day.

    Refusal if there is no such entry or account, it is done with, its currency is another, or it is the reversal of a payment
    that is not known: that payment has to come in first.
    """
    from arrears.payments.take_in import payment_row, targets_of

    with store.hold([account_id]), store.begin() as connection:
        found = _open(connection, personal, number)
        target = targets_of(connection, {account_id}).get(account_id)
        if target is None:
            raise refuse("unknown_account", "is not in the store", account=account_id, exit_code=2)
        if target.currency != found.entry.currency:
            what = f"is in {target.currency}, the payment is in {found.entry.currency}"
            raise refuse("payments", what, account=account_id, field="currency")
        if found.entry.kind != "payment":
            raise refuse("payments", "is a reversal: let the payment that it takes back come in, or set it aside",
                         field="number", value=str(number))  # fmt: skip
        record_event(connection, payment_row(Match(found.entry, account_id), target.zone, now), personal)
        _done(connection, number, by, f"account {account_id}", now)


def set_aside(store: Store, number: int, by: str, why: str, now: datetime) -> None:
    """A person says that entry `number` belongs to no account here (sent back, paid by mistake …); it stays in the queue, done with."""
    with store.begin() as connection:
        _open(connection, None, number)
        _done(connection, number, by, why, now)


def _open(connection: Connection, personal: Personal | None, number: int) -> Waiting:
    row = connection.execute(select(Queued).where(Queued.number == number, Queued.queue == QUEUE)).first()
    if row is None:
        raise refuse("payments", "is no entry of the queue", field="number", value=str(number), exit_code=2)
    if row.done_at is not None:
        raise refuse("payments", f"was done with already: {row.done_how}", field="number", value=str(number))
    if personal is None:
        return Waiting(row.number, Entry("", "payment", 0, "", date.min, None, ()), row.sort, (), row.queued_at)
    return _waiting(connection, personal, row)


def _done(connection: Connection, number: int, by: str, how: str, now: datetime) -> None:
    connection.execute(update(Queued).where(Queued.number == number).values(done_at=now, done_by=by, done_how=how))
