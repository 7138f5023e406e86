"""The same positions as most people would write them first: pandas, and a Python loop over accounts.

Does: scheduled interest, simple penalty on overdue principal (half-even rounding), payments over penalty, interest, principal of the whole debt,
days past due. Leaves out: everything else that events can say (plans, reversals, waivers, pauses), and standing.
"""

from __future__ import annotations

import time
from datetime import date
from typing import Any

import pandas as pd
import polars as pl
from answers import same_positions
from book import part_files, penalty_rate_ppm
from measured import Measured, Task, peak_bytes

SECONDS = 20.0
DAYS_A_YEAR = 360
PPM = 1_000_000


def positions(task: Task) -> Measured:
    """As many accounts of the first part as fit into twenty seconds; reading the Parquet files is not counted."""
    files = next(part_files(task.book))
    instalments = pd.read_parquet(files["instalments"])
    events = pd.read_parquet(files["events"], columns=["account_id", "at", "kind", "amount"])
    payments = events[events["kind"] == "payment"].copy()
    payments["on"] = payments["at"].dt.tz_convert("Asia/Shanghai").dt.date
    payments_of = dict(iter(payments.groupby("account_id")))
    as_of, rate = date.fromisoformat(task.as_of), penalty_rate_ppm(task.book)
    found: list[dict[str, Any]] = []
    begun = time.perf_counter()
    for account_id, own in instalments.groupby("account_id"):
        found.append({"account_id": account_id, **position_of(own, payments_of.get(account_id), as_of, rate)})
        seconds = time.perf_counter() - begun
        if seconds > (SECONDS / 10 if task.quick else SECONDS):
            break
    peak = peak_bytes()
    return Measured(len(found), (seconds,), peak, same_positions(task, pl.DataFrame(found), simple=False),
                    note="reading not counted")  # fmt: skip


def position_of(instalments: pd.DataFrame, payments: pd.DataFrame | None, as_of: date, rate_ppm: int) -> dict[str, int]:
    """Position of one account from its own rows, minor units."""
    steps = [(row.due_on, 0, row.interest, row.principal) for row in instalments.itertuples() if row.due_on <= as_of]
    if payments is not None:
        steps += [(row.on, 1, int(row.amount), 0) for row in payments.itertuples() if row.on <= as_of]
    account = Account(rate_ppm)
    for day, is_payment, first, second in sorted(steps):
        account.accrue(day)
        if is_payment:
            account.credit += first
        else:
            account.fall_due(day, first, second)
        account.allocate()
    account.accrue(as_of)
    return {
        "due_principal": sum(item[2] for item in account.items),
        "due_interest": sum(item[1] for item in account.items),
        "due_penalty": account.payable_penalty(),
        "days_past_due": account.days_past_due(as_of),
    }


class Account:
    """The running position of one account; an item is [due day, unpaid interest, unpaid principal]."""

    def __init__(self, rate_ppm: int) -> None:
        self.rate_ppm, self.credit, self.settled, self.accrued = rate_ppm, 0, 0, 0
        self.items: list[list[Any]] = []
        self.day: date | None = None

    def accrue(self, day: date) -> None:
        """Penalty on overdue principal up to `day`, as a numerator over ppm and days a year."""
        if self.day is not None:
            self.accrued += sum(item[2] for item in self.items) * self.rate_ppm * (day - self.day).days
        self.day = day

    def fall_due(self, day: date, interest: int, principal: int) -> None:
        """An instalment falls due."""
        self.items.append([day, interest, principal])

    def payable_penalty(self) -> int:
        """Penalty to be paid now: rounded once, half to even, less what was settled."""
        whole, part = divmod(self.accrued, PPM * DAYS_A_YEAR)
        twice = 2 * part
        up = twice > PPM * DAYS_A_YEAR or (twice == PPM * DAYS_A_YEAR and whole % 2 == 1)
        return whole + up - self.settled

    def allocate(self) -> None:
        """Credit over penalty, then interest, then principal of the whole debt, oldest first."""
        paid = min(self.credit, self.payable_penalty())
        self.settled += paid
        self.credit -= paid
        for amount in (1, 2):
            for item in self.items:
                paid = min(self.credit, item[amount])
                item[amount] -= paid
                self.credit -= paid

    def days_past_due(self, as_of: date) -> int:
        """Days since the oldest due day with anything unpaid."""
        return next(((as_of - day).days for day, interest, principal in self.items if interest + principal > 0), 0)
