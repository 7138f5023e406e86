"""The rows of the store: facts into a database and a night out of it, for one part of the book, on either backend."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, date, datetime
from pathlib import Path

from measured import Measured, Task, peak_bytes, timed
from tests.soak.databases import BACKENDS

from arrears import night
from arrears.facts.book import FolderBook, open_book
from arrears.facts.schema import TABLES
from arrears.store.book import open_database_book
from arrears.store.connect import Store, open_store
from arrears.store.facts import record
from arrears.store.loading import first_load
from arrears.store.moving import put_terms
from arrears.store.personal import Personal, open_personal

NOW = datetime(2026, 11, 1, tzinfo=UTC)
ROUNDS = 3


def import_sqlite(task: Task) -> Measured:
    """Facts of one part from Parquet into an empty SQLite file, checked, sealed and on the disk."""
    return _import(task, "sqlite")


def import_postgresql(task: Task) -> Measured:
    """The same into an empty PostgreSQL database on this machine."""
    return _import(task, "postgresql")


def night_sqlite(task: Task) -> Measured:
    """The night of one part from SQLite."""
    return _night(task, "sqlite")


def night_postgresql(task: Task) -> Measured:
    """The night of one part from PostgreSQL."""
    return _night(task, "postgresql")


def _import(task: Task, backend: str) -> Measured:
    book, seconds, facts = open_book(task.book), [], 0
    for _ in range(1 if task.quick else ROUNDS):
        with _empty(backend) as (store, personal):
            taken = timed(lambda store=store, personal=personal: _let_in(book, store, personal))
            seconds.append(taken)
            with store.read() as connection:
                facts = sum(
                    connection.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar_one() for table in TABLES
                )
    return Measured(facts, tuple(seconds), peak_bytes(), note=_note(backend, "facts of one part, in one transaction"))


def _night(task: Task, backend: str) -> Measured:
    book, on = open_book(task.book), date.fromisoformat(task.as_of)
    seconds = []
    with _empty(backend) as (store, personal):
        _let_in(book, store, personal)
        for _ in range(1 if task.quick else ROUNDS):
            out = task.scratch / "night"
            shutil.rmtree(out, ignore_errors=True)
            with open_database_book(store, personal) as held:
                seconds.append(timed(lambda held=held, out=out: night.run(night.prepare(held, on), out)))
                accounts = held.accounts
            shutil.rmtree(out)
    return Measured(accounts, tuple(seconds), peak_bytes(), note=_note(backend, "one part"))


def _let_in(book: FolderBook, store: Store, personal: Personal) -> None:
    with store.hold_all(), store.begin() as connection:
        with first_load(connection):
            record(connection, book.facts(0), personal)
        for product, text in book.terms().items():
            put_terms(connection, product, text, NOW)


def _note(backend: str, what: str) -> str:
    return what + ("; the server's memory is not counted" if backend == "postgresql" else "")


@contextmanager
def _empty(backend: str) -> Iterator[tuple[Store, Personal]]:
    """A fresh store with fresh keys, gone afterwards. PostgreSQL is started for it, with the settings it comes with."""
    with tempfile.TemporaryDirectory() as folder, closing(BACKENDS[backend](Path(folder))) as database:
        store = open_store(database.url, create=True)
        try:
            yield store, open_personal(store, Path(folder) / "keys")
        finally:
            store.close()
