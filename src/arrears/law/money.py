"""Money under law, for one account: what of the agreed terms may be demanded, and in which order a payment goes over what is due.

Two steps. Before replay: caps on rates, compounding and fees put lawful terms in the place of the agreed ones, and an order that the
law sets takes the place of one that nobody agreed (`lawful_terms`). After replay: caps on the total of interest, penalty interest and
fees are held against the principal that was outstanding night by night (`excess_over`). What a cap cuts off is shown as cut off, with
its clause; a cap that only gives the borrower a plea in court changes no figure and is shown as contestable. `money_book` does the same
in columns.

The clause in force on the day of the contract applies. A cap that cannot be computed (no contract rate stated, no published rate for
the day, the kind of lender not known) is shown as unchecked: it is neither kept nor broken.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from arrears.errors import Refusal
from arrears.law.clause_kinds import Cap, Order
from arrears.law.clauses import Clause
from arrears.law.money_limits import is_bound, most_of
from arrears.law.packs import Stack
from arrears.money import PPM
from arrears.replay.terms import Terms

#: Day-count of the ceiling on a total: interest at the cap for the days that principal was outstanding.
CEILING_BASIS = 365
TAKEN_FIRST = ("penalty", "fee", "interest")


@dataclass(frozen=True)
class Bound:
    """A cap that bites, or could not be told. Rates in ppm a year; `late_fee` and `compound` 0 or 1; `allowed` None: unchecked."""

    clause: Clause
    on: str
    agreed: int
    allowed: int | None

    @property
    def cuts(self) -> bool:
        """Whether the clause cuts what may be demanded (else it is unchecked, or a plea)."""
        return self.allowed is not None and _cap(self.clause).effect == "cut"

    def cut(self, terms: Terms) -> Terms:
        """The terms with what the cap cuts off cut off."""
        if self.on == "penalty_rate":
            return replace(terms, penalty_rate_ppm=min(terms.penalty_rate_ppm, self.allowed or 0))
        if self.on == "rate":
            return replace(terms, interest_rate_ppm=min(terms.interest_rate_ppm, self.allowed or 0))
        if self.on == "compound":
            return replace(terms, penalty_compound=False)
        return replace(terms, late_fee_minor=0, late_fee_percent_ppm=0)


@dataclass(frozen=True)
class LawfulTerms:
    """Terms as they may be demanded, the caps that bite, the order clause where it replaced the order, and the caps on totals."""

    terms: Terms
    bounds: tuple[Bound, ...]
    order: Clause | None
    totals: tuple[Clause, ...]


@dataclass(frozen=True)
class Excess:
    """Charges against a cap on the total, minor units: all charges so far and the ceiling (None: it could not be computed)."""

    clause: Clause
    charges_minor: int
    ceiling_minor: int | None

    @property
    def excess_minor(self) -> int:
        """What is above the ceiling; 0 where that could not be computed."""
        return 0 if self.ceiling_minor is None else max(0, self.charges_minor - self.ceiling_minor)

    @property
    def cuts(self) -> bool:
        """Whether the clause cuts what may be demanded (else it is a plea)."""
        return _cap(self.clause).effect == "cut"


def lawful_terms(
    stack: Stack, terms: Terms, opened_on: date, lender_kind: str | None = None, product: str | None = None
) -> LawfulTerms:
    """The terms under the money clauses of a stack for a contract of that day."""
    bounds, totals = [], []
    clauses = [clause for clause, _ in stack.clauses if concerns_money(clause) and clause.in_force(opened_on)]
    for clause in clauses:
        bound = is_bound(clause, lender_kind, product, None)
        if not isinstance(clause.rule, Cap) or not (bound or _may_be_bound(clause, lender_kind, product)):
            continue
        if clause.rule.on == "total":
            totals += [clause] if bound else []
        elif (found := _bound(clause, terms, opened_on, bound)) is not None:
            bounds.append(found)
    for found in bounds:
        if found.cuts:
            terms = found.cut(terms)
    order = next((c for c in clauses if is_bound(c, lender_kind, product, None) and _orders(c, terms)), None)
    if order is not None and isinstance(order.rule, Order):
        terms = replace(terms, allocation=order.rule.allocation)
    return LawfulTerms(terms, tuple(bounds), order, tuple(totals))


def concerns_money(clause: Clause) -> bool:
    """Whether the clause is on and caps or orders money."""
    return clause.on and isinstance(clause.rule, (Cap, Order))


def _may_be_bound(clause: Clause, lender_kind: str | None, product: str | None) -> bool:
    """Whether only the kind of lender is lacking to know that the clause binds."""
    return lender_kind is None and clause.speaks_to(None, product, None)


def _cap(clause: Clause) -> Cap:
    assert isinstance(clause.rule, Cap)
    return clause.rule


def _bound(clause: Clause, terms: Terms, opened_on: date, known: bool) -> Bound | None:
    """The cap if the terms go beyond it, or if it cannot be told; None where they keep within it."""
    cap = _cap(clause)
    agreed = _agreed(cap.on, terms)
    if agreed == 0:
        return None
    allowed = allowed_ppm(cap, terms.interest_rate_ppm, opened_on) if known else None
    return Bound(clause, cap.on, agreed, allowed) if allowed is None or agreed > allowed else None


def _agreed(on: str, terms: Terms) -> int:
    return {
        "penalty_rate": terms.penalty_rate_ppm,
        "rate": terms.interest_rate_ppm,
        "compound": int(terms.penalty_compound),
        "late_fee": int(terms.late_fee_minor > 0 or terms.late_fee_percent_ppm > 0),
    }[on]


def allowed_ppm(cap: Cap, rate_ppm: int, opened_on: date) -> int | None:
    """The most a cap allows, ppm a year, without the fraction; None where it cannot be computed. `rate_ppm`: the contract rate, 0: none."""
    try:
        most = most_of(cap, opened_on, Decimal(rate_ppm) / PPM if rate_ppm else None)
    except Refusal:  # no reference rate was published in our data for that day: unchecked, and shown so
        return None
    return None if most is None else int(most * PPM)


def _orders(clause: Clause, terms: Terms) -> bool:
    """Whether the clause sets another order than the terms have."""
    rule = clause.rule
    return (
        isinstance(rule, Order) and (rule.always or not terms.allocation_agreed) and rule.allocation != terms.allocation
    )


def ceiling(principal_days_minor: int, rate_ppm: int) -> int:
    """Interest at `rate_ppm` a year for principal outstanding, minor units, without the fraction (actual/365).

    `principal_days_minor`: the sum over all nights of the principal outstanding in that night, minor units × days.
    """
    return principal_days_minor * rate_ppm // (PPM * CEILING_BASIS)


def excess_over(clause: Clause, position: Mapping[str, Any], opened_on: date) -> Excess:
    """Charges of an account (paid and due) against a cap on their total; `position` as replay gives it, minor units."""
    charges = sum(
        int(position[f"{side}_{name}"]) for side in ("paid", "due") for name in ("fee", "penalty", "interest")
    )
    allowed = allowed_ppm(_cap(clause), 0, opened_on)
    return Excess(clause, charges, None if allowed is None else ceiling(int(position["principal_days"]), allowed))


def taken_off(excess_minor: int, due: Mapping[str, int]) -> Iterator[tuple[str, int]]:
    """How an excess comes off what is due: penalty interest first, then fees, then interest; what is left was paid already."""
    left = excess_minor
    for name in TAKEN_FIRST:
        part = min(left, due[name])
        left -= part
        if part:
            yield name, part
