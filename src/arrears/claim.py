"""What may be demanded: an account replayed under the money clauses of its law.

The figures that are shown, planned on and claimed are the lawful ones. What the agreed terms would have asked beyond them is shown as
cut off, with its clause and the amount; what a court would only cut at the borrower's plea is shown as contestable and changes no figure.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import polars as pl

from arrears import money
from arrears.errors import refuse
from arrears.facts.schema import Facts
from arrears.law.clauses import Clause
from arrears.law.money import TAKEN_FIRST, Bound, Excess, LawfulTerms, excess_over, lawful_terms, taken_off
from arrears.law.packs import Stack
from arrears.replay.pack import AsOf
from arrears.replay.position import Replayed, replay_one, replay_told, told_of
from arrears.replay.terms import Terms, in_force, with_own_rates


@dataclass(frozen=True)
class Cut:
    """What a clause cuts off: of which charge, how much less is owed (minor units), and (rates, ppm a year) agreed and allowed."""

    clause: Clause
    on: str
    amount_minor: int
    agreed: int | None = None
    allowed: int | None = None


@dataclass(frozen=True)
class UnderLaw:
    """What law does to the money of an account. `contestable`: what a court may cut at the borrower's plea. `unchecked`: caps that could not be told."""

    cut: tuple[Cut, ...] = ()
    contestable: tuple[Cut, ...] = ()
    unchecked: tuple[Clause, ...] = ()
    order: Clause | None = None


@dataclass(frozen=True)
class Claim:
    """An account under law: replayed with the lawful terms, those terms, what law changed, and the terms as agreed."""

    replayed: Replayed
    terms: Terms
    under_law: UnderLaw
    agreed: Terms


def claim_of(
    facts: Facts, account_id: str, as_of: AsOf, known_at: datetime | None = None, stack: Stack | None = None
) -> Claim:
    """The claim on one account; `stack` None: no law pack, the terms stand as agreed.

    KeyError if the account is unknown; Refusal if its product has no terms.
    """
    account = account_row(facts, account_id)
    if account["product"] not in facts.terms:
        raise refuse("no_terms", "there are no terms for this product", field="product", value=str(account["product"]))
    agreed = with_own_rates(
        in_force(facts.terms[account["product"]], account["opened_on"]),
        account["rate_ppm"],
        account["penalty_rate_ppm"],
    )
    if stack is None:
        return Claim(replay_one(facts, account_id, as_of, known_at), agreed, UnderLaw(), agreed)
    lawful = lawful_terms(stack, agreed, account["opened_on"], account["lender_kind"], account["product"])
    cuts = _rate_cuts(facts, account_id, agreed, lawful, as_of, known_at)
    replayed = _under(facts, account_id, lawful.terms, as_of, known_at)
    excesses = [excess_over(clause, replayed.position, account["opened_on"]) for clause in lawful.totals]
    position, total_cuts = _cut_totals(replayed.position, excesses)
    return Claim(
        replace(replayed, position=position), lawful.terms,
        UnderLaw((*cuts, *total_cuts), _contestable(lawful.bounds, excesses), _unchecked(lawful.bounds, excesses), lawful.order),
        agreed,
    )  # fmt: skip


def account_row(facts: Facts, account_id: str) -> dict[str, Any]:
    """The account's row. KeyError if there is none."""
    rows = facts.accounts.filter(pl.col("account_id") == account_id)
    if not rows.height:
        raise KeyError(account_id)
    return rows.row(0, named=True)


def _under(facts: Facts, account_id: str, terms: Terms, as_of: AsOf, known_at: datetime | None) -> Replayed:
    """The account replayed under other terms (its own rates are in them)."""
    told = told_of(facts, account_id).with_terms_alone()
    product = told.typed.accounts["product"][0]
    return replay_told(told, {product: (replace(terms, effective_from=None),)}, as_of, known_at)


def _rate_cuts(
    facts: Facts, account_id: str, agreed: Terms, lawful: LawfulTerms, as_of: AsOf, known_at: datetime | None
) -> list[Cut]:
    """What each cap on rates, compounding and fees takes off the payoff, one after the other."""
    found: list[Cut] = []
    cutting = _strictest(lawful.bounds)
    if not cutting:
        return found
    terms = agreed
    before = _payoff(facts, account_id, terms, as_of, known_at)
    for bound in cutting:
        terms = bound.cut(terms)
        after = _payoff(facts, account_id, terms, as_of, known_at)
        found.append(Cut(bound.clause, bound.on, before - after, *_rates(bound)))
        before = after
    return found


def _strictest(bounds: tuple[Bound, ...]) -> list[Bound]:
    """Of the caps that cut one charge, the one that leaves least: the others have nothing left to cut."""
    strictest: dict[str, Bound] = {}
    for bound in bounds:
        if bound.cuts and (bound.on not in strictest or (bound.allowed or 0) < (strictest[bound.on].allowed or 0)):
            strictest[bound.on] = bound
    return list(strictest.values())


def _payoff(facts: Facts, account_id: str, terms: Terms, as_of: AsOf, known_at: datetime | None) -> int:
    position = _under(facts, account_id, terms, as_of, known_at).position
    return int(position["payoff"]) - int(position["credit"])


def _rates(bound: Bound) -> tuple[int | None, int | None]:
    return (bound.agreed, bound.allowed) if bound.on in ("rate", "penalty_rate") else (None, None)


def _cut_totals(position: Mapping[str, Any], excesses: list[Excess]) -> tuple[dict[str, Any], list[Cut]]:
    """The position with what lies above a cap on the total taken off what is due."""
    cut, found = dict(position), []
    for excess in excesses:
        if not excess.cuts or not excess.excess_minor or position["refused"] is not None:
            continue
        due = {name: int(cut[f"due_{name}"]) for name in TAKEN_FIRST}
        off = dict(taken_off(excess.excess_minor, due))
        for name, part in off.items():
            cut[f"due_{name}"] -= part
        taken = sum(off.values())
        for name in ("due_total", "past_due_total", "payoff"):
            cut[name] = max(0, cut[name] - taken)
        found.append(Cut(excess.clause, "total", taken))
    return cut, found


def _contestable(bounds: tuple[Bound, ...], excesses: list[Excess]) -> tuple[Cut, ...]:
    pleas = [
        Cut(bound.clause, bound.on, 0, *_rates(bound))
        for bound in bounds
        if bound.allowed is not None and not bound.cuts
    ]
    pleas += [
        Cut(excess.clause, "total", excess.excess_minor)
        for excess in excesses
        if not excess.cuts and excess.excess_minor
    ]
    return tuple(pleas)


def _unchecked(bounds: tuple[Bound, ...], excesses: list[Excess]) -> tuple[Clause, ...]:
    found = [bound.clause for bound in bounds if bound.allowed is None]
    return tuple(found + [excess.clause for excess in excesses if excess.ceiling_minor is None])


def as_json(under_law: UnderLaw, currency: str, language: str) -> dict[str, Any]:
    """`under_law` of `explain --json`: amounts as decimal strings, rates as fractions a year."""

    def cut(item: Cut) -> dict[str, Any]:
        rates = {"agreed": item.agreed, "allowed": item.allowed}
        return {
            "on": item.on, "amount": money.to_text(item.amount_minor, currency),
            **{name: f"{ppm / money.PPM:.6f}".rstrip("0").rstrip(".") for name, ppm in rates.items() if ppm is not None},
            "clause": item.clause.as_json(language),
        }  # fmt: skip

    return {
        "cut": [cut(item) for item in under_law.cut],
        "contestable": [cut(item) for item in under_law.contestable],
        "unchecked": [clause.as_json(language) for clause in under_law.unchecked],
        "order": under_law.order.as_json(language) if under_law.order else None,
    }
