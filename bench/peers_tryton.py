"""The dunning run of Tryton (account_dunning from PyPI, SQLite in memory), on as many accounts as it manages in the time given.

Does: finds the receivable lines that are past their maturity date and not reconciled, and gives each its dunning level by days overdue. The levels
are the day limits of the ladder `cn-consumer`, the furthest first, so that one run puts each line where it belongs. Leaves out: penalty interest,
partial payments (a line is reconciled or open), standing, law, reasons, costs. `tryton_ledger` enters the accounts before the run; that is timed in
the note only.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from datetime import date
from itertools import islice
from typing import Any

import polars as pl
from answers import same_positions
from book import part_files
from measured import Measured, Task, peak_bytes, timed

ENTERING_SECONDS = 180.0
# Tryton looks at every record of a list for each record in it: long lists cost more than their length
ACCOUNTS_A_TRANSACTION = 25
DATABASE = ":memory:"

Debt = tuple[str, list[tuple[date, int, int]], list[int]]


def dunning(task: Task) -> Measured:
    """One dunning run over the lines of the first accounts of the book."""
    _activate(task)
    from tryton_ledger import Ledger

    as_of = date.fromisoformat(task.as_of)
    ledger: Ledger = _transact(lambda: Ledger(as_of))
    begun = time.perf_counter()
    debts = _debts(task, as_of)
    limit = ENTERING_SECONDS / 10 if task.quick else ENTERING_SECONDS
    while time.perf_counter() - begun < limit and (some := list(islice(debts, ACCOUNTS_A_TRANSACTION))):
        _transact(lambda some=some: ledger.enter(some), ledger.context)
    entering = time.perf_counter() - begun
    run = timed(lambda: _transact(ledger.dun, ledger.context))
    peak = peak_bytes()
    answers = pl.DataFrame(_transact(ledger.dunned, ledger.context))
    return Measured(
        answers.height, (run,), peak,
        same_positions(task, answers, simple=True, names=("due_total", "days_past_due")),
        f"{ledger.lines:,} instalment lines, Python's assertions off; entering and reconciling them took {entering:.0f} s and is not counted",
    )  # fmt: skip


def _activate(task: Task) -> None:
    """An empty database with the module in it. It takes minutes to make, so it is kept."""
    cache = task.scratch / "tryton"
    cache.mkdir(parents=True, exist_ok=True)
    os.environ.update(DB_NAME=DATABASE, DB_CACHE=str(cache))
    from trytond.tests.test_tryton import activate_module

    activate_module(["account_dunning"])


def _transact(act: Callable[[], Any], context: dict[str, Any] | None = None) -> Any:
    """`act` in a transaction that is committed, started again with what Tryton asks for (a lock, say)."""
    from trytond.transaction import Transaction, TransactionError

    extras: dict[str, Any] = {}
    while True:
        with Transaction().start(DATABASE, 1, context=context, **extras) as transaction:
            try:
                result = act()
            except TransactionError as error:
                transaction.rollback()
                transaction.tasks.clear()
                error.fix(extras)
                continue
            transaction.commit()
            return result


def _debts(task: Task, as_of: date) -> Iterator[Debt]:
    """Account, instalments fallen due (due day, principal, interest) and payments, minor units, of the first part."""
    files = next(part_files(task.book))
    columns = ("account_ix", "due_on", "principal", "interest")
    due = pl.scan_parquet(files["instalments"]).filter(pl.col("due_on") <= as_of).select(columns).collect()
    paid = pl.scan_parquet(files["events"]).filter(pl.col("kind") == "payment").select("account_ix", "amount").collect()
    dues, payments = (frame.partition_by("account_ix", as_dict=True, include_key=False) for frame in (due, paid))
    for index, account_id in enumerate(pl.read_parquet(files["accounts"], columns=["account_id"])["account_id"]):
        own = dues[(index,)].rows() if (index,) in dues else []
        yield account_id, own, payments[(index,)]["amount"].to_list() if (index,) in payments else []
