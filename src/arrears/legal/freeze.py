"""Freezes of money under a judgment: what is frozen, until when, how far above what is owed, and whether a release is due.

Only a court can freeze a bank account or the balance of a payment account (WeChat, Alipay). What must be left to live on is set by the local
minimum, which no data here holds: the amount is given by whoever asks.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from arrears.claim import claim_of
from arrears.law import Clause, course
from arrears.law.clause_kinds import Period
from arrears.legal.debt import Debt
from arrears.legal.judgment import after_judgment

HOLDERS = ("bank", "wechat", "alipay")
#: What bounds a freeze, what must be left, how it ends, and what the debtor may ask for.
CLAUSES = ("CN-ENF-3", "CN-ENF-4", "CN-ENF-5", "CN-ENF-6", "CN-ENF-7", "CN-ENF-8")


@dataclass(frozen=True)
class Freeze:
    """One freeze. `amount_minor` None: not recorded. `holder`: bank, wechat, alipay or another name. `ends_on`: the last day, where the law sets one."""

    event_id: str
    on: date
    amount_minor: int | None
    holder: str
    court: str | None
    ends_on: date | None
    released_on: date | None

    def runs_on(self, day: date) -> bool:
        """Whether it is in force on `day`."""
        over = self.released_on is not None and self.released_on <= day
        return not over and (self.ends_on is None or day <= self.ends_on)


@dataclass(frozen=True)
class Frozen:
    """The freezes of a debt on a day. `owed_minor`: what is still owed; `above_minor`: what is frozen beyond it (the costs of enforcement not counted)."""

    freezes: tuple[Freeze, ...]
    on: date
    owed_minor: int
    frozen_minor: int
    clauses: tuple[Clause, ...]

    @property
    def above_minor(self) -> int:
        """What is frozen beyond what is owed."""
        return max(0, self.frozen_minor - self.owed_minor)

    @property
    def release_due(self) -> bool:
        """Whether nothing is owed any more while a freeze is in force."""
        return self.owed_minor == 0 and bool(self.running)

    @property
    def running(self) -> tuple[Freeze, ...]:
        """Those in force on the day."""
        return tuple(freeze for freeze in self.freezes if freeze.runs_on(self.on))


def frozen_of(debt: Debt) -> Frozen:
    """The freezes of a debt on its day."""
    freezes = tuple(_freeze(row, debt) for row in debt.of_kind("frozen"))
    total = sum(freeze.amount_minor or 0 for freeze in freezes if freeze.runs_on(debt.day))
    clauses = tuple(
        clause
        for clause, _ in (debt.stack.clauses if debt.stack else ())
        if clause.id in CLAUSES and clause.in_force(debt.day)
    )
    return Frozen(freezes, debt.day, owed_minor(debt), total, clauses)


def owed_minor(debt: Debt) -> int:
    """What is still owed on the day: on the judgment where its amount is recorded, else on the contract."""
    judged = after_judgment(debt, debt.day)
    if judged is not None:
        return judged.total_minor
    position = claim_of(debt.facts, debt.account_id, debt.as_of, debt.known_at, debt.stack).replayed.position
    return max(0, int(position["payoff"]) - int(position["credit"]))


def _freeze(row: Mapping[str, Any], debt: Debt) -> Freeze:
    data = row["data"]
    released = [
        other["on"] for other in debt.of_kind("released")
        if other["on"] >= row["on"] and other["ref"] in (None, row["event_id"])
    ]  # fmt: skip
    until = data.get("until")
    ends_on = date.fromisoformat(str(until)) if until else _longest(row["on"], debt)
    return Freeze(
        str(row["event_id"]), row["on"], row["amount"], str(data.get("holder") or "bank"), data.get("court"), ends_on,
        min(released, default=None),
    )  # fmt: skip


def _longest(on: date, debt: Debt) -> date | None:
    """The last day of a freeze whose end is not recorded: the longest that the law lets it last."""
    for clause, pack in debt.stack.clauses if debt.stack else ():
        if isinstance(clause.rule, Period) and clause.rule.what == "freeze" and clause.in_force(debt.day):
            return course(clause.rule, pack, on).last_on
    return None
