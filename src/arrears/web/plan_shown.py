"""Offers in the words of a page: cheapest first, each with its schedule, and what is told of all of them once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from arrears import money
from arrears.facts.beside import tongue_of
from arrears.notice.language import amount_text, date_text
from arrears.plans import Answer, Creditor, Limitation, Offer, Offers, Share, shares
from arrears.plans.answer import final_note, offers_json, reason_text
from arrears.plans.words import word
from arrears.web.words import plan_words


def figures_of(offer: Offer) -> str:
    """What an offer comes to, to tell whether it is still the one that was looked at."""
    return (
        ".".join(f"{row.due_on:%Y%m%d}-{row.total_minor}" for row in (offer.rows[0], offer.rows[-1]))
        + f".{offer.total_minor}.{len(offer.rows)}"
    )


def offers_shown(
    found: Offers, own_policy: bool, language: str, limitation: Limitation, answer: Answer | None = None
) -> dict[str, Any]:
    """What the template `_plan_offers.html` shows. `answer`: to the borrower's own proposal, whose offer comes alone."""
    told, words = offers_json(found, language, limitation), plan_words(language)
    only = answer.offer if answer else None
    chosen = [one for one in found.offers if only is None or one.id == only.id]
    if answer is not None and only is None:
        chosen = []
    said_policy = "policy_own" if own_policy else "policy_example"
    return {
        "budget": _budget(told["budget"], found, language), "why_none": told["why_none"], "advice": told["advice"],
        "offers": [_offer(one, found, language) for one in chosen], "limitation": told["limitation"]["text"],
        "missed": word("notes", "if_missed", language, grace=found.policy.grace_days, repair=found.policy.repair_days),
        "shares": _shares(found, language), "to_creditors": [(number, one.name) for number, one in enumerate(found.budget.creditors)],
        "credit_file": word("notes", "credit_file", language),
        "policy": words[said_policy].format(name=found.policy.name[tongue_of(language)]),
        "law_limit": _law_limit(found, language),
        "answer": {"head": words["answers"][answer.answer], "text": reason_text(answer, language)} if answer else None,
    }  # fmt: skip


def _law_limit(found: Offers, language: str) -> str:
    limit = found.limit
    return (
        word(
            "notes",
            "law_limit",
            language,
            months=limit.months,
            clause=f"{limit.clause.id}, {limit.clause.source_in(language)}",
        )
        if limit
        else ""
    )


def _budget(told: Mapping[str, Any], found: Offers, language: str) -> dict[str, str]:
    words, currency = plan_words(language), found.owed.currency

    def shown(text: str) -> str:
        return amount_text(money.to_minor(text, currency), currency, language)

    line = words["budget_line"].format(
        income=shown(told["income"]), spending=shown(told["spending"]), priority=shown(told["priority_debts"]),
        surplus=shown(told["surplus"]), affordable=shown(told["affordable"]),
    )  # fmt: skip
    least = told["minimum"]
    floor = words["floor"].format(household=shown(least["household"]), source=least["source"]) if least else ""
    return {
        "line": line,
        "floor": floor,
        "unconfirmed": words["unconfirmed"] if least and not least["confirmed"] else "",
        "minimum_note": told["minimum_note"] or "",
        "share": word(
            "notes",
            "share",
            language,
            elsewhere=amount_text(found.elsewhere_minor, currency, language),
            share=amount_text(found.room_minor, currency, language),
        )
        if found.elsewhere_minor
        else "",
    }


def _offer(offer: Offer, found: Offers, language: str) -> dict[str, Any]:
    words, currency, law = plan_words(language), found.owed.currency, found.owed.law

    def shown(minor: int) -> str:
        return amount_text(minor, currency, language)

    without = offer.no_plan
    glue = "、" if tongue_of(language) == "zh" else ", "
    return {
        "id": offer.id, "name": word("kinds", offer.kind, language), "cheapest": "cheapest_for_borrower" in offer.tags, "figures": figures_of(offer),
        "at_once": offer.level.at_once, "by": offer.level.by[tongue_of(language)],
        "amounts": words["amounts"].format(
            count=len(offer.rows), highest=shown(offer.highest_minor), total=shown(offer.total_minor), ends_on=date_text(offer.ends_on, law, language)
        ),
        "waived": _waived(offer, language, shown),
        "rows": [(row.number, date_text(row.due_on, law, language), shown(row.total_minor)) for row in offer.rows],
        "no_plan": words["no_plan"].format(
            on=date_text(without.on, law, language), owed=shown(without.owed_minor), days=without.days_past_due
        ) if without else "",
        "evidence": words["evidence"].format(list=glue.join(word("evidence", one, language) for one in offer.evidence)) if offer.evidence else "",
    }  # fmt: skip


def _waived(offer: Offer, language: str, shown: Callable[[int], str]) -> str:
    """What is waived, and when it is final; empty where nothing is."""
    note = final_note(offer, language, shown)
    said = plan_words(language)["waived"].format(waived=shown(sum(offer.waived.values())))
    return ("" if tongue_of(language) == "zh" else " ").join((said, note)) if note else ""


def shares_named(found: Offers, language: str) -> tuple[Share, ...]:
    """The plan across the creditors of a budget that was typed, each as the household calls it; empty where there is no other creditor."""
    if not found.budget.creditors:
        return ()
    words = plan_words(language)["shares"]
    all_of_them = shares(found.budget, [Creditor(words["own"], found.owed.in_all_minor)])
    return tuple(replace(one, name=words["priority"]) if one.priority else one for one in all_of_them)


def _shares(found: Offers, language: str) -> list[dict[str, str]]:
    currency = found.owed.currency
    return [
        {"name": one.name, "owed": amount_text(one.owed_minor, currency, language), "a_month": amount_text(one.a_month_minor, currency, language)}
        for one in shares_named(found, language)
    ]  # fmt: skip
