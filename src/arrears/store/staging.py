"""Rows into SQLite by the hundred thousand, in one statement from a staging file that ADBC writes.

ADBC never opens the store itself. It brings a second SQLite library into the process, and closing a file in one of them drops the
locks that the other holds on it (sqlite.org, "How To Corrupt An SQLite Database File", 2.2.1). What is staged is what the store will
hold, personal data sealed. A file that was attached cannot be let go before the transaction ends, and SQLite attaches ten at most.
"""

from __future__ import annotations

import os
import sqlite3
import tempfile
from dataclasses import dataclass
from pathlib import Path

import polars as pl
from sqlalchemy import Connection

#: Files that a transaction may have before a record, which may add one for each of the four tables.
MOST = 6


@dataclass(frozen=True)
class Staged:
    """Rows in a staging file. `path` is gone once they are attached or dropped."""

    path: Path
    columns: tuple[str, ...]

    def drop(self) -> None:
        """Remove the file; does nothing if it is gone."""
        self.path.unlink(missing_ok=True)


def free(connection: Connection) -> bool:
    """Whether the next record of this transaction may have files."""
    return len(connection.info.get("staged", ())) < MOST


def stage(folder: Path, rows: pl.DataFrame) -> Staged:
    """Write rows into a new file in `folder`. Touches no store: it may run beside whatever the connection does."""
    handle, name = tempfile.mkstemp(prefix=".arrears-", suffix=".staging", dir=folder)
    os.close(handle)
    staged = Staged(Path(name), tuple(rows.columns))
    try:
        _ingest(name, rows)
    except BaseException:
        staged.drop()
        raise
    return staged


def insert_staged(connection: Connection, table: str, staged: Staged) -> None:
    """Append the rows in their order. The file has no name any more once it is attached, and is let go with the transaction."""
    attached = connection.info.setdefault("staged", [])
    schema = f"staged_{len(attached)}"
    try:
        connection.exec_driver_sql(f"ATTACH DATABASE ? AS {schema}", (str(staged.path),))
        attached.append(schema)
        names = ", ".join(staged.columns)
        connection.exec_driver_sql(
            f"INSERT INTO main.{table} ({names}) SELECT {names} FROM {schema}.rows ORDER BY rowid"
        )
    finally:
        staged.drop()


def _ingest(path: str, rows: pl.DataFrame) -> None:
    import adbc_driver_sqlite.dbapi as adbc

    try:
        with adbc.connect(path, autocommit=True) as staging, staging.cursor() as cursor:
            cursor.executescript("PRAGMA synchronous = OFF")  # the file does not outlive the transaction
            cursor.adbc_ingest("rows", rows, mode="create")
    except adbc.Error as error:
        raise sqlite3.OperationalError(
            str(error)
        ) from None  # what is full or cannot be written is told as for the store itself
