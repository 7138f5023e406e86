"""What a loan asks if everything is paid on its day: the sum lent, the fees at its start, and each payment as agreed.

The schedule of the contract, whatever happened since: no penalty, no late fee, no plan. With daily interest each instalment carries the
interest that has run up by then (rule 6), on the principal that is left.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction
from math import floor

import polars as pl

from arrears import calendar
from arrears.facts.typed import Typed
from arrears.money import PPM
from arrears.replay.fold.days import units, units_a_year
from arrears.replay.terms import Terms


@dataclass(frozen=True)
class Agreed:
    """A loan as agreed, minor units: lent on a day, with fees on that day, and (day, sum) of each payment."""

    opened_on: date
    lent_minor: int
    fees_minor: int
    payments: tuple[tuple[date, int], ...]

    @property
    def received_minor(self) -> int:
        """What was really lent: the principal less the fees of the first day."""
        return self.lent_minor - self.fees_minor

    @property
    def paid_minor(self) -> int:
        """All payments together."""
        return sum(minor for _, minor in self.payments)

    @property
    def cost_minor(self) -> int:
        """What is paid beyond what was really lent."""
        return self.paid_minor - self.received_minor


def agreed_of(typed: Typed, terms: Terms, known_at: datetime | None = None) -> Agreed:
    """The loan as agreed, of the facts of one account and its agreed terms. Fees of the first day are events `fee` of that day."""
    account = typed.accounts.row(0, named=True)
    opened = calendar.day_number(account["opened_on"])
    fees = typed.events.filter((pl.col("kind").cast(pl.String) == "fee") & (pl.col("on") == opened))
    if known_at is not None:
        fees = fees.filter(pl.col("recorded_at") <= known_at)
    rows = typed.instalments.select("due_on", "principal", "interest", "fee").rows()
    daily = _daily_interest(account["principal"], opened, [(row[0], row[1]) for row in rows], terms)
    payments = tuple((row[0], sum(row[1:]) + more) for row, more in zip(rows, daily, strict=True))
    return Agreed(account["opened_on"], account["principal"], int(fees["amount"].sum()), payments)


def _daily_interest(lent_minor: int, opened: int, rows: list[tuple[date, int]], terms: Terms) -> list[int]:
    """The interest billed with each (due day, principal), minor units: the running total rounded, less what was billed before."""
    if terms.interest_method != "daily":
        return [0] * len(rows)
    basis = calendar.BASES[terms.interest_basis]
    left, since, accrued, billed, found = lent_minor, opened, Fraction(0), 0, []
    for due_on, principal in rows:
        day = calendar.day_number(due_on)
        count = units(basis, day) - units(basis, since)  # type: ignore[no-untyped-call]
        accrued += Fraction(left * terms.interest_rate_ppm * count, PPM * units_a_year(basis))  # type: ignore[no-untyped-call]
        found.append(_rounded(accrued, terms.rounding) - billed)
        billed, left, since = billed + found[-1], left - principal, day
    return found


def _rounded(exact: Fraction, rounding: str) -> int:
    """Whole minor units of an exact sum that is not below zero, by the rule of the terms."""
    if rounding == "half_even":
        return round(exact)
    return floor(exact + Fraction(1, 2)) if rounding == "half_up" else floor(exact)
