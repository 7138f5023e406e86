"""Erasing a person: the person's key is destroyed, and with it everything sealed under it, wherever it stands.

Gone: the wrapped key, the ways to find the person (`reach`), and so what is readable of names, numbers, addresses and texts in people,
events, notices, queue and pages. Not gone: the facts themselves. Amounts, dates and the chain of the log stay as they are, because
the sealed bytes stay; the position is the same to the cent. A fact of kind `override` says of every account that it was done.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
from sqlalchemy import Connection, delete, insert, select
from sqlalchemy.dialects import postgresql, sqlite

from arrears.errors import refuse
from arrears.facts.parts import part_of
from arrears.store.connect import Store
from arrears.store.failures import failing
from arrears.store.news import note_news
from arrears.store.private import subject
from arrears.store.tables import SLOTS, Event, Person, PersonKey, Reach

#: Where an installation lists whom it erased, unless its file says otherwise (`log: {erasures: PATH}`).
DEFAULT_FILE = "erasures.jsonl"


@dataclass(frozen=True)
class Erasure:
    """One person who was erased. `why` is kept in the log for good: a reference or a legal ground, nothing personal."""

    person_id: str
    at: datetime
    why: str


@dataclass(frozen=True)
class Erased:
    """What an erasure did: on which accounts the person stands, and whether there was anything left to destroy."""

    accounts: tuple[str, ...]
    destroyed: bool


def erase(store: Store, erasure: Erasure) -> Erased:
    """Erase a person for good. Refusal if nobody of that id is in the store. Done again, it changes nothing."""
    with store.read() as connection:
        accounts = _accounts_of(connection, erasure.person_id)
        if not accounts and not _has_key(connection, erasure.person_id):
            raise refuse("erase", "is nobody in the store", field=erasure.person_id, exit_code=2)
    with store.hold(accounts), store.begin() as connection:
        if store.dialect == "sqlite":
            connection.exec_driver_sql("PRAGMA secure_delete = ON")  # old bytes are overwritten in the file
        destroyed = _destroy(connection, erasure, accounts)
        if destroyed and accounts:
            told = [_fact(erasure, account_id) for account_id in accounts]
            connection.execute(insert(Event), told)
            note_news(connection, pl.DataFrame(told))
    if destroyed:
        _sweep(store)
    return Erased(accounts, destroyed)


def erase_again(store: Store, erasures: Iterable[Erasure]) -> int:
    """Erase, in a store that was restored, whoever was erased after its backup was made; how many were. The unknown are passed over."""
    count = 0
    for erasure in erasures:
        with store.read() as connection:
            known = bool(_accounts_of(connection, erasure.person_id)) or _has_key(connection, erasure.person_id)
        count += int(known and erase(store, erasure).destroyed)
    return count


def note_erasure(file: Path, erasure: Erasure) -> None:
    """Add an erasure to the list that a later restore honours; on the disk when this returns."""
    line = {"person_id": erasure.person_id, "at": erasure.at.astimezone(UTC).isoformat(), "why": erasure.why}
    with file.open("a", encoding="utf-8") as out:
        out.write(json.dumps(line, ensure_ascii=False) + "\n")
        out.flush()
        os.fsync(out.fileno())


def read_erasures(file: Path) -> list[Erasure]:
    """The list of erasures. Refusal if it is not there or a line is none: a person must not come back by a slip."""
    try:
        return list(_parsed(file, file.read_text("utf-8").splitlines()))
    except (OSError, UnicodeDecodeError) as error:
        raise refuse("erasures", f"cannot be read: {error}", file=str(file), exit_code=2) from None


def _parsed(file: Path, lines: list[str]) -> Iterator[Erasure]:
    for number, line in enumerate(lines, 1):
        try:
            content = json.loads(line)
            yield Erasure(str(content["person_id"]), datetime.fromisoformat(content["at"]), str(content["why"]))
        except (ValueError, KeyError, TypeError):
            raise refuse("erasures", "is not an erasure", file=str(file), line=number, exit_code=2,
                         todo='a line is {"person_id": …, "at": …, "why": …}') from None  # fmt: skip


def _accounts_of(connection: Connection, person_id: str) -> tuple[str, ...]:
    """The accounts on which the person stands, or that have events of the person."""
    stands = connection.execute(select(Person.account_id).where(Person.person_id == person_id)).scalars()
    met = connection.execute(select(Event.account_id).where(Event.person_id == person_id).distinct()).scalars()
    return tuple(sorted({*stands, *met}))


def _has_key(connection: Connection, person_id: str) -> bool:
    return connection.execute(select(PersonKey.person_id).where(PersonKey.person_id == person_id)).first() is not None


def _destroy(connection: Connection, erasure: Erasure, accounts: tuple[str, ...]) -> bool:
    """Destroy the key of the person, and those of accounts that the person borrowed; whether any was still there."""
    borrowed = select(Person.account_id).where(Person.person_id == erasure.person_id, Person.role == "borrower")
    own = [subject(None, account_id) for account_id in connection.execute(borrowed).scalars()]
    connection.execute(delete(Reach).where(Reach.person_id == erasure.person_id))
    done = connection.execute(select(PersonKey.erased_at).where(PersonKey.person_id == erasure.person_id)).scalar()
    upsert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    gone = {"wrapped": None, "erased_at": erasure.at}
    for name in [erasure.person_id, *own]:
        row = upsert(PersonKey).values(person_id=name, master="", **gone)
        # a person without a key gets a row as well, so that none is made later
        connection.execute(
            row.on_conflict_do_update(index_elements=["person_id"], set_=gone, where=PersonKey.erased_at.is_(None))
        )
    return done is None


def _fact(erasure: Erasure, account_id: str) -> dict[str, object]:
    name = json.dumps([erasure.person_id, erasure.at.astimezone(UTC).isoformat(), account_id])
    return {
        "event_id": f"erased-{hashlib.sha256(name.encode()).hexdigest()[:24]}",
        "account_id": account_id,
        "slot": int(part_of(pl.Series([account_id]), SLOTS)[0]),
        "person_id": erasure.person_id,
        "at": erasure.at,
        "recorded_at": erasure.at,
        "kind": "override",
        "data": json.dumps({"erased": True, "reason": erasure.why}, ensure_ascii=False),
    }


def _sweep(store: Store) -> None:
    """Have the database let go of old copies of the destroyed key as far as it can: SQLite's WAL, PostgreSQL's dead rows."""
    if store.dialect == "sqlite":
        raw = store.engine.raw_connection()
        try:
            raw.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
        finally:
            raw.close()
        return
    with failing(store.name), store.engine.connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT").exec_driver_sql("VACUUM person_keys")
