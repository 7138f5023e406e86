"""A letter to one creditor with the plan across all of them: what is offered, or that nothing can be, and the table of shares."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from arrears import money
from arrears.facts.beside import tongue_of
from arrears.plans.budget import Budget
from arrears.plans.creditors import Share
from arrears.plans.paper.sheet import Sheet
from arrears.plans.words import data, word


def creditor_letter(shares: Sequence[Share], to: Share, budget: Budget, sender: str, on: date, language: str) -> Sheet:
    """The letter to one of the creditors. `sender`: who writes, as they are called."""

    def shown(minor: int) -> str:
        return money.to_shown(minor, budget.currency)

    offered = "letter_priority" if to.priority else "letter_offer"
    text = word(
        "paper", offered if to.a_month_minor else "letter_none", language, currency=budget.currency,
        affordable=shown(budget.affordable_minor), amount=shown(to.a_month_minor),
    )  # fmt: skip
    rows = tuple(
        (word("paper", "priority", language, name=one.name) if one.priority else one.name, shown(one.owed_minor), shown(one.a_month_minor))
        for one in shares
    )  # fmt: skip
    money_line = word(
        "table", "budget", language, income=shown(budget.income_minor), spending=shown(budget.spending_minor),
        priority=shown(budget.priority_minor), surplus=shown(budget.surplus_minor), affordable=shown(budget.affordable_minor),
    )  # fmt: skip
    return Sheet(
        language, on, word("paper", "letter_title", language), sender, to.name,
        (word("paper", "creditor", language, name=to.name), text, money_line),
        tuple(data("words.yaml")["paper"]["letter_columns"][tongue_of(language)]), rows, (sender,),
    )  # fmt: skip
