"""Backup and restore of a whole store, while workers go on working.

A backup is one state of the database: everything is read in one snapshot. A restore goes into an empty database only, in one
transaction (SQLite: into a file of its own that takes the name at the end), and the log is verified afterwards.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from arrears.errors import refuse
from arrears.store import frames, migrations
from arrears.store.archive import Archive, open_archive, sync_folder, write_archive
from arrears.store.connect import Store, open_empty, open_store
from arrears.store.heads import Head
from arrears.store.seals import Check, Verified, head_of, verify_log
from arrears.store.tables import Table


@dataclass(frozen=True)
class BackedUp:
    """What stands in a backup: rows by table, and the head of the log (None: never sealed)."""

    rows: Mapping[str, int]
    head: Head | None


@dataclass(frozen=True)
class Restored:
    """What was restored: when the backup was made, rows by table, and the log as verified in the new store."""

    made_at: str
    rows: Mapping[str, int]
    log: Verified


def backup(store: Store, file: Path, now: datetime) -> BackedUp:
    """Write all of the store into an archive. `now` is an instant in UTC. Refusal if it cannot be written whole."""
    with write_archive(file) as archive, store.read() as connection:
        rows = dict.fromkeys(_tables(), 0)
        for table in rows:
            for batch in frames.batches(connection, table):
                archive.add(table, batch)
                rows[table] += batch.height
        head = head_of(connection)
        archive.close({
            "made_at": now.astimezone(UTC).isoformat(),
            "schema": migrations.version(connection),
            "counters": _counters(connection),
            "head": None if head is None else list(head),
        })  # fmt: skip
    return BackedUp(rows, head)


def restore(file: Path, url: str, heads: Sequence[Head] = (), check: Check | None = None) -> Restored:
    """Put a backup into the empty database at `url` and verify its log, also against `heads` known from elsewhere.

    Refusal if the archive was cut short or altered, or the database is not empty; then nothing was done.
    """
    with open_archive(file) as archive:
        rows = _restore_file(archive, url) if url.startswith("sqlite") else _restore_into(archive, url)
        head = archive.manifest["head"]
        known = [*heads, *([Head(int(head[0]), str(head[1]))] if head else [])]
        made_at = str(archive.manifest.get("made_at"))
    store = open_store(url, create=True)  # which brings tables of an older version up to this one
    try:
        return Restored(made_at, rows, verify_log(store, known, check))
    finally:
        store.close()


def _restore_file(archive: Archive, url: str) -> dict[str, int]:
    """Into a file beside the one that is wanted, which takes its name when everything is in it."""
    target = Path(str(sa.make_url(url).database))
    if target.exists():
        raise refuse("restore", "stands there already", file=str(target), exit_code=2,
                     todo="restore into a new file, then put that in its place")  # fmt: skip
    fresh = target.with_name(f"{target.name}.{os.getpid()}.part")
    try:
        rows = _restore_into(archive, f"sqlite:///{fresh}")
        os.link(fresh, target)
        sync_folder(target.parent)
    except OSError as error:
        raise refuse("restore", f"cannot be written: {error.strerror}", file=str(target), exit_code=2) from None
    finally:
        for end in ("", "-wal", "-shm", ".gate"):
            fresh.with_name(fresh.name + end).unlink(missing_ok=True)
    return rows


def _restore_into(archive: Archive, url: str) -> dict[str, int]:
    store = open_empty(url)
    try:
        with store.begin() as connection:
            migrations.upgrade(connection, str(archive.manifest["schema"]))
            rows = {table: _load(connection, archive, table) for table in _tables()}
            _set_counters(connection, archive.manifest["counters"])
        return rows
    finally:
        store.close()  # on SQLite the last connection takes the WAL into the file


def _load(connection: Connection, archive: Archive, table: str) -> int:
    rows = 0
    for batch in archive.batches(table):
        frames.append(connection, table, batch)
        rows += batch.height
    return rows


def _tables() -> list[str]:
    return [table.name for table in Table.metadata.sorted_tables]


def _counters(connection: Connection) -> dict[str, int]:
    """Of each table whose rows the database numbers: the last number it gave."""
    found = {}
    for table, column in _numbered():
        if connection.dialect.name == "postgresql":
            query = f"SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM {_sequence(connection, table, column)}"
        else:
            query = f'SELECT coalesce(max("{column}"), 0) FROM {table}'
        found[table] = int(connection.exec_driver_sql(query).scalar_one())
    return found


def _set_counters(connection: Connection, counters: Mapping[str, Any]) -> None:
    """So that the next row has a number that no row ever had. SQLite goes on from the highest by itself.

    A backup of an older version has no counter of a table that came later, and neither is that table there yet.
    """
    if connection.dialect.name != "postgresql":
        return
    for table, column in (one for one in _numbered() if one[0] in counters):
        highest = connection.exec_driver_sql(f'SELECT coalesce(max("{column}"), 0) FROM {table}').scalar_one()
        last = max(int(highest), int(counters[table]))
        if last:
            connection.exec_driver_sql("SELECT setval(%s, %s)", (_sequence(connection, table, column), last))


def _sequence(connection: Connection, table: str, column: str) -> str:
    found = connection.exec_driver_sql("SELECT pg_get_serial_sequence(%s, %s)", (table, column)).scalar_one()
    return str(found)


def _numbered() -> list[tuple[str, str]]:
    """Tables whose key the database numbers, with that column."""
    return [
        (table.name, table.autoincrement_column.name)
        for table in Table.metadata.sorted_tables
        if table.autoincrement_column is not None
    ]
