"""The decision for every account of a frame: stage, bucket, the action of tonight, and why each other action is not taken.

One `select` over the frame; no row is ever looked at in Python.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import cache, reduce
from typing import Any

import polars as pl

from arrears import money
from arrears.replay.columns import MONEY
from arrears.strategy.ladder import Action, Ladder, bit, reasons

MASK = pl.UInt64


@cache
def narrow() -> Any:
    """The type in which reasons are gathered: the narrower, the fewer bytes go through memory for each of them."""
    return pl.UInt32 if len(reasons()) <= 32 else MASK


def major_units(frame: pl.DataFrame, read: Collection[str] = MONEY) -> pl.DataFrame:
    """The frame with its money columns, those that are `read`, in major units of each row's currency (float), as conditions see them."""
    names = [name for name in MONEY if name in frame.columns and name in read]
    currencies = frame["currency"].unique().to_list()
    if len(currencies) <= 1:
        scale = pl.lit(10.0 ** -money.decimals(currencies[0])) if currencies else pl.lit(1.0)
    else:
        scales = {currency: 10.0 ** -money.decimals(currency) for currency in currencies}
        scale = pl.col("currency").replace_strict(scales, return_dtype=pl.Float64)
    return frame.with_columns(pl.col(name) * scale for name in names)


def decide(frame: pl.DataFrame, ladder: Ladder) -> pl.DataFrame:
    """`frame` (replay's columns, money in minor units) with the decision added; row order is kept.

    Adds stage, bucket, action, channel (null: nothing tonight), gain and cost (major units, of the action),
    `gain_<action>` and `cost_<action>` of every action whose work is limited by capacity, and `not_<action>`: the reasons against each action as bits of `strategy.ladder.reasons` (0: it is the one taken).
    """
    major = major_units(frame, ladder.columns)
    told = tuple(major.columns)
    if told not in ladder.kept:
        ladder.kept[told] = _steps(ladder, told)
    steps: Steps = ladder.kept[told]
    decided = (
        major.with_columns(steps.stage)
        .select(steps.against)
        .with_columns(_choice(ladder).alias("action"))
        .select(steps.chosen)
    )
    return pl.concat([frame, decided], how="horizontal")


@dataclass(frozen=True)
class Steps:
    """A decision in three steps, each what one `select` gives: the stage; what speaks against each action; the one taken."""

    stage: list[pl.Expr]
    against: list[pl.Expr]
    chosen: list[pl.Expr]


def _steps(ladder: Ladder, told: tuple[str, ...]) -> Steps:
    """The steps of a ladder for a frame with the columns `told`."""
    skips = sorted({reason for action in ladder.actions for reason in action.skip})
    seen = (*told, "skipped")
    return Steps(
        stage=[
            stage_of(ladder).alias("stage"),
            _any_of([_refused(), *(_flag(reason, ladder.skips[reason]) for reason in skips)]).alias("skipped"),
        ],
        against=[
            pl.col("stage"),
            bucket_of(ladder).alias("bucket"),
            *(against(action, ladder, seen).alias(f"not_{action.id}") for action in ladder.actions),
            *(action.cost.alias(f"cost_{action.id}") for action in ladder.actions),
            *(action.gain.alias(f"gain_{action.id}") for action in ladder.actions),
        ],
        chosen=[
            pl.col("stage", "bucket", "action"),
            channel_of(ladder).alias("channel"),
            _of_choice(ladder, "gain"),
            _of_choice(ladder, "cost"),
            *(pl.col(f"{what}_{name}") for name in ladder.capacity for what in ("gain", "cost")),
            *(_with_other(action).alias(f"not_{action.id}") for action in ladder.actions),
        ],
    )


def stage_of(ladder: Ladder) -> pl.Expr:
    """The first stage whose condition holds; the last stage where none does."""
    stages = pl.Enum([stage.id for stage in ladder.stages])
    found = pl.lit(ladder.stages[-1].id, stages)
    for stage in reversed(ladder.stages):
        found = pl.when(stage.when).then(pl.lit(stage.id, stages)).otherwise(found)
    return found


def bucket_of(ladder: Ladder) -> pl.Expr:
    """The bucket of the days past due."""
    buckets = pl.Enum([name for name, _ in ladder.buckets])
    found = pl.lit(ladder.buckets[0][0], buckets)
    for name, begins in ladder.buckets[1:]:
        found = pl.when(pl.col("days_past_due") >= begins).then(pl.lit(name, buckets)).otherwise(found)
    return found


def _flag(reason: str, condition: pl.Expr) -> pl.Expr:
    return pl.when(condition).then(pl.lit(bit(reason), narrow())).otherwise(pl.lit(0, narrow()))


def against(action: Action, ladder: Ladder, seen: Collection[str] = ()) -> pl.Expr:
    """All reasons against an action, as bits.

    `seen`: the frame's columns. `law_<channel>`, the bits that speak against a contact on it, is heard where the law room put it there;
    `skipped`, the bits of the conditions that several actions share, is taken as it stands.
    """
    # where nothing is due, that alone is the reason; an amount of nothing is not also "too small"
    something = ~ladder.skips["nothing_due"] if "nothing_due" in action.skip else pl.lit(True)
    flags = [
        *_shared(action, ladder, seen),
        _by_stage(action, ladder),
        _flag("no_occasion", ~action.when),
        _flag("not_worth_cost", something & (action.gain < action.cost)),
    ]
    if action.channel is not None and f"law_{action.channel}" in seen:
        flags.append(pl.col(f"law_{action.channel}"))
    if action.min_amount is not None:
        flags.append(_flag("balance_too_small", something & (pl.col("past_due_total") < action.min_amount)))
    if action.channel is not None:
        flags.append(_flag("opted_out", pl.col(f"opted_out_{action.channel}")))
    if action.channel is not None and action.repeat_days:
        flags.append(_flag("too_soon", pl.col(f"days_since_last_attempt_{action.channel}") < action.repeat_days))
    if action.after:
        missing = [_not_taken_yet(channel) for channel in action.after]
        flags.append(_flag("before_action_first", _any_of(missing)))
    return _any_of(flags)


def _shared(action: Action, ladder: Ladder, seen: Collection[str]) -> list[pl.Expr]:
    """The reasons against an action that others have, too: out of `skipped` where that was made, else one by one."""
    if "skipped" in seen:
        own = sum(bit(reason) for reason in {"refused_account", *action.skip})
        return [pl.col("skipped") & pl.lit(own, narrow())]
    return [_refused(), *(_flag(reason, ladder.skips[reason]) for reason in action.skip)]


def _refused() -> pl.Expr:
    return _flag("refused_account", pl.col("refused").is_not_null())


def _any_of(found: Iterable[pl.Expr]) -> pl.Expr:
    return reduce(lambda a, b: a | b, found)


def _by_stage(action: Action, ladder: Ladder) -> pl.Expr:
    """The reasons that follow from the stage alone: looked up, since a stage has a handful of values."""
    before, past = _stages_before(action, ladder), _stages_past(action, ladder)
    bits = [
        bit("not_yet_stage") * (stage.id in before) | bit("past_stage") * (stage.id in past) for stage in ladder.stages
    ]
    return pl.lit(pl.Series(bits, dtype=narrow())).gather(pl.col("stage").to_physical())


def _not_taken_yet(channel: str) -> pl.Expr:
    """Whether no attempt on the channel was made since the oldest unpaid due date."""
    last = pl.col(f"last_attempt_on_{channel}")
    return last.is_null() | (last < pl.col("oldest_due_on")).fill_null(False)


def stage_ranks(ladder: Ladder) -> dict[str, int]:
    """How far each stage is: the first one in the file is the furthest."""
    return {stage.id: len(ladder.stages) - index for index, stage in enumerate(ladder.stages)}


def _stages_before(action: Action, ladder: Ladder) -> list[str]:
    """Stages that come before the action's first."""
    rank = stage_ranks(ladder)
    first = min((rank[stage] for stage in action.stages), default=0)
    return [stage for stage in rank if stage not in action.stages and rank[stage] < first]


def _stages_past(action: Action, ladder: Ladder) -> list[str]:
    """Stages out of the action's reach that are not before it."""
    before = _stages_before(action, ladder)
    return [stage.id for stage in ladder.stages if stage.id not in action.stages and stage.id not in before]


def _choice(ladder: Ladder) -> pl.Expr:
    """The furthest action with nothing against it."""
    actions = pl.Enum(list(ladder.ids))
    found = pl.lit(None, actions)
    for action in ladder.actions:
        found = pl.when(pl.col(f"not_{action.id}") == 0).then(pl.lit(action.id, actions)).otherwise(found)
    return found


def _of_choice(ladder: Ladder, what: str) -> pl.Expr:
    """Gain or cost of the action taken."""
    found = pl.lit(None, dtype=pl.Float64)
    for action in ladder.actions:
        found = pl.when(pl.col("action") == action.id).then(pl.col(f"{what}_{action.id}")).otherwise(found)
    return found.alias(what)


def _with_other(action: Action) -> pl.Expr:
    """The mask, with the reason that a further action is taken instead."""
    mask = pl.col(f"not_{action.id}")
    other = (mask == 0) & (pl.col("action") != action.id)
    return pl.when(other).then(pl.lit(bit("other_action_tonight"), MASK)).otherwise(mask.cast(MASK))


def channel_of(ladder: Ladder) -> pl.Expr:
    """The channel of the action taken."""
    channels = pl.Series([action.channel for action in ladder.actions], dtype=pl.String)
    return pl.lit(channels).gather(pl.col("action").to_physical())
