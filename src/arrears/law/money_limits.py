"""What law does to money: caps that cut what may be demanded, and the order in which a payment is used.

Rates are decimals a year. A cap with the effect `plea` cuts nothing: it says what the borrower may plead down to.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from importlib import resources

from arrears.errors import refuse
from arrears.law.clause_kinds import Cap, Classes, Order
from arrears.law.clauses import Clause

#: The LPR is published on the 20th of each month, or on the next working day: from the next 20th on, an older one is not taken.
PUBLISHED_ON = 20


@dataclass(frozen=True)
class Charges:
    """What a contract demands. `rate`, `penalty_rate`, `total`: a year; `late_fee`: an amount; `compound`: 1 if interest bears interest."""

    opened_on: date | None
    rate: Decimal | None = None
    penalty_rate: Decimal | None = None
    total: Decimal | None = None
    late_fee: Decimal | None = None
    compound: Decimal | None = None


@dataclass(frozen=True)
class Capped:
    """What lies below one charge: what was demanded, and the most that may be."""

    clause: Clause
    on: str
    demanded: Decimal
    most: Decimal

    @property
    def is_cut(self) -> bool:
        """Whether what lies above is not demanded at all (else it may be pleaded down)."""
        return isinstance(self.clause.rule, Cap) and self.clause.rule.effect == "cut"


def is_bound(clause: Clause, lender_kind: str | None, product: str | None, region: str | None) -> bool:
    """Whether a clause about money speaks to the lender: where it names kinds of lender, the kind must be known."""
    known = (clause.lenders is None or lender_kind is not None) and (clause.regions is None or region is not None)
    return known and clause.speaks_to(lender_kind, product, region)


def cap_of(clause: Clause, charges: Charges) -> Capped | None:
    """What one cap does; None where nothing lies above it. Refusal where a reference rate is not known."""
    cap = clause.rule
    assert isinstance(cap, Cap)
    demanded = getattr(charges, cap.on)
    if demanded is None:
        return None
    most = most_of(cap, charges.opened_on, charges.rate)
    return None if most is None or demanded <= most else Capped(clause, cap.on, demanded, most)


def most_of(cap: Cap, opened_on: date | None, rate: Decimal | None) -> Decimal | None:
    """The most that a cap allows for a contract of that day and rate; None where it cannot be told. Refusal where a reference rate is not known."""
    if cap.none_allowed:
        return Decimal(0)
    if cap.rate is not None:
        return cap.rate
    if cap.times_rate is not None:
        return None if rate is None else rate * cap.times_rate
    assert cap.times_lpr is not None
    return None if opened_on is None else cap.times_lpr * lpr(opened_on)


def lpr(day: date) -> Decimal:
    """The one-year loan prime rate (LPR) that holds on `day`, a year. Refusal where it is not in the data."""
    published = [(on, rate) for on, rate in _published() if on <= day]
    if not published or day >= _next_publication(published[-1][0]):
        raise refuse("lpr", "is not known for this day", value=str(day), file="law/data/lpr-1y.csv",
                     todo="add the month's publication with its source")  # fmt: skip
    return published[-1][1]


def _next_publication(published_on: date) -> date:
    """The first day on which another rate may be published."""
    month = (published_on.replace(day=1) + timedelta(days=31)).replace(day=1)
    return month.replace(day=PUBLISHED_ON)


@cache
def _published() -> tuple[tuple[date, Decimal], ...]:
    text = resources.files("arrears.law").joinpath("data", "lpr-1y.csv").read_text("utf-8")
    rows = [line.split(",") for line in text.splitlines()[1:] if line.strip()]
    return tuple(sorted((date.fromisoformat(row[0]), Decimal(row[1])) for row in rows))


def ordered_by(clause: Clause, stated: Sequence[str] | None) -> tuple[str, ...]:
    """The order that one clause leaves: its own where it always holds or nothing was agreed, else the agreed one."""
    order = clause.rule
    assert isinstance(order, Order)
    return order.allocation if order.always or not stated else tuple(stated)


def class_of(classes: Classes, days_past_due: int) -> tuple[str, Mapping[str, str]]:
    """The class (id and name) of a debt so many days past due."""
    band = [band for band in classes.bands if band.from_days <= days_past_due][-1]
    return band.id, band.name
