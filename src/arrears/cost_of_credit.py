"""What a loan costs a year as it was agreed, and how that stands to the caps that law sets on all charges together.

The annual percentage rate (年化综合融资成本) of one account, from what was lent, the fees at its start and its schedule, as if every
payment were made on its day. It changes no figure: what caps cut off what was really charged is in `claim`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from arrears import money
from arrears.annual_rate import NoRate
from arrears.errors import Refusal
from arrears.facts.typed import Typed
from arrears.law.clause_kinds import AnnualRate, Cap
from arrears.law.clauses import Clause
from arrears.law.money_limits import BY_CALENDAR, annual_rates, is_bound, most_of
from arrears.law.packs import Stack
from arrears.replay.agreed import Agreed, agreed_of
from arrears.replay.terms import Terms


@dataclass(frozen=True)
class Against:
    """A cap on all charges together beside the annual rate. `most`: a year (None: not known for the day); `above`: the ways in which the rate is above it."""

    clause: Clause
    most: Decimal | None
    above: tuple[str, ...]

    @property
    def cuts(self) -> bool:
        """Whether what lies above may not be demanded (else a court may cut it)."""
        return isinstance(self.clause.rule, Cap) and self.clause.rule.effect == "cut"


@dataclass(frozen=True)
class CostOfCredit:
    """The cost of a loan as agreed. `rates`: a year, by way (none where `no_rate` says why); `clause`: how law has the rate reckoned, if it does."""

    agreed: Agreed
    rule: AnnualRate
    rates: Mapping[str, Decimal]
    no_rate: str | None
    clause: Clause | None
    against: tuple[Against, ...]

    @property
    def year_minor(self) -> int | None:
        """The principal whose use for one whole year would cost the same at the simple rate, minor units, rounded; None without a rate."""
        simple = self.rates.get("simple")
        return int((self.agreed.cost_minor / simple).to_integral_value()) if simple else None


def cost_of(typed: Typed, terms: Terms, stack: Stack | None, known_at: datetime | None = None) -> CostOfCredit | None:
    """The cost of one account under its agreed terms, by the law packs of a stack; None where the facts have no schedule."""
    if not typed.instalments.height:
        return None
    account = typed.accounts.row(0, named=True)
    agreed = agreed_of(typed, terms, known_at)
    clauses = list(_speaking(stack, agreed.opened_on, account["lender_kind"], account["product"]))
    clause = next((clause for clause in clauses if isinstance(clause.rule, AnnualRate)), None)
    rule = clause.rule if clause is not None and isinstance(clause.rule, AnnualRate) else BY_CALENDAR
    try:
        rates = annual_rates(rule, agreed.opened_on, agreed.received_minor, agreed.payments)
        no_rate = None
    except NoRate as reason:
        rates, no_rate = {}, reason.code
    shown = {way: rates[way] for way in rule.ways if way in rates}
    against = tuple(_against(clause, shown, agreed.opened_on) for clause in clauses if isinstance(clause.rule, Cap))
    return CostOfCredit(agreed, rule, rates, no_rate, clause, against if rates else ())


def _speaking(stack: Stack | None, opened_on: date, lender_kind: str | None, product: str | None) -> Iterable[Clause]:
    """The clauses that bind the lender on the day of the contract: how a rate is reckoned, and caps on all charges together."""
    for clause, _ in stack.clauses if stack else ():
        rule = clause.rule
        concerned = isinstance(rule, AnnualRate) or (isinstance(rule, Cap) and rule.on == "total")
        if concerned and clause.on and clause.in_force(opened_on) and is_bound(clause, lender_kind, product, None):
            yield clause


def _against(clause: Clause, rates: Mapping[str, Decimal], opened_on: date) -> Against:
    assert isinstance(clause.rule, Cap)
    try:
        most = most_of(clause.rule, opened_on, None)
    except Refusal:  # no reference rate was published in our data for that day
        most = None
    return Against(clause, most, tuple(way for way, rate in rates.items() if most is not None and rate > most))


def as_json(cost: CostOfCredit | None, currency: str, language: str) -> dict[str, Any] | None:
    """`cost_of_credit` of `explain --json`: amounts as decimal strings, rates as fractions a year."""
    if cost is None:
        return None
    agreed = cost.agreed
    amounts = {
        "lent": agreed.lent_minor, "fees_at_start": agreed.fees_minor, "received": agreed.received_minor,
        "paid": agreed.paid_minor, "cost": agreed.cost_minor,
    }  # fmt: skip
    return {
        **{name: money.to_text(minor, currency) for name, minor in amounts.items()},
        "principal_for_a_year": None if cost.year_minor is None else money.to_text(cost.year_minor, currency),
        "payments": len(agreed.payments),
        "intervals": cost.rule.intervals,
        "compound": _fraction(cost.rates.get("compound")),
        "simple": _fraction(cost.rates.get("simple")),
        "no_rate": cost.no_rate,
        "clause": cost.clause.as_json(language) if cost.clause else None,
        "caps": [
            {"most": _fraction(one.most), "above": list(one.above), "clause": one.clause.as_json(language)}
            for one in cost.against
        ],
    }


def _fraction(rate: Decimal | None) -> str | None:
    return None if rate is None else f"{rate.normalize():f}"
