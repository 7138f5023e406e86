"""Wide tapes: one row an account, with families of columns for instalments and events, named in a mapping.

A value is a column's name, or ``{constant: …}``, or ``{column: …, prefix: …}``, or ``{column: …, percent: …}`` (a share of an amount, rounded half
up to the whole unit, below zero taken as zero), or (for the principal) ``{sum: instalments}``. `facts.mapping` checks their form.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

from arrears.errors import refuse
from arrears.facts.cells import plain_number
from arrears.facts.findings import Report
from arrears.facts.mapping import TapeMapping

NUMBER = pl.Decimal(30, 6)


def tables_of_wide(raw: pl.DataFrame, mapping: TapeMapping, file: str, report: Report) -> dict[str, pl.DataFrame]:
    """The tables that a wide file holds, still as text. Refusal if the mapping names a column that is not there."""
    assert mapping.wide is not None
    reader = _WideReader(raw, mapping, file, report)
    found: dict[str, pl.DataFrame] = {}
    for table in ("instalments", "events", "people"):
        members = [reader.member(part, table, index) for index, part in enumerate(mapping.wide.get(table) or ())]
        if members:
            found[table] = pl.concat(members, how="diagonal")
    found["accounts"] = reader.accounts(mapping.wide["accounts"], found.get("instalments"))
    return found


class _WideReader:
    """Reads the families of columns of one file."""

    def __init__(self, raw: pl.DataFrame, mapping: TapeMapping, file: str, report: Report) -> None:
        self.raw, self.mapping, self.file, self.report = raw, mapping, file, report
        assert mapping.wide is not None
        self.keyed = raw.with_columns(self.value(mapping.wide["accounts"]["account_id"]).alias("_account"))

    def accounts(self, part: Mapping[str, Any], instalments: pl.DataFrame | None) -> pl.DataFrame:
        """A row an account; a principal that is a sum is the sum of what could be read."""
        summed = [name for name, spec in part.items() if isinstance(spec, Mapping) and "sum" in spec]
        plain = [name for name in part if name not in ("account_id", *summed)]
        columns = [self.value(part[name]).alias(name) for name in plain]
        frame = self.keyed.select("file", "line", pl.col("_account").alias("account_id"), *columns)
        if not summed or instalments is None:
            return frame
        amount = plain_number(pl.col("principal"), self.mapping.amounts).cast(NUMBER, strict=False)
        text = amount.sum().cast(pl.String).str.strip_chars_end("0").str.strip_suffix(".")
        total = instalments.group_by("account_id").agg(text.alias(summed[0]))
        joined = frame.join(total, on="account_id", how="left", maintain_order="left")
        return joined.with_columns(pl.col(summed[0]).fill_null("0"))

    def member(self, part: Mapping[str, Any], table: str, index: int) -> pl.DataFrame:
        """One member of a family: a row for each account, but for those whose amount is nothing where `skip_zero` says so."""
        for spec in part.values():
            self.fault_percent(spec)
        columns = [self.value(spec).alias(name) for name, spec in part.items() if name != "skip_zero"]
        frame = self.keyed.select("file", "line", pl.col("_account").alias("account_id"), *columns)
        if table == "events":
            frame = frame.with_columns((pl.col("account_id") + f"-{index + 1}").alias("event_id"))
        zero = part.get("skip_zero")
        if zero is None:
            return frame
        # what is no number stays, to be found as a fault
        amount = plain_number(pl.col(str(zero)), self.mapping.amounts).cast(NUMBER, strict=False)
        return frame.filter(pl.col(str(zero)).is_not_null() & (amount != 0).fill_null(True))

    def value(self, spec: Any) -> pl.Expr:
        """The text that a value of the mapping stands for."""
        if isinstance(spec, Mapping) and "constant" in spec:
            return pl.lit(str(spec["constant"]))
        name = str(spec["column"] if isinstance(spec, Mapping) else spec)
        if name not in self.raw.columns:
            raise refuse(
                "missing_column", f"there is no column `{name}`", file=self.file, line=1, todo="correct the mapping"
            )
        if isinstance(spec, Mapping) and "percent" in spec:
            whole = self.number(name).round(0).cast(pl.Int64).clip(0)
            return ((whole * int(spec["percent"]) + 50) // 100).cast(pl.String)
        if isinstance(spec, Mapping) and "prefix" in spec:
            return pl.lit(str(spec["prefix"])) + pl.col(name)
        return pl.col(name)

    def number(self, name: str) -> pl.Expr:
        return plain_number(pl.col(name), self.mapping.amounts).cast(NUMBER, strict=False)

    def fault_percent(self, spec: Any) -> None:
        """Cells of which no share can be taken."""
        if not (isinstance(spec, Mapping) and "percent" in spec and spec["column"] in self.raw.columns):
            return
        name = str(spec["column"])
        unread = self.keyed.filter(pl.col(name).is_not_null() & self.number(name).is_null())
        what, todo = "is not an amount as the mapping declares them", "declare `amounts:`"
        self.report.add(unread.rename({"_account": "account_id"}), name, "amount", what, todo, name)
