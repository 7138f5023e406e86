"""The guard for a whole night: for each planned contact the lawful window of the next day, and the clauses behind it.

A night plans contacts for one day on which none was made yet, so limits by calendar day leave room for the first contact; the
guard is asked again before each one leaves. What depends on the account (conditions) is computed in columns; what depends only on
channel, zone and day is computed once for each pair.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from functools import reduce
from zoneinfo import ZoneInfo

import polars as pl

from arrears.calendar import BUSINESS_ZONES
from arrears.law.clauses import Clause, load_pack, packs

VERDICTS = ("allowed", "never", "no_pack")


def columns_read() -> frozenset[str]:
    """Columns of replay that the conditions of all packs read."""
    named: set[str] = set()
    for name in packs():
        for clause in load_pack(name).clauses:
            if clause.when is not None:
                named.update(clause.when.meta.root_names())
    return frozenset(named - {"role", "purpose", "channel"})


def windows(frame: pl.DataFrame, on: date, binds: str = "lender", decided: bool = False) -> pl.DataFrame:
    """Verdict and window for each row of `frame` (columns law, channel, time_zone and those of `columns_read`).

    Gives `verdict` (allowed, never, no_pack), `not_before` and `not_after` (UTC, null unless allowed; the window ends
    before `not_after`), and `clauses` (ids: those that forbid, else those that shape the window or demand something).
    Contacts are with the borrower, for collection. Rows without a channel get nulls. `decided`: the conditions were heard before.
    """
    keyed = frame.with_columns(
        pl.lit("borrower").alias("role"),
        pl.lit("collection").alias("purpose"),
        pl.col("law").cast(pl.String),
        pl.coalesce("time_zone", pl.col("law").cast(pl.String).replace_strict(BUSINESS_ZONES)).alias("zone"),
    )
    forbidden = pl.select(pl.lit(0, pl.UInt32)).to_series().new_from_index(0, frame.height)
    numbered = [(law, clause) for law in packs() for clause in load_pack(law).clauses if clause.kind == "forbid"]
    numbered = [] if decided else numbered
    if numbered:
        flags = [_forbids(law, clause, index, on, binds) for index, (law, clause) in enumerate(numbered)]
        forbidden = keyed.with_columns(mask=reduce(lambda a, b: a | b, flags))["mask"]
    pairs = keyed.select("law", "channel", "zone").unique()
    table = pl.DataFrame(
        [(*pair, *_pair(pair[0], pair[1], pair[2], on, binds)) for pair in pairs.filter(pl.col("channel").is_not_null()).iter_rows()],
        schema={
            "law": pl.String, "channel": pl.String, "zone": pl.String, "verdict": pl.String,
            "not_before": pl.Datetime("us", "UTC"), "not_after": pl.Datetime("us", "UTC"), "clauses": pl.String,
        },
        orient="row",
    )  # fmt: skip
    joined = keyed.select("law", pl.col("channel").cast(pl.String), "zone").join(
        table, on=["law", "channel", "zone"], how="left", maintain_order="left"
    )
    return _with_forbidden(joined, forbidden, numbered)


def _forbids(law: str, clause: Clause, index: int, on: date, binds: str) -> pl.Expr:
    holds = pl.lit(False)
    if clause.in_force(on) and binds in clause.binds and clause.confirmed != "false" and clause.when is not None:
        holds = (pl.col("law") == law) & pl.col("channel").is_in(list(clause.channels)) & clause.when
    return pl.when(holds).then(pl.lit(1 << index, pl.UInt32)).otherwise(pl.lit(0, pl.UInt32))


def _pair(law: str, channel: str, zone: str, on: date, binds: str) -> tuple[str, datetime | None, datetime | None, str]:
    """Verdict, window and clauses that hold for every contact of this law, channel and zone on the day."""
    begins, ends = datetime.combine(on, datetime.min.time()), datetime.combine(on, datetime.max.time())
    if law == "none":
        return "allowed", _utc(begins, zone), _utc(ends, zone), ""
    if law not in packs():
        return "no_pack", None, None, ""
    used = [
        clause for clause in load_pack(law).clauses if clause.applies(channel, on, binds) and clause.kind != "forbid"
    ]
    for clause in used:
        if clause.open is not None:
            begins = max(begins, datetime.combine(on, clause.open[0]))
            ends = min(ends, datetime.combine(on, clause.open[1]))
    return "allowed", _utc(begins, zone), _utc(ends, zone), ",".join(clause.id for clause in used)


def _utc(local: datetime, zone: str) -> datetime:
    return local.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


def _with_forbidden(joined: pl.DataFrame, forbidden: pl.Series, numbered: list[tuple[str, Clause]]) -> pl.DataFrame:
    masks = {int(mask): _ids(int(mask), numbered) for mask in forbidden.unique()}
    never = pl.col("mask") != 0
    return joined.with_columns(forbidden.alias("mask")).select(
        pl.when(never).then(pl.lit("never")).otherwise(pl.col("verdict")).alias("verdict"),
        pl.when(never).then(None).otherwise(pl.col("not_before")).alias("not_before"),
        pl.when(never).then(None).otherwise(pl.col("not_after")).alias("not_after"),
        pl.when(never)
        .then(pl.col("mask").replace_strict(masks, return_dtype=pl.String))
        .otherwise(pl.col("clauses"))
        .alias("clauses"),
    )


def _ids(mask: int, numbered: list[tuple[str, Clause]]) -> str:
    return ",".join(clause.id for index, (_, clause) in enumerate(numbered) if mask >> index & 1)
