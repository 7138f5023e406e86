"""Rows of the store in and out by the thousand, past SQLAlchemy's row by row.

PostgreSQL: COPY, as CSV, both ways. SQLite out: each column as one JSON array, which costs half of a row by row. SQLite in: hundreds of
rows in one statement, and the largest tables through a staging file (`store.staging`).

What costs processor time before rows can be written needs no connection (`ready`), so that a thread prepares one table while another
is being written (`put`).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from io import BytesIO
from pathlib import Path
from typing import Any

import polars as pl
from sqlalchemy import Connection

from arrears.facts.schema import INSTANT, TABLES
from arrears.store import staging
from arrears.store.rows import PLAIN

#: Rows from which a staging file is worth its while.
STAGED_FROM = 200_000
#: Values and rows in one INSERT on SQLite, which takes 32,766 values at most.
VALUES, TOGETHER = 30_000, 1_000
#: Rows that are read one by one from SQLite rather than as arrays.
ROW_BY_ROW = 1_000
#: Rows in one message of a COPY.
CHUNK = 100_000


#: Rows that are ready to be written: parts of a COPY, rows for SQLite's own statements, or rows in a staging file.
Ready = list[bytes] | pl.DataFrame | staging.Staged


def write_rows(connection: Connection, table: str, plain: pl.DataFrame) -> None:
    """Append rows of `rows.to_plain` to a table, in the connection's transaction."""
    if plain.height:
        put(connection, table, preparer(connection, table)(plain))


def preparer(connection: Connection, table: str, many: int = 0) -> Callable[[pl.DataFrame], Ready]:
    """What makes rows of `rows.to_plain` ready for `put`; it does not use the connection. `many`: rows that are to be expected."""
    if connection.dialect.name == "postgresql":
        return lambda plain: _copy_parts(table, plain)
    if many < STAGED_FROM or not staging.free(connection):
        return lambda plain: _as_sqlite_keeps(table, plain)
    folder = Path(str(connection.engine.url.database)).resolve().parent
    return lambda plain: staging.stage(folder, _as_sqlite_keeps(table, plain))


def put(connection: Connection, table: str, ready: Ready) -> None:
    """Append rows that a `preparer` of the same connection made ready, in the connection's transaction."""
    if isinstance(ready, staging.Staged):
        staging.insert_staged(connection, table, ready)
    elif isinstance(ready, pl.DataFrame):
        insert_values(connection, table, ready)
    elif ready:
        _copy_in(connection, ready)


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


def in_slots(connection: Connection, table: str, slots: Sequence[int]) -> tuple[str, Any]:
    """A condition that a row of a table of facts is of an account of some slots, by the index that finds it, and the value for its
    placeholder.
    """
    condition, value = one_of(connection, "slot", slots)
    if connection.dialect.name == "sqlite" and table != "accounts":
        condition = f"account_id IN (SELECT account_id FROM accounts WHERE {condition})"
    return condition, value


def _driver(connection: Connection) -> Any:
    """The driver's own connection, in the same transaction."""
    return connection.connection.driver_connection


# --- PostgreSQL ----------------------------------------------------------------------------------------------


def _copy_parts(table: str, plain: pl.DataFrame) -> list[bytes]:
    """The statement, then CSV, a part of it at a time. Columns without any value are left out, and so are null."""
    kinds = TABLES[table].items()
    blobs = [name for name, kind in plain.schema.items() if kind == pl.Binary]
    told = plain.with_columns(
        pl.col([name for name, kind in kinds if kind == pl.Date]).cast(pl.Date),
        *(
            pl.col(name).cast(INSTANT).dt.to_string("%Y-%m-%d %H:%M:%S%.6f+00")
            for name, kind in kinds
            if kind == INSTANT
        ),
        *((pl.lit("\\x") + pl.col(name).bin.encode("hex")).alias(name) for name in blobs),
    ).select(_told(plain))
    parts = [f"COPY {table} ({', '.join(told.columns)}) FROM STDIN (FORMAT csv)".encode()]
    return parts + [part.write_csv(include_header=False).encode() for part in told.iter_slices(CHUNK)]


def _copy_in(connection: Connection, parts: list[bytes]) -> None:
    with _driver(connection).cursor() as cursor, cursor.copy(parts[0]) as copy:
        for part in parts[1:]:
            copy.write(part)


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
    """On SQLite a date is text. Columns without any value are left out, and so are null."""
    days = [name for name, kind in TABLES[table].items() if kind == pl.Date]
    return plain.select(_told(plain)).with_columns(pl.col(days).cast(pl.Date).dt.to_string("%Y-%m-%d"))


def _told(plain: pl.DataFrame) -> list[str]:
    return [column.name for column in plain if column.null_count() < plain.height]


def insert_values(connection: Connection, table: str, rows: pl.DataFrame, conflict: str = "") -> int:
    """Append rows to a table on SQLite, many in one statement; how many. `conflict`: an ON CONFLICT clause."""
    together = min(TOGETHER, VALUES // rows.width)
    row = ", ".join("nullif(?, x'')" if column.null_count() else "?" for column in rows)
    into = f"INSERT INTO {table} ({', '.join(rows.columns)}) VALUES "
    return sum(
        connection.exec_driver_sql(
            f"{into}{', '.join([f'({row})'] * part.height)} {conflict}", _row_by_row(part)
        ).rowcount
        for part in rows.iter_slices(together)
    )


def _row_by_row(rows: pl.DataFrame) -> tuple[Any, ...]:
    """All values, one row after the other. Where a column has nulls they are empty bytes, and bytes are bytearrays: the driver binds
    nothing else of both without asking for an adapter first, which takes longer than writing the value."""
    values: list[Any] = [None] * (rows.height * rows.width)
    for place, column in enumerate(rows):
        told = column.to_list()
        if column.dtype == pl.Binary:
            told = [_NOTHING if value is None else bytearray(value) for value in told]
        elif column.null_count():
            told = [_NOTHING if value is None else value for value in told]
        values[place :: rows.width] = told
    return tuple(values)


_NOTHING = bytearray()


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
