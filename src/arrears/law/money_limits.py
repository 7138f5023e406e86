"""What law does to money: caps that cut what may be demanded, the order in which a payment is used, how an annual rate is reckoned.

Rates are decimals a year. A cap with the effect `plea` cuts nothing: it says what the borrower may plead down to.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from importlib import resources

from arrears.annual_rate import Flow, compound_rate, simple_rate
from arrears.calendar import years_by_days, years_by_months
from arrears.errors import refuse
from arrears.law.clause_kinds import WAYS, AnnualRate, Cap, Classes, Order
from arrears.law.clauses import Clause

#: The LPR is published on the 20th of each month, or on the next working day: from the next 20th on, an older one is not taken.
PUBLISHED_ON = 20
#: How an annual rate is reckoned where no clause says it: by the calendar, as Directive 2008/48/EC, Annex I does for `compound`.
BY_CALENDAR = AnnualRate("days", WAYS)


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


def annual_rates(
    rule: AnnualRate, lent_on: date, lent_minor: int, payments: Sequence[tuple[date, int]]
) -> dict[str, Decimal]:
    """The annual rates of a loan, compound and simple, time counted as the rule says. `payments`: day and minor units of each.

    `lent_minor` is what was really lent, less what was kept back. NoRate where there is no one rate.
    """
    years = years_by_months if rule.intervals == "months" else years_by_days
    flows = [Flow(years(lent_on, lent_on), lent_minor), *(Flow(years(lent_on, on), -minor) for on, minor in payments)]
    return {"compound": compound_rate(flows), "simple": simple_rate(flows)}
