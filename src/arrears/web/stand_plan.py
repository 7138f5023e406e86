""" "What can I afford?" for a typed loan: the plans that a budget can carry, as what one may ask a lender for, and the letter that asks.

The lender behind a typed loan is unknown, so the example policy of the law answers; nothing here was granted by anybody, and nothing is kept.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from arrears import plans
from arrears.advise import Looked
from arrears.notice.language import amount_text, date_text
from arrears.plans.paper import Sheet, creditor_letter, sheet_pdf
from arrears.plans.words import word
from arrears.web.budget_form import Typed, budget_text, read_text, shown, typed
from arrears.web.plan_shown import offers_shown, shares_named
from arrears.web.words import plan_words


def afford(item: Looked, region: str | None, sent: Mapping[str, str], language: str) -> dict[str, Any]:
    """What the template `stand_plan.html` shows. `budget_sent` is sent where the form below was filled."""
    read, found = _found(item, region, sent) if "budget_sent" in sent else (None, None)
    shown_offers = None
    if found is not None:
        warning = plans.limitation_of(found[1].facts, item.account.account_id, item.today)
        shown_offers = offers_shown(found[0], False, language, warning)
    return {
        "groups": shown(item.law, read, language), "typed": read.texts if read else {}, "offers": shown_offers, "pw": plan_words(language),
        "faults": {name: plan_words(language)["faults"][code] for name, code in read.faults.items()} if read else {},
        "no_policy": read is not None and not read.faults and found is None,
    }  # fmt: skip


def _found(
    item: Looked, region: str | None, sent: Mapping[str, str]
) -> tuple[Typed, tuple[plans.Offers, Looked] | None]:
    account_id = item.account.account_id
    owed = plans.owed_of(item.facts, account_id, item.today)
    read = typed(item.law, owed.currency, region, sent)
    policy = plans.policy_for(owed.law, owed.currency, owed.product)
    if read.faults or policy is None:
        return read, None
    budget = read_text(budget_text(read.content), item.today)
    return read, (plans.offers(item.facts, account_id, budget, policy, item.today), item)


def letter(item: Looked, region: str | None, sent: Mapping[str, str], offer_id: str, language: str) -> Sheet | None:
    """The letter that asks for one of the plans. None where what was typed has a fault; Refusal for a plan that is none of them."""
    _, found = _found(item, region, sent)
    if found is None:
        return None
    offers, looked = found
    offer, words, currency = offers.offer(offer_id), plan_words(language)["stand"], offers.owed.currency

    def amount(minor: int) -> str:
        return amount_text(minor, currency, language)

    asks = words["letter_asks"].format(
        kind=word("kinds", offer.kind, language), count=len(offer.rows), highest=amount(offer.highest_minor),
        total=amount(offer.total_minor), first=date_text(offer.rows[0].due_on, item.law, language),
    )  # fmt: skip
    budget = offers.budget
    money_line = plan_words(language)["budget_line"].format(
        income=amount(budget.income_minor), spending=amount(budget.spending_minor), priority=amount(budget.priority_minor),
        surplus=amount(budget.surplus_minor), affordable=amount(budget.affordable_minor),
    )  # fmt: skip
    rows = tuple(
        (str(row.number), date_text(row.due_on, item.law, language), amount(row.total_minor)) for row in offer.rows
    )
    return Sheet(
        language, looked.today, words["letter_title"], words["letter_from"], "", (words["letter_to"], asks, money_line),
        tuple(plan_words(language)["columns"]), rows,
        (plans.limitation_of(item.facts, item.account.account_id, item.today).text(language), words["letter_end"]),
        (word("paper", "borrower", language),), left=2,
    )  # fmt: skip


def letter_to_creditor(
    item: Looked, region: str | None, sent: Mapping[str, str], number: int, language: str
) -> Sheet | None:
    """The letter to one of the other creditors that were typed, by its place among them. None where there is none such, or what was typed has a fault."""
    _, found = _found(item, region, sent)
    if found is None or number >= len(found[0].budget.creditors):
        return None
    offers, looked = found
    named = shares_named(offers, language)
    to = named[len(named) - len(offers.budget.creditors) + number]
    sender = plan_words(language)["stand"]["letter_from"]
    return creditor_letter(named, to, offers.budget, sender, looked.today, language)


def letter_file(sheet: Sheet, form: str) -> bytes:
    """The letter as `pdf` or `txt`."""
    if form == "pdf":
        return sheet_pdf(sheet)
    lines = [
        sheet.title,
        "",
        *sheet.before,
        "",
        " | ".join(sheet.columns),
        *(" | ".join(row) for row in sheet.rows),
        "",
        *sheet.after,
        "",
        *sheet.signature,
    ]
    return ("\n".join(lines) + "\n").encode()
