"""Opening a store: the database of one installation, on SQLite or PostgreSQL.

SQLite: one file beside which stand `-wal`, `-shm` and `.gate`; WAL, every commit on the disk before it is acknowledged, one writer at
a time from its first statement on. PostgreSQL: any server by URL, through psycopg; a password comes by libpq's own ways (PGPASSWORD,
~/.pgpass, a service file) or in the URL. No error and no log shows a password.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, Engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError

from arrears.errors import Refusal, refuse
from arrears.store import migrations
from arrears.store.failures import failing, masked
from arrears.store.locks import Hold, hold, hold_all
from arrears.store.urls import is_url

DRIVERS = {"sqlite": "sqlite", "postgresql": "postgresql+psycopg", "postgres": "postgresql+psycopg"}
BUSY_SECONDS = 30
CONNECT_SECONDS = 10
POOL = 16


@dataclass(frozen=True)
class Store:
    """A store that was opened. `name` is its URL for people, without any password."""

    engine: Engine
    name: str

    @property
    def dialect(self) -> str:
        """`sqlite` or `postgresql`."""
        return self.engine.dialect.name

    @property
    def file(self) -> Path | None:
        """The file of an SQLite store; None on PostgreSQL."""
        return Path(str(self.engine.url.database)) if self.dialect == "sqlite" else None

    @contextmanager
    def begin(self) -> Iterator[Connection]:
        """A connection in a transaction that writes: committed at the end, rolled back on any error.

        SQLite has one writer at a time, and this is it from the start. What was changed is on the disk when the block has been left
        without an error. Refusal if the database is locked by another for too long, full, or gone.
        """
        with failing(self.name), self.engine.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A connection that only reads, and sees one state of the store throughout. Refusal as `begin`."""
        with failing(self.name), self.engine.connect() as connection:
            if self.dialect == "postgresql":
                connection = connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
                with connection.begin():
                    yield connection
                return
            connection = connection.execution_options(arrears_reads=True)
            with connection.begin():
                connection.exec_driver_sql("SELECT 1 FROM sqlite_master LIMIT 1")  # what is seen is settled here
                yield connection

    def hold(self, account_ids: Iterable[str], wait_seconds: float = 60.0) -> AbstractContextManager[Hold]:
        """Hold accounts against every other process and thread; see `arrears.store.locks`."""
        return hold(self, account_ids, wait_seconds)

    def hold_all(self, wait_seconds: float = 60.0) -> AbstractContextManager[Hold]:
        """Hold every account; see `arrears.store.locks`."""
        return hold_all(self, wait_seconds)

    def close(self) -> None:
        """Let go of all connections."""
        self.engine.dispose()


def open_store(url: str, create: bool = False) -> Store:
    """The store at an SQLAlchemy URL; with `create` its tables are made, or brought up to this version.

    Refusal if the URL is none, the server cannot be reached, the file is not there or is no store, or its tables are of another
    version (`arrears book migrate` brings an older one up; nothing is changed by opening alone).
    """
    parsed = _parsed(url)
    name = masked(parsed)
    if parsed.get_backend_name() == "sqlite":
        _check_file(parsed, name, create)
    store = Store(_engine(parsed), name)
    try:
        if create:
            migrate_store(store)
        else:
            _check_version(store)
    except BaseException:
        store.close()
        raise
    return store


def open_empty(url: str) -> Store:
    """A database in which nothing stands yet, to be filled. Refusal if it has tables, or as `open_store`."""
    parsed = _parsed(url)
    name = masked(parsed)
    if parsed.get_backend_name() == "sqlite":
        _check_file(parsed, name, create=True)
    store = Store(_engine(parsed), name)
    try:
        with store.read() as connection:
            if _foreign(connection):
                raise refuse("store", "is not empty", file=name, exit_code=2, todo="give an empty database")
    except BaseException:
        store.close()
        raise
    return store


def migrate(url: str) -> str:
    """Bring the tables of the store at `url` up to this version, in one transaction. Gives the version."""
    store = open_store(url, create=True)
    store.close()
    return migrations.HEAD


def migrate_store(store: Store) -> None:
    """Bring the tables of an open store up to this version; a newer version is a Refusal."""
    with store.begin() as connection:
        if store.dialect == "postgresql":
            connection.exec_driver_sql("SELECT pg_advisory_xact_lock(hashtext('arrears migrate'))")
        found = migrations.version(connection)
        if found == migrations.HEAD:
            return
        if found is None and _foreign(connection):
            raise refuse("store", "holds tables that are not of arrears", file=store.name, exit_code=2,
                         todo="give a database of its own")  # fmt: skip
        if found is not None and found > migrations.HEAD:
            raise _newer(store.name, found)
        migrations.upgrade(connection)


def _foreign(connection: Connection) -> bool:
    """Whether tables stand there that no step of ours made."""
    return bool(sa.inspect(connection).get_table_names())


def _check_version(store: Store) -> None:
    with store.read() as connection:
        found = migrations.version(connection)
    if found is None:
        raise refuse("store", "is not a store of arrears: it has no tables of one", file=store.name, exit_code=2,
                     todo="make one with `arrears book import` or `arrears book migrate`")  # fmt: skip
    if found > migrations.HEAD:
        raise _newer(store.name, found)
    if found != migrations.HEAD:
        what = f"is of schema version {found}, this arrears reads {migrations.HEAD}"
        raise refuse("store", what, file=store.name, exit_code=2, todo="run `arrears book migrate`")


def _newer(name: str, found: str) -> Refusal:
    what = f"is of schema version {found}, newer than this arrears, which reads {migrations.HEAD}"
    return refuse("store", what, file=name, exit_code=2, todo="use the arrears that made it, or a newer one")


def _parsed(url: str) -> URL:
    """The URL with our driver. Refusal if it is none; what it says is not repeated, for it may hold a password."""
    try:
        parsed = make_url(url)
        backend = parsed.get_backend_name()
    except (ArgumentError, NoSuchModuleError, ValueError):
        raise refuse("store", "is not the URL of a database", field="database", exit_code=2,
                     todo="write sqlite:///FILE or postgresql+psycopg://USER@HOST/DATABASE") from None  # fmt: skip
    if backend not in DRIVERS:
        raise refuse("store", f"names a database that is not known: {backend}", field="database", exit_code=2,
                     todo="write sqlite:///FILE or postgresql+psycopg://USER@HOST/DATABASE")  # fmt: skip
    if backend == "sqlite" and parsed.database in (None, "", ":memory:"):
        raise refuse("store", "names no file", field="database", exit_code=2, todo="write sqlite:///FILE")
    return parsed.set(drivername=DRIVERS[backend])


def _check_file(url: URL, name: str, create: bool) -> None:
    """What the file is, before SQLite makes an empty one of it or changes it."""
    path = Path(str(url.database))
    if not path.exists():
        if not create:
            raise refuse("store", "is not there", file=name, exit_code=2,
                         todo="make one with `arrears book import` or `arrears book migrate`")  # fmt: skip
        if not path.parent.is_dir():
            raise refuse("store", "cannot be made: its folder is not there", file=name, exit_code=2)
        return
    if path.is_dir():
        raise refuse("store", "is a folder, not a file", file=name, exit_code=2)
    try:
        with path.open("rb") as file:
            begins = file.read(16)
    except OSError as error:
        raise refuse("store", f"cannot be read: {error.strerror}", file=name, exit_code=2) from None
    if begins not in (b"", b"SQLite format 3\0"):
        raise refuse("store", "is not an SQLite file", file=name, exit_code=2)


def _engine(url: URL) -> Engine:
    if url.get_backend_name() == "sqlite":
        engine = sa.create_engine(
            url,
            connect_args={"timeout": BUSY_SECONDS, "check_same_thread": False},
            hide_parameters=True,
            pool_size=POOL,
            max_overflow=POOL,
        )
        event.listen(engine, "connect", _sqlite_settings)
        event.listen(engine, "begin", _sqlite_begin)
        event.listen(engine, "checkin", _let_staged_go)
        return engine
    return sa.create_engine(
        url, connect_args={"connect_timeout": CONNECT_SECONDS, "application_name": "arrears"}, hide_parameters=True, pool_pre_ping=True,
        pool_size=POOL, max_overflow=POOL,
    )  # fmt: skip


def _sqlite_settings(connection: sqlite3.Connection, record: Any) -> None:
    """Each new connection: we begin transactions ourselves, and a commit is on the disk."""
    connection.isolation_level = None
    for setting in (
        "journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON", f"busy_timeout = {BUSY_SECONDS * 1000}",
        "recursive_triggers = ON",  # so that INSERT OR REPLACE meets the triggers that refuse DELETE
        "temp_store = MEMORY", "cache_size = -65536",
    ):  # fmt: skip
        connection.execute(f"PRAGMA {setting}")


def _sqlite_begin(connection: Connection) -> None:
    """IMMEDIATE, so that two writers wait for one another at the beginning and never fail in the middle."""
    reads = connection.get_execution_options().get("arrears_reads")
    connection.exec_driver_sql(f"PRAGMA query_only = {int(bool(reads))}")
    connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")


def _let_staged_go(connection: sqlite3.Connection | None, record: Any) -> None:
    """Staging files that `bulk` attached; a file cannot be detached within the transaction that read it."""
    for schema in record.info.pop("staged", ()):
        if connection is not None:
            connection.execute(f"DETACH DATABASE {schema}")


__all__ = ["Store", "is_url", "migrate", "migrate_store", "open_empty", "open_store"]
