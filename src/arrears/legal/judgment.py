"""What a judgment adjudged, what was paid on it, and what runs after it: ordinary interest as adjudged and the doubled part for late performance.

The doubled part (迟延履行期间的加倍部分债务利息) follows clause CN-ENF-2: the money adjudged without its ordinary interest, times 1.75 per ten
thousand a day, from the last day to perform to the day of payment, of each part to its own payment. Amounts are exact fractions of the minor
unit and are rounded once, half up. A payment goes to the judgment debt first (its costs, its ordinary interest, then the debt itself, by
Civil Code 561), to the doubled part last, unless the sides agreed otherwise, which is not encoded.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any

from arrears import money
from arrears.errors import refuse
from arrears.law import Clause
from arrears.law.clause_kinds import Require
from arrears.legal.debt import Debt

CLAUSE = "CN-ENF-2"
#: What the `data` of a judgment may say beside its `until`; docs/reference/legal.md explains each.
KEYS = ("court", "number", "effective_on", "interest", "interest_rate", "interest_from", "interest_basis", "costs")
BASES = {"actual/365": 365, "actual/360": 360}


@dataclass(frozen=True)
class Judgment:
    """A judgment. `debt_minor`: the money adjudged without its ordinary interest; None: not recorded.

    `interest_minor`: ordinary interest adjudged as a sum; `rate` a year (a fraction) with `rate_from_on`: ordinary interest that goes on.
    `until_on`: the last day to perform; None: none set, then it runs from the day it took effect.
    """

    event_id: str
    on: date
    until_on: date | None
    effective_on: date | None
    court: str | None
    number: str | None
    debt_minor: int | None
    interest_minor: int
    costs_minor: int
    rate: Fraction
    rate_from_on: date | None
    year_days: int

    @property
    def runs_from_on(self) -> date:
        """The day after which late performance begins: the last day to perform, else the day of effect, else that of the judgment."""
        return self.until_on or self.effective_on or self.on


@dataclass(frozen=True)
class Span:
    """Days in which one debt bore the doubled part: after `from_on` up to `to_on`; `exact_minor` a fraction of the minor unit."""

    from_on: date
    to_on: date
    debt_minor: int
    exact_minor: Fraction
    paid_minor: int

    @property
    def days(self) -> int:
        """How many days."""
        return (self.to_on - self.from_on).days


@dataclass(frozen=True)
class AfterJudgment:
    """What is owed on a judgment on a day, in minor units; `spans`: how the doubled part came about, exact."""

    judgment: Judgment
    on: date
    debt_minor: int
    interest_minor: int
    costs_minor: int
    doubled_minor: int
    doubled_exact: Fraction
    spans: tuple[Span, ...]
    paid_minor: int
    rate_a_day: Fraction
    clause: Clause

    @property
    def total_minor(self) -> int:
        """All that is owed."""
        return self.debt_minor + self.interest_minor + self.costs_minor + self.doubled_minor


def judgment_of(debt: Debt) -> Judgment | None:
    """The last judgment of the facts; None if there is none. Refusal if an amount, a rate or a day in it cannot be read."""
    rows = debt.of_kind("judgment")
    return _judgment(rows[-1], str(debt.row["currency"])) if rows else None


def _judgment(row: Mapping[str, Any], currency: str) -> Judgment:
    data = row["data"]
    if data.get("interest_rate") is not None and data.get("interest_from") is None:
        raise _unfit(row, "interest_from", "is missing: ordinary interest that goes on runs from a day")
    basis = str(data.get("interest_basis") or "actual/365")
    if basis not in BASES:
        raise _unfit(row, "interest_basis", f"is one of {', '.join(BASES)}", basis)
    return Judgment(
        str(row["event_id"]), row["on"], _day(row, "until"), _day(row, "effective_on"), data.get("court"), data.get("number"),
        row["amount"], _amount(row, "interest", currency), _amount(row, "costs", currency), _rate(row),
        _day(row, "interest_from"), BASES[basis],
    )  # fmt: skip


def after_judgment(debt: Debt, on: date) -> AfterJudgment | None:
    """What is owed on the judgment on `on`. None without a judgment whose amount is recorded, or where the law has no clause for it."""
    judgment, clause = judgment_of(debt), doubling_clause(debt)
    if judgment is None or judgment.debt_minor is None or clause is None or on < judgment.on:
        return None
    paid = [(day, amount) for day, amount in debt.payments() if judgment.on <= day <= on]
    return run_on(judgment, paid, on, clause)


def doubling_clause(debt: Debt) -> Clause | None:
    """The clause on the doubled part, where the debt's law has one."""
    for clause, _ in debt.stack.clauses if debt.stack else ():
        if clause.id == CLAUSE and clause.in_force(debt.day):
            return clause
    return None


def rate_a_day(clause: Clause) -> Fraction:
    """The doubled part of one day as a fraction of the debt."""
    assert isinstance(clause.rule, Require)
    return Fraction(str(clause.rule.observe["doubled_interest_a_day"]))


def run_on(judgment: Judgment, paid: list[tuple[date, int]], on: date, clause: Clause) -> AfterJudgment:
    """The judgment debt run on to `on`, with payments (day, minor units) since the judgment."""
    assert judgment.debt_minor is not None
    rate, runs_from = rate_a_day(clause), judgment.runs_from_on
    left, costs, interest = judgment.debt_minor, judgment.costs_minor, Fraction(judgment.interest_minor)
    doubled, spans, before = Fraction(0), [], judgment.rate_from_on or judgment.on
    since = runs_from
    for day, amount in [*sorted(paid), (on, 0)]:
        interest += _ordinary(judgment, left, before, day)
        before = max(before, day)
        if day > since:
            part = left * rate * (day - since).days
            spans.append(Span(since, day, left, part, amount))
            doubled, since = doubled + part, day
        costs, interest, left, doubled = _paid(amount, costs, interest, left, doubled)
    return AfterJudgment(
        judgment, on, left, _half_up(interest), costs, _half_up(doubled), doubled, tuple(spans),
        sum(amount for _, amount in paid), rate, clause,
    )  # fmt: skip


def _ordinary(judgment: Judgment, left: int, before: date, day: date) -> Fraction:
    return left * judgment.rate * max(0, (day - before).days) / judgment.year_days


def _paid(
    amount: int, costs: int, interest: Fraction, left: int, doubled: Fraction
) -> tuple[int, Fraction, int, Fraction]:
    """The four after a payment: costs, ordinary interest, debt, then the doubled part."""
    to_costs = min(amount, costs)
    rest = Fraction(amount - to_costs)
    to_interest = min(rest, interest)
    # a debt is kept in whole minor units: the fraction of interest stays interest
    to_debt = min(int(rest - to_interest), left)
    to_doubled = min(rest - to_interest - to_debt, doubled)
    return costs - to_costs, interest - to_interest, left - to_debt, doubled - to_doubled


def _half_up(exact: Fraction) -> int:
    return int((2 * exact + 1) // 2)


def _day(row: Mapping[str, Any], name: str) -> date | None:
    text = row["data"].get(name)
    try:
        return None if text is None else date.fromisoformat(str(text))
    except ValueError:
        raise _unfit(row, name, "is not a day (YYYY-MM-DD)", text) from None


def _amount(row: Mapping[str, Any], name: str, currency: str) -> int:
    text = row["data"].get(name)
    try:
        found = 0 if text is None else money.to_minor(str(text), currency)
    except ValueError as fault:
        raise _unfit(row, name, str(fault), text) from None
    if found < 0:
        raise _unfit(row, name, "is negative", text)
    return found


def _rate(row: Mapping[str, Any]) -> Fraction:
    text = row["data"].get("interest_rate")
    try:
        return Fraction(0) if text is None else Fraction(money.to_ppm(str(text)), money.PPM)
    except ValueError as fault:
        raise _unfit(row, "interest_rate", str(fault), text) from None


def _unfit(row: Mapping[str, Any], name: str, what: str, value: object = "") -> Exception:
    return refuse("judgment", what, field=f"event {row['event_id']}: data.{name}", value=str(value), exit_code=1)
