"""One account's decision in words: what is done and why, what is not done and why not, what comes next and when."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import polars as pl

from arrears import money
from arrears.replay.columns import MONEY
from arrears.strategy.ahead import LOOK_AHEAD_DAYS, stages_ahead
from arrears.strategy.decide import decide, major_units, stage_ranks
from arrears.strategy.ladder import Action, Ladder, names_in, words


@dataclass(frozen=True)
class Reason:
    """One reason: its id, its words in both languages, and the figures that they may name (days as dates, amounts as text)."""

    id: str
    zh: str
    en: str
    figures: Mapping[str, Any] = field(default_factory=dict, compare=False, repr=False)

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
    ladder: Ladder,
    row: Mapping[str, Any],
    as_of: date,
    added: Mapping[str, Mapping[str, Mapping[str, str]]] | None = None,
) -> Decision:
    """The decision for one account from its position (`Replayed.position`), money in minor units.

    `added` gives reasons that other rooms found against actions, with the figures of their words: action id → {reason id: {figure: text}},
    such as ``{"visit": {"law_wait": {"not_before": "2025-03-02 08:00 (Asia/Shanghai)", …}}}``.
    """
    frame = pl.DataFrame([dict(row)], infer_schema_length=None, schema_overrides=_types(row))
    judged = decide(frame, ladder).row(0, named=True)
    added = added or {}
    stage = next(stage for stage in ladder.stages if stage.id == judged["stage"])
    figures = _figures(row, as_of, stage.name)
    not_taken, taken = [], None
    amounts, ahead = _amounts(frame, ladder), stages_ahead(ladder, frame)
    for action in ladder.actions:
        found: dict[str, Mapping[str, str]] = {name: {} for name in names_in(judged[f"not_{action.id}"])} | dict(
            added.get(action.id, {})
        )
        if not found:
            taken = action
            continue
        own = figures | _own_figures(row, action, amounts, as_of) | {"ahead": _reached(action, ahead, as_of)}
        reasons = tuple(_reason(name, {**own, **told}) for name, told in found.items())
        not_taken.append(NotTaken(action, reasons, amounts[f"gain_{action.id}"], amounts[f"cost_{action.id}"]))
    why = _why_taken(taken, figures, amounts) if taken else ()
    return Decision(
        judged["stage"],
        stage.name,
        judged["bucket"],
        taken,
        why,
        tuple(not_taken),
        next_step(ladder, ahead, as_of),
        figures,
    )


def _types(row: Mapping[str, Any]) -> dict[str, Any]:
    from arrears.replay.columns import columns

    return {name: kind for name, kind in columns().items() if name in row}


def _amounts(frame: pl.DataFrame, ladder: Ladder) -> dict[str, float]:
    """Gain, cost and least amount of every action, in major units."""
    exprs = [action.gain.alias(f"gain_{action.id}") for action in ladder.actions]
    exprs += [action.cost.alias(f"cost_{action.id}") for action in ladder.actions]
    exprs += [action.min_amount.alias(f"min_{action.id}") for action in ladder.actions if action.min_amount is not None]
    return {name: float(value or 0) for name, value in major_units(frame).select(exprs).row(0, named=True).items()}


def _figures(row: Mapping[str, Any], as_of: date, stage_name: Mapping[str, str]) -> dict[str, Any]:
    """What the words may name: the columns of the account, money written out."""
    currency = str(row["currency"])
    figures = {name: "–" if value is None else value for name, value in row.items()}
    for name in MONEY:
        if row.get(name) is not None:
            figures[name] = money.to_shown(row[name], currency)
    return figures | {"stage_names": stage_name, "as_of": as_of}


def _own_figures(row: Mapping[str, Any], action: Action, amounts: Mapping[str, float], as_of: date) -> dict[str, Any]:
    """Figures that belong to one action."""
    last = row.get(f"last_attempt_on_{action.channel}") if action.channel else None
    return {
        "gain": f"{amounts[f'gain_{action.id}']:,.2f}",
        "cost": f"{amounts[f'cost_{action.id}']:,.2f}",
        "min_amount": f"{amounts.get(f'min_{action.id}', 0):,.2f}",
        "least": amounts.get(f"min_{action.id}", 0.0),
        "channel": action.channel,
        "missing": [channel for channel in action.after if _not_since(row, channel)],
        "next_on": last + timedelta(days=action.repeat_days) if last else as_of,
    }


def _not_since(row: Mapping[str, Any], channel: str) -> bool:
    """Whether no attempt on the channel was made since the oldest unpaid due date (as `decide` has it)."""
    last, oldest = row.get(f"last_attempt_on_{channel}"), row.get("oldest_due_on")
    return last is None or (oldest is not None and last < oldest)


def _reached(action: Action, ahead: list[str], as_of: date) -> date | None:
    """The first day ahead on which the account is in one of the action's stages."""
    return next((as_of + timedelta(days=day) for day, stage in enumerate(ahead) if stage in action.stages), None)


def _reason(name: str, figures: Mapping[str, Any]) -> Reason:
    zh, en = (_written(words()["reasons"][name][tongue], figures, tongue) for tongue in ("zh", "en"))
    return Reason(name, zh, en, figures)


def _written(template: str, figures: Mapping[str, Any], tongue: str) -> str:
    channels = words()["channels"]
    channel, missing, ahead = figures.get("channel"), figures.get("missing") or (), figures.get("ahead")
    when = words()["reached" if ahead else "not_reached"][tongue]
    named = {
        "stage_name": figures["stage_names"].get(tongue, ""),
        "channel_name": channels[channel][tongue] if channel else "",
        "missing": words()["glue"][tongue].join(channels[name][tongue] for name in missing),
        "ahead": when.format(on=ahead, days=LOOK_AHEAD_DAYS),
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


def next_step(ladder: Ladder, ahead: list[str], as_of: date) -> NextStep | None:
    """The next further stage among those `ahead` (`stages_ahead`), and its day; None if there is none."""
    rank = stage_ranks(ladder)
    for offset, stage in enumerate(ahead):
        if rank[stage] > rank[ahead[0]]:
            name = next(known.name for known in ladder.stages if known.id == stage)
            return NextStep(stage, name, as_of + timedelta(days=offset))
    return None
