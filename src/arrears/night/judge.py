"""A part of a book: replay, law and strategy for each account."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import cache, partial
from pathlib import Path

import polars as pl

from arrears.facts.typed import Typed
from arrears.law import PLAIN, Asking, Stack, packs, stack
from arrears.law.money_book import TOTALS_READ, cut_totals, has_totals, lawful_accounts
from arrears.law.part_events import PartEvents
from arrears.law.windows import RESULT, VERDICTS, Said, columns_read, said_by_channel
from arrears.replay import replay_typed
from arrears.replay.terms import Terms
from arrears.strategy import Ladder, decide
from arrears.strategy.decide import narrow
from arrears.strategy.ladder import bit

#: Columns of an account that a night keeps beside the decision.
KEPT = (
    "account_id", "person_id", "law", "currency", "language", "time_zone", "days_past_due", "due_total",
    "past_due_total", "payoff", "refused",
)  # fmt: skip
#: What a night keeps of the lawful window, for accounts with work.
WINDOW = ("not_before", "not_after", "clauses")


@dataclass(frozen=True)
class Judged:
    """A judged part, in two frames of one row an account, each in the part's order: what is kept of the position, and the decision.

    `settled`: accounts whose action no capacity limits, with the window on its channel. `competing`: those whose work has to fit into a
    capacity, with gain and cost of each action that is limited, and the window on each channel.
    """

    settled: pl.DataFrame
    competing: pl.DataFrame


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
) -> Judged:
    """Position, decision and lawful window of every account of a part."""
    laws = typed.accounts["law"].unique().cast(pl.String).sort().to_list()
    used = {law: ladders[law] for law in laws}
    frame = claims(typed, terms, as_of, known_at, columns_asked(used.values()), asking)
    frame = frame.with_columns(account_ix=pl.int_range(pl.len(), dtype=pl.Int32))
    events = PartEvents(typed, as_of, known_at)
    if not laws:
        return Judged(frame, frame)
    one = len({ladder.name for ladder in used.values()}) == 1
    judged = (
        judge(frame, used[laws[0]], as_of, events, asking) if one else _judge_mixed(frame, used, as_of, events, asking)
    )
    return Judged(judged.settled.drop("account_ix"), judged.competing.drop("account_ix"))


def columns_asked(ladders: Iterable[Ladder]) -> set[str]:
    """The columns of replay that a night reads: what it keeps, and what law and ladders ask."""
    return set(KEPT) | columns_read() | {name for ladder in ladders for name in ladder.columns}


def claims(
    typed: Typed, terms: Mapping[str, tuple[Terms, ...]], as_of: date | datetime, known_at: datetime | None, columns: set[str],
    asking: Asking = PLAIN,
) -> pl.DataFrame:  # fmt: skip
    """Position and standing of every account with the money that law lets be demanded (as `arrears.claim` for one account)."""
    own_stack = partial(law_stack, house=asking.house)
    totals = any(has_totals(own_stack(law)) for law in typed.accounts["law"].unique().cast(pl.String).to_list())
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
) -> Judged:
    """A part with accounts under several ladders: each by its own, then together again in order."""
    judged = [
        judge(frame.filter(pl.col("law") == law), ladder, as_of, events, asking) for law, ladder in ladders.items()
    ]
    return Judged(_in_order([one.settled for one in judged]), _in_order([one.competing for one in judged]))


def _in_order(frames: list[pl.DataFrame]) -> pl.DataFrame:
    return pl.concat(frames, how="diagonal").sort("account_ix")


def judge(
    frame: pl.DataFrame, ladder: Ladder, as_of: date | datetime, events: PartEvents, asking: Asking = PLAIN
) -> Judged:
    """Law asked for each channel of the ladder, the decision, and for accounts with work the lawful window."""
    channels = sorted({action.channel for action in ladder.actions if action.channel is not None})
    said = said_by_channel(frame, events, planned_on(as_of), channels, asking.binds, asking.policy, asking.house)
    asked = frame.with_columns(_reasons(one).alias(f"law_{name}") for name, one in said.items())
    limits = [f"{what}_{name}" for name in ladder.capacity for what in ("gain", "cost")]
    decided = decide(asked, ladder)
    words = {name: _categories(decided, name) for name in ("law", "stage", "bucket", "action")}
    decided = decided.select(
        "account_ix", *(words.get(name, pl.col(name)) for name in KEPT), words["stage"], words["bucket"], words["action"],
        pl.col("channel").cast(pl.Categorical), "gain", "cost", *limits, *(f"not_{name}" for name in ladder.ids),
        pl.lit(ladder.law, pl.Categorical).alias("ladder_law"),
    )  # fmt: skip
    competes = decided["action"].is_in(list(ladder.capacity)).fill_null(False)
    return Judged(_settled(decided.drop(limits), competes, said), _competing(decided, competes, said))


def _reasons(said: Said) -> pl.Series:
    """What law speaks against a contact with each account, as bits."""
    bits = {verdict: 0 if verdict == "allowed" else bit(f"law_{verdict}") for verdict in VERDICTS}
    return said.verdict(bits, narrow())


def _categories(decided: pl.DataFrame, name: str) -> pl.Expr:
    """A column of one of a few words as a category: its words are looked up by their number rather than one row after another."""
    kind = decided.schema[name]
    if not isinstance(kind, pl.Enum):
        return pl.col(name).cast(pl.Categorical)
    return pl.lit(kind.categories.cast(pl.Categorical)).gather(pl.col(name).to_physical()).alias(name)


def _settled(decided: pl.DataFrame, competes: pl.Series, said: Mapping[str, Said]) -> pl.DataFrame:
    """The accounts that do not compete, with the window on the channel of their action; no capacity: nobody is named to do it."""
    found = pl.concat([one.table for one in said.values()]) if said else pl.DataFrame(schema=RESULT)
    begins, row = 0, pl.lit(None, pl.UInt32)
    for name, one in said.items():  # all that is said lies in one table: each account's row in it, by its channel
        row = pl.when(pl.col("channel") == name).then(pl.lit(one.row) + begins).otherwise(row)
        begins += one.table.height
    rows = decided.with_columns(pl.lit(None, pl.String).alias("staff"), row.alias("said")).filter(~competes)
    windows = found.select(pl.col("not_before", "not_after"), pl.col("clauses").cast(pl.Categorical))
    return rows.drop("said").hstack(windows.select(pl.all().gather(rows["said"])))


def _competing(decided: pl.DataFrame, competes: pl.Series, said: Mapping[str, Said]) -> pl.DataFrame:
    """The accounts that compete, with the window on each channel."""
    rows = competes.arg_true()
    found = {name: one.of(rows) for name, one in said.items()}
    return decided[rows].hstack([day[what].alias(f"{what}_{name}") for name, day in found.items() for what in WINDOW])
