"""Payments as CSV: one a row, columns named in the header or by a mapping (section `tables: payments:`)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

import polars as pl

from arrears import money
from arrears.errors import Finding
from arrears.facts.cells import FORMS, instant, minor_units
from arrears.facts.findings import Report
from arrears.facts.mapping import TABLES, TapeMapping
from arrears.facts.rows import rows_of
from arrears.payments.entries import Entry, EntryKind, Statement

NEEDED = ("payment_id", "on", "amount", "reference")
KINDS: dict[str, EntryKind] = {"payment": "payment", "reversal": "reversal", "other": "other"}


def read_csv_list(path: Path, mapping: TapeMapping, digest: str) -> Statement:
    """The entries of a CSV file (encoding, amounts, dates and names of columns as the mapping says)."""
    report = Report()
    raw = rows_of(path, mapping, report)
    part: Mapping[str, Any] = mapping.tables.get("payments") or {}
    frame = _named(raw, part, str(path), report)
    if not report.clean:
        return Statement(str(path), digest, (), _told(report))
    frame = _parsed(frame, mapping)
    _fault(frame, mapping, report)
    entries = [] if not report.clean else [_entry(row) for row in frame.iter_rows(named=True)]
    return Statement(str(path), digest, tuple(entries), _told(report))


def _named(raw: pl.DataFrame, part: Mapping[str, Any], file: str, report: Report) -> pl.DataFrame:
    """The columns under our names, constants filled in; a missing one is a fault of the header."""
    theirs, constants = part.get("columns") or {}, part.get("constants") or {}
    found = []
    for name in TABLES["payments"]:
        source = theirs.get(name, name)
        if name in constants:
            found.append(pl.lit(str(constants[name])).alias(name))
        elif source in raw.columns:
            found.append(pl.col(source).alias(name))
        elif name in NEEDED or name == "currency" or name in theirs:
            header = pl.DataFrame({"file": [file], "line": [1]})
            report.add(header, name, "missing_column", f"there is no column `{source}`", "name it in the mapping")
        else:
            found.append(pl.lit(None, pl.String).alias(name))
    return raw.select("file", "line", *found)


def _parsed(frame: pl.DataFrame, mapping: TapeMapping) -> pl.DataFrame:
    """Amounts in minor units; a day, or an instant (with its offset, or local in the mapping's zone)."""
    day = pl.coalesce([pl.col("on").str.to_date(form, strict=False) for form in mapping.dates])
    at = pl.when(day.is_null()).then(instant(pl.col("on"), mapping, ()))
    amount = minor_units(pl.col("amount"), mapping.amounts)
    return frame.with_columns(amount.alias("minor"), at.alias("at"), pl.coalesce(day, at.dt.date()).alias("day"))


def _fault(frame: pl.DataFrame, mapping: TapeMapping, report: Report) -> None:
    for name in NEEDED[:3]:
        report.add(frame.filter(pl.col(name).is_null()), name, "missing", "is missing")
    known = pl.col("currency").is_in(list(money.currencies()))
    report.add(
        frame.filter(~known.fill_null(False)), "currency", "currency", "is no currency that is known", value="currency"
    )
    unread = frame.filter(pl.col("amount").is_not_null() & pl.col("minor").is_null() & known)
    form = pl.col("amount").str.contains(FORMS[mapping.amounts])
    report.add(unread.filter(~form), "amount", "amount", "is not an amount as the mapping declares them",
               "declare `amounts: thousands` for 1,234.50", "amount")  # fmt: skip
    report.add(unread.filter(form), "amount", "decimals", "has more decimals than its currency has, or is too large",
               value="amount")  # fmt: skip
    report.add(frame.filter(pl.col("minor") <= 0), "amount", "amount", "is not above zero",
               "say what it is in `kind`: payment, reversal or other", "amount")  # fmt: skip
    report.add(frame.filter(pl.col("on").is_not_null() & pl.col("day").is_null()), "on", "date",
               "is not a date or time as the mapping declares them", "declare `dates:` or `instants:`, and `zone:` for local times", "on")  # fmt: skip
    report.add(frame.filter(~pl.col("kind").is_in(list(KINDS))), "kind", "kind",
               "is not payment, reversal or other", value="kind")  # fmt: skip
    twice = frame.filter(pl.col("payment_id").is_duplicated() & pl.col("payment_id").is_not_null())
    report.add(twice, "payment_id", "repeated", "stands in the file twice", value="payment_id")


def _entry(row: Mapping[str, Any]) -> Entry:
    kind = KINDS[row["kind"] or "payment"]
    on: date = row["day"]
    at: datetime | None = row["at"]
    return Entry(
        entry_id=f"csv-{row['payment_id']}", kind=kind, amount=row["minor"], currency=row["currency"], on=on, at=at,
        references=(row["reference"],) if row["reference"] else (), payer=row["payer"],
        reverses=f"csv-{row['reverses']}" if row["reverses"] else None, line=row["line"],
    )  # fmt: skip


def _told(report: Report) -> tuple[Finding, ...]:
    return tuple(report.first(report.findings.height))
