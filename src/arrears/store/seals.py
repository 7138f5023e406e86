"""Seals: a chain of hashes over everything that was recorded, so that any later change of it is found.

A seal covers, of each table of the log (`store.canon`), the rows recorded since the seal before. Its chain value is SHA-256 over the
chain value before and all it says itself; a signature, if the installation signs, is made over the chain value.

What a chain alone cannot show is that its end was cut off. For that, the newest chain value (the *head*) is kept outside the database
too: `arrears seal` appends it to a file of heads and prints it; whoever holds a head can have the log checked against it.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, select
from sqlalchemy.exc import DBAPIError, IntegrityError

from arrears.errors import Refusal, refuse
from arrears.store import canon
from arrears.store.connect import Store
from arrears.store.heads import Head
from arrears.store.tables import Seal

#: Seconds to wait for writers that are in the middle of a transaction.
SETTLE_SECONDS = 60
#: How long one try may hold back writers: less than the second after which PostgreSQL breaks a ring of waits.
LOCK_MILLISECONDS = 500

#: Signs bytes and gives the signature as text.
Sign = Callable[[bytes], str]
#: Whether a signature over bytes holds; None: it cannot prove anything any more (its key was stolen).
Check = Callable[[bytes, str], bool | None]


@dataclass(frozen=True)
class Verified:
    """What `verify_log` found. `fault` is None if every seal holds: `seals` of them, over `rows` rows; `unsealed` came in since.

    `signed` counts the seals whose signature was checked. `head` is the newest seal that holds.
    """

    seals: int
    rows: int
    unsealed: int
    signed: int
    head: Head | None
    fault: str | None
    seal: int | None = None  # number of the first seal that does not hold
    table: str | None = None  # and which rows of which table
    after: int | None = None
    upto: int | None = None


def seal(store: Store, now: datetime, sign: Sign | None = None) -> Head | None:
    """Seal what was recorded since the last seal; `now` is an instant in UTC. None if nothing was.

    Refusal if writers do not come to an end for `SETTLE_SECONDS`, or another process sealed at the same time.
    """
    upto = settled_bounds(store)
    with store.read() as connection:
        last = connection.execute(select(Seal.__table__).order_by(Seal.number.desc()).limit(1)).one_or_none()
        before = json.loads(last.upto) if last is not None else {}
        if all(upto[table] <= before.get(table, 0) for table in upto):
            return None
        digests = {table: canon.covered(connection, table, before.get(table, 0), upto[table]) for table in upto}
    row = _link(last, now, upto, digests)
    row["signature"] = sign(signed_bytes(row["chain"])) if sign is not None else None
    try:
        with store.begin() as connection:
            connection.execute(insert(Seal), [row])
    except IntegrityError:
        raise refuse("seals", "was sealed by another process just now", file=store.name) from None
    return Head(row["number"], row["chain"])


def settled_bounds(store: Store) -> dict[str, int]:
    """The highest `seq` of each table below which no row can come in any more.

    A row takes its `seq` before its transaction commits, so a lower one may still be on its way. On PostgreSQL the tables are locked
    (SHARE) for the moment of looking: that waits for every transaction that has written, and lets none begin to write. SQLite has one
    writer at a time, and holding the right to write is enough.
    """
    until = time.monotonic() + SETTLE_SECONDS
    while True:
        with store.begin() as connection:
            if store.dialect == "sqlite" or _settled(connection):
                return canon.bounds(connection)
        if time.monotonic() > until:
            raise refuse("seals", "has a writer that has not come to an end", file=store.name,
                         todo="try again when the import is over")  # fmt: skip


def _settled(connection: Connection) -> bool:
    """Whether the locks were had. The wait is short, so that writers behind it wait little and no ring of waits is ever broken by force."""
    try:
        with connection.begin_nested():
            connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{LOCK_MILLISECONDS}ms'")
            connection.exec_driver_sql(f"LOCK TABLE {', '.join(canon.COLUMNS)} IN SHARE MODE")
    except DBAPIError as error:
        if getattr(error.orig, "sqlstate", None) != "55P03":
            raise
        return False
    return True


def verify_log(store: Store, heads: Sequence[Head] = (), check: Check | None = None) -> Verified:
    """Recompute every seal from the rows themselves, in one snapshot. `heads` are chain values known from outside the database."""
    with store.read() as connection:
        seals = connection.execute(select(Seal.__table__).order_by(Seal.number)).all()
        result = Verified(0, 0, 0, 0, None, None)
        before: Row[Any] | None = None
        for row in seals:
            holds = check(signed_bytes(row.chain), row.signature) if check is not None and row.signature else None
            found = _fault(connection, before, row, heads, holds)
            if found is not None:
                return _broken(result, row.number, **found)
            signed = result.signed + int(holds is True)
            result = Verified(result.seals + 1, result.rows + row.rows, 0, signed, Head(row.number, row.chain), None)
            before = row
        missing = [head.number for head in heads if head.number > result.seals]
        if missing:
            return _broken(
                result, min(missing), "is known from outside, but is not in the store: the end of the log was cut off"
            )
        return _with_unsealed(connection, result, before)


def head_of(connection: Connection) -> Head | None:
    """The newest seal; None where there is none. Nothing is checked."""
    row = connection.execute(select(Seal.number, Seal.chain).order_by(Seal.number.desc()).limit(1)).one_or_none()
    return None if row is None else Head(row.number, row.chain)


def heads_after(store: Store, number: int) -> list[Head]:
    """The heads of all seals after that one, in order. Nothing is checked."""
    with store.read() as connection:
        rows = connection.execute(select(Seal.number, Seal.chain).where(Seal.number > number).order_by(Seal.number))
        return [Head(row.number, row.chain) for row in rows]


def signed_bytes(chain: str) -> bytes:
    """What a signature of a seal is made over."""
    return f"arrears seal {canon.FORM}\n{chain}\n".encode()


def chain_value(row: dict[str, Any]) -> str:
    """SHA-256 in hex over the seal before and all that a seal says: JSON with sorted keys, without spaces, in UTF-8."""
    said = {name: row[name] for name in ("number", "upto", "rows", "digest", "previous")}
    said["sealed_at"] = row["sealed_at"].astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    return hashlib.sha256(_json(said).encode()).hexdigest()


def _link(
    last: Row[Any] | None, now: datetime, upto: dict[str, int], digests: dict[str, canon.Covered]
) -> dict[str, Any]:
    """The row of the next seal, without its signature."""
    row: dict[str, Any] = {
        "number": 1 if last is None else last.number + 1,
        "sealed_at": now,
        "upto": _json(upto),
        "rows": sum(part.rows for part in digests.values()),
        "digest": _json({"form": canon.FORM, **{table: list(part) for table, part in digests.items()}}),
        "previous": "" if last is None else last.chain,
    }
    return {**row, "chain": chain_value(row)}


def _fault(
    connection: Connection, before: Row[Any] | None, row: Row[Any], heads: Sequence[Head], signed: bool | None
) -> dict[str, Any] | None:
    """Why a seal does not hold: `why` and, if rows do not agree, `table`, `after`, `upto`. None if it holds."""
    if row.number != (1 if before is None else before.number + 1):
        return {"why": "does not follow the seal before: a seal was taken out or put in"}
    if row.previous != ("" if before is None else before.chain):
        return {"why": "does not continue the chain of the seal before"}
    if chain_value(row._asdict()) != row.chain:
        return {"why": "says something else than when it was made"}
    if any(head.number == row.number and head.chain != row.chain for head in heads):
        return {"why": "is not the one that is known from outside: the log was written anew"}
    if signed is False:
        return {"why": "has a signature that is not of this installation's keys"}
    try:
        return _rows_fault(connection, {} if before is None else json.loads(before.upto), row)
    except (ValueError, KeyError, TypeError, AttributeError):
        return {"why": "cannot be read"}


def _rows_fault(connection: Connection, before: dict[str, int], row: Row[Any]) -> dict[str, Any] | None:
    digest, upto = json.loads(row.digest), json.loads(row.upto)
    if digest.get("form") != canon.FORM:
        return {"why": f"is of form {digest.get('form')}, which this arrears does not read"}
    if set(upto) != set(canon.COLUMNS) or any(upto[table] < before.get(table, 0) for table in upto):
        return {"why": "does not cover all tables of the log"}
    for table, last in upto.items():
        after = before.get(table, 0)
        try:
            found = canon.covered(connection, table, after, last)
        except Refusal as refusal:
            return {"why": refusal.findings[0].what, "table": table, "after": after, "upto": last}
        if list(found) != digest[table]:
            what = (
                "were changed"
                if found.rows == digest[table][0]
                else f"are {found.rows}, sealed were {digest[table][0]}"
            )
            return {
                "why": f"does not agree with its rows, which {what}",
                "table": table,
                "after": after,
                "upto": last,
            }
    return None


def _broken(result: Verified, number: int, why: str, **where: Any) -> Verified:
    return Verified(result.seals, result.rows, 0, result.signed, result.head, why, number, **where)


def _with_unsealed(connection: Connection, result: Verified, last: Row[Any] | None) -> Verified:
    before = {} if last is None else json.loads(last.upto)
    rows = sum(canon.count(connection, table, before.get(table, 0)) for table in canon.COLUMNS)
    return Verified(result.seals, result.rows, rows, result.signed, result.head, None)


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
