"""The figures and facts of a case that texts may name. Every one is computed from the facts of the case; none is ever typed into a text.

A figure that a case does not have is left out, and with it every text that names it. Amounts in minor units; days local to the account.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

import polars as pl

from arrears.advise.looked import Looked
from arrears.advise.said import Figure, Money, Rate, Said
from arrears.claim import account_row
from arrears.law import course
from arrears.law.clause_kinds import Period
from arrears.law.periods import add_months
from arrears.show import daily_penalty_minor

WEEK_DAYS, MONTH_DAYS = 7, 30
#: Doubled interest for late performance of a judgment, ppm a day (clause CN-ENF-2).
DOUBLED_PPM_A_DAY = 175
#: How long a freeze of bank deposits lasts at most before it must be renewed, months (source SEIZURE-485).
FREEZE_MONTHS = 12
_AMOUNTS = {
    "due": "due_total", "due_fee": "due_fee", "due_penalty": "due_penalty", "due_interest": "due_interest",
    "due_principal": "due_principal", "payoff": "payoff", "not_due": "not_due_principal", "next_amount": "next_due_amount",
    "paid": "paid_total",
}  # fmt: skip
#: Periods that begin when somebody writes today: the name of the figure, and the clause.
_IF_TODAY = {
    "complaint_reply_on": "CN-CMP-1", "complaint_complex_on": "CN-CMP-1-COMPLEX", "credit_reply_on": "CN-CRED-3", "pboc_reply_on": "CN-CRED-6"
}  # fmt: skip


def figures_of(looked: Looked) -> dict[str, Figure]:
    """Every figure that is known of the case, by the name that texts use."""
    found: dict[str, Figure | None] = {}
    for part in (_money, _kept_back, _days, _ladder, _ahead, _law, _rates, _legal, _replies, _plan, _court, _returned):
        found.update(part(looked))
    return {name: value for name, value in found.items() if value is not None}


def flags_of(looked: Looked) -> frozenset[str]:
    """What is true of the case, for the conditions of texts."""
    row, decision = looked.account.replayed.position, looked.account.decision
    flags = {name for name in _STANDING if row[name]}
    flags |= {f"stage_{decision.stage}", f"law_{looked.law}"}
    account = account_row(looked.facts, looked.account.account_id)
    flags |= {f"lender_{account['lender_kind']}"} if account["lender_kind"] else set()
    flags |= {f"event_{kind}" for kind in _events(looked)["kind"].cast(pl.String).unique().to_list()}
    told = {
        "due": row["due_total"] > 0, "promise": bool(row["promises_open"]), "planned": decision.action is not None,
        "budget": looked.offered is not None, "offers": looked.offered is not None and bool(looked.offered.offers.offers), "next": decision.next_step is not None, "more_to_come": row["not_due_principal"] > 0,
        "cut": bool(looked.account.under_law.cut), "contestable": bool(looked.account.under_law.contestable),
        "barred": any(one.step.limitation and one.status == "over" for one in looked.legal.dates),
        "non_performing": row["days_past_due"] > 90, "visits": "visit" in looked.account.ladder.ids,
        "plan_kept": row["plan_status"] == "current", "plan_without_interest": _is_without_interest(_last(looked, "plan")),
    }  # fmt: skip
    return frozenset(flags | {name for name, true in told.items() if true})


_STANDING = (
    "disputed", "hardship", "hardship_requested", "represented", "vulnerable", "deceased", "bankrupt", "breathing_space",
    "complaint_open", "suit_filed", "judgment", "enforcement", "frozen", "placed", "sold",
)  # fmt: skip


def _money(looked: Looked) -> dict[str, Figure | None]:
    row, currency = looked.account.replayed.position, looked.account.currency
    found: dict[str, Figure | None] = {name: Money(row[column], currency) for name, column in _AMOUNTS.items()}
    principal = account_row(looked.facts, looked.account.account_id)["principal"]
    daily = daily_penalty_minor(looked.account)
    return found | {
        "principal": Money(principal, currency),
        "daily": Money(daily, currency) if daily else None,
        "promised": Money(row["promise_amount"], currency) if row["promises_open"] else None,
        "promised_on": row["promise_due_on"] if row["promises_open"] else None,
        "last_paid": Money(row["last_payment_amount"], currency) if row["last_payment_on"] else None,
        "last_paid_on": row["last_payment_on"],
    }


def _kept_back(looked: Looked) -> dict[str, Figure | None]:
    """Fees of the first day, and what was really lent."""
    cost, currency = looked.account.cost_of_credit, looked.account.currency
    if cost is None or not cost.agreed.fees_minor:
        return {}
    return {
        "kept_back": Money(cost.agreed.fees_minor, currency),
        "received": Money(cost.agreed.received_minor, currency),
    }


def _days(looked: Looked) -> dict[str, Figure | None]:
    row = looked.account.replayed.position
    days = looked.facts.instalments.filter(pl.col("account_id") == looked.account.account_id)["due_on"].to_list()
    return {
        "today": looked.today, "week_on": looked.after(WEEK_DAYS), "month_on": looked.after(MONTH_DAYS), "days": row["days_past_due"],
        "oldest_on": row["oldest_due_on"], "next_on": row["next_due_on"], "missed": row["missed_instalments"] or None,
        "instalments": len(days) or None, "last_due_on": max(days, default=None),
    }  # fmt: skip


def _ladder(looked: Looked) -> dict[str, Figure | None]:
    account = looked.account
    decision, step = account.decision, account.decision.next_step
    if account.ladder.law != looked.law:
        return {}
    return {
        "stage": _both(decision.stage_name),
        "planned": _both(decision.action.name) if decision.action else None,
        "planned_on": looked.after(1) if decision.action else None,
        "next_stage": _both(step.name) if step else None,
        "next_stage_on": step.on if step else None,
    }


def _both(name: Mapping[str, str]) -> Said:
    return Said(name["zh"], name["en"])


def _ahead(looked: Looked) -> dict[str, Figure | None]:
    """The same account a month on, if nothing more is paid."""
    row, currency = looked.account.replayed.position, looked.account.currency
    if not row["due_total"]:
        return {}
    then = looked.claim_on(looked.after(MONTH_DAYS)).replayed.position
    more = then["due_penalty"] - row["due_penalty"]
    return {
        "month_due": Money(then["due_total"], currency), "month_payoff": Money(then["payoff"], currency),
        "month_penalty": Money(more, currency) if more > 0 else None,
    }  # fmt: skip


def _law(looked: Looked) -> dict[str, Figure | None]:
    law, currency = looked.account.under_law, looked.account.currency
    cut = sum(one.amount_minor for one in law.cut)
    pleaded = max((one.amount_minor for one in law.contestable), default=0)
    rate = next((one for one in law.cut if one.on == "penalty_rate" and one.agreed and one.allowed), None)
    return {
        "cut": Money(cut, currency) if cut else None,
        "contestable": Money(pleaded, currency) if pleaded else None,
        "agreed_penalty_rate": Rate(rate.agreed) if rate and rate.agreed else None,
        "allowed_penalty_rate": Rate(rate.allowed) if rate and rate.allowed else None,
    }


def _rates(looked: Looked) -> dict[str, Figure | None]:
    row, terms = account_row(looked.facts, looked.account.account_id), looked.account.terms
    return {
        "rate": Rate(row["rate_ppm"]) if row["rate_ppm"] else None,
        "penalty_rate": Rate(terms.penalty_rate_ppm) if terms.penalty_rate_ppm else None,
    }


def _legal(looked: Looked) -> dict[str, Figure | None]:
    found: dict[str, Figure | None] = {}
    for one in looked.legal.dates:
        if one.step.limitation and one.status in ("running", "doubtful", "not_started"):
            found |= {"limitation_on": one.last_on, "limitation_again_on": one.if_today_on}
            found |= {"limitation_from_on": one.course.began_on if one.course else None}
        elif one.step.limitation and one.status == "over":
            found |= {"barred_on": one.last_on, "limitation_from_on": one.course.began_on if one.course else None}
        elif one.status == "running":
            found |= {f"{one.step.id}_on": one.last_on}
    return found


def _replies(looked: Looked) -> dict[str, Figure | None]:
    """By when an answer is owed to what is sent today."""
    held = {clause.id: (clause, pack) for clause, pack in (looked.laws.clauses if looked.laws else ())}
    found: dict[str, Figure | None] = {}
    for name, clause_id in _IF_TODAY.items():
        if clause_id in held:
            clause, pack = held[clause_id]
            assert isinstance(clause.rule, Period)
            found[name] = course(clause.rule, pack, looked.today, []).last_on
    return found


def _events(looked: Looked) -> pl.DataFrame:
    own = looked.facts.events.filter(pl.col("account_id") == looked.account.account_id)
    return own.sort("at", "event_id")


def _last(looked: Looked, kind: str) -> dict[str, Any] | None:
    """The last event of a kind, its data read."""
    rows = list(_events(looked).filter(pl.col("kind").cast(pl.String) == kind).iter_rows(named=True))
    return rows[-1] | {"data": json.loads(rows[-1]["data"] or "{}")} if rows else None


def _local(looked: Looked, event: Mapping[str, Any]) -> date:
    from arrears.calendar import local_day

    return local_day(event["at"], looked.account.zone)


def _plan(looked: Looked) -> dict[str, Figure | None]:
    """The agreed plan, and the same day without it."""
    event, currency = _last(looked, "plan"), looked.account.currency
    if event is None:
        return {}
    sums = [
        (row["due_on"], sum(row.get(name) or 0 for name in ("principal", "interest", "fee")))
        for row in event["data"]["instalments"]
    ]
    total, last_on = sum(amount for _, amount in sums), date.fromisoformat(max(on for on, _ in sums))
    interest = sum(row.get("interest") or 0 for row in event["data"]["instalments"])
    on = _local(looked, event)
    old = _interest_left(looked, on)
    without = looked.claim_on(looked.today, ("plan",)).replayed.position
    waived = _waived_by(looked, event["data"], on)
    at_end = looked.claim_on(last_on, ("plan",)).replayed.position
    return {
        "plan_on": on, "plan_count": len(sums), "plan_total": Money(total, currency), "plan_first": Money(sums[0][1], currency),
        "plan_first_on": date.fromisoformat(min(on for on, _ in sums)), "plan_last": Money(sums[-1][1], currency), "plan_last_on": last_on,
        "plan_interest": Money(interest, currency), "plan_waived": Money(waived, currency) if waived else None, "old_interest": Money(old, currency),
        "more_interest": Money(interest - old, currency) if interest > old else None, "without_due": Money(without["due_total"], currency),
        "without_payoff": Money(without["payoff"], currency), "without_days": without["days_past_due"],
        "without_end_payoff": Money(at_end["payoff"], currency), **dict(_difference(total, at_end["payoff"], currency)),
    }  # fmt: skip


def _is_without_interest(event: Mapping[str, Any] | None) -> bool:
    """Whether a plan asks for no interest of its own."""
    return event is not None and not any(row.get("interest") for row in event["data"]["instalments"])


def _waived_by(looked: Looked, plan: Mapping[str, Any], on: date) -> int:
    """The penalty interest that a plan waived on its day, minor units."""
    waived = (plan.get("waive") or {}).get("penalty", 0)
    due = looked.claim_on(on, ("plan",)).replayed.position["due_penalty"]
    return int(due if waived == "all" else min(waived, due))


def _interest_left(looked: Looked, on: date) -> int:
    """The interest of the schedule that was unpaid on a day, due and not yet due, as if the plan had not been."""
    due = looked.claim_on(on, ("plan",)).replayed.position["due_interest"]
    later = (pl.col("account_id") == looked.account.account_id) & (pl.col("due_on") > on)
    return int(due + looked.facts.instalments.filter(later)["interest"].sum())


def _difference(plan: int, without: int, currency: str) -> Iterator[tuple[str, Figure]]:
    if without > plan:
        yield "plan_saves", Money(without - plan, currency)
    elif without < plan:
        yield "plan_costs", Money(plan - without, currency)


def _court(looked: Looked) -> dict[str, Figure | None]:
    """Judgment and freeze, as the facts say."""
    currency, found = looked.account.currency, dict[str, Figure | None]()
    judgment, frozen = _last(looked, "judgment"), _last(looked, "frozen")
    if judgment:
        found |= {"judgment_on": _local(looked, judgment)}
        if judgment["amount"]:
            doubled = (judgment["amount"] * DOUBLED_PPM_A_DAY + 500_000) // 1_000_000
            found |= {"adjudged": Money(judgment["amount"], currency), "doubled_daily": Money(doubled, currency)}
        perform_by = judgment["data"].get("perform_by")
        found |= {"perform_by_on": date.fromisoformat(perform_by) if perform_by else None}
    if frozen:
        on = _local(looked, frozen)
        found |= {"frozen_on": on, "freeze_ends_on": add_months(on, FREEZE_MONTHS)}
        found |= {"frozen_amount": Money(frozen["amount"], currency) if frozen["amount"] else None}
    return found


def _returned(looked: Looked) -> dict[str, Figure | None]:
    """A payment that came back, and what stands because of it."""
    event, row, currency = _last(looked, "payment_reversed"), looked.account.replayed.position, looked.account.currency
    if event is None:
        return {}
    paid = _events(looked).filter(pl.col("event_id") == event["ref"]).row(0, named=True)
    amount = event["amount"] if event["amount"] is not None else paid["amount"]
    taken = looked.claim_on(looked.today, ("payment_reversed",)).replayed.position
    return {
        "returned": Money(amount, currency), "returned_paid_on": _local(looked, paid), "returned_on": _local(looked, event),
        "taken_due": Money(taken["due_total"], currency), "taken_days": taken["days_past_due"],
        "returned_cost": Money(max(row["payoff"] - amount - taken["payoff"], 0), currency),
    }  # fmt: skip
