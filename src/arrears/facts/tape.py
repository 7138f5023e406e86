"""Reading tapes: CSV and Parquet files as rows of text, then as the tables of facts, with every fault named.

Every cell is read as text first, so what stands there is what is judged.
"""

from __future__ import annotations

import fnmatch
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl

from arrears import money
from arrears.errors import refuse
from arrears.facts.cells import FORMS, MONEY_COLUMNS, RATES, value_of
from arrears.facts.findings import Report
from arrears.facts.mapping import TABLES as ON_TAPE
from arrears.facts.mapping import TapeMapping
from arrears.facts.places import with_places
from arrears.facts.rows import rows_of
from arrears.facts.schema import REQUIRED, TABLES
from arrears.facts.wide import tables_of_wide

#: Names that tapes use for rates, which are fractions a year there: 0.18 is 18%.
RATE_NAMES = {"rate": "rate_ppm", "penalty_rate": "penalty_rate_ppm"}


def read_tape(paths: list[Path], mapping: TapeMapping, report: Report) -> dict[str, pl.DataFrame]:
    """The rows of each table as text, with `file` and `line`. Refusal if a file cannot be read at all."""
    found: dict[str, list[pl.DataFrame]] = {table: [] for table in TABLES}
    for path in paths:
        raw = rows_of(path, mapping, report)
        if mapping.wide is not None:
            for table, frame in tables_of_wide(raw, mapping, str(path), report).items():
                found[table].append(frame)
            continue
        table = _table_of(path, mapping)
        found[table].append(_named(raw, table, mapping, path, report))
    return {table: pl.concat(frames, how="diagonal") for table, frames in found.items() if frames}


def _table_of(path: Path, mapping: TapeMapping) -> str:
    """Which table a file holds: by the mapping's pattern, else by its name."""
    for table, part in mapping.tables.items():
        if part.get("file") and fnmatch.fnmatch(path.name, part["file"]):
            return table
    for table in TABLES:
        if path.name.lower().startswith(table):
            return table
    raise refuse("tape", "holds no table that is known", file=str(path), exit_code=2,
                 todo="name it accounts…, instalments…, events… or people…, or give a mapping")  # fmt: skip


def _named(raw: pl.DataFrame, table: str, mapping: TapeMapping, path: Path, report: Report) -> pl.DataFrame:
    """The file's columns under our names; constants filled in; a missing required column is a fault of the header."""
    part = mapping.tables.get(table) or {}
    theirs: Mapping[str, str] = part.get("columns") or {}
    constants: Mapping[str, Any] = part.get("constants") or {}
    spelled = {name: theirs.get(name, _spelling(name, raw.columns)) for name in ON_TAPE[table]}
    columns = []
    for name, source in spelled.items():
        if name in constants:
            columns.append(pl.lit(str(constants[name])).alias(name))
        elif source in raw.columns:
            columns.append(_fraction(source) if source in RATES and name not in theirs else pl.col(source).alias(name))
        elif name in theirs or (name in REQUIRED[table] and name not in DEFAULTED):
            header = pl.DataFrame({"file": [str(path)], "line": [1]})
            report.add(header, name, "missing_column", f"there is no column `{source}`", "name it in the mapping")
    return raw.select("file", "line", *columns)


DEFAULTED = ("recorded_at", "event_id", "interest", "fee", "number", "role", "product")


def _spelling(name: str, columns: list[str]) -> str:
    """Rates stand in tapes as `rate` and `penalty_rate`, fractions a year."""
    for spelled, ours in RATE_NAMES.items():
        if ours == name and spelled in columns:
            return spelled
    return name


def _fraction(name: str) -> pl.Expr:
    """A column that is named in parts per million, as a fraction a year."""
    digits = pl.col(name).str.zfill(7)
    length = digits.str.len_chars().cast(pl.Int64) - 6
    fraction = digits.str.slice(0, length) + "." + digits.str.slice(length)
    return pl.when(pl.col(name).str.contains("^[0-9]+$")).then(fraction).otherwise(pl.col(name)).alias(name)


def parse_table(
    raw: pl.DataFrame, table: str, mapping: TapeMapping, accounts: pl.DataFrame, report: Report
) -> pl.DataFrame:
    """Text into the table's types. `accounts` gives currency and zone by account_id (for accounts: their own columns).

    Rows keep `file`, `line` and, for `TOLD`, what was written; a cell that cannot be read becomes null and one fault.
    Rows of accounts that nobody knows are that fault alone and are left out.
    """
    if table != "accounts":
        raw = _known(raw, accounts, report)
    if table == "people":
        raw = with_places(raw, report)
    given = raw.columns
    zones = raw["zone"].unique().drop_nulls().sort().to_list() if "zone" in given else []
    raw = _with_defaults(raw, table)
    raw = raw.with_columns(
        pl.col(name).cast(pl.String).alias(f"told_{name}") for name in TOLD[table] if name in raw.columns
    )
    for name in REQUIRED[table]:
        if name in given:
            report.add(raw.filter(pl.col(name).is_null()), name, "missing", "is missing")
    for name, kind in TABLES[table].items():
        if name not in raw.columns:
            raw = raw.with_columns(pl.lit(None, kind).alias(name))
        elif raw.schema[name] == pl.String:
            raw = raw.with_columns(value_of(name, kind, table, mapping, zones).alias(f"_{name}"))
            if name in given:
                _fault_unread(raw, name, table, mapping, report)
            raw = raw.with_columns(pl.col(f"_{name}").alias(name)).drop(f"_{name}")
        elif raw.schema[name] != kind:
            report.add(raw.head(1), name, "form", f"is a column of {raw.schema[name]}, which is not read here")
            raw = raw.with_columns(pl.lit(None, kind).alias(name))
    told = [f"told_{name}" for name in TOLD[table] if f"told_{name}" in raw.columns]
    return raw.select("file", "line", *TABLES[table], *told).cast(pl.Schema(TABLES[table]), strict=True)


#: Columns whose own text stays beside the value, for what is said about them.
TOLD = {
    "accounts": ("principal",),
    "instalments": ("principal", "interest", "fee", "due_on"),
    "events": ("amount", "at", "recorded_at"),
    "people": (),
}


def _known(raw: pl.DataFrame, accounts: pl.DataFrame, report: Report) -> pl.DataFrame:
    """Rows with `currency` and `zone` of their account; those of no account of the tape or the book are a fault each."""
    known = accounts.select("account_id", "currency", "zone", known=pl.lit(True)).unique("account_id", keep="first")
    joined = raw.join(known, on="account_id", how="left", maintain_order="left")
    lost = joined.filter(pl.col("account_id").is_not_null() & pl.col("known").is_null())
    report.add(lost, "account_id", "unknown_account", "is no account of the tape or the book", value="account_id")
    return joined.filter(pl.col("account_id").is_null() | pl.col("known")).drop("known")


def _with_defaults(raw: pl.DataFrame, table: str) -> pl.DataFrame:
    """Columns that may be left out of a tape."""
    columns, added = raw.columns, []
    if table == "events":
        if "recorded_at" not in columns and "at" in columns:
            added.append(pl.col("at").alias("recorded_at"))
        if "event_id" not in columns:
            file = pl.col("file").str.split("/").list.last()
            added.append((file + ":" + pl.col("line").cast(pl.String)).alias("event_id"))
    if table == "instalments":
        added += [pl.lit("0").alias(name) for name in ("interest", "fee") if name not in columns]
        if "number" not in columns:
            added.append(pl.int_range(1, pl.len() + 1).over("account_id").cast(pl.String).alias("number"))
    if table == "accounts" and "product" not in columns:
        added.append(pl.lit("standard").alias("product"))
    if table == "people" and "role" not in columns:
        added.append(pl.lit("borrower").alias("role"))
    return raw.with_columns(added)


def _fault_unread(raw: pl.DataFrame, name: str, table: str, mapping: TapeMapping, report: Report) -> None:
    """The cells of a column that hold something, and nothing that could be read: one fault each."""
    unread = raw.filter(pl.col(name).is_not_null() & pl.col(f"_{name}").is_null())
    if not unread.height:
        return
    if name in MONEY_COLUMNS[table]:
        _fault_amounts(unread, name, mapping, report)
        return
    code, what, todo = _WHY.get(name, ("unknown_value", "is not a value that is known", ""))
    kind = TABLES[table][name]
    if kind == pl.Date or isinstance(kind, pl.Datetime):
        code, what = "date", "is not a date or time as the mapping declares them"
        todo = "declare `dates:` or `instants:`"
    report.add(unread, name, code, what, todo, name)


def _fault_amounts(unread: pl.DataFrame, name: str, mapping: TapeMapping, report: Report) -> None:
    form = pl.col(name).str.contains(FORMS[mapping.amounts])
    what, todo = "is not an amount as the mapping declares them", "declare `amounts: thousands` for 1,234.50"
    report.add(unread.filter(~form), name, "amount", what, todo, name)
    # of an unknown currency nobody can say how many decimals it has: that is a fault of the account alone
    for currency in unread["currency"].unique().drop_nulls().sort().to_list():
        if currency in money.currencies():
            own = unread.filter(form & (pl.col("currency") == currency))
            what = f"has more decimals than {currency} has ({money.decimals(currency)}), or is too large"
            report.add(own, name, "decimals", what, value=name)


_WHY = {
    "law": ("law", "is no law that is known", "cn, us, uk, in, au or none"),
    "rate_ppm": ("rate", "is not a rate a year with at most six decimals", "0.18 is 18%"),
    "penalty_rate_ppm": ("rate", "is not a rate a year with at most six decimals", "0.18 is 18%"),
    "number": ("number", "is not a whole number", ""),
}
