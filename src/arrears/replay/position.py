"""Position and standing of accounts: the frame for a book, the same fold step by step for one account."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import numpy as np
import polars as pl

from arrears import calendar
from arrears.facts.schema import CHANNELS, Facts
from arrears.facts.typed import Typed, type_facts
from arrears.facts.whose import planned_with
from arrears.replay import layout
from arrears.replay.pack import AsOf, Tables, known_at_microseconds, make_out, pack, tables_of
from arrears.replay.terms import Terms

DATES = (
    *(name for name in layout.OUT if name.endswith("_on") or name.startswith("last_attempt_on_")),
    "paused_until", "plan_since", "plan_repair_until", "hardship_until", "breathing_space_until",
)  # fmt: skip
FLAGS = (
    "paused", "disputed", "hardship_requested", "hardship", "represented", "ceased", "vulnerable", "deceased",
    "bankrupt", "breathing_space", "complaint_open", "suit_filed", "judgment", "enforcement", "frozen", "placed",
    "sold", "settled", "plan_current", "plan_in_repair", "plan_broken", "usable_phone", "usable_email", "usable_address",
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

    typed = planned_with(typed, as_of, known_at)
    packed = pack(typed, terms, as_of)
    out = make_out(typed.accounts.height, _folded(columns))
    fold_book(packed, known_at_microseconds(known_at), out)
    return frame_of(out, typed, packed, columns)


def replay_one(facts: Facts, account_id: str, as_of: AsOf, known_at: datetime | None = None) -> Replayed:
    """The same fold over one account, step by step in plain Python, with the lines that explain it.

    KeyError if there is no such account.
    """
    return replay_told(told_of(facts, account_id), facts.terms, as_of, known_at)


@dataclass(frozen=True)
class Told:
    """What the facts tell of one account, ready to be replayed as of any day under any terms: typed, and as the arrays of the fold."""

    typed: Typed
    tables: Tables

    def with_terms_alone(self) -> Told:
        """Without rates of the account's own: what terms say holds."""
        none = {name: pl.lit(None, pl.Int64) for name in ("rate_ppm", "penalty_rate_ppm")}
        return replace(self, typed=replace(self.typed, accounts=self.typed.accounts.with_columns(**none)))


def told_of(facts: Facts, account_id: str) -> Told:
    """What is told of an account, made once for these facts. KeyError if there is no such account."""
    found: Told | None = facts.kept.get(("told", account_id))
    if found is None:
        own = pl.col("account_id") == account_id
        tables = (facts.accounts, facts.instalments, facts.events, facts.people)
        typed = type_facts(*(table.filter(own) for table in tables))
        if not typed.accounts.height:
            raise KeyError(account_id)
        found = facts.kept[("told", account_id)] = Told(typed, tables_of(typed))
    return found


def replay_told(
    told: Told, terms: Mapping[str, tuple[Terms, ...]], as_of: AsOf, known_at: datetime | None = None
) -> Replayed:
    """`replay_one` of what is told of one account, under other terms than those that the facts name, if one likes."""
    from arrears.replay.fold.kernel import fold_range

    typed = planned_with(told.typed, as_of, known_at)
    tables = told.tables if typed is told.typed else None  # whose facts count is written in the tables
    packed = pack(typed, terms, as_of, tables)
    out = make_out(1)
    lines = np.zeros((_lines_needed(packed), layout.N_X), np.int64)
    with np.errstate(over="raise"):
        written = fold_range(0, 1, known_at_microseconds(known_at), packed, *out, lines)  # type: ignore[no-untyped-call]
    return Replayed(row_of(out, typed, packed), lines[:written], packed, typed)


def _lines_needed(packed: layout.Packed) -> int:
    """Room for the lines of one account: each step writes a few."""
    days = max(0, int(packed.as_on[0] - packed.opened_on[0]))
    return 64 + 12 * int(packed.instalments_at[1] + packed.events_at[1] + packed.plans_at[1]) + days // 14


def _folded(columns: Collection[str] | None) -> list[str]:
    """What of `layout.OUT` the columns (None: all) are made from."""
    if columns is None:
        return list(layout.OUT)
    sources = {DERIVED[name][0] for name in columns if name in DERIVED}
    if "promise_kept_ratio" in columns:
        sources |= {"promises_kept", "promises_broken"}
    return [name for name in layout.OUT if name == "status" or name in columns or name in sources]


def frame_of(out: layout.Results, typed: Typed, packed: layout.Packed, columns: Collection[str] | None) -> pl.DataFrame:
    """The fold's numbers as named columns (all, or those asked for): dates, flags, names, and days since or until.

    Money is in minor units. `refused` is null, or says why an account could not be computed.
    """
    wanted = set(columns) if columns is not None else None
    names = [name for name in layout.OUT if name != "status" and (wanted is None or name in wanted)]
    made = [pl.Series(name, out.of(name)) for name in names]
    derived = _derived(out, packed, wanted)
    refused = pl.Series("refused", out.of("status"))
    frame = pl.DataFrame(
        [*_account_columns(typed), *made, *_person_columns(typed, wanted), *derived, refused]
    )  # fmt: skip
    # all in one go: for the few accounts of a batch each query of its own costs more than the work
    return frame.with_columns(_meant(name) for name in (*names, *(one.name for one in derived), "refused"))


def _meant(name: str) -> pl.Expr:
    """A column of the fold's numbers as what it means: a date, a flag, a word, or a number that may not be there."""
    number = pl.col(name)
    if name in DATES:
        # cut to 32 bits without a look at each: a day is never larger, and what is none is null by now
        return number.replace(layout.NONE, None).cast(pl.Int32, wrap_numerical=True).cast(pl.Date)
    if name in FLAGS:
        return number.cast(pl.Boolean)
    if name == "plan_status":
        return number.cast(pl.UInt8).replace_strict(
            dict(enumerate(layout.PLAN_STATUS)), return_dtype=pl.Enum(layout.PLAN_STATUS)
        )
    if name == "refused":
        return number.replace_strict(REFUSED, default=None, return_dtype=pl.String)
    if name == "promise_kept_ratio":
        return number.fill_nan(None)
    return number.replace(layout.NONE, None) if name in DERIVED else number


def row_of(out: layout.Results, typed: Typed, packed: layout.Packed) -> dict[str, Any]:
    """The row that `frame_of` gives for the only account, made without a frame: of one row each query costs more than the fold itself."""
    numbers = {name: int(out.of(name)[0]) for name in layout.OUT}
    named = {name: typed.accounts[name][0] for name in ACCOUNT_COLUMNS}
    figures = {name: _said(name, number) for name, number in numbers.items() if name != "status"}
    persons = {name: typed.borrowers[name][0] for name in PERSON_COLUMNS}
    on = int(packed.as_on[0])
    derived: dict[str, Any] = {
        name: None if numbers[source] == layout.NONE else sign * (on - numbers[source])
        for name, (source, sign) in DERIVED.items()
        if name != "promise_kept_ratio"
    }
    kept, broken = numbers["promises_kept"], numbers["promises_broken"]
    derived["promise_kept_ratio"] = kept / (kept + broken) if kept + broken else None
    return {**named, **figures, **persons, **derived, "refused": REFUSED.get(numbers["status"])}


def _said(name: str, number: int) -> Any:
    """As `_meant`, of one number."""
    if name in DATES:
        return None if number == layout.NONE else calendar.from_day_number(number)
    if name in FLAGS:
        return bool(number)
    return layout.PLAN_STATUS[number] if name == "plan_status" else number


def _account_columns(typed: Typed) -> list[pl.Series]:
    """What is told of the account itself, as far as it was read."""
    return [typed.accounts[name] for name in ACCOUNT_COLUMNS if name in typed.accounts.columns]


def _person_columns(typed: Typed, wanted: set[str] | None) -> list[pl.Series]:
    """Language, zone and id of the borrower with whom contact is planned."""
    asked = [name for name in PERSON_COLUMNS if wanted is None or name in wanted]
    return [typed.borrowers[name] for name in asked]


def _derived(out: layout.Results, packed: layout.Packed, wanted: set[str] | None) -> list[pl.Series]:
    """Days since and until (`layout.NONE`: none), and the promise ratio: from columns of the fold, only where asked for."""
    made = []
    for name in DERIVED:
        if wanted is not None and name not in wanted:
            continue
        if name == "promise_kept_ratio":
            kept, broken = (out.of(f"promises_{word}") for word in ("kept", "broken"))
            total = kept + broken
            ratio = np.divide(kept, total, out=np.full(len(kept), np.nan), where=total > 0)
            made.append(pl.Series(name, ratio))
            continue
        source, sign = DERIVED[name]
        days = out.of(source)
        made.append(pl.Series(name, np.where(days == layout.NONE, layout.NONE, sign * (packed.as_on - days))))
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
