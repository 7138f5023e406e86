"""Rows of the store in and out by the thousand, past SQLAlchemy's row by row.

PostgreSQL: COPY, as CSV, both ways. SQLite out: each column as one JSON array, which costs half of a row by row. SQLite in: many rows
go through a staging file that ADBC writes, and from there in one statement; it holds what the store will hold, personal data sealed.

ADBC never opens the store itself. It brings a second SQLite library into the process, and closing a file in one of them drops the
locks that the other holds on it (sqlite.org, "How To Corrupt An SQLite Database File", 2.2.1).
"""

from __future__ import annotations

import json
import os
import sqlite3
import tempfile
from collections.abc import Iterator, Sequence
from io import BytesIO
from pathlib import Path
from typing import Any

import polars as pl
from sqlalchemy import Connection

from arrears.facts.schema import INSTANT, TABLES
from arrears.store.rows import PLAIN

#: Rows that are written one by one rather than through a staging file.
FEW = 5_000
#: Rows that are read one by one from SQLite rather than as arrays.
ROW_BY_ROW = 1_000
#: Rows in one message of a COPY.
CHUNK = 100_000


def write_rows(connection: Connection, table: str, plain: pl.DataFrame) -> None:
    """Append rows of `rows.to_plain` to a table, in the connection's transaction."""
    if not plain.height:
        return
    if connection.dialect.name == "postgresql":
        _copy_in(connection, table, plain)
    elif plain.height <= FEW:
        _insert(connection, table, _as_sqlite_keeps(table, plain))
    else:
        _insert_staged(connection, table, _as_sqlite_keeps(table, plain))


def read_rows(
    connection: Connection,
    table: str,
    where: str = "",
    values: Sequence[Any] = (),
    columns: Sequence[str] | None = None,
) -> pl.DataFrame:
    """Rows of a table as `rows.PLAIN`, or some of their columns. `where` is a condition with the driver's own placeholders."""
    wanted = list(PLAIN[table] if columns is None else columns)
    source = table + (f" WHERE {where}" if where else "")
    if connection.dialect.name == "postgresql":
        return _copy_out(connection, table, wanted, source, values)
    return _arrays(connection, table, wanted, source, values)


def read_column(connection: Connection, table: str, column: str, among: Sequence[Any]) -> list[Any]:
    """Those of `among` that stand in a column."""
    condition, value = one_of(connection, column, among)
    rows = connection.exec_driver_sql(f"SELECT {column} FROM {table} WHERE {condition}", (value,))
    return [row[0] for row in rows]


def batches(values: pl.Series, size: int) -> Iterator[pl.Series]:
    """Values a batch at a time."""
    for start in range(0, len(values), size):
        yield values.slice(start, size)


def one_of(connection: Connection, column: str, values: Sequence[Any]) -> tuple[str, Any]:
    """A condition that a column is one of many values, and the value for its placeholder."""
    if connection.dialect.name == "postgresql":
        return f"{column} = ANY(%s)", list(values)
    return f"{column} IN (SELECT value FROM json_each(?))", json.dumps(list(values))


def _driver(connection: Connection) -> Any:
    """The driver's own connection, in the same transaction."""
    return connection.connection.driver_connection


# --- PostgreSQL ----------------------------------------------------------------------------------------------


def _copy_in(connection: Connection, table: str, plain: pl.DataFrame) -> None:
    kinds = TABLES[table].items()
    blobs = [name for name, kind in plain.schema.items() if kind == pl.Binary]
    plain = plain.with_columns(
        pl.col([name for name, kind in kinds if kind == pl.Date]).cast(pl.Date),
        *(
            pl.col(name).cast(INSTANT).dt.to_string("%Y-%m-%d %H:%M:%S%.6f+00")
            for name, kind in kinds
            if kind == INSTANT
        ),
        *((pl.lit("\\x") + pl.col(name).bin.encode("hex")).alias(name) for name in blobs),
    )
    statement = f"COPY {table} ({', '.join(plain.columns)}) FROM STDIN (FORMAT csv)"
    with _driver(connection).cursor() as cursor, cursor.copy(statement) as copy:
        for start in range(0, plain.height, CHUNK):
            copy.write(plain.slice(start, CHUNK).write_csv(include_header=False))


def _copy_out(
    connection: Connection, table: str, wanted: Sequence[str], source: str, values: Sequence[Any]
) -> pl.DataFrame:
    chosen = ", ".join(_chosen(table, name) for name in wanted)
    statement, told = f"COPY (SELECT {chosen} FROM {source}) TO STDOUT (FORMAT csv)", BytesIO()
    with _driver(connection).cursor() as cursor, cursor.copy(statement, values) as copy:
        for block in copy:
            told.write(block)
    kinds = {name: pl.String if PLAIN[table][name] == pl.Binary else PLAIN[table][name] for name in wanted}
    if not told.tell():
        return pl.DataFrame(schema={name: PLAIN[table][name] for name in wanted})
    told.seek(0)
    frame = pl.read_csv(told, has_header=False, new_columns=list(wanted), schema=kinds)
    blobs = [name for name in wanted if PLAIN[table][name] == pl.Binary]
    return frame.with_columns(pl.col(name).str.strip_prefix("\\x").str.decode("hex") for name in blobs)


def _chosen(table: str, name: str) -> str:
    """A column as days or microseconds since 1970 where PostgreSQL has types of its own."""
    kind = TABLES[table].get(name)
    if kind == pl.Date:
        return f"{name} - DATE '1970-01-01' AS {name}"
    return f"(extract(epoch FROM {name}) * 1000000)::bigint AS {name}" if kind == INSTANT else f'"{name}"'


# --- SQLite --------------------------------------------------------------------------------------------------


def _as_sqlite_keeps(table: str, plain: pl.DataFrame) -> pl.DataFrame:
    """On SQLite a date is text."""
    days = [name for name, kind in TABLES[table].items() if kind == pl.Date]
    return plain.with_columns(pl.col(days).cast(pl.Date).dt.to_string("%Y-%m-%d"))


def _insert(connection: Connection, table: str, rows: pl.DataFrame) -> None:
    statement = f"INSERT INTO {table} ({', '.join(rows.columns)}) VALUES ({', '.join('?' * rows.width)})"
    connection.exec_driver_sql(statement, rows.rows())


def _insert_staged(connection: Connection, table: str, rows: pl.DataFrame) -> None:
    """The staging file lies beside the store, has no name any more once it is attached, and is let go with the transaction."""
    folder = Path(str(connection.engine.url.database)).resolve().parent
    handle, path = tempfile.mkstemp(prefix=".arrears-", suffix=".staging", dir=folder)
    os.close(handle)
    try:
        _stage(path, rows)
        schema = f"staged_{len(connection.info.setdefault('staged', []))}"
        connection.exec_driver_sql(f"ATTACH DATABASE ? AS {schema}", (path,))
        connection.info["staged"].append(schema)
        names = ", ".join(rows.columns)
        connection.exec_driver_sql(
            f"INSERT INTO main.{table} ({names}) SELECT {names} FROM {schema}.rows ORDER BY rowid"
        )
    finally:
        Path(path).unlink()


def _stage(path: str, rows: pl.DataFrame) -> None:
    import adbc_driver_sqlite.dbapi as adbc

    try:
        with adbc.connect(path) as staging, staging.cursor() as cursor:
            cursor.adbc_ingest("rows", rows, mode="create")
            staging.commit()
    except adbc.Error as error:
        raise sqlite3.OperationalError(
            str(error)
        ) from None  # what is full or cannot be written is told as for the store itself


def _arrays(
    connection: Connection, table: str, wanted: Sequence[str], source: str, values: Sequence[Any]
) -> pl.DataFrame:
    """As one JSON array a column where there may be many rows; few are sooner read one by one."""
    few = connection.exec_driver_sql(
        f"SELECT {', '.join(wanted)} FROM {source} LIMIT {ROW_BY_ROW}", tuple(values)
    ).all()
    if len(few) < ROW_BY_ROW:
        kinds = {name: pl.String if TABLES[table].get(name) == pl.Date else PLAIN[table][name] for name in wanted}
        return _with_days(table, pl.DataFrame([tuple(row) for row in few], schema=kinds, orient="row"))
    blobs = [name for name in wanted if PLAIN[table][name] == pl.Binary]
    chosen = ", ".join(f"json_group_array({f'hex({name})' if name in blobs else name})" for name in wanted)
    found = connection.exec_driver_sql(f"SELECT {chosen} FROM {source}", tuple(values)).one()
    return pl.DataFrame([_column(table, name, text) for name, text in zip(wanted, found, strict=True)])


def _with_days(table: str, rows: pl.DataFrame) -> pl.DataFrame:
    days = [name for name in rows.columns if TABLES[table].get(name) == pl.Date]
    return rows.with_columns(pl.col(days).str.to_date("%Y-%m-%d").to_physical()) if days else rows


def _column(table: str, name: str, text: str) -> pl.Series:
    """One column from its JSON array."""
    kind = PLAIN[table][name]
    dated = TABLES[table].get(name) == pl.Date
    told = pl.String if dated or kind == pl.Binary else kind
    column = pl.Series(name, [text]).str.json_decode(pl.List(told)).explode(empty_as_null=False)
    if dated:
        return column.str.to_date("%Y-%m-%d").to_physical()
    if kind == pl.Binary:
        return column.replace("", None).str.decode("hex")
    return column
