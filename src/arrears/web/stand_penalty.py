"""Negotiated penalty interest of a typed loan: what was charged and allowed, and the letter that asks for a waiver. Nothing is kept.

The lender behind a typed loan is unknown, so the example policy of the law says what may be waived, and the page says so.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from arrears.advise import Looked
from arrears.plans import policy_for
from arrears.plans.paper import Sheet
from arrears.plans.paper.penalty_letters import request
from arrears.plans.penalty import Penalty
from arrears.web.penalty_shown import penalty_on, penalty_shown, read_asked
from arrears.web.words import penalty_words, plan_words

FIELDS = ("amount", "why")


def penalty_part(item: Looked, sent: Mapping[str, str], faults: Mapping[str, str], language: str) -> dict[str, Any]:
    """What the page shows of it; `penalty` None where it cannot be computed."""
    found = _penalty(item)
    return {
        "penalty": penalty_shown(found, item.facts, False, language) if found else None, "w": penalty_words(language),
        "penalty_faults": {**dict.fromkeys(FIELDS, ""), **faults},
        "penalty_typed": {name: sent.get(name, "") for name in FIELDS},
    }  # fmt: skip


def penalty_letter(item: Looked, sent: Mapping[str, str], language: str) -> Sheet | Mapping[str, str]:
    """The letter that asks for a waiver; what is wrong, by field, where it cannot be written."""
    found = _penalty(item)
    if found is None or found.due_minor <= 0:
        return {"amount": "amount"}
    asked = read_asked(sent, found)
    if asked.faults:
        return asked.faults
    sender, number = plan_words(language)["stand"]["letter_from"], penalty_words(language)["account_blank"]
    return request(found, asked.ask_minor, asked.why, sender, language, number)


def _penalty(item: Looked) -> Penalty | None:
    if item.account.refused:
        return None
    account = item.facts.accounts.row(0, named=True)
    policy = policy_for(item.law, str(account["currency"]), str(account["product"]))
    return penalty_on(item.facts, item.account.account_id, item.today, policy)
