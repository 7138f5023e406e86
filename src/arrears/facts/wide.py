"""Wide tapes: one row an account, with families of columns for instalments and events, named in a mapping.

A value is a column's name, or ``{constant: …}``, or ``{column: …, percent: …}`` (a share of an amount, rounded half up to the whole unit, below
zero taken as zero), or (for the principal) ``{sum: instalments}``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

from arrears.errors import refuse


def tables_of_wide(raw: pl.DataFrame, wide: Mapping[str, Any], file: str) -> dict[str, pl.DataFrame]:
    """The tables that a wide file holds, still as text. Refusal if the mapping names a column that is not there."""
    account_id = _value(wide["accounts"]["account_id"], raw, file)
    keyed = raw.with_columns(account_id.alias("_account"))
    found: dict[str, pl.DataFrame] = {}
    for table in ("instalments", "events", "people"):
        members = [_member(keyed, part, table, index, file) for index, part in enumerate(wide.get(table) or ())]
        if members:
            found[table] = pl.concat(members, how="diagonal")
    found["accounts"] = _accounts(keyed, wide["accounts"], found.get("instalments"), file)
    return found


def _accounts(
    keyed: pl.DataFrame, part: Mapping[str, Any], instalments: pl.DataFrame | None, file: str
) -> pl.DataFrame:
    columns = [
        _value(spec, keyed, file).alias(name)
        for name, spec in part.items()
        if name != "account_id" and not (isinstance(spec, Mapping) and "sum" in spec)
    ]
    frame = keyed.select("file", "line", pl.col("_account").alias("account_id"), *columns)
    summed = [name for name, spec in part.items() if isinstance(spec, Mapping) and "sum" in spec]
    if summed and instalments is not None:
        total = instalments.group_by("account_id").agg(
            pl.col("principal").cast(pl.Int64).sum().cast(pl.String).alias(summed[0])
        )
        frame = frame.join(total, on="account_id", how="left", maintain_order="left").with_columns(
            pl.col(summed[0]).fill_null("0")
        )
    return frame


def _member(keyed: pl.DataFrame, part: Mapping[str, Any], table: str, index: int, file: str) -> pl.DataFrame:
    """One member of a family: a row for each account, but for those whose amount is zero where `skip_zero` says so."""
    columns = [_value(spec, keyed, file).alias(name) for name, spec in part.items() if name != "skip_zero"]
    frame = keyed.select("file", "line", pl.col("_account").alias("account_id"), *columns)
    if table == "events":
        frame = frame.with_columns((pl.col("account_id") + f"-{index + 1}").alias("event_id"))
    zero = part.get("skip_zero")
    return frame if zero is None else frame.filter(pl.col(str(zero)).cast(pl.Float64, strict=False).fill_null(0) != 0)


def _value(spec: Any, raw: pl.DataFrame, file: str) -> pl.Expr:
    if isinstance(spec, Mapping) and "constant" in spec:
        return pl.lit(str(spec["constant"]))
    name = str(spec["column"] if isinstance(spec, Mapping) else spec)
    if name not in raw.columns:
        raise refuse(
            "missing_column", f"there is no column `{name}`", file=file, line=1, exit_code=1, todo="correct the mapping"
        )
    if isinstance(spec, Mapping) and "percent" in spec:
        share = pl.col(name).cast(pl.Float64).round().cast(pl.Int64).clip(0) * int(spec["percent"])
        return ((share + 50) // 100).cast(pl.String)
    if isinstance(spec, Mapping) and "prefix" in spec:
        return pl.lit(str(spec["prefix"])) + pl.col(name)
    return pl.col(name)
