"""Plans that borrowers asked for and a person must grant: the offer, and the budget it stands on, for who decides."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

import polars as pl
from sqlalchemy import Connection

from arrears import calendar
from arrears.errors import Refusal, refuse
from arrears.facts.beside import tongue_of
from arrears.facts.schema import Facts
from arrears.notice.language import amount_text
from arrears.plans import Budget, Owed, owed_of
from arrears.plans.words import word
from arrears.store.facts import facts_of
from arrears.store.personal import Personal
from arrears.web.account.loans import loan_of
from arrears.web.approvals import Approval
from arrears.web.budget_form import read_text
from arrears.web.plan_policy import policy_here
from arrears.web.served import Served
from arrears.web.sessions import Staff
from arrears.web.words import plan_words


def plans_asked(
    connection: Connection, personal: Personal, found: Sequence[Approval], language: str
) -> dict[int, dict[str, Any]]:
    """By number of the approval: `account`, `offer` in a line, `rows`, `budget` in a line, `weighed` in lines."""
    asked = [one for one in found if one.kind == "plan" and "event" in one.content]
    if not asked:
        return {}
    facts = facts_of(connection, sorted({one.subject for one in asked}), personal)
    return {one.number: _shown(one, facts, language) for one in asked}


def _shown(one: Approval, facts: Facts, language: str) -> dict[str, Any]:
    words, currency, data = plan_words(language), str(one.content["currency"]), one.content["event"]["data"]
    amounts = [sum(int(row.get(name) or 0) for name in ("principal", "interest", "fee")) for row in data["instalments"]]
    days = [row["due_on"] for row in data["instalments"]]
    offer = words["desk"]["offer"].format(
        kind=word("kinds", data["reason"], language), count=len(days), total=amount_text(sum(amounts), currency, language), first=days[0], last=days[-1]
    )  # fmt: skip
    rows = [
        (number, day, amount_text(amount, currency, language))
        for number, (day, amount) in enumerate(zip(days, amounts, strict=True), 1)
    ]
    return {
        "account": one.subject,
        "offer": offer,
        "rows": rows,
        "budget": _budget(one, facts, language),
        "weighed": _weighed(one, language),
    }


def _weighed(one: Approval, language: str) -> list[str]:
    """The plan against no plan for both sides, what is waived, and the papers to see, line by line."""
    told, currency = one.content.get("compared") or {}, str(one.content["currency"])

    def shown(minor: int) -> str:
        return amount_text(minor, currency, language)

    lines = []
    if "worth" in told:
        lines.append(word("table", "lender", language, worth=shown(told["worth"]), without=shown(told["without"])))
        lines.append(word("notes", "assumptions", language))
    words = plan_words(language)
    if "owed" in told:
        lines.append(words["desk"]["no_plan"].format(on=told["on"], owed=shown(told["owed"]), days=told["days"]))
    if waived := sum(one.content["event"]["data"].get("waive", {}).values()):
        lines.append(words["waived"].format(waived=shown(waived)))
    if papers := told.get("evidence"):
        glue = "、" if tongue_of(language) == "zh" else ", "
        lines.append(words["evidence"].format(list=glue.join(word("evidence", name, language) for name in papers)))
    return lines


def _budget(one: Approval, facts: Facts, language: str) -> str:
    words = plan_words(language)
    own = facts.events.filter((pl.col("account_id") == one.subject) & (pl.col("event_id") == one.content["contact"]))
    text = json.loads(own["data"][0] or "{}").get("note") if own.height else None
    try:
        budget = read_text(str(text), one.asked_at.date()) if text else None
    except Refusal:
        budget = None
    return _line(budget, language) if budget else str(words["desk"]["gone"])


def _line(budget: Budget, language: str) -> str:
    def shown(minor: int) -> str:
        return amount_text(minor, budget.currency, language)

    return str(plan_words(language)["budget_line"]).format(
        income=shown(budget.income_minor), spending=shown(budget.spending_minor), priority=shown(budget.priority_minor),
        surplus=shown(budget.surplus_minor), affordable=shown(budget.affordable_minor),
    )  # fmt: skip


def account_may_take_a_plan(connection: Connection, served: Served, agreed: Approval, who: Staff, now: datetime) -> str:
    """The account's business zone. Refusal where a plan is in force already, something stands that a person must see to first, or the policy does
    not let the roles of who agreed grant it."""
    account_id = agreed.subject
    loan = loan_of(served, account_id)
    owed = owed_of(loan.facts, account_id, _day(loan.stood.account.zone, now))
    if owed.plan_status == "current":
        raise refuse("plan", "is in force already", account=account_id, todo="decline this one")
    if owed.standing:
        raise refuse("plan", f"cannot begin: {', '.join(owed.standing)}", account=account_id)
    _within_authority(served, owed, str(agreed.content["needs"]), who)
    return owed.zone


def _within_authority(served: Served, owed: Owed, needs: str, who: Staff) -> None:
    """Refusal unless one of the roles grants at the level that a plan needs, or at a higher one."""
    policy, _ = policy_here(served.installation, owed)
    levels = policy.levels if policy else ()
    names = [level.id for level in levels]
    enough = levels[names.index(needs) :] if needs in names else ()
    if not any(level.roles & who.roles for level in enough):
        roles = sorted({role for level in enough for role in level.roles})
        raise refuse("beyond_authority", f"needs the level {needs} of the policy", account=owed.account_id,
                     todo=f"it takes {', '.join(roles)}" if roles else "no role of the desk has it: see authority.roles of the policy")  # fmt: skip


def _day(zone: str, now: datetime) -> date:
    return calendar.local_day(now, zone)
