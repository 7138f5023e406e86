"""The columns of position and standing by name and type: what conditions of a ladder and clauses may speak of."""

from __future__ import annotations

from datetime import date
from functools import cache

import polars as pl

from arrears.facts import schema
from arrears.facts.typed import type_facts

#: Columns that hold money, in minor units.
MONEY = (
    "due_fee", "due_penalty", "due_interest", "due_principal", "due_total", "past_due_total", "not_due_principal",
    "accrued_interest", "principal_outstanding", "credit", "payoff", "next_due_amount", "last_payment_amount",
    "paid_fee", "paid_penalty", "paid_interest", "paid_principal", "paid_total", "refunded", "waived_total",
    "charged_off_amount", "recovered", "promise_amount", "payments", "reversed", "refund_charged",
)  # fmt: skip


@cache
def columns() -> dict[str, pl.DataType]:
    """Every column that replay can give, with its type."""
    from arrears.replay.pack import make_out, pack
    from arrears.replay.position import frame_of

    typed = type_facts(*(schema.empty(table) for table in ("accounts", "instalments", "events", "people")))
    packed = pack(typed, {}, date(2000, 1, 1))
    return dict(frame_of(make_out(0), typed, packed, None).schema)
