"""A borrower's loans as they stand in the store: the same account that `arrears explain` looks at, from facts instead of what is typed.

Reading only. Each page reads anew, so what was just said or paid is in the next picture.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cache
from zoneinfo import ZoneInfo

import polars as pl
from sqlalchemy import Connection, select

from arrears.advise import Looked, look
from arrears.calendar import BUSINESS_ZONES, local_day
from arrears.facts.schema import Facts
from arrears.legal.dates import LegalDates, legal_dates
from arrears.legal.debt import debt_of
from arrears.replay.terms import Terms, parse_terms
from arrears.store.facts import facts_of
from arrears.store.tables import TermsFile, Work
from arrears.strategy import Ladder, default_ladder
from arrears.web.served import Served


@dataclass(frozen=True)
class Loan:
    """One loan looked at. `stood`: what "Where do I stand?" shows parts of; `facts` are those of this account alone."""

    stood: Looked
    law: str

    @property
    def account_id(self) -> str:
        """The account's id."""
        return self.stood.account.account_id

    @property
    def facts(self) -> Facts:
        """The facts of the account, personal data opened."""
        return self.stood.facts

    @property
    def day(self) -> date:
        """The day that is looked at, in the account's business zone."""
        return self.stood.account.day()

    @property
    def due_minor(self) -> int:
        """All that is due, minor units."""
        return int(self.stood.account.replayed.position["due_total"])

    @property
    def past_due_minor(self) -> int:
        """What is due and late, minor units."""
        return int(self.stood.account.replayed.position["past_due_total"])

    @property
    def most_minor(self) -> int:
        """What settles the loan today, minor units: the payoff without what waits as credit. 0 where it cannot be computed."""
        row = self.stood.account.replayed.position
        return 0 if self.stood.account.refused else max(0, int(row["payoff"]) - int(row["credit"]))


def loans_of(served: Served, account_ids: Collection[str]) -> list[Loan]:
    """The loans of these accounts, in the order of their ids; an id that is not in the store gives none."""
    with served.store.read() as connection:
        return loans_within(connection, served, account_ids)


def loans_within(connection: Connection, served: Served, account_ids: Collection[str]) -> list[Loan]:
    """As `loans_of`, by what a transaction sees, its own facts with it."""
    facts = facts_of(connection, account_ids, served.personal)
    ladders = _ladders(connection, served, facts.accounts)
    facts = replace(facts, terms=_terms(connection, facts.accounts["product"].unique().to_list()))
    return [
        _loan(served, own_facts(facts, name), name, law, ladders[name])
        for name, law in facts.accounts.select("account_id", "law").sort("account_id").iter_rows()
    ]


def loan_of(served: Served, account_id: str) -> Loan:
    """One loan. KeyError if the store does not have it."""
    found = loans_of(served, [account_id])
    if not found:
        raise KeyError(account_id)
    return found[0]


def without(served: Served, loan: Loan, event_id: str) -> Loan:
    """The loan as it would stand had one event not happened: what a page holds its answer against."""
    events = loan.facts.events.filter(pl.col("event_id") != event_id)
    account = loan.stood.account
    return _loan(served, replace(loan.facts, events=events), loan.account_id, loan.law, account.ladder)


def dates_of(loan: Loan) -> LegalDates:
    """The legal dates of the loan on its day."""
    return legal_dates(debt_of(loan.facts, loan.account_id, loan.day))


def own_facts(facts: Facts, account_id: str) -> Facts:
    """The facts of one of several accounts."""
    own = pl.col("account_id") == account_id
    return Facts(
        facts.accounts.filter(own), facts.instalments.filter(own), facts.events.filter(own), facts.people.filter(own), facts.terms
    )  # fmt: skip


def _loan(served: Served, facts: Facts, account_id: str, law: str, ladder: Ladder) -> Loan:
    on = _today(facts, law, served.now())
    asking = served.rules.asking
    return Loan(look(facts, account_id, ladder, on, None, asking), law)


def _today(facts: Facts, law: str, now: datetime) -> date:
    zone = facts.accounts["time_zone"][0] or BUSINESS_ZONES[law]
    opened_on: date = facts.accounts["opened_on"][0]
    return max(local_day(now, zone), opened_on)


def local_time(at: datetime, zone: str) -> datetime:
    """An instant on the clock of a zone."""
    return at.astimezone(ZoneInfo(zone))


def _ladders(connection: Connection, served: Served, accounts: pl.DataFrame) -> dict[str, Ladder]:
    """The ladder by which each account was last worked on; one that no night has touched yet goes by its law's."""
    rows = connection.execute(
        select(Work.account_id, Work.strategy)
        .where(Work.account_id.in_(accounts["account_id"].to_list()))
        .order_by(Work.night_as_of)
    )
    last: Mapping[str, str] = {row[0]: row[1] for row in rows}
    known = served.rules.ladders
    return {
        name: known[last[name]] if last.get(name) in known else default_ladder(law)
        for name, law in accounts.select("account_id", "law").iter_rows()
    }


def _terms(connection: Connection, products: Collection[str]) -> dict[str, tuple[Terms, ...]]:
    """The terms of these products: of each, those put in last."""
    rows = connection.execute(
        select(TermsFile.product, TermsFile.text).where(TermsFile.product.in_(products)).order_by(TermsFile.seq)
    )
    return dict(_parsed(product, text) for product, text in {row[0]: row[1] for row in rows}.items())


@cache
def _parsed(product: str, text: str) -> tuple[str, tuple[Terms, ...]]:
    return parse_terms(text, f"terms of {product}")
