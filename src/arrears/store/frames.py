"""Whole tables out of a database and into one, as frames of the same types on SQLite and PostgreSQL: for seals and backups.

Reading goes by COPY on PostgreSQL and by the driver's own loop on SQLite, a batch at a time, in the transaction of the connection, so
that memory stays bounded and everything read is of one state of the database.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import polars as pl
import sqlalchemy as sa
from sqlalchemy import Connection

from arrears.errors import refuse
from arrears.store.tables import Instant, Table

INSTANT = pl.Datetime("us", "UTC")
#: Rows of a batch, and what one may weigh on the wire from PostgreSQL.
BATCH = 50_000
BATCH_BYTES = 8 << 20


def types_of(table: str) -> dict[str, Any]:
    """The columns of a table and their types in a frame, in the order in which they are declared."""
    return {column.name: _type(column.type) for column in Table.metadata.tables[table].columns}


def key_of(table: str) -> list[str]:
    """The columns of a table's primary key."""
    return [column.name for column in Table.metadata.tables[table].primary_key.columns]


def batches(connection: Connection, table: str, condition: str = "") -> Iterator[pl.DataFrame]:
    """The rows of a table in the order of its key, a batch at a time. `condition`: SQL without placeholders.

    Refusal if a value is not of its column's type, which SQLite lets through where somebody wrote past this program.
    """
    types = types_of(table)
    where = f"{table} WHERE {condition}" if condition else table
    postgresql = connection.dialect.name == "postgresql"
    read = _copied(connection, where, table, types) if postgresql else _fetched(connection, where, table, types)
    try:
        yield from read
    except (TypeError, ValueError, OverflowError, pl.exceptions.PolarsError):
        raise refuse("store", "holds a value that is not of its column's type: it was altered", field=table) from None


def append(connection: Connection, table: str, frame: pl.DataFrame) -> None:
    """Put rows into a table, keys and all, in the connection's transaction."""
    if not frame.height:
        return
    if connection.dialect.name == "postgresql":
        _copy_in(connection, table, frame)
        return
    names = ", ".join(f'"{name}"' for name in frame.columns)
    statement = f"INSERT INTO {table} ({names}) VALUES ({', '.join('?' * frame.width)})"
    plain = frame.with_columns(
        *(pl.col(name).to_physical() for name, kind in frame.schema.items() if kind == INSTANT),
        *(pl.col(name).dt.to_string("%Y-%m-%d") for name, kind in frame.schema.items() if kind == pl.Date),
    )
    connection.exec_driver_sql(statement, plain.rows())


def _type(kind: Any) -> Any:
    if isinstance(kind, Instant):
        return INSTANT
    for sql, frame in ((sa.Integer, pl.Int64), (sa.Date, pl.Date), (sa.LargeBinary, pl.Binary), (sa.Float, pl.Float64)):
        if isinstance(kind, sql):
            return frame
    return pl.String


def _fetched(connection: Connection, where: str, table: str, types: Mapping[str, Any]) -> Iterator[pl.DataFrame]:
    """From SQLite: instants come as microseconds, dates as text."""
    names = ", ".join(f'"{name}"' for name in types)
    raw = {
        name: pl.Int64 if kind == INSTANT else pl.String if kind == pl.Date else kind for name, kind in types.items()
    }
    cursor = connection.exec_driver_sql(f"SELECT {names} FROM {where} ORDER BY {_order(table)}").cursor
    while rows := cursor.fetchmany(BATCH):
        yield _typed(pl.DataFrame(rows, schema=raw, orient="row"), types)


def _copied(connection: Connection, where: str, table: str, types: Mapping[str, Any]) -> Iterator[pl.DataFrame]:
    """From PostgreSQL: CSV, in which NULL is an empty field and an empty text is quoted."""
    connection.exec_driver_sql("SET LOCAL TIME ZONE 'UTC'")
    connection.exec_driver_sql("SET LOCAL datestyle = 'ISO'")
    names = ", ".join(
        f"encode(\"{name}\", 'hex')" if kind == pl.Binary else f'"{name}"' for name, kind in types.items()
    )
    statement = f"COPY (SELECT {names} FROM {where} ORDER BY {_order(table)}) TO STDOUT (FORMAT csv, FORCE_QUOTE *)"
    driver: Any = connection.connection.driver_connection
    with driver.cursor() as cursor, cursor.copy(statement) as copy:
        for block in _whole_rows(copy):
            read = pl.read_csv(block, has_header=False, schema=dict.fromkeys(types, pl.String), raise_if_empty=False)
            yield _typed(read, types)


def _whole_rows(copy: Any) -> Iterator[bytes]:
    """The stream in blocks that end where a row ends: at a line feed outside quotes."""
    parts: list[bytes] = []
    size = quotes = 0
    for part in copy:
        parts.append(bytes(part))
        size += len(part)
        quotes += parts[-1].count(b'"')
        if size >= BATCH_BYTES and quotes % 2 == 0 and parts[-1].endswith(b"\n"):
            yield b"".join(parts)
            parts, size, quotes = [], 0, 0
    if parts:
        yield b"".join(parts)


def _typed(read: pl.DataFrame, types: Mapping[str, Any]) -> pl.DataFrame:
    """Columns as they came in their declared types."""
    columns = []
    for name, kind in types.items():
        column, text = pl.col(name), read.schema[name] == pl.String
        if kind == pl.Date:
            column = column.str.to_date("%Y-%m-%d")
        elif kind == INSTANT:
            column = (
                column.str.to_datetime("%Y-%m-%d %H:%M:%S%.f+00", time_unit="us", time_zone="UTC")
                if text
                else column.cast(INSTANT)
            )
        elif kind == pl.Binary and text:
            column = column.str.decode("hex")
        columns.append(column.cast(kind))
    return read.select(columns)


def _copy_in(connection: Connection, table: str, frame: pl.DataFrame) -> None:
    plain = frame.with_columns(
        *(
            pl.col(name).dt.to_string("%Y-%m-%d %H:%M:%S%.6f+00")
            for name, kind in frame.schema.items()
            if kind == INSTANT
        ),
        *(
            (pl.lit("\\x") + pl.col(name).bin.encode("hex")).alias(name)
            for name, kind in frame.schema.items()
            if kind == pl.Binary
        ),
    )
    names = ", ".join(f'"{name}"' for name in frame.columns)
    driver: Any = connection.connection.driver_connection
    with driver.cursor() as cursor, cursor.copy(f"COPY {table} ({names}) FROM STDIN (FORMAT csv)") as copy:
        copy.write(plain.write_csv(include_header=False))


def _order(table: str) -> str:
    return ", ".join(f'"{name}"' for name in key_of(table))
