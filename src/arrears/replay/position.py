"""Position and standing of accounts: the frame for a book, the same fold step by step for one account."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import polars as pl

from arrears.facts.schema import CHANNELS, Facts
from arrears.facts.typed import Typed, type_facts
from arrears.replay import layout
from arrears.replay.pack import AsOf, known_at_microseconds, make_out, pack
from arrears.replay.terms import Terms

DATES = (
    *(name for name in layout.OUT if name.endswith("_on") or name.startswith("last_attempt_on_")),
    "paused_until", "plan_since", "hardship_until", "breathing_space_until",
)  # fmt: skip
FLAGS = (
    "paused", "disputed", "hardship_requested", "hardship", "represented", "ceased", "vulnerable", "deceased",
    "bankrupt", "breathing_space", "complaint_open", "suit_filed", "judgment", "enforcement", "frozen", "placed",
    "sold", "settled", "plan_current", "plan_broken", "usable_phone", "usable_email", "usable_address",
    *(f"opted_out_{channel}" for channel in CHANNELS),
)  # fmt: skip
ACCOUNT_COLUMNS = ("account_id", "borrower_id", "product", "law", "currency")
PERSON_COLUMNS = ("person_id", "language", "time_zone")
REFUSED = {layout.OVERFLOW: "overflow"}


@dataclass(frozen=True)
class Replayed:
    """One account: its position and standing by column name, and the raw lines of its explanation (`layout.X_*`)."""

    position: dict[str, Any]
    lines: Any
    packed: layout.Packed
    typed: Typed


def replay_frame(
    facts: Facts, as_of: AsOf, known_at: datetime | None = None, columns: Collection[str] | None = None
) -> pl.DataFrame:
    """Position and standing of every account of `facts`, one row each, sorted by account_id. Compiled; see `frame_of`."""
    typed = type_facts(facts.accounts, facts.instalments, facts.events, facts.people)
    return replay_typed(typed, facts.terms, as_of, known_at, columns)


def replay_typed(
    typed: Typed,
    terms: Mapping[str, tuple[Terms, ...]],
    as_of: AsOf,
    known_at: datetime | None = None,
    columns: Collection[str] | None = None,
) -> pl.DataFrame:
    """As `replay_frame`, for facts that are typed already (a part of a book)."""
    from arrears.replay.compiled import fold_book

    packed = pack(typed, terms, as_of)
    out = make_out(typed.accounts.height)
    fold_book(packed, known_at_microseconds(known_at), out)
    return frame_of(out, typed, packed, columns)


def replay_one(facts: Facts, account_id: str, as_of: AsOf, known_at: datetime | None = None) -> Replayed:
    """The same fold over one account, step by step in plain Python, with the lines that explain it.

    KeyError if there is no such account.
    """
    from arrears.replay.fold.kernel import fold_range

    own = pl.col("account_id") == account_id
    tables = (facts.accounts, facts.instalments, facts.events, facts.people)
    typed = type_facts(*(table.filter(own) for table in tables))
    if not typed.accounts.height:
        raise KeyError(account_id)
    packed = pack(typed, facts.terms, as_of)
    out = make_out(1)
    lines = np.zeros((_lines_needed(packed), layout.N_X), np.int64)
    with np.errstate(over="raise"):
        written = fold_range(0, 1, known_at_microseconds(known_at), packed, out, lines)  # type: ignore[no-untyped-call]
    row = frame_of(out, typed, packed, None).row(0, named=True)
    return Replayed(row, lines[:written], packed, typed)


def _lines_needed(packed: layout.Packed) -> int:
    """Room for the lines of one account: each step writes a few."""
    days = max(0, int(packed.as_on[0] - packed.opened_on[0]))
    return 64 + 12 * int(packed.instalments_at[1] + packed.events_at[1] + packed.plans_at[1]) + days // 14


def frame_of(out: Any, typed: Typed, packed: layout.Packed, columns: Collection[str] | None) -> pl.DataFrame:
    """The fold's numbers as named columns (all, or those asked for): dates, flags, names, and days since or until.

    Money is in minor units. `refused` is null, or says why an account could not be computed.
    """
    wanted = set(columns) if columns is not None else None
    made = [series for name in layout.OUT if (series := _column(name, out, wanted)) is not None]
    frame = pl.DataFrame([_account_column(name, typed) for name in ACCOUNT_COLUMNS] + made)
    frame = frame.with_columns(_person_columns(typed, wanted))
    frame = frame.with_columns(*_derived(out, packed, wanted))
    status = pl.Series("refused", out[layout.OUT_INDEX["status"]]).replace_strict(
        REFUSED, default=None, return_dtype=pl.String
    )
    return frame.with_columns(status)


def _column(name: str, out: Any, wanted: set[str] | None) -> pl.Series | None:
    if name == "status" or (wanted is not None and name not in wanted):
        return None
    column = pl.Series(name, out[layout.OUT_INDEX[name]])
    if name in DATES:
        return column.replace(layout.NONE, None).cast(pl.Int32).cast(pl.Date)
    if name in FLAGS:
        return column.cast(pl.Boolean)
    if name == "plan_status":
        return column.cast(pl.UInt8).replace_strict(
            dict(enumerate(layout.PLAN_STATUS)), return_dtype=pl.Enum(layout.PLAN_STATUS)
        )
    return column


def _account_column(name: str, typed: Typed) -> pl.Series:
    return typed.accounts[name]


def _person_columns(typed: Typed, wanted: set[str] | None) -> list[pl.Series]:
    """Language, zone and id of the borrower (the first, where several are named)."""
    asked = [name for name in PERSON_COLUMNS if wanted is None or name in wanted]
    return [typed.borrowers[name] for name in asked]


def _derived(out: Any, packed: layout.Packed, wanted: set[str] | None) -> list[pl.Series]:
    """Days since and until, and the promise ratio: from columns of the fold, only where asked for."""
    made = []
    for name in DERIVED:
        if wanted is not None and name not in wanted:
            continue
        if name == "promise_kept_ratio":
            kept, broken = (out[layout.OUT_INDEX[f"promises_{word}"]] for word in ("kept", "broken"))
            total = kept + broken
            ratio = np.divide(kept, total, out=np.full(len(kept), np.nan), where=total > 0)
            made.append(pl.Series(name, ratio).fill_nan(None))
            continue
        source, sign = DERIVED[name]
        days = out[layout.OUT_INDEX[source]]
        made.append(
            pl.Series(name, np.where(days == layout.NONE, layout.NONE, sign * (packed.as_on - days))).replace(
                layout.NONE, None
            )
        )
    return made


DERIVED: dict[str, tuple[str, int]] = {
    "days_since_last_payment": ("last_payment_on", 1),
    "days_since_last_attempt": ("last_attempt_on", 1),
    "days_since_last_conversation": ("last_conversation_on", 1),
    "days_since_last_inbound": ("last_inbound_on", 1),
    "days_since_promise_due": ("promise_due_on", 1),
    "days_since_charge_off": ("charged_off_on", 1),
    "days_to_next_due": ("next_due_on", -1),
    **{f"days_since_last_attempt_{channel}": (f"last_attempt_on_{channel}", 1) for channel in CHANNELS},
    "promise_kept_ratio": ("promises_kept", 0),
}
