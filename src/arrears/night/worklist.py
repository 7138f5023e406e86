"""The decisions of a part as they stand after capacity, and the work list: one line for each thing to do, with its reason and law.

Most accounts have no action that capacity limits: theirs is written as soon as they are judged, and never read again.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl

from arrears.facts.findings import harmless
from arrears.law import load_pack, packs
from arrears.night import files
from arrears.night.capacity import Allotment
from arrears.night.judge import WINDOW
from arrears.strategy import Ladder
from arrears.strategy.ladder import bit, words

LINES_FOR_PEOPLE = 200_000  # beyond this CSV and JSON are made on demand from the Parquet file


def settle_part(out: Path, part: int, frame: pl.DataFrame, ladders: Mapping[str, Ladder]) -> None:
    """Write decisions and work of the accounts of a judged part that no capacity limits; the others are kept, last."""
    if not frame.height:
        _write(frame, ladders, files.decisions(out, part), files.worklist(out, part))
        files.write_judged(frame, files.judged(out, part))
        return
    limited = [
        (pl.col("ladder_law") == ladder.law) & pl.col("action").is_in(list(ladder.capacity)).fill_null(False)
        for ladder in ladders.values()
    ]
    competes = frame.select(pl.any_horizontal(limited)).to_series()
    settled = frame.filter(~competes).with_columns(staff=pl.lit(None, pl.String))
    _write(_with_window(settled), ladders, files.decisions(out, part), files.worklist(out, part))
    files.write_judged(frame.filter(competes), files.judged(out, part))


def finish_part(out: Path, part: int, ladders: Mapping[str, Ladder], allotment: Allotment) -> None:
    """Write decisions and work of the accounts of a part that competed for capacity."""
    frame = pl.read_ipc(files.judged(out, part))
    if "action" in frame.columns:  # it is not in the frame of a part without accounts
        frame = _with_window(_after_capacity(frame, part, ladders, allotment))
    _write(frame, ladders, files.decisions(out, part, limited=True), files.worklist(out, part, limited=True))


def _write(frame: pl.DataFrame, ladders: Mapping[str, Ladder], decisions: Path, work: Path) -> None:
    """Decisions, then the work."""
    drop = [name for name in frame.columns if name.startswith(("gain_", "cost_"))]
    files.write_parquet(frame.drop(*drop), decisions)
    files.write_parquet(work_lines(frame, ladders), work)


def _after_capacity(
    frame: pl.DataFrame, part: int, ladders: Mapping[str, Ladder], allotment: Allotment
) -> pl.DataFrame:
    """Actions that did not fit are dropped with their reason; who does the others is noted."""
    own = allotment.changed.filter(pl.col("part") == part).select("row", new="action", dropped="dropped")
    staff = allotment.assigned.filter(pl.col("part") == part).select("row", "staff")
    frame = frame.with_row_index("row").join(own, on="row", how="left", maintain_order="left")
    frame = frame.join(staff, on="row", how="left", maintain_order="left")
    moved = pl.col("dropped").is_not_null()
    everything = {action.id: action for ladder in ladders.values() for action in ladder.actions}
    masks = [
        pl.when(moved & pl.col("dropped").list.contains(name))
        .then(pl.lit(bit("capacity"), pl.UInt64))
        .when(moved & (pl.col("new") == name))
        .then(pl.lit(0, pl.UInt64))
        .otherwise(pl.col(f"not_{name}"))
        .alias(f"not_{name}")
        for name in everything
        if f"not_{name}" in frame.columns
    ]
    frame = frame.with_columns(*masks, action=pl.when(moved).then("new").otherwise("action"))
    channels = {name: action.channel for name, action in everything.items()}
    channel = pl.col("action").replace_strict(channels, default=None, return_dtype=pl.String)
    return frame.with_columns(
        _of_moved(frame, "gain", moved), _of_moved(frame, "cost", moved), channel.alias("channel")
    ).drop("row", "new", "dropped")


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
    return frame.with_columns(found).drop(f"{what}_{channel}" for channel in channels for what in WINDOW)


LINE_COLUMNS = (
    "account_id", "person_id", "action", "channel", "stage", "bucket", "days_past_due", "past_due", "due", "currency",
    "gain", "cost", "reason_zh", "reason_en", "opens", "closes", "zone", "not_before", "not_after", "clauses",
    "sources", "staff",
)  # fmt: skip
#: Columns with words or ids of somebody's making: in the CSV they are kept from being computed.
TEXTS = ("account_id", "person_id", "reason_zh", "reason_en", "sources", "staff")


def work_lines(frame: pl.DataFrame, ladders: Mapping[str, Ladder]) -> pl.DataFrame:
    """One line for each account with work: what, why (in both languages), when it is lawful, and by which clauses."""
    work = frame.filter(pl.col("action").is_not_null()) if frame.height else frame
    if not work.height:
        return _line_schema()
    from arrears.calendar import BUSINESS_ZONES

    zone = pl.coalesce("time_zone", pl.col("law").replace_strict(BUSINESS_ZONES))
    work = work.with_columns(
        zone.alias("zone"),
        _shown(work, "past_due_total", "past_due"),
        _shown(work, "due_total", "due"),
        _sources(work),
    )
    stages = {stage.id: stage.name for ladder in ladders.values() for stage in ladder.stages}
    work = work.with_columns(_reason("zh", stages), _reason("en", stages), *_local(work))
    return work.select(LINE_COLUMNS)


def _line_schema() -> pl.DataFrame:
    text = dict.fromkeys(LINE_COLUMNS, pl.String())
    kinds: dict[str, Any] = {"days_past_due": pl.Int64, "gain": pl.Float64, "cost": pl.Float64,
             "not_before": pl.Datetime("us", "UTC"), "not_after": pl.Datetime("us", "UTC")}  # fmt: skip
    return pl.DataFrame(schema={**text, **kinds})


def _shown(work: pl.DataFrame, column: str, name: str) -> pl.Expr:
    """A money column as decimal text in the row's currency, without binary fractions."""
    from arrears import money

    found = pl.lit(None, dtype=pl.String)
    for currency in work["currency"].unique().drop_nulls().sort().to_list():
        places = money.decimals(currency)
        digits = pl.col(column).cast(pl.String).str.zfill(places + 1)
        text = digits.str.head(-places) + "." + digits.str.tail(places) if places else digits
        found = pl.when(pl.col("currency") == currency).then(text).otherwise(found)
    return found.alias(name)


def _reason(tongue: str, stages: Mapping[str, Mapping[str, str]]) -> pl.Expr:
    """The sentence of `strategy/words.yaml` for a taken action, written in columns."""
    names = {stage: name.get(tongue, stage) for stage, name in stages.items()}
    template = str(words()["taken"][tongue])
    parts: list[pl.Expr] = []
    rest = template
    columns = {
        "{stage_name}": pl.col("stage").replace_strict(names, default="", return_dtype=pl.String),
        "{days_past_due}": pl.col("days_past_due").cast(pl.String),
        "{past_due_total}": pl.col("past_due"),
    }
    while rest:
        at, mark = min(((rest.find(mark), mark) for mark in columns if mark in rest), default=(len(rest), ""))
        parts.append(pl.lit(rest[:at]))
        if mark:
            parts.append(columns[mark])
        rest = rest[at + len(mark) :]
    return pl.concat_str(parts).alias(f"reason_{tongue}")


def _sources(work: pl.DataFrame) -> pl.Expr:
    """The sources of the clauses a line names."""
    texts = {clause.id: clause.source for name in packs() for clause in load_pack(name).clauses}
    listed = work["clauses"].unique().drop_nulls().to_list()
    joined = {ids: "; ".join(texts[one] for one in ids.split(",") if one in texts) for ids in listed}
    return pl.col("clauses").replace_strict(joined, default=None, return_dtype=pl.String).alias("sources")


def _local(work: pl.DataFrame) -> list[pl.Expr]:
    """The window on the wall clock of the borrower's zone."""
    made = []
    for name, column in (("opens", "not_before"), ("closes", "not_after")):
        found = pl.lit(None, dtype=pl.String)
        for zone in work["zone"].unique().sort().to_list():
            instants = work[column].filter(work["zone"] == zone).unique().drop_nulls()
            shown = instants.dt.convert_time_zone(zone).dt.strftime("%Y-%m-%d %H:%M")
            local = pl.col(column).replace_strict(instants, shown, default=None, return_dtype=pl.String)
            found = pl.when(pl.col("zone") == zone).then(local).otherwise(found)
        made.append(found.alias(name))
    return made


def join_worklists(out: Path, parts: int) -> int:
    """All work of the night in one Parquet file, and as CSV and JSON where a person could read it; returns the number of lines."""
    sources = [files.worklist(out, part, limited) for part in range(parts) for limited in (False, True)]
    lazy = pl.scan_parquet(sources)
    lines = int(lazy.select(pl.len()).collect().item())
    temporary = out / "worklist.parquet.new"
    lazy.sink_parquet(temporary, compression="zstd", compression_level=1, statistics=False, maintain_order=True)
    temporary.replace(out / "worklist.parquet")
    if lines <= LINES_FOR_PEOPLE:
        frame = pl.read_parquet(out / "worklist.parquet")
        frame.with_columns(harmless(name) for name in TEXTS).write_csv(out / "worklist.csv", include_bom=True)
        frame.write_ndjson(out / "worklist.json")
    return lines
