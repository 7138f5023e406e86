"""Position, standing and decision of a few hundred accounts as they stand now, in columns: what the night computed, on fresh facts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

import polars as pl

from arrears.dispatch.reasons import asked_again_not, since
from arrears.dispatch.rules import Rules
from arrears.facts.schema import INSTANT, Facts
from arrears.facts.typed import type_facts
from arrears.night.judge import claims
from arrears.strategy import Ladder, decide
from arrears.strategy.ladder import bit, names_in

#: A contact that the provider surely did not take: it never was one. A correction is another fact.
NOT_TAKEN = "not_taken"


def without_not_taken(events: pl.DataFrame) -> pl.DataFrame:
    """The events without contacts that, as a later fact says, were surely never handed over."""
    marks = events.filter((pl.col("kind") == "delivery") & pl.col("data").str.contains(f'"{NOT_TAKEN}"', literal=True))
    if not marks.height:
        return events
    undone = marks.select("account_id", event_id="ref").unique()
    return events.join(undone, on=["account_id", "event_id"], how="anti", maintain_order="left")


def changed_since(events: pl.DataFrame, night: Mapping[str, datetime]) -> dict[str, tuple[str, ...]]:
    """By account the kinds of fact since the `night` (its as_of by account id) that change its picture; `inbound`, `conversation`.

    A fact counts as later if it happened or was recorded later: what was recorded while the night ran it may not have seen.
    """
    as_of = pl.DataFrame(list(night.items()), schema={"account_id": pl.String, "night": INSTANT}, orient="row")
    later = events.join(as_of, on="account_id", how="inner").filter(
        pl.max_horizontal("recorded_at", "at") > pl.col("night")
    )
    if not later.height:
        return {}
    is_contact = pl.col("kind") == "contact"
    what = (
        pl.when(is_contact & (pl.col("direction") == "in")).then(pl.lit("inbound"))
        .when(is_contact & (pl.col("outcome") == "conversation")).then(pl.lit("conversation"))
        .when(pl.col("kind").is_in(list(since()))).then(pl.col("kind").cast(pl.String))
    )  # fmt: skip
    told = later.select("account_id", what=what).drop_nulls().unique(maintain_order=True)
    grouped = told.group_by("account_id", maintain_order=True).agg("what")
    return {account: tuple(kinds) for account, kinds in grouped.iter_rows()}


def last_recorded(events: pl.DataFrame) -> dict[str, datetime]:
    """By account when its last fact was recorded."""
    return dict(events.group_by("account_id").agg(pl.col("recorded_at").max()).iter_rows())


def positions(facts: Facts, rules: Rules, now: datetime) -> pl.DataFrame:
    """One row an account of `facts`: `rules.columns` as of `now`, money in minor units as law lets it be demanded."""
    typed = type_facts(facts.accounts, facts.instalments, facts.events, facts.people)
    columns = set(rules.columns)
    frame = claims(typed, rules.terms, now, None, columns, rules.asking)
    return frame.with_columns(typed.accounts["lender_kind"].cast(pl.String))


def reasons_against(
    frame: pl.DataFrame, actions: Mapping[str, tuple[str, str]], rules: Rules
) -> dict[str, tuple[str, ...]]:
    """For each account the reasons that its ladder now has against its action; accounts without any are left out.

    `actions`: by account id the name of the ladder and the action. The stage and what ranks work against other work stay as the night
    settled them (`asked_again_not` in reasons.yaml).
    """
    found: dict[str, tuple[str, ...]] = {}
    mask = ~sum(bit(name) for name in asked_again_not())
    for name in sorted({ladder for ladder, _ in actions.values()} & rules.ladders.keys()):
        ladder = rules.ladders[name]
        own = [account for account, (known, action) in actions.items() if known == name and action in ladder.ids]
        for account, bits in _masks(frame, ladder, {account: actions[account][1] for account in own}):
            if bits & mask:
                found[account] = names_in(bits & mask)
    return found


def _masks(frame: pl.DataFrame, ladder: Ladder, action_of: Mapping[str, str]) -> list[tuple[str, int]]:
    """The reasons against the action of each account, as bits."""
    rows = frame.filter(pl.col("account_id").is_in(list(action_of)))
    if not rows.height:
        return []
    judged = decide(rows, _only(ladder, frozenset(action_of.values())))
    columns = {action: judged[f"not_{action}"].to_list() for action in set(action_of.values())}
    return [
        (account, columns[action_of[account]][row]) for row, account in enumerate(judged["account_id"].to_list())
    ]  # fmt: skip


def _only(ladder: Ladder, actions: frozenset[str]) -> Ladder:
    """The ladder with those actions only: the others are not asked."""
    kept = tuple(action for action in ladder.actions if action.id in actions)
    return replace(
        ladder, actions=kept, capacity={name: most for name, most in ladder.capacity.items() if name in actions}
    )


def standings(frame: pl.DataFrame) -> dict[str, dict[str, Any]]:
    """Rows of `positions` by account id, for the law and for the words."""
    return {row["account_id"]: row for row in frame.iter_rows(named=True)}
