"""Reading tapes: CSV and Parquet files as rows of text, then as the tables of facts, with every fault named.

Every cell is read as text first, so what stands there is what is judged.
"""

from __future__ import annotations

import fnmatch
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl

from arrears import calendar, money
from arrears.errors import refuse
from arrears.facts.findings import Report
from arrears.facts.mapping import TapeMapping
from arrears.facts.schema import REQUIRED, TABLES
from arrears.facts.wide import tables_of_wide

_PLAIN = r"^[+-]?\d+(\.\d+)?$"
_SCIENTIFIC = r"^[+-]?\d+(\.\d+)?([eE][+-]?\d{1,2})?$"
_THOUSANDS = r"^[+-]?\d{1,3}(,\d{3})*(\.\d+)?$|^[+-]?\d+(\.\d+)?$"
FORMS = {"plain": _PLAIN, "thousands": _THOUSANDS, "scientific": _SCIENTIFIC}
MONEY_COLUMNS = {
    "accounts": ("principal",),
    "instalments": ("principal", "interest", "fee"),
    "events": ("amount",),
    "people": (),
}
RATES = ("rate_ppm", "penalty_rate_ppm")
#: Names that tapes use for rates, which are fractions a year there: 0.18 is 18%.
RATE_NAMES = {"rate": "rate_ppm", "penalty_rate": "penalty_rate_ppm"}


def read_tape(paths: list[Path], mapping: TapeMapping, report: Report) -> dict[str, pl.DataFrame]:
    """The rows of each table as text, with `file` and `line`. Refusal if a file cannot be read at all."""
    found: dict[str, list[pl.DataFrame]] = {table: [] for table in TABLES}
    for path in paths:
        raw = _text_of(path, mapping)
        if mapping.wide is not None:
            for table, frame in tables_of_wide(raw, mapping.wide, str(path)).items():
                found[table].append(frame)
            continue
        table = _table_of(path, mapping)
        found[table].append(_named(raw, table, mapping, path, report))
    return {table: pl.concat(frames, how="diagonal") for table, frames in found.items() if frames}


def _text_of(path: Path, mapping: TapeMapping) -> pl.DataFrame:
    """A file as columns of text, with `file` and `line` (of the CSV; of Parquet: the row)."""
    try:
        if path.suffix == ".parquet":
            frame = pl.read_parquet(path)
            nested = [name for name, kind in frame.schema.items() if kind.is_nested()]
            frame = frame.drop(nested).with_columns(pl.all().cast(pl.String)).hstack(frame.select(nested))
            first = 1
        else:
            text = path.read_bytes().decode("utf-8-sig" if mapping.encoding == "utf-8" else mapping.encoding)
            frame = pl.read_csv(text.encode(), separator=mapping.delimiter, infer_schema=False, raise_if_empty=False)
            first = 2
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise refuse("encoding", f"is not {mapping.encoding} (byte {error.start})", file=str(path), line=line,
                     todo="declare `encoding:` in the mapping") from None  # fmt: skip
    except (OSError, pl.exceptions.PolarsError) as error:
        raise refuse("tape", f"cannot be read: {str(error).splitlines()[0]}", file=str(path), exit_code=2) from None
    blank = pl.col(pl.String).str.strip_chars()
    frame = frame.with_columns(pl.when(blank == "").then(None).otherwise(blank).name.keep())
    return frame.with_columns(file=pl.lit(str(path)), line=pl.int_range(first, pl.len() + first))


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
    spelled = {name: theirs.get(name, _spelling(name, raw.columns)) for name in TABLES[table]}
    columns = []
    for name, source in spelled.items():
        if name in constants:
            columns.append(pl.lit(str(constants[name])).alias(name))
        elif source in raw.columns:
            columns.append(pl.col(source).alias(name))
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


def parse_table(
    raw: pl.DataFrame, table: str, mapping: TapeMapping, accounts: pl.DataFrame, report: Report
) -> pl.DataFrame:
    """Text into the table's types. `accounts` gives currency and zone by account_id (for accounts: their own columns).

    Rows keep `file` and `line`; cells that cannot be read become null and a fault each.
    """
    raw = _with_defaults(raw, table)
    if table != "accounts":
        raw = raw.join(
            accounts.select("account_id", "currency", "zone"), on="account_id", how="left", maintain_order="left"
        )
    for name, kind in TABLES[table].items():
        if name not in raw.columns:
            raw = raw.with_columns(pl.lit(None, kind).alias(name))
            continue
        if raw.schema[name] == kind and not isinstance(kind, type):
            continue
        raw = raw.with_columns(_parsed(name, kind, table, mapping).alias(f"_{name}"))
        _fault_unread(raw, name, table, mapping, report)
        raw = raw.with_columns(pl.col(f"_{name}").alias(name)).drop(f"_{name}")
    for name in REQUIRED[table]:
        missing = raw.filter(pl.col(name).is_null() & ~pl.col("faulty").list.contains(name))
        report.add(missing, name, "missing", "is missing")
    return raw.select("file", "line", *TABLES[table]).cast(pl.Schema(TABLES[table]), strict=True)


def _with_defaults(raw: pl.DataFrame, table: str) -> pl.DataFrame:
    raw = raw.with_columns(pl.lit([], pl.List(pl.String)).alias("faulty"))
    columns = raw.columns
    added = []
    if table == "events":
        if "recorded_at" not in columns:
            added.append(pl.col("at").alias("recorded_at"))
        if "event_id" not in columns:
            added.append(
                (pl.col("file").str.split("/").list.last() + ":" + pl.col("line").cast(pl.String)).alias("event_id")
            )
    if table == "instalments":
        added += [pl.lit("0").alias(name) for name in ("interest", "fee") if name not in columns]
        if "number" not in columns:
            added.append(pl.int_range(1, pl.len() + 1).over("account_id").cast(pl.String).alias("number"))
    if table == "accounts" and "product" not in columns:
        added.append(pl.lit("standard").alias("product"))
    if table == "people" and "role" not in columns:
        added.append(pl.lit("borrower").alias("role"))
    return raw.with_columns(added)


def _parsed(name: str, kind: Any, table: str, mapping: TapeMapping) -> pl.Expr:
    text = pl.col(name)
    if name in MONEY_COLUMNS[table]:
        return minor_units(text, mapping.amounts)
    if name in RATES:
        return (text.cast(pl.Decimal(20, 6), strict=False) * money.PPM).cast(pl.Int64, strict=False)
    if kind == pl.Date:
        return pl.coalesce([text.str.to_date(form, strict=False) for form in mapping.dates])
    if isinstance(kind, pl.Datetime):
        return instant(text, mapping)
    if isinstance(kind, pl.List) and kind.inner == pl.String:
        return text.str.split(";")
    if isinstance(kind, pl.List):
        place = pl.struct(text=pl.element(), lat=pl.lit(None, pl.Float64), lon=pl.lit(None, pl.Float64))
        return text.str.split(";").list.eval(place)
    return text.cast(kind, strict=False)


def minor_units(text: pl.Expr, amounts: str) -> pl.Expr:
    """Decimal text into minor units of the row's `currency`; null where it is no such amount (too many decimals among them)."""
    places = pl.col("currency").replace_strict(
        {c: money.decimals(c) for c in money.currencies()}, default=None, return_dtype=pl.Int64
    )
    good = text.str.contains(FORMS[amounts])
    if amounts == "scientific":  # spreadsheets write 100000 as 1.00E+05: as many digits as they kept
        text = text.cast(pl.Decimal(30, 6), strict=False).cast(pl.String)
    plain = text.str.replace_all(",", "").str.strip_prefix("+")
    whole = plain.str.extract(r"^-?(\d+)")
    fraction = plain.str.extract(r"\.(\d+)$").fill_null("").str.strip_chars_end("0")
    fits = fraction.str.len_chars() <= places
    digits = (
        whole
        + fraction
        + pl.lit("0").repeat_by((places - fraction.str.len_chars().cast(pl.Int64)).clip(0)).list.join("")
    )
    minor = digits.cast(pl.Int64, strict=False) * pl.when(plain.str.starts_with("-")).then(-1).otherwise(1)
    return pl.when(good & fits & (minor.abs() <= money.AMOUNT_LIMIT_MINOR)).then(minor)


def instant(text: pl.Expr, mapping: TapeMapping) -> pl.Expr:
    """Instants with their offset; local times and dates (noon) in the mapping's or the account's business zone."""
    aware = [
        text.str.to_datetime(form, time_unit="us", time_zone="UTC", strict=False)
        for form in mapping.instants
        if "z" in form
    ]
    naive = [text.str.to_datetime(form, time_unit="us", strict=False) for form in mapping.instants if "z" not in form]
    naive += [
        text.str.to_date(form, strict=False).cast(pl.Datetime("us")) + pl.duration(hours=12) for form in mapping.dates
    ]
    local = pl.coalesce(naive)
    zones = [mapping.zone] if mapping.zone else sorted(set(calendar.BUSINESS_ZONES.values()))
    placed = [
        pl.when(pl.lit(True) if mapping.zone else pl.col("zone") == zone).then(
            local.dt.replace_time_zone(zone, ambiguous="earliest", non_existent="null").dt.convert_time_zone("UTC")
        )
        for zone in zones
    ]
    return pl.coalesce(*aware, *placed) if aware else pl.coalesce(placed)


def _fault_unread(raw: pl.DataFrame, name: str, table: str, mapping: TapeMapping, report: Report) -> None:
    unread = raw.filter(pl.col(name).is_not_null() & pl.col(f"_{name}").is_null())
    if not unread.height:
        return
    if name in MONEY_COLUMNS[table]:
        form = pl.col(name).str.contains(FORMS[mapping.amounts])
        known = pl.col("currency").is_in(list(money.currencies()))
        report.add(
            unread.filter(~form),
            name,
            "amount",
            "is not an amount as the mapping declares them",
            "declare `amounts: thousands` for 1,234.50",
            name,
        )
        report.add(
            unread.filter(form & known.fill_null(False)),
            name,
            "decimals",
            "has more decimals than its currency, or is too large",
            value=name,
        )
        return
    code, what, todo = _WHY.get(name, ("unknown_value", "is not a value that is known", ""))
    kind = TABLES[table][name]
    if kind == pl.Date or isinstance(kind, pl.Datetime):
        code, what, todo = (
            "date",
            "is not a date or time as the mapping declares them",
            "declare `dates:` or `instants:`",
        )
    report.add(unread, name, code, what, todo, name)


_WHY = {
    "law": ("law", "is no law that is known", "cn, us, uk, in, au or none"),
    "rate_ppm": ("rate", "is not a rate a year with at most six decimals", "0.18 is 18%"),
    "penalty_rate_ppm": ("rate", "is not a rate a year with at most six decimals", "0.18 is 18%"),
    "number": ("number", "is not a whole number", ""),
}
