"""Facts of a part as the int64 arrays of the fold."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

import numpy as np
import polars as pl

from arrears import calendar
from arrears.errors import refuse
from arrears.facts.schema import CATEGORIES
from arrears.facts.typed import Typed, business_zone
from arrears.facts.whose import masks
from arrears.replay import layout
from arrears.replay.terms import Terms, in_force

AsOf = date | datetime
KNOWN_ALWAYS = (1 << 62) - 1

_CHOICES: Mapping[str, Sequence[str]] = {
    "method": ("scheduled", "daily"),
    "penalty_on": ("principal", "principal_and_interest"),
    "penalty_from": ("due", "grace_end"),
    "by": ("debt", "instalment"),
    "rounding": ("half_even", "half_up", "down"),
}

# what the rows of `layout.Packed`, in the order of its A_* and P_*, are made from; and its columns with their types
_OF_ACCOUNTS = ("opened_on", "rate_ppm", "penalty_rate_ppm")
_REACH = ("phone_count", "email_count", "address_count")  # of the borrower whom contact is planned with
_INSTALMENTS = {"due_on": pl.Int32, "principal": pl.Int64, "interest": pl.Int64, "fee": pl.Int64}
_EVENTS = {
    "on": pl.Int32, "kind": pl.UInt8, "amount": pl.Int64, "channel": pl.UInt8, "direction": pl.UInt8, "outcome": pl.UInt8,
    "by_on": pl.Int32, "from_on": pl.Int32, "until_on": pl.Int32, "mask": pl.Int32, "ref_ix": pl.Int32, "at": pl.Int64,
    "recorded_at": pl.Int64,
}  # fmt: skip
_NOTHING = {pl.Int32: layout.NO_DAY, pl.Int64: layout.NONE, pl.UInt8: layout.NO_CODE}
_PLANS = ("event_ix", "number", "due_on", "principal", "interest", "fee")


def terms_row(terms: Terms) -> list[int]:
    """One version of terms as the integers of `layout.TERMS_FIELDS`."""
    late_max = layout.NONE if terms.late_fee_max_minor is None else terms.late_fee_max_minor
    after = -1 if terms.allocation_after_days is None else terms.allocation_after_days
    return [
        _CHOICES["method"].index(terms.interest_method),
        terms.interest_rate_ppm,
        calendar.BASES[terms.interest_basis],
        int(terms.interest_on_overdue == "stops"),
        terms.penalty_rate_ppm,
        calendar.BASES[terms.penalty_basis],
        _CHOICES["penalty_on"].index(terms.penalty_on),
        _CHOICES["penalty_from"].index(terms.penalty_from),
        terms.penalty_grace_days,
        int(terms.penalty_compound),
        terms.late_fee_minor,
        terms.late_fee_percent_ppm,
        late_max,
        terms.late_fee_grace_days,
        int(terms.first_day == "due_day"),
        terms.past_due_grace_days,
        terms.tolerance_minor,
        _CHOICES["by"].index(terms.allocate_by),
        _CHOICES["rounding"].index(terms.rounding),
        after,
        *(CATEGORIES.index(name) for name in terms.allocation),
        *(CATEGORIES.index(name) for name in terms.allocation_after),
    ]


class Tables(NamedTuple):
    """Those arrays of `layout.Packed` that come from instalments, events and plans, and from who is spoken with: whatever the terms and the day."""

    instalments_at: Any
    instalments: layout.Instalments
    events_at: Any
    events: layout.Events
    plans_at: Any
    plans: Any


def tables_of(typed: Typed) -> Tables:
    """The arrays of the tables of a part."""
    n = typed.accounts.height
    return Tables(
        instalments_at=_offsets(typed.instalments["account_ix"], n),
        instalments=layout.Instalments(*_columns(typed.instalments, _INSTALMENTS)),
        events_at=_offsets(typed.events["account_ix"], n),
        events=layout.Events(*_columns(typed.events.with_columns(masks(typed)), _EVENTS)),
        plans_at=_offsets(typed.plans["account_ix"], n),
        plans=_block(typed.plans, _PLANS),
    )


def pack(
    typed: Typed, terms: Mapping[str, tuple[Terms, ...]], as_of: AsOf, tables: Tables | None = None
) -> layout.Packed:
    """The arrays of a part. `tables`: those of its tables, where they are there already. Refusal if a product has no terms."""
    n = typed.accounts.height
    table, versions = _terms(typed.accounts, terms)
    as_on, cut_at = _as_of(typed.accounts, as_of)
    phones, emails, addresses = _columns(typed.borrowers.select(_REACH).fill_null(0), dict.fromkeys(_REACH, pl.Int64))
    opened_on, rate, penalty_rate = _columns(typed.accounts, dict.fromkeys(_OF_ACCOUNTS, pl.Int64))
    rows = (opened_on, versions, rate, penalty_rate, as_on, cut_at, phones, emails, addresses)
    return layout.Packed(
        accounts=np.stack([np.broadcast_to(row, n) for row in rows]),
        terms_table=table,
        **(tables or tables_of(typed))._asdict(),
    )


def nothing() -> layout.Packed:
    """The arrays of no accounts, of the very types that `pack` gives: to load the compiled fold before there is work. Runs no query."""
    at = np.zeros(1, np.int64)
    return layout.Packed(
        accounts=np.zeros((layout.N_A, 0), np.int64), instalments_at=at, instalments=layout.Instalments(*_empty(_INSTALMENTS)),
        events_at=at, events=layout.Events(*_empty(_EVENTS)), plans_at=at, plans=np.zeros((layout.N_P, 0), np.int64),
        terms_table=np.zeros((1, len(layout.TERMS_FIELDS)), np.int64),
    )  # fmt: skip


def _empty(kinds: Mapping[str, Any]) -> Iterator[Any]:
    widths = {pl.Int32: np.int32, pl.Int64: np.int64, pl.UInt8: np.uint8}
    for kind in kinds.values():
        array: Any = np.zeros(0, widths[kind])
        array.flags.writeable = False
        yield array


def known_at_microseconds(known_at: datetime | None) -> int:
    """The instant up to which facts were known, as the fold takes it."""
    return KNOWN_ALWAYS if known_at is None else calendar.microseconds(known_at)


def _columns(frame: pl.DataFrame, kinds: Mapping[str, Any]) -> Iterator[Any]:
    """The columns as arrays of the given types, without copying those that have no nulls."""
    for name, kind in kinds.items():
        column = frame[name]
        if column.dtype != kind:
            column = column.to_physical().cast(kind)
        if column.null_count():
            column = column.fill_null(_NOTHING[kind])
        array = column.rechunk().to_numpy()
        array.flags.writeable = False  # for all alike: to the compiler it is part of the type
        yield array


def _block(frame: pl.DataFrame, columns: tuple[str, ...]) -> Any:
    """The columns as the rows of one int64 array (dates and instants as their numbers), null as `layout.NONE`."""
    return np.stack(list(_columns(frame, dict.fromkeys(columns, pl.Int64))))


def _offsets(account_ix: pl.Series, n: int) -> Any:
    """Where each account's rows begin in a table sorted by account."""
    runs = account_ix.rle().struct.unnest()
    rows, offsets = np.zeros(n, np.int64), np.zeros(n + 1, np.int64)
    rows[runs["value"].to_numpy()] = runs["len"].to_numpy()
    np.cumsum(rows, out=offsets[1:])
    return offsets


def _terms(accounts: pl.DataFrame, terms: Mapping[str, tuple[Terms, ...]]) -> tuple[Any, Any]:
    """The table of terms versions in use and each account's row in it: one number where all share a row."""
    products = accounts["product"].unique().to_list()
    if len(products) == 1 and len(terms.get(products[0], ())) == 1:
        return np.array([terms_row(terms[products[0]][0])], np.int64), np.int64(0)
    opened = accounts.select("product", "opened_on").unique().sort("product", "opened_on")
    table: list[list[int]] = []
    numbers: dict[int, int] = {}
    rows = []
    for product, opened_on in opened.iter_rows():
        if product not in terms:
            raise refuse("no_terms", "there are no terms for this product", field="product", value=str(product))
        version = in_force(terms[product], opened_on)
        if id(version) not in numbers:
            numbers[id(version)] = len(table)
            table.append(terms_row(version))
        rows.append(numbers[id(version)])
    opened = opened.with_columns(pl.Series("terms_row", rows, dtype=pl.Int64))
    per_account = accounts.select("product", "opened_on").join(
        opened, on=["product", "opened_on"], how="left", maintain_order="left"
    )
    width = len(layout.TERMS_FIELDS)
    return np.array(table, np.int64).reshape(-1, width), per_account["terms_row"].to_numpy()


def _as_of(accounts: pl.DataFrame, as_of: AsOf) -> tuple[Any, Any]:
    """Each account's day of as_of and last instant that counts, by its business zone: one number each where all share them."""
    if accounts["time_zone"].null_count() == accounts.height:  # no account has a zone of its own
        alike = accounts.select(pl.col("law").unique()).with_columns(time_zone=pl.lit(None, pl.String))
    else:
        alike = accounts.select("law", "time_zone").unique()
    zones = alike.select(business_zone()).to_series().unique().to_list()
    moments = {name: moment(as_of, name) for name in zones}
    if len(zones) == 1:
        day, cut = moments[zones[0]]
        return np.int64(calendar.day_number(day)), np.int64(cut)
    zone = accounts.select(zone=business_zone())
    table = pl.DataFrame(
        [(name, calendar.day_number(day), cut) for name, (day, cut) in moments.items()],
        schema={"zone": pl.String, "on": pl.Int64, "cut": pl.Int64},
        orient="row",
    )
    found = zone.join(table, on="zone", how="left", maintain_order="left")
    return found["on"].to_numpy(), found["cut"].to_numpy()


def moment(as_of: AsOf, zone: str) -> tuple[date, int]:
    """The day of `as_of` in a zone and its last instant, microseconds UTC (rule 2)."""
    if isinstance(as_of, datetime):
        return calendar.local_day(as_of, zone), calendar.microseconds(as_of)
    return as_of, calendar.microseconds(calendar.end_of_day(as_of, zone))


def make_out(n: int, names: Collection[str] = layout.OUT) -> layout.Results:
    """Room for the results of `n` accounts that are named; the others are computed and forgotten."""
    row = np.zeros(len(layout.OUT), np.uint64)
    for place, index in enumerate(sorted(layout.OUT_INDEX[name] for name in names), start=1):
        row[index] = place
    return layout.Results(row, np.zeros((1 + len(names), n), np.int64))
