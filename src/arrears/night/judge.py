"""A part of a book: replay, law and strategy for each account, as one frame."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta

import polars as pl

from arrears.facts.typed import Typed
from arrears.law.windows import columns_read, windows
from arrears.replay import replay_typed
from arrears.replay.terms import Terms
from arrears.strategy import Ladder, decide

#: Columns of an account that a night keeps beside the decision.
KEPT = (
    "account_id", "person_id", "law", "currency", "language", "time_zone", "days_past_due", "due_total",
    "past_due_total", "payoff", "refused",
)  # fmt: skip


def planned_on(as_of: date | datetime) -> date:
    """The day on which the work of a night is done: the one after as_of."""
    day = as_of.date() if isinstance(as_of, datetime) else as_of
    return day + timedelta(days=1)


def judge_part(
    typed: Typed,
    terms: Mapping[str, tuple[Terms, ...]],
    ladders: Mapping[str, Ladder],
    as_of: date | datetime,
    known_at: datetime | None,
) -> pl.DataFrame:
    """One row an account, in the part's order: what is kept of the position, the decision, and its lawful window."""
    laws = typed.accounts["law"].cast(pl.String).unique().sort().to_list()
    used = {law: ladders[law] for law in laws}
    columns = set(KEPT) | columns_read()
    for ladder in used.values():
        columns |= ladder.columns
    frame = replay_typed(typed, terms, as_of, known_at, columns)
    if len({ladder.name for ladder in used.values()}) <= 1:
        return judge(frame, used[laws[0]], as_of) if laws else frame
    return _judge_mixed(frame, used, as_of)


def _judge_mixed(frame: pl.DataFrame, ladders: Mapping[str, Ladder], as_of: date | datetime) -> pl.DataFrame:
    """A part with accounts under several ladders: each by its own, then together again in order."""
    numbered = frame.with_row_index("row")
    judged = []
    for law, ladder in ladders.items():
        own = numbered.filter(pl.col("law") == law)
        judged.append(judge(own.drop("row"), ladder, as_of).with_columns(own["row"]))
    return pl.concat(judged, how="diagonal").sort("row").drop("row")


def judge(frame: pl.DataFrame, ladder: Ladder, as_of: date | datetime) -> pl.DataFrame:
    """Law asked for each channel of the ladder, the decision, and the window of the action taken."""
    on = planned_on(as_of)
    channels = sorted({action.channel for action in ladder.actions if action.channel is not None})
    for channel in channels:
        verdict = windows(frame.with_columns(channel=pl.lit(channel)), on)["verdict"]
        frame = frame.with_columns(verdict.alias(f"law_{channel}"))
    decided = decide(frame, ladder)
    limits = [f"{what}_{name}" for name in ladder.capacity for what in ("gain", "cost")]
    reasons = [f"not_{name}" for name in ladder.ids]
    chosen = ("stage", "bucket", "action", "channel", "gain", "cost")
    return decided.select(*KEPT, *chosen, *limits, *reasons).with_columns(
        pl.lit(ladder.law).alias("ladder_law"),
        pl.col("stage", "bucket", "action", "channel", "law").cast(pl.String),
    )
