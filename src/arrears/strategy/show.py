"""Ladders for people: the decision table as text, a diagram, and who would be treated differently under another ladder."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

import polars as pl

from arrears.strategy.decide import decide
from arrears.strategy.ladder import Action, Ladder, reason_name, words

_HEAD = {
    "zh-CN": {"stages": "阶段（自上而下，首个成立者为准）", "actions": "措施（由轻到重，取可行者中最重的一项）", "when": "条件", "reach": "适用阶段",
              "repeat": "间隔", "days": "天", "cost": "成本", "gain": "预计收益", "after": "须先实际采取", "skip": "以下情况不采取",
              "min": "最低金额", "capacity": "每日上限"},
    "en": {"stages": "Stages (the first whose condition holds)", "actions": "Actions (gentlest first; the furthest with nothing against it is taken)",
           "when": "when", "reach": "in stages", "repeat": "every", "days": "days", "cost": "cost", "gain": "expected gain",
           "after": "only after", "skip": "not if", "min": "from an amount of", "capacity": "a night at most"},
}  # fmt: skip


def table(ladder: Ladder, language: str) -> str:
    """The ladder as a table that a person can read, in `zh-CN` or `en`."""
    head, tongue = _HEAD[language], "zh" if language == "zh-CN" else "en"
    rows = [f"{ladder.title.get(tongue, ladder.name)} ({ladder.name})", "", head["stages"]]
    rows += [f"  {stage.id:<10} {stage.name.get(tongue, '')}: {stage.sql}" for stage in ladder.stages]
    rows += ["", head["actions"]]
    for action in ladder.actions:
        rows.append(f"  {action.id}: {action.name.get(tongue, '')}")
        rows += [f"      {label}: {text}" for label, text in _facts(action, ladder, language)]
    return "\n".join(rows) + "\n"


def _facts(action: Action, ladder: Ladder, language: str) -> Iterable[tuple[str, str]]:
    head, tongue = _HEAD[language], "zh" if language == "zh-CN" else "en"
    glue = "、" if tongue == "zh" else ", "
    yield head["reach"], glue.join(action.stages)
    if action.when_sql != "true":
        yield head["when"], action.when_sql
    if action.repeat_days:
        yield head["repeat"], f"{action.repeat_days} {head['days']}"
    if action.after:
        yield head["after"], glue.join(words()["channels"][channel][tongue] for channel in action.after)
    yield head["cost"], action.cost_sql
    yield head["gain"], action.gain_sql
    if action.min_amount_sql:
        yield head["min"], action.min_amount_sql
    if action.id in ladder.capacity:
        yield head["capacity"], str(ladder.capacity[action.id])
    yield (
        head["skip"],
        glue.join(f"{reason_name(reason, tongue)} ({ladder.skips_sql[reason]})" for reason in action.skip),
    )


def diagram(ladder: Ladder, language: str) -> str:
    """The ladder as a Mermaid flow chart: stages in the order in which an account goes through them, their actions beside them."""
    tongue = "zh" if language == "zh-CN" else "en"
    stages = list(reversed(ladder.stages))
    rows = ["flowchart LR"]
    rows += [f'  {stage.id}["{stage.name.get(tongue, stage.id)}"]' for stage in stages]
    rows += [f"  {a.id} -->|{_plain(b.sql)}| {b.id}" for a, b in pairwise(stages)]
    for action in ladder.actions:
        rows.append(f'  act_{action.id}(["{action.name.get(tongue, action.id)}"])')
        rows += [f"  {stage} -.-> act_{action.id}" for stage in action.stages]
    return "\n".join(rows) + "\n"


def _plain(sql: str) -> str:
    return sql.replace(">=", "≥").replace("<=", "≤").replace("|", " or ")


def difference(frame: pl.DataFrame, before: Ladder, after: Ladder) -> pl.DataFrame:
    """Accounts whom `after` treats otherwise than `before`: account_id, days_past_due, and stage and action under each."""
    one = decide(frame, before)
    two = decide(frame, after)
    both = pl.DataFrame({
        "account_id": frame["account_id"],
        "days_past_due": frame["days_past_due"],
        "stage_before": one["stage"].cast(pl.String),
        "stage_after": two["stage"].cast(pl.String),
        "action_before": one["action"].cast(pl.String).fill_null("none"),
        "action_after": two["action"].cast(pl.String).fill_null("none"),
    })  # fmt: skip
    changed = (pl.col("stage_before") != pl.col("stage_after")) | (pl.col("action_before") != pl.col("action_after"))
    return both.filter(changed)
