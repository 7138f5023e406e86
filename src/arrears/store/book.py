"""A store read as a book: the same face as a folder's (`arrears.facts.book.Book`), and so the same night, explanation and audit.

A book is what the store held when it was opened. What is recorded later is not in it: on PostgreSQL every part is read under the snapshot of
the opening, on SQLite up to the last row of each table at that moment (there, rows become visible in the order of their numbers).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import polars as pl
from sqlalchemy import Connection

from arrears.errors import Finding
from arrears.facts.parts import EVENTS_FOLDED, PEOPLE_FOLDED, part_of, schema_faults, stored_columns
from arrears.facts.schema import TABLES, Facts
from arrears.facts.typed import Typed, type_facts
from arrears.store.bulk import in_slots, one_of, read_rows
from arrears.store.private import PEOPLE_SEALED
from arrears.store.rows import IDENTITY, ORDER, PLAIN, from_plain
from arrears.store.tables import SLOTS

if TYPE_CHECKING:
    from arrears.store.connect import Store
    from arrears.store.personal import Personal

#: Accounts that a part is to hold at most, where the store has no more than SLOTS times as many.
ACCOUNTS_A_PART = 100_000
#: How the rows of a part are sorted, as in a folder.
SORTED = {
    "accounts": ("account_id",), "instalments": ("account_id", "due_on", "number"), "people": ("account_id", "person_id"),
    "events": ("account_id", "at", "event_id"),
}  # fmt: skip


@dataclass(frozen=True)
class DatabaseBook:
    """A book in a store. `personal` None: names, numbers and addresses are empty, and event data lacks its personal keys.

    `parts` is a power of two. Close it when done, or use it as a context manager: on PostgreSQL it keeps one connection.
    """

    store: Store
    personal: Personal | None
    parts: int
    upto: Mapping[str, int]  # the last row of each table that is in the book
    told: Mapping[str, Any]  # what else distinguishes this content from another
    snapshot: _Snapshot

    def __enter__(self) -> DatabaseBook:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the snapshot."""
        self.snapshot.close()

    @property
    def name(self) -> str:
        """The URL of the store, without any password."""
        return self.store.name

    @property
    def accounts(self) -> int:
        """Number of accounts."""
        return int(self.told["accounts"])

    @cached_property
    def digest(self) -> str:
        """A name for the whole content: facts are only added, so the number of rows and the last ones tell it, with what was erased."""
        text = json.dumps([dict(self.upto), dict(self.told)], sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()

    def read(self, part: int, table: str, columns: Collection[str] | None = None) -> pl.DataFrame:
        """A table of a part (typed columns included), or only some of its columns. Empty if the part is."""
        wanted = list(stored_columns(table) if columns is None else columns)
        if table in TABLES and set(wanted) <= set(TABLES[table]):
            return self._facts_of_part(part, table, wanted)
        frame: pl.DataFrame = getattr(self._whole(part), table)
        return frame.select(pl.col(name).cast(stored_columns(table)[name]) for name in wanted)

    def typed(
        self, part: int, events: Collection[str] | None = None, people: Collection[str] | None = None,
        accounts: Collection[str] | None = None,
    ) -> Typed:  # fmt: skip
        """A part ready for the fold, without the columns that the fold does not read."""
        whole = self._whole(part)
        return Typed(
            accounts=whole.accounts.select(*(accounts or whole.accounts.columns)),
            instalments=whole.instalments.select("account_ix", "due_on", "principal", "interest", "fee"),
            events=whole.events.select(*(events or EVENTS_FOLDED)),
            plans=whole.plans,
            people=whole.people.select(*(people or PEOPLE_FOLDED)),
        )

    def facts(self, part: int) -> Facts:
        """A part as plain facts, without terms."""
        found = {table: self._facts_of_part(part, table, list(TABLES[table])) for table in ORDER}
        return Facts(found["accounts"], found["instalments"], found["events"], found["people"])

    def account(self, account_id: str) -> Facts | None:
        """The facts of one account, without terms; None if it is not in the book."""
        found = {}
        with self.snapshot.reading() as connection:
            for table in ORDER:
                condition, value = one_of(connection, "account_id", [account_id])
                found[table] = self._read(connection, table, list(TABLES[table]), condition, value)
        facts = Facts(found["accounts"], found["instalments"], found["events"], found["people"])
        return facts if facts.accounts.height else None

    def terms(self) -> dict[str, str]:
        """The terms of each product, as the text of their YAML file: the last that were put in."""
        with self.snapshot.reading() as connection:
            rows = connection.exec_driver_sql("SELECT seq, product, text FROM terms ORDER BY seq").all()
        return {product: text for seq, product, text in rows if seq <= self.upto["terms"]}

    def verify(self) -> list[Finding]:
        """Rows that are not in the declared schema, and rows of accounts that are not there. Refusal if sealed data was altered."""
        found = []
        for part in range(self.parts):
            facts = self.facts(part)
            for table in ORDER:
                found += schema_faults(table, getattr(facts, table), f"{self.name} part {part}")
        return found + [
            Finding("book", f"has {table} of an account that is not there", account=name)
            for table in ORDER
            for name in self._lost(table)
        ]

    def _lost(self, table: str) -> list[str]:
        """Account ids in a table that no account has."""
        account = f"SELECT 1 FROM accounts WHERE accounts.account_id = {table}.account_id AND accounts.seq <= {self.upto['accounts']}"
        with self.snapshot.reading() as connection:
            rows = connection.exec_driver_sql(
                f"SELECT DISTINCT account_id FROM {table} WHERE seq <= {self.upto[table]} AND NOT EXISTS ({account})"
            )
            return sorted(row[0] for row in rows)

    def _whole(self, part: int) -> Typed:
        facts = self.facts(part)
        return type_facts(facts.accounts, facts.instalments, facts.events, facts.people)

    def _facts_of_part(self, part: int, table: str, wanted: list[str]) -> pl.DataFrame:
        with self.snapshot.reading() as connection:
            condition, value = in_slots(connection, table, range(part, SLOTS, self.parts))
            return self._read(connection, table, wanted, condition, value)

    def _read(self, connection: Connection, table: str, wanted: list[str], condition: str, value: Any) -> pl.DataFrame:
        """Rows of a table in the order of a part. What is sealed is opened only where it is wanted."""
        holder = "%s" if self.store.dialect == "postgresql" else "?"
        where, values = f"{condition} AND seq <= {holder}", (value, self.upto[table])
        sealed = {"people": set(PEOPLE_SEALED), "events": {"data"}}.get(table, set())
        if sealed & set(wanted):
            plain = read_rows(connection, table, where, values)
            frame = from_plain(connection, table, plain, self.personal)
        else:
            needed = [name for name in PLAIN[table] if name in {*wanted, *SORTED[table]}]
            plain = read_rows(connection, table, where, values, needed)
            frame = plain.select(pl.col(name).cast(TABLES[table][name]) for name in needed)
        return frame.sort(SORTED[table]).select(wanted)


class _Snapshot:
    """One state of a store, for reads on any number of connections and threads."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self._keeper = store.read()
        connection = self._keeper.__enter__()
        self.connection: Connection | None = connection
        self.name = (
            connection.exec_driver_sql("SELECT pg_export_snapshot()").scalar_one()
            if store.dialect == "postgresql"
            else ""
        )

    def settled(self) -> None:
        """On SQLite the first connection is not needed once the last rows are known: a long read would keep the WAL from being emptied."""
        if self.store.dialect == "sqlite":
            self.close()

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection that sees this state."""
        with self.store.read() as connection:
            if self.name:
                connection.exec_driver_sql(f"SET TRANSACTION SNAPSHOT '{self.name}'")
            yield connection

    def close(self) -> None:
        if self.connection is not None:
            self.connection = None
            self._keeper.__exit__(None, None, None)


def open_database_book(store: Store, personal: Personal | None, parts: int | None = None) -> DatabaseBook:
    """The store as a book, as it is now. `parts`: a power of two up to SLOTS (default: by its size)."""
    snapshot = _Snapshot(store)
    connection = snapshot.connection
    assert connection is not None
    upto, told = _last_rows(connection), _told(connection)
    snapshot.settled()
    return DatabaseBook(store, personal, parts or parts_for(told["accounts"]), upto, told, snapshot)


def parts_for(accounts: int) -> int:
    """How many parts suit so many accounts: a power of two, since slots are dealt out evenly."""
    parts = 1
    while parts < SLOTS and parts * ACCOUNTS_A_PART < accounts:
        parts *= 2
    return parts


def _last_rows(connection: Connection) -> dict[str, int]:
    return {
        table: int(connection.exec_driver_sql(f"SELECT coalesce(max(seq), 0) FROM {table}").scalar_one())
        for table in (*ORDER, "terms")
    }


def _told(connection: Connection) -> dict[str, Any]:
    """Numbers of rows, the last event and account, terms, and how many persons are erased."""

    def one(statement: str) -> list[Any]:
        row = connection.exec_driver_sql(statement).one_or_none()
        return [] if row is None else [str(value) for value in row]

    counts = {}
    for table in ORDER:
        # on SQLite a row's number is its place, since none is ever taken away; counting would read the whole index
        number = "max(seq)" if connection.dialect.name == "sqlite" else "count(*)"
        counts[table] = int(connection.exec_driver_sql(f"SELECT coalesce({number}, 0) FROM {table}").scalar_one())
    return {
        **counts,
        "last": [one(f"SELECT {', '.join(IDENTITY[table])} FROM {table} ORDER BY seq DESC LIMIT 1") for table in ORDER],
        "recorded": one("SELECT recorded_at FROM events ORDER BY seq DESC LIMIT 1"),
        "terms": [row[0] for row in connection.exec_driver_sql("SELECT sha256 FROM terms ORDER BY seq")],
        "erased": one("SELECT count(*) FROM person_keys WHERE wrapped IS NULL"),
    }  # fmt: skip


__all__ = ["DatabaseBook", "open_database_book", "part_of", "parts_for"]
