"""The answers of `arrears plan` as JSON; docs/reference/plans.md explains their keys. Amounts are decimal strings, dates ISO, rates fractions a year."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from arrears import money
from arrears.facts.beside import tongue_of
from arrears.facts.schema import CATEGORIES
from arrears.law.source_words import source_in
from arrears.plans.budget import Budget, floor_note
from arrears.plans.creditors import Share
from arrears.plans.kept import Kept
from arrears.plans.limitation import Limitation
from arrears.plans.offers import Offer, Offers
from arrears.plans.owed import Owed
from arrears.plans.propose import Answer
from arrears.plans.words import data, word


def offers_json(found: Offers, language: str, limitation: Limitation | None = None) -> dict[str, Any]:
    """The answer of `arrears plan offer`."""
    owed, limit = found.owed, found.limit
    return {
        "account": owed.account_id, "law": owed.law, "product": owed.product, "currency": owed.currency,
        "as_of": owed.on.isoformat(), "policy": found.policy.id, "budget": _budget(found.budget, language),
        "owed": _owed(owed), "at_most": money.to_text(found.at_most_minor, owed.currency),
        "share": money.to_text(found.room_minor, owed.currency), "owed_elsewhere": money.to_text(found.elsewhere_minor, owed.currency), "pay_day": found.pay_day,
        "law_limit": {"months": limit.months, "clause": limit.clause.as_json(language)} if limit else None,
        "offers": [_offer(one, found, language) for one in found.offers],
        "why_none": _why_none(found, language),
        "lender_no_plan": money.to_text(found.lender_no_plan_minor, owed.currency),
        "limitation": _limitation(limitation, language),
        "advice": [
            {"text": one[tongue_of(language)], "confirmed": one["confirmed"]} for one in data("advice.yaml")[owed.law]
        ],
    }  # fmt: skip


def _budget(budget: Budget, language: str) -> dict[str, Any]:
    def text(minor: int) -> str:
        return money.to_text(minor, budget.currency)

    form, floor, note = data("forms.yaml")[budget.form], budget.floor, floor_note(budget)
    return {
        "form": budget.form, "form_source": form["source"], "guidelines": form["guidelines"][tongue_of(language)],
        "income": text(budget.income_minor), "spending": text(budget.spending_minor),
        "sections": {name: text(minor) for name, minor in budget.by_section.items()},
        "priority_debts": text(budget.priority_minor), "surplus": text(budget.surplus_minor),
        "affordable": text(budget.affordable_minor),
        "minimum": {"household": text(budget.kept_back_minor), "source": source_in(floor.source, language), "confirmed": floor.confirmed} if floor else None,
        "minimum_note": word("notes", note, language) if note else None,
    }  # fmt: skip


def _owed(owed: Owed) -> dict[str, Any]:
    def text(minor: int) -> str:
        return money.to_text(minor, owed.currency)

    return {
        "due": {name: text(owed.due[name]) for name in CATEGORIES} | {"total": text(owed.due_minor)},
        "not_due_principal": text(owed.principal_later_minor), "accrued_interest": text(owed.accrued_minor),
        "later_interest": text(owed.interest_later_minor), "later_fee": text(sum(row.fee_minor for row in owed.later)),
        "later_count": len(owed.later), "rate": f"{owed.rate_ppm / money.PPM:.6f}", "payments": owed.payments,
        "days_past_due": owed.days_past_due,
    }  # fmt: skip


def _offer(offer: Offer, found: Offers, language: str) -> dict[str, Any]:
    def text(minor: int) -> str:
        return money.to_text(minor, found.owed.currency)

    without = offer.no_plan
    return {
        "id": offer.id, "kind": offer.kind, "name": word("kinds", offer.kind, language), "tags": list(offer.tags),
        "instalments": [
            {
                "number": row.number, "due_on": row.due_on.isoformat(), "principal": text(row.principal_minor),
                "interest": text(row.interest_minor), "penalty": text(row.penalty_minor), "fee": text(row.fee_minor),
                "total": text(row.total_minor),
            }
            for row in offer.rows
        ],
        "highest": text(offer.highest_minor), "total": text(offer.total_minor), "ends_on": offer.ends_on.isoformat(),
        "waived": {name: text(amount) for name, amount in offer.waived.items()},
        "final": [{"after": number, "amount": text(amount)} for number, amount in offer.final],
        "final_note": final_note(offer, language, text), "interest_stops": offer.interest_stops,
        "granted_by": {"id": offer.level.id, "name": offer.level.by[tongue_of(language)], "at_once": offer.level.at_once},
        "evidence": list(offer.evidence), "lender_worth": text(offer.worth_minor),
        "if_missed": word("notes", "if_missed", language, grace=found.policy.grace_days, repair=found.policy.repair_days),
        "credit_file": word("notes", "credit_file", language),
        "no_plan": {"on": without.on.isoformat(), "owed": text(without.owed_minor), "days_past_due": without.days_past_due} if without else None,
    }  # fmt: skip


def final_note(offer: Offer, language: str, shown: Callable[[int], str]) -> str | None:
    """When the waiver of an offer becomes final, in words; None where nothing is waived. `shown`: an amount in minor units as text."""
    if not offer.final:
        return None
    if len(offer.final) == 1:
        return word("notes", "final_at_end", language)
    return word("notes", "final_in_steps", language, count=len(offer.final), first=shown(offer.final[0][1]))


def _why_none(found: Offers, language: str) -> dict[str, str] | None:
    return {"id": found.why_none, "text": why_none_text(found, language)} if found.why_none else None


def why_none_text(found: Offers, language: str) -> str:
    """Why nothing is offered, in words; empty where something is."""
    if found.why_none is None:
        return ""
    glue = "、" if tongue_of(language) == "zh" else ", "
    standing = glue.join(word("standing", name, language) for name in found.owed.standing)
    return word("why_none", found.why_none, language, standing=standing)


def _limitation(limitation: Limitation | None, language: str) -> dict[str, Any] | None:
    if limitation is None:
        return None
    return {
        "state": limitation.state, "text": limitation.text(language),
        "clause": limitation.clause.as_json(language) if limitation.clause else None,
        "last_on": limitation.last_on.isoformat() if limitation.last_on else None,
        "if_today_on": limitation.if_today_on.isoformat() if limitation.if_today_on else None,
    }  # fmt: skip


def answer_json(answer: Answer, language: str) -> dict[str, Any]:
    """The answer to a proposal, `proposal` of `arrears plan offer --propose`."""
    return {
        "answer": answer.answer, "reason": answer.reason, "text": reason_text(answer, language),
        "proposed": money.to_text(answer.proposed_minor, answer.offers.owed.currency),
        "offer": answer.offer.id if answer.offer else None,
    }  # fmt: skip


def reason_text(answer: Answer, language: str) -> str:
    """Why the answer is what it is, in words."""
    currency, offer = answer.offers.owed.currency, answer.offer
    if offer is None:
        return why_none_text(answer.offers, language) or word("why_none", "nothing_fits", language)
    return word(
        "reasons", answer.reason, language, by=offer.level.by[tongue_of(language)],
        proposed=money.to_shown(answer.proposed_minor, currency), amount=money.to_shown(offer.highest_minor, currency),
        affordable=money.to_shown(answer.offers.room_minor, currency),
    )  # fmt: skip


def shares_json(found: tuple[Share, ...], currency: str) -> list[dict[str, Any]]:
    """The plan across creditors, `creditors` of `arrears plan offer`."""
    return [
        {"name": one.name, "owed": money.to_text(one.owed_minor, currency), "priority": one.priority,
         "a_month": money.to_text(one.a_month_minor, currency), "months": one.months}
        for one in found
    ]  # fmt: skip


def kept_json(found: Kept, account_id: str, language: str) -> dict[str, Any]:
    """How a plan is kept, `arrears plan check`."""
    until = found.repair_until.isoformat() if found.repair_until else None
    return {
        "account": account_id, "state": found.state, "text": word("kept", found.said, language, until=until),
        "since": found.since.isoformat() if found.since else None, "kept": found.kept, "late": found.late, "repair_until": until,
        "breaches": [
            {"began_on": one.began_on.isoformat(), "repaired_on": one.repaired_on.isoformat() if one.repaired_on else None}
            for one in found.breaches
        ],
    }  # fmt: skip
