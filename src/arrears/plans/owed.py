"""What one account owes on a day, as a plan is made from it: the lawful figures of the replay, and the instalments still to come.

Amounts in minor units, dates in the account's business zone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import polars as pl

from arrears import calendar
from arrears.claim import Claim, account_row, claim_of
from arrears.facts.schema import CATEGORIES, Facts
from arrears.law import packs, stack

#: Standing in which no plan is offered by the system: a person speaks with the borrower, an estate or an office first.
FOR_A_PERSON = ("deceased", "bankrupt", "breathing_space", "represented", "disputed", "judgment", "frozen", "sold")


@dataclass(frozen=True)
class Later:
    """An instalment of the schedule that is not yet due."""

    due_on: date
    principal_minor: int
    interest_minor: int
    fee_minor: int

    @property
    def total_minor(self) -> int:
        """All of it."""
        return self.principal_minor + self.interest_minor + self.fee_minor


@dataclass(frozen=True)
class Owed:
    """What is owed. `due`: by category, what is due now; `principal_later_minor`: not yet due; `accrued_minor`: daily interest not yet due.

    `later` is empty where the schedule still to come cannot be told (daily interest, an earlier plan, a prepayment). `rate_ppm`: the
    lawful contract rate a year, 0 where none is stated. `payments`: how many were made. `standing`: what sends the matter to a person.
    """

    account_id: str
    law: str
    product: str
    lender_kind: str | None
    region: str | None
    currency: str
    on: date
    zone: str
    due: Mapping[str, int]
    principal_later_minor: int
    accrued_minor: int
    later: tuple[Later, ...]
    daily: bool
    rate_ppm: int
    oldest_due_on: date | None
    days_past_due: int
    payments: int
    standing: tuple[str, ...]
    plan_status: str

    @property
    def due_minor(self) -> int:
        """All that is due now."""
        return sum(self.due.values())

    @property
    def in_all_minor(self) -> int:
        """The whole debt: what is due, principal that is not, and daily interest that has accrued."""
        return self.due_minor + self.principal_later_minor + self.accrued_minor

    @property
    def principal_minor(self) -> int:
        """All principal, due and not yet due."""
        return self.due["principal"] + self.principal_later_minor

    @property
    def interest_later_minor(self) -> int:
        """Scheduled interest of the instalments still to come."""
        return sum(row.interest_minor for row in self.later)


def owed_of(facts: Facts, account_id: str, as_of: date | datetime, known_at: datetime | None = None) -> Owed:
    """What the account owes as of a day or an instant. KeyError if it is unknown; Refusal if its product has no terms."""
    return owed_and_claim(facts, account_id, as_of, known_at)[0]


def owed_and_claim(
    facts: Facts, account_id: str, as_of: date | datetime, known_at: datetime | None = None
) -> tuple[Owed, Claim]:
    """As `owed_of`, with the claim under the law of the borrower's region on which it stands."""
    claim, row, region = _claim(facts, account_id, as_of, known_at)
    return _owed(facts, account_id, claim, row, region), claim


def _owed(facts: Facts, account_id: str, claim: Claim, row: Mapping[str, Any], region: str | None) -> Owed:
    position, day = claim.replayed.position, calendar.from_day_number(claim.replayed.packed.as_on[0])
    daily = claim.terms.interest_method == "daily"
    not_due = int(position["not_due_principal"])
    return Owed(
        account_id, str(row["law"]), str(row["product"]), row["lender_kind"], region, str(row["currency"]), day,
        str(row["time_zone"] or calendar.BUSINESS_ZONES[str(row["law"])]),
        {name: int(position[f"due_{name}"]) for name in CATEGORIES}, not_due, int(position["accrued_interest"]),
        () if daily else _later(facts, account_id, day, not_due), daily, claim.terms.interest_rate_ppm,
        position["oldest_due_on"], int(position["days_past_due"]), _payments(facts, account_id, day),
        tuple(name for name in FOR_A_PERSON if position[name]), str(position["plan_status"]),
    )  # fmt: skip


def if_nothing_is_paid(facts: Facts, account_id: str, day: date) -> tuple[int, int]:
    """What is owed in all on a later day, minor units, and days past due, if nothing more happens: the same replay, run forward."""
    claim, _, _ = _claim(facts, account_id, day, None)
    position = claim.replayed.position
    return int(position["payoff"]) - int(position["credit"]), int(position["days_past_due"])


def _claim(
    facts: Facts, account_id: str, as_of: date | datetime, known_at: datetime | None
) -> tuple[Claim, dict[str, Any], str | None]:
    row = account_row(facts, account_id)
    own = facts.people.filter((pl.col("account_id") == account_id) & (pl.col("role") == "borrower")).sort("person_id")
    region = own["region"][0] if own.height else None
    law = str(row["law"])
    laws = stack(law, region) if law in packs() else None
    return claim_of(facts, account_id, as_of, known_at, laws), row, region


def _payments(facts: Facts, account_id: str, day: date) -> int:
    """How many payments were made by the end of a day (UTC) and not taken back."""
    own = facts.events.filter((pl.col("account_id") == account_id) & (pl.col("at").dt.date() <= day))
    counts = dict(own.group_by(pl.col("kind").cast(pl.String)).len().iter_rows())
    return max(0, int(counts.get("payment", 0)) - int(counts.get("payment_reversed", 0)))


def _later(facts: Facts, account_id: str, day: date, not_due_minor: int) -> tuple[Later, ...]:
    """The instalments after the day, if they are the schedule in force: their principal is what the replay says is not yet due."""
    rows = facts.instalments.filter((pl.col("account_id") == account_id) & (pl.col("due_on") > day)).sort("due_on")
    found = tuple(
        Later(row["due_on"], int(row["principal"] or 0), int(row["interest"] or 0), int(row["fee"] or 0))
        for row in rows.iter_rows(named=True)
    )
    return found if sum(row.principal_minor for row in found) == not_due_minor else ()
