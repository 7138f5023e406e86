"""One account's decision in words: what is done and why, what is not done and why not, what comes next and when."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import polars as pl

from arrears import money
from arrears.replay.columns import MONEY
from arrears.strategy.decide import decide
from arrears.strategy.ladder import Action, Ladder, names_in, words

LOOK_AHEAD_DAYS = 400


@dataclass(frozen=True)
class Reason:
    """One reason: its id and its words in both languages."""

    id: str
    zh: str
    en: str

    def text(self, language: str) -> str:
        """The words in `zh-CN` or `en`."""
        return self.zh if language == "zh-CN" else self.en


@dataclass(frozen=True)
class NotTaken:
    """An action that is not taken, and all reasons against it. Gain and cost in major units."""

    action: Action
    reasons: tuple[Reason, ...]
    gain: float
    cost: float


@dataclass(frozen=True)
class NextStep:
    """The stage that comes next if nothing changes, and the day it is reached."""

    stage: str
    name: Mapping[str, str]
    on: date


@dataclass(frozen=True)
class Decision:
    """The decision for one account on one day."""

    stage: str
    stage_name: Mapping[str, str]
    bucket: str
    action: Action | None
    reasons: tuple[Reason, ...]
    not_taken: tuple[NotTaken, ...]
    next_step: NextStep | None
    figures: Mapping[str, Any]


def decision_of(
    ladder: Ladder, row: Mapping[str, Any], as_of: date, added: Mapping[str, Mapping[str, str]] | None = None
) -> Decision:
    """The decision for one account from its position (`Replayed.position`), money in minor units.

    `added` gives reasons that other rooms found against actions: action id → {reason id: figure}, such as
    ``{"visit": {"law_wait": "2025-03-02T08:00+08:00"}}``.
    """
    frame = pl.DataFrame([dict(row)], infer_schema_length=None, schema_overrides=_types(row))
    judged = decide(frame, ladder).row(0, named=True)
    added = added or {}
    stage = next(stage for stage in ladder.stages if stage.id == judged["stage"])
    figures = _figures(row, as_of, stage.name)
    not_taken, taken = [], None
    costs = _costs(frame, ladder)
    for action in ladder.actions:
        gain, cost = costs[f"gain_{action.id}"], costs[f"cost_{action.id}"]
        found = dict.fromkeys(names_in(judged[f"not_{action.id}"])) | dict(added.get(action.id, {}))
        if not found:
            taken = action
            continue
        own = figures | _own_figures(row, action, gain, cost, as_of)
        reasons = tuple(_reason(name, own | {"not_before": figure or ""}) for name, figure in found.items())
        not_taken.append(NotTaken(action, reasons, gain, cost))
    why = _why_taken(taken, figures, costs) if taken else ()
    return Decision(
        judged["stage"],
        stage.name,
        judged["bucket"],
        taken,
        why,
        tuple(not_taken),
        next_step(ladder, frame, as_of),
        figures,
    )


def _types(row: Mapping[str, Any]) -> dict[str, Any]:
    from arrears.replay.columns import columns

    return {name: kind for name, kind in columns().items() if name in row}


def _costs(frame: pl.DataFrame, ladder: Ladder) -> dict[str, float]:
    from arrears.strategy.decide import major_units

    exprs = [action.gain.alias(f"gain_{action.id}") for action in ladder.actions]
    exprs += [action.cost.alias(f"cost_{action.id}") for action in ladder.actions]
    return {name: float(value or 0) for name, value in major_units(frame).select(exprs).row(0, named=True).items()}


def _figures(row: Mapping[str, Any], as_of: date, stage_name: Mapping[str, str]) -> dict[str, Any]:
    """What the words may name: the columns of the account, money written out."""
    currency = str(row["currency"])
    figures = dict(row)
    for name in MONEY:
        if row.get(name) is not None:
            figures[name] = money.to_shown(row[name], currency)
    return figures | {"stage_names": stage_name, "as_of": as_of}


def _own_figures(row: Mapping[str, Any], action: Action, gain: float, cost: float, as_of: date) -> dict[str, Any]:
    last = row.get(f"last_attempt_on_{action.channel}") if action.channel else None
    return {
        "gain": f"{gain:,.2f}",
        "cost": f"{cost:,.2f}",
        "channel": action.channel,
        "next_on": last + timedelta(days=action.repeat_days) if last else as_of,
    }


def _reason(name: str, figures: Mapping[str, Any]) -> Reason:
    zh, en = (_written(words()["reasons"][name][tongue], figures, tongue) for tongue in ("zh", "en"))
    return Reason(name, zh, en)


def _written(template: str, figures: Mapping[str, Any], tongue: str) -> str:
    channel = figures.get("channel")
    named = {
        "stage_name": figures["stage_names"].get(tongue, ""),
        "channel_name": words()["channels"][channel][tongue] if channel else "",
    }
    return template.format_map(_Blank({**figures, **named}))


class _Blank(dict[str, Any]):
    """Figures; one that is not known is written as a dash."""

    def __missing__(self, key: str) -> str:
        return "–"


def _why_taken(action: Action, figures: Mapping[str, Any], costs: Mapping[str, float]) -> tuple[Reason, ...]:
    own = {**figures, "gain": f"{costs[f'gain_{action.id}']:,.2f}", "cost": f"{costs[f'cost_{action.id}']:,.2f}"}
    return tuple(
        Reason(name, _written(words()[name]["zh"], own, "zh"), _written(words()[name]["en"], own, "en"))
        for name in ("taken", "gain_note")
    )


def next_step(ladder: Ladder, frame: pl.DataFrame, as_of: date) -> NextStep | None:
    """The next further stage if nothing is paid and nothing changes, looking `LOOK_AHEAD_DAYS` ahead; None if there is none.

    Days past due go on by one a day (for an account that is not past due: from its next due date on).
    """
    from arrears.strategy.decide import major_units, stage_of, stage_ranks

    row = frame.row(0, named=True)
    if row.get("settled") or row.get("paused"):
        return None
    days = pl.int_range(LOOK_AHEAD_DAYS + 1, eager=True)
    begins = 0 if row["days_past_due"] > 0 else (row.get("days_to_next_due") or 0)
    ahead = pl.concat([frame] * 1).join(pl.DataFrame({"ahead": days}), how="cross")
    grown = (pl.col("ahead") - begins).clip(0) + pl.col("days_past_due")
    ahead = ahead.with_columns(days_past_due=grown)
    stages = major_units(ahead).select(stage_of(ladder).alias("stage"))["stage"].to_list()
    rank = stage_ranks(ladder)
    for offset, stage in enumerate(stages):
        if rank[stage] > rank[stages[0]]:
            name = next(known.name for known in ladder.stages if known.id == stage)
            return NextStep(stage, name, as_of + timedelta(days=offset))
    return None
