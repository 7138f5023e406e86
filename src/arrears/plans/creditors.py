"""Several debts at once, as debt advisers do it: priority debts first, what is left to all others in proportion to what is owed.

Sums are exact: the shares add up to what is affordable, the odd minor units go to the largest remainders. A proposal, not an
agreement: each creditor is free to answer.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from arrears.facts.schema import Facts
from arrears.plans.budget import Budget, Creditor
from arrears.plans.owed import owed_of


@dataclass(frozen=True)
class Share:
    """What one creditor gets a month (minor units). `months`: until it is paid off without interest; None if nothing is paid."""

    name: str
    owed_minor: int
    a_month_minor: int
    priority: bool

    @property
    def months(self) -> int | None:
        """How many months it takes."""
        return -(-self.owed_minor // self.a_month_minor) if self.a_month_minor else None


def shares(budget: Budget, own: Sequence[Creditor] = ()) -> tuple[Share, ...]:
    """The plan across all creditors of a budget and of `own` (debts told otherwise, such as those of a case).

    Where income less spending does not reach even the priority debts, they share what there is in proportion and nothing is left for the others.
    """
    living = max(0, budget.income_minor - max(budget.spending_minor, budget.kept_back_minor))
    wanted = [debt.a_month_minor for debt in budget.priority_debts]
    paid = wanted if sum(wanted) <= living else in_proportion(living, wanted)
    first = [
        Share(debt.name, debt.owed_minor, min(amount, debt.owed_minor), True)
        for debt, amount in zip(budget.priority_debts, paid, strict=True)
    ]
    others = [*own, *budget.creditors]
    rest = in_proportion(budget.affordable_minor, [debt.owed_minor for debt in others])
    return (*first, *(Share(one.name, one.owed_minor, amount, False) for one, amount in zip(others, rest, strict=True)))


def room_for(owed_minor: int, budget: Budget, beside: Sequence[Creditor] = ()) -> int:
    """What a plan for one debt may take a month: the affordable amount, once every other creditor of the budget and of `beside` has its share."""
    others = [debt.owed_minor for debt in (*beside, *budget.creditors)]
    return budget.affordable_minor - sum(in_proportion(budget.affordable_minor, [owed_minor, *others])[1:])


def debts_beside(
    facts: Facts, account_ids: Sequence[str], account_id: str, as_of: date | datetime, currency: str
) -> list[Creditor]:
    """The other debts of one household among accounts, each as one creditor, in the currency of its budget. KeyError if an account is unknown."""
    debts = [owed_of(facts, name, as_of) for name in account_ids if name != account_id]
    return [Creditor(debt.account_id, debt.in_all_minor) for debt in debts if debt.currency == currency]


def in_proportion(amount_minor: int, weights: Sequence[int]) -> list[int]:
    """An amount shared out in proportion to weights, none above its weight, exact to the minor unit (largest remainders first)."""
    total = sum(weights)
    if total <= amount_minor:
        return list(weights)
    parts = [divmod(amount_minor * weight, total) for weight in weights]
    left = amount_minor - sum(part for part, _ in parts)
    by_rest = sorted(range(len(parts)), key=lambda index: (-parts[index][1], index))
    return [part + (index in by_rest[:left]) for index, (part, _) in enumerate(parts)]
