"""The columns of position and standing by name and type: what conditions of a ladder and clauses may speak of."""

from __future__ import annotations

from functools import cache
from typing import Any

import polars as pl

from arrears.facts import schema

#: Columns that hold money, in minor units.
MONEY = (
    "due_fee", "due_penalty", "due_interest", "due_principal", "due_total", "past_due_total", "not_due_principal",
    "accrued_interest", "principal_outstanding", "credit", "payoff", "next_due_amount", "last_payment_amount",
    "paid_fee", "paid_penalty", "paid_interest", "paid_principal", "paid_total", "refunded", "waived_total",
    "charged_off_amount", "recovered", "promise_amount", "payments", "reversed", "refund_charged",
)  # fmt: skip


@cache
def columns() -> dict[str, pl.DataType]:
    """Every column that replay can give, with its type, in its order (a test holds this to the frames of replay).

    Told from the layout, not from a replay of nothing: `explain` asks for it and is to start at once.
    """
    from arrears.replay import layout
    from arrears.replay.position import ACCOUNT_COLUMNS, DERIVED, PERSON_COLUMNS

    accounts, people = schema.TABLES["accounts"], schema.TABLES["people"]
    told: dict[str, Any] = {name: accounts[name] for name in ACCOUNT_COLUMNS}
    told |= {name: _kind(name) for name in layout.OUT if name != "status"}
    told |= {name: people[name] for name in PERSON_COLUMNS}
    told |= {name: pl.Float64 if name == "promise_kept_ratio" else pl.Int64 for name in DERIVED}
    return dict(pl.Schema({**told, "refused": pl.String}))


def _kind(name: str) -> Any:
    """The type of a column of the fold."""
    from arrears.replay import layout
    from arrears.replay.position import DATES, FLAGS

    if name in DATES:
        return pl.Date
    if name in FLAGS:
        return pl.Boolean
    return pl.Enum(layout.PLAN_STATUS) if name == "plan_status" else pl.Int64
