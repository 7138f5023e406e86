"""The canonical bytes of recorded facts, form 1: what the seals of the log are computed over, the same on every database.

A row is its fields in the order of `COLUMNS`, then a line feed. A field is the number of its bytes in decimal, a colon and the bytes;
a field without a value (NULL) is `-`. The bytes of a field:

- text: UTF-8 as it was recorded
- whole number: decimal, `-` in front if negative
- date: `YYYY-MM-DD`
- instant: whole microseconds since 1970-01-01T00:00:00Z, in decimal
- sealed bytes: lower-case hexadecimal

The rows of a table are in order of `seq`. Nothing needs to be escaped, so whoever has the rows can write these bytes in a few lines.
"""

from __future__ import annotations

import hashlib
from typing import NamedTuple

import polars as pl
from sqlalchemy import Connection

from arrears.store import frames

FORM = 1
#: Below every row, also one that somebody put in before the first.
LOWEST = -(2**63)

#: The tables of the log in their order, and their columns in order.
COLUMNS: dict[str, tuple[str, ...]] = {
    "accounts": ("seq", "account_id", "slot", "borrower_id", "product", "law", "currency", "principal", "opened_on", "rate_ppm",
                 "penalty_rate_ppm", "time_zone", "lender_kind"),
    "instalments": ("seq", "account_id", "slot", "number", "due_on", "principal", "interest", "fee"),
    "people": ("seq", "account_id", "person_id", "slot", "role", "language", "time_zone", "other_zones", "region", "sealed"),
    "events": ("seq", "event_id", "account_id", "slot", "person_id", "at", "recorded_at", "kind", "channel", "direction",
               "outcome", "amount", "ref", "data", "sealed"),
    "terms": ("seq", "product", "sha256", "text", "recorded_at"),
    "imports": ("seq", "digest", "note", "recorded_at"),
}  # fmt: skip


class Covered(NamedTuple):
    """Rows of one table: how many, and the SHA-256 of their canonical bytes in hex."""

    rows: int
    sha256: str


def bounds(connection: Connection) -> dict[str, int]:
    """The highest `seq` of each table that this connection sees; 0 for an empty one."""
    selects = ", ".join(f"(SELECT coalesce(max(seq), 0) FROM {table})" for table in COLUMNS)
    found = connection.exec_driver_sql(f"SELECT {selects}").one()
    return {table: int(seq) for table, seq in zip(COLUMNS, found, strict=True)}


def covered(connection: Connection, table: str, after: int, upto: int) -> Covered:
    """The rows of a table with `after` < seq <= `upto`, read in batches; after 0: from the very first, wherever that is."""
    digest, rows = hashlib.sha256(), 0
    for batch in frames.batches(connection, table, f"seq > {after or LOWEST} AND seq <= {upto}"):
        digest.update(canonical(table, batch))
        rows += batch.height
    return Covered(rows, digest.hexdigest())


def canonical(table: str, rows: pl.DataFrame) -> bytes:
    """The canonical bytes of rows of a table in the types of `store.frames`."""
    lines = rows.select(_field(name, rows.schema[name]) for name in COLUMNS[table])
    text: str = lines.select(pl.concat_str(pl.all(), pl.lit("\n")).str.join("")).item()
    return text.encode()


def count(connection: Connection, table: str, after: int) -> int:
    """How many rows of a table have `after` < seq; after 0: all."""
    found = connection.exec_driver_sql(f"SELECT count(*) FROM {table} WHERE seq > {after or LOWEST}")
    return int(found.scalar_one())


def _field(name: str, kind: pl.DataType) -> pl.Expr:
    column = pl.col(name)
    if kind == pl.Binary:
        column = column.bin.encode("hex")
    elif kind == pl.Date:
        column = column.dt.to_string("%Y-%m-%d")
    elif kind == frames.INSTANT:
        column = column.to_physical()
    text = column.cast(pl.String)
    field = pl.concat_str(text.str.len_bytes().cast(pl.String), pl.lit(":"), text)  # NULL where the column is
    return field.fill_null("-").alias(name)
