"""What a night came to: accounts by stage, money by bucket, work by action, reasons counted, changes; and roll rates between nights."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from arrears.errors import refuse
from arrears.night import files
from arrears.strategy.ladder import reasons

if TYPE_CHECKING:
    from arrears.night import Night


def scan(out: Path) -> pl.LazyFrame:
    """All decisions of a night. Refusal if the folder holds no finished night."""
    found = sorted((out / "decisions").glob("part-*.parquet"))
    if not found or (not (out / "night.json").exists() and not (out / "started.json").exists()):
        raise refuse("night", "holds no night", file=str(out), exit_code=2)
    return pl.concat([pl.scan_parquet(path) for path in found], how="diagonal_relaxed")


#: By what decisions are counted, beside the reasons against each action.
KINDS = ("stage", "bucket", "currency", "action", "channel")

#: A part without accounts.
NOTHING: dict[str, Any] = {
    **dict.fromkeys(KINDS, pl.Categorical), "currency": pl.String, "accounts": pl.UInt32, "due_minor": pl.Int64,
    "past_due_minor": pl.Int64, "gain": pl.Float64, "cost": pl.Float64, "refused": pl.UInt32,
}  # fmt: skip


def counted(decisions: pl.DataFrame) -> pl.DataFrame:
    """What the decisions of a part come to, one row for all that are of a kind and have the same reasons against each action.

    Counted while they are at hand, so that a summary reads no decision again. Empty for a part without accounts.
    """
    if "action" not in decisions.columns:
        return pl.DataFrame(schema=NOTHING)
    kinds = [*KINDS, *_masks(decisions.columns)]
    return decisions.group_by(kinds, maintain_order=True).agg(
        accounts=pl.len(), due_minor=pl.col("due_total").sum(), past_due_minor=pl.col("past_due_total").sum(),
        gain=pl.col("gain").sum(), cost=pl.col("cost").sum(), refused=pl.col("refused").count(),
    )  # fmt: skip


def _masks(columns: Sequence[str]) -> list[str]:
    """The columns with the reasons against an action."""
    return [name for name in columns if name.startswith("not_") and name not in ("not_before", "not_after")]


def summarise(night: Night, out: Path, previous: Path | None) -> dict[str, Any]:
    """The summary, JSON-ready. Money in minor units by currency."""
    parts = [files.counts(out, part, limited) for part in range(night.book.parts) for limited in (False, True)]
    found = pl.concat([pl.read_ipc(path) for path in parts], how="diagonal")
    work = _work(found)
    return {
        "as_of": night.as_of.isoformat(),
        "planned_for": json.loads((out / "started.json").read_text("utf-8"))["planned_for"],
        "accounts": int(found["accounts"].sum()),
        "work": sum(row["lines"] for row in work),
        "by_stage": _by_stage(found, night),
        "by_bucket": _by_bucket(found, night),
        "by_action": work,
        "not_taken": _reasons_counted(found),
        "refused": _refused(out) if found["refused"].sum() else [],
        "changes": changes(previous, out) if previous is not None else None,
    }


def _work(found: pl.DataFrame) -> list[dict[str, Any]]:
    """The work by action and channel, with gain and cost (major units)."""
    taken = found.filter(pl.col("action").is_not_null()).rename({"accounts": "lines"})
    work = taken.group_by("action", "channel", maintain_order=True).agg(pl.col("lines", "gain", "cost").sum())
    rows = work.sort("action", maintain_order=True).to_dicts()
    return [{**row, "gain": round(row["gain"], 2), "cost": round(row["cost"], 2)} for row in rows]


def _refused(out: Path) -> list[dict[str, Any]]:
    """The accounts that could not be computed, and why."""
    refused = scan(out).filter(pl.col("refused").is_not_null()).select("account_id", "refused")
    return refused.sort("account_id").collect().to_dicts()


def _order(night: Night) -> tuple[list[str], list[str]]:
    stages: dict[str, None] = {}
    buckets: dict[str, None] = {}
    for ladder in night.ladders.values():
        stages |= dict.fromkeys(stage.id for stage in reversed(ladder.stages))
        buckets |= dict.fromkeys(name for name, _ in ladder.buckets)
    return list(stages), list(buckets)


def _by_stage(found: pl.DataFrame, night: Night) -> dict[str, int]:
    stages, _ = _order(night)
    counts = dict(found.group_by("stage").agg(pl.col("accounts").sum()).iter_rows())
    return {stage: int(counts[stage]) for stage in stages if stage in counts}


def _by_bucket(found: pl.DataFrame, night: Night) -> list[dict[str, Any]]:
    _, buckets = _order(night)
    rank = {name: index for index, name in enumerate(buckets)}
    grouped = found.group_by("bucket", "currency").agg(pl.col("accounts", "due_minor", "past_due_minor").sum())
    return sorted(grouped.to_dicts(), key=lambda row: (row["currency"], rank[row["bucket"]]))


def _reasons_counted(found: pl.DataFrame) -> dict[str, dict[str, int]]:
    """For each action: how many accounts each reason keeps it from."""
    told = {}
    for mask in _masks(found.columns):
        counts = dict.fromkeys(reasons(), 0)
        for bits, n in found.group_by(mask).agg(pl.col("accounts").sum()).iter_rows():
            for index, reason in enumerate(reasons()):
                counts[reason] += n if (bits or 0) >> index & 1 else 0
        told[mask.removeprefix("not_")] = {reason: n for reason, n in counts.items() if n}
    return told


def changes(previous: Path, out: Path) -> dict[str, int]:
    """Accounts since the last night: new, gone, past due now, cured, moved to a later or an earlier bucket."""
    both = _pairs(previous, out, full=True)
    before, after = pl.col("days_before"), pl.col("days_after")
    counted = both.select(
        new=before.is_null().sum(), gone=after.is_null().sum(),
        fell_behind=((before == 0) & (after > 0)).sum(), cured=((before > 0) & (after == 0)).sum(),
        worse=((before > 0) & (after > before)).sum(), better=((after > 0) & (after < before)).sum(),
    ).collect()  # fmt: skip
    return {name: int(value) for name, value in counted.row(0, named=True).items()}


def _pairs(previous: Path, out: Path, full: bool) -> pl.LazyFrame:
    columns = ("account_id", "bucket", "days_past_due", "past_due_total")
    one, two = (scan(path).select(columns) for path in (previous, out))
    renamed = [
        frame.rename({"bucket": f"bucket_{word}", "days_past_due": f"days_{word}", "past_due_total": f"money_{word}"})
        for frame, word in ((one, "before"), (two, "after"))
    ]
    return renamed[0].join(renamed[1], on="account_id", how="full" if full else "inner", coalesce=True)


def roll_rates(previous: Path, out: Path) -> list[dict[str, Any]]:
    """Between two nights, by bucket before and after: accounts, the share of the bucket before, and its money past due (minor units)."""
    table = (
        _pairs(previous, out, full=False)
        .group_by("bucket_before", "bucket_after")
        .agg(accounts=pl.len(), past_due_minor=pl.col("money_before").sum(), first=pl.col("days_before").min(), then=pl.col("days_after").min())
        .collect()
    )  # fmt: skip
    total = table.group_by("bucket_before").agg(all=pl.col("accounts").sum())
    joined = table.join(total, on="bucket_before").with_columns(rate=pl.col("accounts") / pl.col("all"))
    ordered = joined.with_columns(
        pl.col("first").min().over("bucket_before"), pl.col("then").min().over("bucket_after")
    )
    return (
        ordered.sort("first", "then")
        .select("bucket_before", "bucket_after", "accounts", "rate", "past_due_minor")
        .to_dicts()
    )
