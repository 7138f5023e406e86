"""A lender's receivables in Tryton: one move an account with a line for each instalment that has fallen due, one with its payments.

Every method runs in a transaction of its own, so between them only ids are kept. Imported when Tryton's database stands.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from trytond.modules.account.tests import create_chart, get_fiscalyear
from trytond.modules.company.tests import create_company, set_company
from trytond.pool import Pool

LEVELS_DAYS = (90, 30, 3, 1)


class Ledger:
    """The company, its chart of accounts, the dunning procedure, and what was entered."""

    def __init__(self, as_of: date) -> None:
        pool, self.as_of, self.lines = Pool(), as_of, 0
        self.accounts: dict[int, str] = {}  # by party
        company = create_company()
        with set_company(company):
            create_chart(company)
            year = get_fiscalyear(company, today=as_of)
            year.save()
            type(year).create_period([year])
            own = ("company", "=", company.id)
            Account = pool.get("account.account")
            self.receivable = _first(Account, [("type.receivable", "=", True), ("party_required", "=", True), own])
            self.revenue = _first(Account, [("type.revenue", "=", True), ("closed", "=", False), own])
            self.journal = _first(pool.get("account.journal"), [("code", "=", "REV")])
            self.period = pool.get("account.period").find(company, date=as_of).id
            levels = [{"sequence": i, "overdue": timedelta(days=days)} for i, days in enumerate(LEVELS_DAYS)]
            procedure = {"name": "cn-consumer", "levels": [("create", levels)]}
            self.procedure = pool.get("account.dunning.procedure").create([procedure])[0].id
        self.company = company.id
        self.context = {"company": company.id, "companies": [company.id]}

    def enter(self, debts: Sequence[tuple[str, list[tuple[date, int, int]], list[int]]]) -> None:
        """Instalments (due day, principal, interest) and payments of some accounts, minor units, and payments reconciled."""
        wanted = [{"name": account_id, "dunning_procedure": self.procedure} for account_id, _, _ in debts]
        parties = [party.id for party in Pool().get("party.party").create(wanted)]
        moves = []
        for party, (account_id, instalments, payments) in zip(parties, debts, strict=True):
            self.accounts[party] = account_id
            self.lines += len(instalments)
            due = [(principal + interest, due_on) for due_on, principal, interest in instalments]
            if due:
                moves.append(self._move(party, due, "debit", "credit"))
            if payments:
                moves.append(self._move(party, [(amount, None) for amount in payments], "credit", "debit"))
        Pool().get("account.move").create(moves)
        self._reconcile(parties)

    def _move(self, party: int, items: Sequence[tuple[int, date | None]], side: str, other: str) -> dict[str, Any]:
        """A move with receivable lines on one side and revenue on the other."""
        lines = [
            {"account": self.receivable, "party": party, side: _yuan(amount), "maturity_date": due_on}
            for amount, due_on in items
        ]
        against = {"account": self.revenue, other: _yuan(sum(amount for amount, _ in items))}
        return {
            "company": self.company, "journal": self.journal, "period": self.period, "date": self.as_of,
            "lines": [("create", [*lines, against])],
        }  # fmt: skip

    def _reconcile(self, parties: Sequence[int]) -> None:
        """Each payment with the oldest open instalment of its party that has its amount."""
        Line = Pool().get("account.move.line")
        own = [("account", "=", self.receivable), ("party", "in", parties)]
        waiting: dict[tuple[int, Decimal], list[Any]] = {}
        for line in Line.search([*own, ("debit", ">", 0)], order=[("maturity_date", "ASC")]):
            waiting.setdefault((line.party.id, line.debit), []).append(line)
        pairs = []
        for line in Line.search([*own, ("credit", ">", 0)]):
            if same := waiting.get((line.party.id, line.credit)):
                pairs.append([same.pop(0), line])
        Line.reconcile(*pairs)

    def dun(self) -> None:
        """The run that is measured."""
        Pool().get("account.dunning").generate_dunnings(date=self.as_of)

    def dunned(self) -> list[dict[str, Any]]:
        """account_id, due_total (minor units) and days_past_due of every account, from the dunnings that the run made."""
        found = {
            party: {"account_id": account_id, "due_total": 0, "days_past_due": 0}
            for party, account_id in self.accounts.items()
        }
        for made in Pool().get("account.dunning").search([]):
            own, line = found[made.line.party.id], made.line
            own["due_total"] += int(line.debit * 100)
            own["days_past_due"] = max(own["days_past_due"], (self.as_of - line.maturity_date).days)
        return list(found.values())


def _first(model: Any, domain: list[Any]) -> int:
    """The id of the first record that answers."""
    return model.search(domain, limit=1)[0].id


def _yuan(minor: int) -> Decimal:
    return Decimal(minor).scaleb(-2)
