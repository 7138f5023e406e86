"""The figures of the overview, counted once when a night is taken: book, money, roll rates, complaints, and who is treated how.

Money in minor units by currency. Whole numbers stay whole; shares are computed where they are shown, so a reader can check them.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl
from sqlalchemy import BigInteger, Connection, func, select, type_coerce

from arrears.night.summary import roll_rates
from arrears.store.tables import Event

#: Months back from now for which complaints and contacts are counted.
MONTHS = 12
#: Groups below this many accounts are not compared: a share of few people says nothing, and could name them.
SMALLEST_GROUP = 50
GROUPS = ("language", "product", "currency")
#: Actions that weigh on a borrower more than a message does.
HEAVY_CHANNELS = ("visit",)


def figures_of(
    connection: Connection, folder: Path, rows: pl.DataFrame, previous: Path | None, now: datetime
) -> dict[str, Any]:
    """Everything the overview shows of a night, JSON-ready."""
    summary = json.loads((folder / "summary.json").read_text("utf-8"))
    return {
        "as_of": summary["as_of"], "by_stage": summary["by_stage"], "by_bucket": summary["by_bucket"],
        "by_action": summary["by_action"], "roll": roll_rates(previous, folder) if previous is not None else [],
        "complaints": complaints(connection, now), "fairness": fairness(rows),
    }  # fmt: skip


def fairness(rows: pl.DataFrame) -> list[dict[str, Any]]:
    """By group of those past due: accounts, those with a contact planned, and those with a visit planned."""
    late = rows.filter(pl.col("days_past_due") > 0)
    found = []
    for group in GROUPS:
        if group not in late.columns:
            continue
        counted = (
            late.group_by(pl.col(group).fill_null("-").alias("value"))
            .agg(
                accounts=pl.len(), contact=(pl.col("channel") != "-").sum(),
                heavy=pl.col("channel").is_in(HEAVY_CHANNELS).sum(), days=pl.col("days_past_due").median(),
            )
            .filter(pl.col("accounts") >= SMALLEST_GROUP)
            .sort("accounts", "value", descending=[True, False])
        )  # fmt: skip
        found += [{"group": group, **row} for row in counted.to_dicts()]
    return found


def complaints(connection: Connection, now: datetime) -> list[dict[str, Any]]:
    """By month (UTC), up to now: contacts made by us, and complaints that were opened."""
    first = _months_back(now, MONTHS - 1)
    made = _by_month(connection, first, now, Event.kind == "contact", Event.direction == "out")
    opened = _by_month(connection, first, now, Event.kind == "complaint_opened")
    return [
        {"month": month, "contacts": made.get(month, 0), "complaints": opened.get(month, 0)}
        for month in sorted(made.keys() | opened.keys())
    ]


def _by_month(connection: Connection, first: datetime, now: datetime, *conditions: Any) -> dict[str, int]:
    if connection.dialect.name == "postgresql":
        month: Any = func.to_char(func.timezone("UTC", Event.at), "YYYY-MM")
    else:
        month = func.strftime("%Y-%m", type_coerce(Event.at, BigInteger).op("/")(1_000_000), "unixepoch")
    counted = select(month, func.count()).where(Event.at >= first, Event.at <= now, *conditions).group_by(month)
    return {str(name): int(count) for name, count in connection.execute(counted)}


def _months_back(now: datetime, months: int) -> datetime:
    month = now.astimezone(UTC).year * 12 + now.month - 1 - months
    return datetime(month // 12, month % 12 + 1, 1, tzinfo=UTC)
