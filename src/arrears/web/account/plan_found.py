"""Offers for a loan of the store, and the plan that was agreed to: which it is, how it is kept, and its agreement as PDF."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

import polars as pl

from arrears import plans
from arrears.errors import Refusal
from arrears.facts.beside import tongue_of
from arrears.plans.paper import agreement
from arrears.web.account.loans import Loan
from arrears.web.account.plan_recording import PLAN_PREFIX
from arrears.web.account.recording import PREFIX, WITH_IT
from arrears.web.budget_form import read_text
from arrears.web.plan_policy import policy_here
from arrears.web.served import Served
from arrears.web.signed_papers import signed_pdf


@dataclass(frozen=True)
class Found:
    """Offers for a loan, whether by the lender's own policy, and the answer to a proposal where there was one."""

    offers: plans.Offers
    own_policy: bool
    answer: plans.Answer | None


def found_for(
    served: Served, loan: Loan, budget_text: str, proposed: int | None, day: int | None, on: date | None = None
) -> Found | None:
    """The offers for a budget, or the answer to a proposal (minor units a month, day of the month). None where no policy speaks to the loan."""
    as_of = on or loan.day
    policy, own = policy_here(served.installation, plans.owed_of(loan.facts, loan.account_id, as_of))
    if policy is None:
        return None
    budget = read_text(budget_text, as_of)
    if proposed is None:
        return Found(plans.offers(loan.facts, loan.account_id, budget, policy, as_of, None, day), own, None)
    answer = plans.propose(loan.facts, loan.account_id, budget, policy, as_of, proposed, day)
    return Found(answer.offers, own, answer)


def own_plan(loan: Loan) -> dict[str, Any] | None:
    """The latest `plan` fact of the loan, its data read; None if there is none."""
    rows = loan.facts.events.filter(pl.col("kind").cast(pl.String) == "plan").sort("at", "event_id").to_dicts()
    return {**rows[-1], "data": json.loads(rows[-1]["data"] or "{}")} if rows else None


def kept_of(loan: Loan) -> plans.Kept:
    """How the loan's plan is kept on its day."""
    return plans.kept(loan.facts, loan.account_id, loan.day)


def next_instalment(loan: Loan) -> tuple[date, int] | None:
    """The next instalment of the plan from the day on, with its amount in minor units."""
    row = loan.stood.account.replayed.position
    return (row["next_due_on"], int(row["next_due_amount"])) if row["next_due_on"] else None


def agreement_pdf(served: Served, loan: Loan, language: str) -> bytes | None:
    """The agreement on the plan in force, signed. None where it cannot be made again: the plan did not come from these pages, the budget is
    erased, or policy and facts no longer give what was agreed."""
    plan = own_plan(loan)
    if plan is None or not plan["event_id"].startswith(PLAN_PREFIX):
        return None
    before, text = _before(loan, plan)
    try:
        told = plan["data"]
        day = _day_of(loan, plan["at"])
        found = found_for(served, before, text, told.get("proposed"), told.get("proposed_day"), day) if text else None
        again = plans.agreed(found.offers, told["offer"], plan["at"]) if found else None
    except Refusal:
        return None
    if found is None or again is None or plans.as_data(again)["instalments"] != told["instalments"]:
        return None
    warning = plans.limitation_of(before.facts, loan.account_id, day)
    return _signed(served, found.offers, again.offer, warning, language)


def _day_of(loan: Loan, at: datetime) -> date:
    from arrears.web.account.loans import local_time

    return local_time(at, loan.stood.account.zone).date()


def _before(loan: Loan, plan: dict[str, Any]) -> tuple[Loan, str]:
    """The loan without the plan and what became known after it was chosen, and the budget that was typed."""
    reference = plan["event_id"].removeprefix(PLAN_PREFIX)
    events = loan.facts.events
    with_it = events.filter(pl.col("event_id").is_in([PLAN_PREFIX + reference + WITH_IT, PREFIX + reference]))
    text = str(json.loads(with_it["data"][0] or "{}").get("note") or "") if with_it.height else ""
    known = events.filter((pl.col("recorded_at") < plan["at"]) & (pl.col("at") <= plan["at"]))
    facts = replace(loan.facts, events=known)
    return replace(loan, stood=replace(loan.stood, facts=facts)), text


def _signed(served: Served, found: plans.Offers, offer: plans.Offer, warning: plans.Limitation, language: str) -> bytes:
    name = served.installation.lender.name[tongue_of(language)]
    return signed_pdf(served.installation, agreement(found, offer, name, warning, language))
