"""Payments into the store: matched ones become facts, the others wait in a queue; the same booking again changes nothing.

All files of one call go in together or not at all. Accounts are held around the commit, so that no message which was asked about before
leaves after a payment was acknowledged.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, insert, select

from arrears.calendar import BUSINESS_ZONES
from arrears.errors import Refusal, refuse
from arrears.payments.entries import Entry, Statement
from arrears.payments.match import Match, Unmatched, candidates, match
from arrears.payments.queue import queue_entry, queued_keys
from arrears.store.connect import Store
from arrears.store.facts import record_event, record_events
from arrears.store.personal import Personal
from arrears.store.tables import Account, Event, Import

MANY = 5_000  # values in one condition


@dataclass(frozen=True)
class Target:
    """What of an account decides whether a payment fits it."""

    currency: str
    zone: str
    opened_on: Any


@dataclass(frozen=True)
class TakenIn:
    """What became of the entries: `payments` and `reversals` are new facts, `known` were there, `waiting` are new in the queue."""

    payments: int
    reversals: int
    known: int
    waiting: Mapping[str, int]
    not_ours: int
    pending: int


def take_in(
    store: Store, personal: Personal, statements: Sequence[Statement], now: datetime, pattern: re.Pattern[str] | None = None
) -> TakenIn:  # fmt: skip
    """Let statements in. `now` (UTC) is when they become known; `pattern`: the lender's own form of a reference (group `account`).

    Refusal with every fault if a statement has any, or if a booking is known with another amount: then nothing is let in.
    """
    faults = [fault for statement in statements for fault in statement.faults]
    if faults:
        raise Refusal(*faults)
    entries = _once(entry for statement in statements for entry in statement.entries)
    with store.read() as connection:
        targets = targets_of(connection, {name for entry in entries for name in candidates(entry.references, pattern)})
    found = [(entry, match(entry, _currencies(targets), (), pattern)) for entry in entries if entry.kind != "reversal"]
    found = [(entry, _fits(hit, targets)) for entry, hit in found]
    taken_back = [entry for entry in entries if entry.kind == "reversal"]
    with store.read() as connection:
        held = {hit.account_id for _, hit in found if isinstance(hit, Match)} | _accounts_of(connection, taken_back)
    with store.hold(held), store.begin() as connection:
        return _write(connection, personal, statements, found, taken_back, targets, now)


def _once(entries: Iterable[Entry]) -> list[Entry]:
    """Each booking once: a notification and the statement after it may both stand here."""
    return list({entry.entry_id: entry for entry in entries}.values())


def _currencies(targets: Mapping[str, Target]) -> dict[str, str]:
    return {name: target.currency for name, target in targets.items()}


def _fits(hit: Match | Unmatched, targets: Mapping[str, Target]) -> Match | Unmatched:
    """A payment from before the loan was opened waits for a person."""
    if isinstance(hit, Match) and hit.entry.on < targets[hit.account_id].opened_on:
        return Unmatched(hit.entry, "before_the_loan", (hit.account_id,))
    return hit


def targets_of(connection: Connection, names: set[str]) -> dict[str, Target]:
    """The accounts among `names`, by id."""
    wanted = sorted(names)
    found = {}
    for start in range(0, len(wanted), MANY):
        rows = connection.execute(
            select(Account.account_id, Account.currency, Account.time_zone, Account.law, Account.opened_on)
            .where(Account.account_id.in_(wanted[start : start + MANY]))
        )  # fmt: skip
        found.update({row[0]: Target(row[1], row[2] or BUSINESS_ZONES[row[3]], row[4]) for row in rows})
    return found


def _accounts_of(connection: Connection, reversals: Sequence[Entry]) -> set[str]:
    return {account for account, _ in _payments(connection, [entry.reverses for entry in reversals if entry.reverses])}


def _payments(connection: Connection, event_ids: Sequence[str]) -> set[tuple[str, str]]:
    """Account and id of the payments with these ids."""
    if not event_ids:
        return set()
    rows = connection.execute(
        select(Event.account_id, Event.event_id).where(Event.event_id.in_(event_ids), Event.kind == "payment")
    )
    return {(row[0], row[1]) for row in rows}


def _write(
    connection: Connection, personal: Personal, statements: Sequence[Statement], found: Sequence[tuple[Entry, Match | Unmatched]],
    taken_back: Sequence[Entry], targets: Mapping[str, Target], now: datetime,
) -> TakenIn:  # fmt: skip
    matches = [hit for _, hit in found if isinstance(hit, Match)]
    new = _new(connection, matches)
    zones = {name: target.zone for name, target in targets.items()}
    record_events(connection, [payment_row(hit, zones[hit.account_id], now) for hit in new], personal)
    reversals, lost = _reverse(connection, personal, taken_back, now)
    unmatched = [hit for _, hit in found if isinstance(hit, Unmatched) and hit.why != "not_ours"] + lost
    known = queued_keys(connection, [hit.entry.entry_id for hit in unmatched])
    waiting: dict[str, int] = {}
    for hit in unmatched:
        if hit.entry.entry_id not in known:
            queue_entry(connection, personal, hit, now)
            waiting[hit.why] = waiting.get(hit.why, 0) + 1
    _note(connection, statements, now)
    return TakenIn(
        len(new), reversals, len(matches) - len(new) + len(known) + len(taken_back) - reversals - len(lost), waiting,
        sum(entry.kind == "other" for entry, _ in found), sum(statement.pending for statement in statements),
    )  # fmt: skip


def _new(connection: Connection, matches: Sequence[Match]) -> list[Match]:
    """Payments that the store does not have. Refusal if it has one with another amount."""
    there = {}
    for start in range(0, len(matches), MANY):
        part = matches[start : start + MANY]
        rows = connection.execute(
            select(Event.account_id, Event.event_id, Event.amount).where(
                Event.account_id.in_({hit.account_id for hit in part}),
                Event.event_id.in_([hit.entry.entry_id for hit in part]),
            )
        )
        there.update({(row[0], row[1]): row[2] for row in rows})
    for hit in matches:
        amount = there.get((hit.account_id, hit.entry.entry_id))
        if amount is not None and amount != hit.entry.amount:
            raise refuse("payments", "is known with another amount", line=hit.entry.line, account=hit.account_id,
                         field="amount", todo="a correction is a reversal and a new payment")  # fmt: skip
    return [hit for hit in matches if (hit.account_id, hit.entry.entry_id) not in there]


def payment_row(hit: Match, zone: str, now: datetime) -> dict[str, Any]:
    """The fact of a payment: a day without a time of day is noon in the account's business zone, as in tapes."""
    entry = hit.entry
    at = entry.at or datetime.combine(entry.on, time(12), ZoneInfo(zone))
    return {
        "event_id": entry.entry_id, "account_id": hit.account_id, "at": at, "recorded_at": now, "kind": "payment",
        "amount": entry.amount,
    }  # fmt: skip


def _reverse(
    connection: Connection, personal: Personal, entries: Sequence[Entry], now: datetime
) -> tuple[int, list[Unmatched]]:
    """Reversals whose payment is known become facts; gives how many are new, and the others."""
    payments = _payments(connection, [entry.reverses for entry in entries if entry.reverses])
    new, lost = 0, []
    for entry in entries:
        hit = match(entry, {}, [payment for payment in payments if payment[1] == entry.reverses])
        if isinstance(hit, Unmatched):
            lost.append(hit)
        elif not _there(connection, hit):
            record_event(connection, _reversal_row(connection, hit, now), personal)
            new += 1
    return new, lost


def _there(connection: Connection, hit: Match) -> bool:
    found = select(Event.seq).where(Event.account_id == hit.account_id, Event.event_id == hit.entry.entry_id)
    return connection.execute(found).first() is not None


def _reversal_row(connection: Connection, hit: Match, now: datetime) -> dict[str, Any]:
    zone = targets_of(connection, {hit.account_id})[hit.account_id].zone
    row = payment_row(hit, zone, now)
    paid_at = connection.execute(
        select(Event.at).where(Event.account_id == hit.account_id, Event.event_id == hit.ref)
    ).scalar_one()
    # a bank dates the way back by day, the payment may bear an instant of that same day
    return {**row, "kind": "payment_reversed", "ref": hit.ref, "at": max(row["at"], paid_at)}


def _note(connection: Connection, statements: Sequence[Statement], now: datetime) -> None:
    """What came in, once for each content."""
    there = set(
        connection.execute(select(Import.digest).where(Import.digest.in_([one.digest for one in statements]))).scalars()
    )
    for statement in {one.digest: one for one in statements}.values():
        if statement.digest not in there:
            note = json.dumps({"payments": len(statement.entries)})
            connection.execute(insert(Import).values(digest=statement.digest, note=note, recorded_at=now))
