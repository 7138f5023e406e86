"""A case looked at whole: the account under law, its legal dates, and the week of contacts, all on one day."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import cached_property

import polars as pl

from arrears.account import Account, borrower_of, laws_of, look_at
from arrears.advise.offered import Offered
from arrears.advise.week import DAYS, Ahead, ChannelWeek, days_ahead
from arrears.claim import Claim, account_row, claim_of
from arrears.facts.schema import Facts
from arrears.law import PLAIN, Asking, Clause, Stack
from arrears.legal import LegalDates, debt_of, legal_dates
from arrears.strategy import Ladder

#: Kinds of clauses that hold whatever the hour is.
ALWAYS = ("require", "third_party", "identify", "visit")


@dataclass(frozen=True)
class Looked:
    """An account looked at, with the facts and who asks the law. `offered`: the plans that the household can carry, where its budget is given."""

    account: Account
    facts: Facts
    asking: Asking
    offered: Offered | None = None

    @property
    def law(self) -> str:
        """The account's law."""
        return str(self.account.replayed.position["law"])

    @property
    def today(self) -> date:
        """The day looked at, in the account's business zone."""
        return self.account.day()

    @cached_property
    def laws(self) -> Stack | None:
        """The law packs of the account; None where its law has none."""
        return laws_of(self.facts, self.account.account_id, self.asking)

    @cached_property
    def legal(self) -> LegalDates:
        """The legal dates of the debt."""
        account = self.account
        return legal_dates(debt_of(self.facts, account.account_id, account.as_of, account.known_at))

    @cached_property
    def week(self) -> tuple[str, list[ChannelWeek]]:
        """The person's time zone, and the week ahead by channel."""
        return self._ahead.week(self.today)

    @cached_property
    def week_from_tomorrow(self) -> tuple[str, list[ChannelWeek]]:
        """The same, from the next day on: for a page on which what happened today must count."""
        return self._ahead.week(self.after(1))

    @cached_property
    def _ahead(self) -> Ahead:
        return days_ahead(self.account, self.facts, self.asking, self.today, DAYS + 1)

    @cached_property
    def always(self) -> list[Clause]:
        """The clauses on what comes first, third parties, saying who is calling and visits that bind who asks, in force on the day."""
        row = account_row(self.facts, self.account.account_id)
        region = borrower_of(self.facts, self.account.account_id).get("region")
        return [
            clause
            for clause, _ in (self.laws.clauses if self.laws else ())
            if clause.kind in ALWAYS and "contact" in clause.acts and clause.on and clause.in_force(self.today)
            and self.asking.binds in clause.binds and clause.speaks_to(row["lender_kind"], row["product"], region)
        ]  # fmt: skip

    def claim_on(self, on: date, without: tuple[str, ...] = ()) -> Claim:
        """The claim on another day, if nothing more happens; `without`: as if events of these kinds had not been."""
        facts = self.facts
        if without:
            facts = replace(facts, events=facts.events.filter(~pl.col("kind").cast(pl.String).is_in(without)))
        return claim_of(facts, self.account.account_id, on, self.account.known_at, self.laws)

    def after(self, days: int) -> date:
        """The day so many days ahead."""
        return self.today + timedelta(days=days)


def look(
    facts: Facts, account_id: str, ladder: Ladder, as_of: date | datetime, known_at: datetime | None = None,
    asking: Asking = PLAIN,
) -> Looked:  # fmt: skip
    """The case as it stands. KeyError if the account is unknown."""
    return Looked(look_at(facts, account_id, ladder, as_of, known_at, asking), facts, asking)
