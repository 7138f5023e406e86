"""The decisions of a part as they stand after capacity, and the work that follows from them.

Most accounts have no action that capacity limits: theirs is written as soon as they are judged, and never read again.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import polars as pl

from arrears.night import files
from arrears.night.capacity import Allotment
from arrears.night.judge import WINDOW, Judged
from arrears.night.lines import work_of
from arrears.night.summary import counted
from arrears.strategy import Ladder
from arrears.strategy.ladder import bit


def settle_part(out: Path, part: int, judged: Judged) -> None:
    """Write decisions and work of the accounts of a judged part that no capacity limits; the others are kept, last."""
    _write(judged.settled, out, part, limited=False)
    files.write_judged(judged.competing, files.judged(out, part))


def finish_part(out: Path, part: int, ladders: Mapping[str, Ladder], allotment: Allotment) -> None:
    """Write decisions and work of the accounts of a part that competed for capacity."""
    frame = pl.read_ipc(files.judged(out, part))
    if "action" in frame.columns:  # it is not in the frame of a part without accounts
        frame = _with_window(_after_capacity(frame, part, ladders, allotment))
    _write(frame, out, part, limited=True)


def _write(frame: pl.DataFrame, out: Path, part: int, limited: bool) -> None:
    """Decisions and what they come to, then the work."""
    files.write_parquet(_without_limits(frame), files.decisions(out, part, limited))
    files.write_judged(counted(frame), files.counts(out, part, limited))
    files.write_judged(work_of(frame), files.work(out, part, limited))


def _without_limits(frame: pl.DataFrame) -> pl.DataFrame:
    """The frame without what only the contest for capacity asks for."""
    return frame.drop(name for name in frame.columns if name.startswith(("gain_", "cost_")))


def _after_capacity(
    frame: pl.DataFrame, part: int, ladders: Mapping[str, Ladder], allotment: Allotment
) -> pl.DataFrame:
    """Actions that did not fit are dropped with their reason; who does the others is noted."""
    everything = {action.id: action for ladder in ladders.values() for action in ladder.actions}
    asked = [name for name in everything if f"not_{name}" in frame.columns]
    changed = allotment.changed.filter(pl.col("part") == part).select(
        "row", pl.col("action").alias("new"), pl.lit(True).alias("moved"),
        *(pl.col("dropped").list.contains(name).alias(f"dropped_{name}") for name in asked),
    )  # fmt: skip
    staff = allotment.assigned.filter(pl.col("part") == part).select("row", "staff")
    frame = frame.hstack(_in_rows(changed, frame.height)).hstack(_in_rows(staff, frame.height))
    moved = pl.col("moved").fill_null(False)
    masks = [
        pl.when(pl.col(f"dropped_{name}"))
        .then(pl.lit(bit("capacity"), pl.UInt64))
        .when(moved & (pl.col("new") == name))
        .then(pl.lit(0, pl.UInt64))
        .otherwise(pl.col(f"not_{name}"))
        .alias(f"not_{name}")
        for name in asked
    ]
    frame = frame.with_columns(
        *masks, action=pl.when(moved).then(pl.col("new").cast(pl.Categorical)).otherwise("action")
    )
    channels = {name: action.channel for name, action in everything.items()}
    channel = pl.col("action").cast(pl.String).replace_strict(channels, default=None, return_dtype=pl.Categorical)
    return frame.with_columns(
        _of_moved(frame, "gain", moved), _of_moved(frame, "cost", moved), channel.alias("channel")
    ).drop("new", "moved", *(f"dropped_{name}" for name in asked))


def _in_rows(told: pl.DataFrame, height: int) -> pl.DataFrame:
    """What is told of some rows (`row`, from 0), in as many rows as there are; nulls where nothing is."""
    place = pl.Series([None], dtype=pl.UInt32).new_from_index(0, height)
    place = place.scatter(told["row"], pl.int_range(told.height, dtype=pl.UInt32, eager=True))
    return told.drop("row").select(pl.all().gather(place))


def _of_moved(frame: pl.DataFrame, what: str, moved: pl.Expr) -> pl.Expr:
    """Gain or cost of the action an account was moved to (null for one without a stated limit)."""
    found = pl.lit(None, dtype=pl.Float64)
    for name in [column.removeprefix(f"{what}_") for column in frame.columns if column.startswith(f"{what}_")]:
        found = pl.when(pl.col("new") == name).then(pl.col(f"{what}_{name}")).otherwise(found)
    return pl.when(moved).then(found).otherwise(pl.col(what)).alias(what)


def _with_window(frame: pl.DataFrame) -> pl.DataFrame:
    """The lawful window on the channel of the action taken, out of those on each channel."""
    channels = [name.removeprefix("clauses_") for name in frame.columns if name.startswith("clauses_")]
    found = [
        pl.coalesce(pl.when(pl.col("channel") == channel).then(f"{what}_{channel}") for channel in channels).alias(what)
        for what in WINDOW
    ]
    return (
        frame.with_columns(found)
        .with_columns(pl.col("clauses").cast(pl.Categorical))
        .drop(f"{what}_{channel}" for channel in channels for what in WINDOW)
    )
