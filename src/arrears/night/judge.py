"""A part of a book: replay, law and strategy for each account, as one frame."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import cache, partial
from pathlib import Path

import polars as pl

from arrears.facts.typed import Typed
from arrears.law import PLAIN, Asking, Stack, packs, stack
from arrears.law.money_book import TOTALS_READ, cut_totals, has_totals, lawful_accounts
from arrears.law.part_events import PartEvents
from arrears.law.windows import columns_read, windows_by_channel
from arrears.replay import replay_typed
from arrears.replay.terms import Terms
from arrears.strategy import Ladder, decide

#: Columns of an account that a night keeps beside the decision.
KEPT = (
    "account_id", "person_id", "law", "currency", "language", "time_zone", "days_past_due", "due_total",
    "past_due_total", "payoff", "refused",
)  # fmt: skip
#: What a night keeps of the lawful window on each channel, for accounts with work.
WINDOW = ("not_before", "not_after", "clauses")


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
    asking: Asking = PLAIN,
) -> pl.DataFrame:
    """One row an account, in the part's order: what is kept of the position, the decision, and its lawful window."""
    laws = typed.accounts["law"].cast(pl.String).unique().sort().to_list()
    used = {law: ladders[law] for law in laws}
    columns = set(KEPT) | columns_read()
    for ladder in used.values():
        columns |= ladder.columns
    frame = claims(typed, terms, as_of, known_at, columns, asking)
    frame = frame.with_columns(account_ix=pl.int_range(pl.len(), dtype=pl.Int32))
    events = PartEvents(typed, as_of, known_at)
    if len({ladder.name for ladder in used.values()}) <= 1:
        return judge(frame, used[laws[0]], as_of, events, asking) if laws else frame
    return _judge_mixed(frame, used, as_of, events, asking)


def claims(
    typed: Typed, terms: Mapping[str, tuple[Terms, ...]], as_of: date | datetime, known_at: datetime | None, columns: set[str],
    asking: Asking = PLAIN,
) -> pl.DataFrame:  # fmt: skip
    """Position and standing of every account with the money that law lets be demanded (as `arrears.claim` for one account)."""
    own_stack = partial(law_stack, house=asking.house)
    totals = any(has_totals(own_stack(law)) for law in typed.accounts["law"].cast(pl.String).unique().to_list())
    accounts, lawful = lawful_accounts(typed.accounts, terms, own_stack)
    read = columns | (set(TOTALS_READ) if totals else set())
    frame = replay_typed(replace(typed, accounts=accounts), lawful, as_of, known_at, read)
    frame = frame.with_columns(typed.accounts["product"])
    return cut_totals(frame, typed.accounts, own_stack) if totals else frame


@cache
def law_stack(law: str, house: tuple[Path, ...] = ()) -> Stack | None:
    """The base pack of a law and the house's own clauses; None where there is no pack. Caps of a region's pack are asked for one account only."""
    return stack(law, None, house) if law in packs() else None


def _judge_mixed(
    frame: pl.DataFrame, ladders: Mapping[str, Ladder], as_of: date | datetime, events: PartEvents, asking: Asking
) -> pl.DataFrame:
    """A part with accounts under several ladders: each by its own, then together again in order."""
    numbered = frame.with_row_index("row")
    judged = []
    for law, ladder in ladders.items():
        own = numbered.filter(pl.col("law") == law)
        judged.append(judge(own.drop("row"), ladder, as_of, events, asking).with_columns(own["row"]))
    return pl.concat(judged, how="diagonal").sort("row").drop("row")


def judge(
    frame: pl.DataFrame, ladder: Ladder, as_of: date | datetime, events: PartEvents, asking: Asking = PLAIN
) -> pl.DataFrame:  # fmt: skip
    """Law asked for each channel of the ladder, the decision, and for accounts with work the lawful window on each channel."""
    on = planned_on(as_of)
    channels = sorted({action.channel for action in ladder.actions if action.channel is not None})
    heard = windows_by_channel(frame, events, on, channels, asking.binds, asking.policy, asking.house)
    decided = decide(frame.with_columns(day["verdict"].alias(f"law_{name}") for name, day in heard.items()), ladder)
    work = decided["action"].is_not_null()
    decided = decided.with_columns(
        pl.when(work).then(day[what]).alias(f"{what}_{name}") for name, day in heard.items() for what in WINDOW
    )
    limits = [f"{what}_{name}" for name in ladder.capacity for what in ("gain", "cost")]
    reasons = [f"not_{name}" for name in ladder.ids]
    chosen = ("stage", "bucket", "action", "channel", "gain", "cost")
    kept = [f"{what}_{name}" for name in channels for what in WINDOW]
    return decided.select(*KEPT, *chosen, *limits, *reasons, *kept).with_columns(
        pl.lit(ladder.law, pl.Categorical).alias("ladder_law"),
        pl.col("stage", "bucket", "action", "channel", "law").cast(pl.Categorical),
    )
