"""The work list: one line for each thing to do, with its reason, its lawful window and its clauses.

Each part leaves its work as rows of figures and ids; the words are written once, when the rows of all parts are joined.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from arrears import money
from arrears.calendar import BUSINESS_ZONES
from arrears.facts.spreadsheet import harmless
from arrears.law import load_pack, packs
from arrears.night import files
from arrears.strategy import Ladder
from arrears.strategy.ladder import words

LINES_FOR_PEOPLE = 200_000  # beyond this CSV and JSON are made on demand from the Parquet file
#: What of a decision goes into a line. Words that many lines share are categories, so that each is written once a file.
WORK: dict[str, Any] = {
    "account_id": pl.String, "person_id": pl.String, "law": pl.Categorical, "action": pl.Categorical,
    "channel": pl.Categorical, "stage": pl.Categorical, "bucket": pl.Categorical, "currency": pl.Categorical,
    "time_zone": pl.Categorical, "days_past_due": pl.Int64, "past_due_total": pl.Int64, "due_total": pl.Int64,
    "gain": pl.Float64, "cost": pl.Float64, "not_before": pl.Datetime("us", "UTC"), "not_after": pl.Datetime("us", "UTC"),
    "clauses": pl.Categorical, "staff": pl.Categorical,
}  # fmt: skip
LINE_COLUMNS = (
    "account_id", "person_id", "action", "channel", "stage", "bucket", "days_past_due", "past_due", "due", "currency",
    "gain", "cost", "reason_zh", "reason_en", "opens", "closes", "zone", "not_before", "not_after", "clauses",
    "sources", "staff",
)  # fmt: skip
#: Columns with words or ids of somebody's making: in the CSV they are kept from being computed.
TEXTS = ("account_id", "person_id", "reason_zh", "reason_en", "sources", "staff")


def work_of(frame: pl.DataFrame) -> pl.DataFrame:
    """The rows of decisions with something to do, in the columns of `WORK`."""
    if not frame.height:
        return pl.DataFrame(schema=WORK)
    work = frame.filter(pl.col("action").is_not_null())
    return work.select(pl.col(name).cast(kind) for name, kind in WORK.items())


def join_work(out: Path, parts: int, ladders: Mapping[str, Ladder]) -> None:
    """All work of the night in one Parquet file, and as CSV and JSON where a person could read it."""
    work = pl.scan_ipc([files.work(out, part, limited) for part in range(parts) for limited in (False, True)])
    count, *found = pl.collect_all([work.select(pl.len()), *(work.select(names).unique() for names in _SHARED)])
    temporary = out / "worklist.parquet.new"
    lines_of(work, _Shared(*found), ladders).sink_parquet(
        temporary, compression="zstd", compression_level=1, statistics=False, maintain_order=True
    )
    temporary.replace(out / "worklist.parquet")
    if count.item() <= LINES_FOR_PEOPLE:
        frame = pl.read_parquet(out / "worklist.parquet").with_columns(pl.col(pl.Categorical).cast(pl.String))
        frame.with_columns(harmless(name) for name in TEXTS).write_csv(out / "worklist.csv", include_bom=True)
        frame.write_ndjson(out / "worklist.json")


_SHARED = (["currency"], ["clauses"], ["law", "time_zone", "not_before", "not_after"])


@dataclass(frozen=True)
class _Shared:
    """What occurs in the lines: currencies, lists of clauses, and windows by law and zone; each once."""

    currencies: pl.DataFrame
    clauses: pl.DataFrame
    windows: pl.DataFrame


def lines_of(work: pl.LazyFrame, shared: _Shared, ladders: Mapping[str, Ladder]) -> pl.LazyFrame:
    """One line for each row of work: what, why (in both languages), when it is lawful, and by which clauses."""
    stages = {stage.id: stage.name for ladder in ladders.values() for stage in ladder.stages}
    windows = shared.windows.with_columns(_zone().alias("zone"))
    currencies = shared.currencies["currency"].drop_nulls().cast(pl.String).sort().to_list()
    return (
        work.with_columns(
            _zone().alias("zone"),
            _shown("past_due_total", currencies).alias("past_due"),
            _shown("due_total", currencies).alias("due"),
            _sources(shared.clauses["clauses"].drop_nulls().cast(pl.String).to_list()).alias("sources"),
        )
        .with_columns(
            _reason("zh", stages).alias("reason_zh"),
            _reason("en", stages).alias("reason_en"),
            _local(windows, "not_before").alias("opens"),
            _local(windows, "not_after").alias("closes"),
        )
        .select(LINE_COLUMNS)
    )


def _zone() -> pl.Expr:
    """The borrower's zone: the one that is told, else that of the law."""
    by_law = pl.lit(None, dtype=pl.Categorical)
    for law, zone in BUSINESS_ZONES.items():
        by_law = pl.when(pl.col("law") == law).then(pl.lit(zone, pl.Categorical)).otherwise(by_law)
    return pl.coalesce("time_zone", by_law)


def _shown(column: str, currencies: Collection[str]) -> pl.Expr:
    """A money column (never below zero) as decimal text in the row's currency, without binary fractions."""
    found = pl.lit(None, dtype=pl.String)
    for currency in currencies:
        places = money.decimals(currency)
        scale = 10**places
        text = (pl.col(column) // scale).cast(pl.String)
        if places:
            rest = pl.Series([f".{minor:0{places}}" for minor in range(scale)])
            text += pl.lit(rest).gather(pl.col(column) % scale)
        found = pl.when(pl.col("currency") == currency).then(text).otherwise(found)
    return found


def _reason(tongue: str, stages: Mapping[str, Mapping[str, str]]) -> pl.Expr:
    """The sentence of `strategy/words.yaml` for a taken action, written in columns."""
    ids, names = ([*stages], [name.get(tongue, stage) for stage, name in stages.items()])
    template = str(words()["taken"][tongue])
    parts: list[pl.Expr] = []
    rest = template
    columns = {
        "{stage_name}": _named("stage", ids, names).fill_null(""),
        "{days_past_due}": pl.col("days_past_due").cast(pl.String),
        "{past_due_total}": pl.col("past_due"),
    }
    while rest:
        at, mark = min(((rest.find(mark), mark) for mark in columns if mark in rest), default=(len(rest), ""))
        parts.append(pl.lit(rest[:at]))
        if mark:
            parts.append(columns[mark])
        rest = rest[at + len(mark) :]
    return pl.concat_str(parts)


def _sources(listed: Collection[str]) -> pl.Expr:
    """The sources of the clauses a line names."""
    texts = {clause.id: clause.source for name in packs() for clause in load_pack(name).clauses}
    joined = ["; ".join(texts[one] for one in ids.split(",") if one in texts) for ids in listed]
    return _named("clauses", listed, joined)


def _named(column: str, known: Collection[str], named: Collection[str]) -> pl.Expr:
    """The words for a category. Both sides are categories: the long texts are hashed once each, not once a line."""
    before, after = (pl.Series(each, dtype=pl.Categorical) for each in (known, named))
    return pl.col(column).replace_strict(before, after, default=None, return_dtype=pl.Categorical)


def _local(windows: pl.DataFrame, column: str) -> pl.Expr:
    """The window on the wall clock of the borrower's zone."""
    found = pl.lit(None, dtype=pl.Categorical)
    for zone in windows["zone"].cast(pl.String).unique().sort().to_list():
        instants = windows[column].filter(windows["zone"] == zone).unique().drop_nulls()
        shown = instants.dt.convert_time_zone(zone).dt.strftime("%Y-%m-%d %H:%M").cast(pl.Categorical)
        local = pl.col(column).replace_strict(instants, shown, default=None, return_dtype=pl.Categorical)
        found = pl.when(pl.col("zone") == zone).then(local).otherwise(found)
    return found
