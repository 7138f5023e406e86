"""A plan that ends early, as facts: its end, and what of its waivers is not final and so comes back.

Ending a plan is a person's decision: no plan ends by itself, not even one that is broken.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl

from arrears import money
from arrears.errors import refuse
from arrears.facts.schema import Facts
from arrears.plans.agreed import Agreed
from arrears.plans.kept import kept
from arrears.plans.kinds import WAIVED_FIRST
from arrears.plans.offers import FINAL, final_steps
from arrears.plans.owed import owed_of

#: States in which there is no plan that could end.
OVER = ("none", "cancelled", "completed")


def ended(plan: Agreed, at: datetime, kept: int) -> list[dict[str, Any]]:
    """The facts by which a plan ends early after `kept` instalments were kept, in the form of a case file."""
    return _facts(plan.account_id, plan.currency, plan.offer.waived, _final(plan.offer.final, kept), at)


def end_of(facts: Facts, account_id: str, at: datetime) -> list[dict[str, Any]]:
    """As `ended`, for the latest plan of an account as it stands at an instant (aware), with as many instalments as the replay counts as kept.

    KeyError if the account is unknown; Refusal where no plan could end. A waiver of a kind of plan that is not of this room stays.
    """
    owed = owed_of(facts, account_id, at)
    found = kept(facts, account_id, at.astimezone(ZoneInfo(owed.zone)).date())
    if found.state in OVER:
        raise refuse("plan", "is none that could end", value=found.state, account=account_id, exit_code=2)
    own = facts.events.filter(
        (pl.col("account_id") == account_id)
        & (pl.col("kind").cast(pl.String) == "plan")
        & (pl.col("at") <= at.astimezone(UTC))
    )
    told = json.loads(own.sort("at", "event_id")["data"][-1])
    waived = {name: told["waive"][name] for name in WAIVED_FIRST if told.get("waive", {}).get(name)}
    total = sum(waived.values())
    known = told.get("reason") in FINAL
    final = _final(final_steps(told["reason"], total, len(told["instalments"])), found.kept) if known else total
    return _facts(account_id, owed.currency, waived, final, at)


def _final(steps: tuple[tuple[int, int], ...], kept: int) -> int:
    """What of a waiver is final after so many instalments that were kept."""
    return max((amount for number, amount in steps if number <= kept), default=0)


def _facts(
    account_id: str, currency: str, waived: Mapping[str, int], final_minor: int, at: datetime
) -> list[dict[str, Any]]:
    back = sum(waived.values()) - final_minor
    facts: list[dict[str, Any]] = [{"at": at.isoformat(), "kind": "plan_cancelled", "account": account_id}]
    for category in reversed(list(waived)):  # what was waived last comes back first
        amount = min(back, waived[category])
        back -= amount
        if amount:
            facts.append({
                "at": at.isoformat(), "kind": "adjustment", "account": account_id, "category": category,
                "amount": money.to_text(amount, currency), "reason": "conditional waiver not earned",
            })  # fmt: skip
    return facts
