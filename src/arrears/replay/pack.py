"""Facts of a part as the int64 arrays of the fold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

import numpy as np
import polars as pl

from arrears import calendar
from arrears.errors import refuse
from arrears.facts.schema import CATEGORIES
from arrears.facts.typed import Typed, business_zone
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

# the rows of the blocks of `layout.Packed`, in the order of its A_*, I_*, E_* and P_*
_ACCOUNTS = (
    "opened_on", "terms", "rate_ppm", "penalty_rate_ppm", "as_on", "cut_at", "phones", "emails", "addresses",
)  # fmt: skip
_INSTALMENTS = ("due_on", "principal", "interest", "fee")
_EVENTS = (
    "on", "kind", "amount", "channel", "direction", "outcome", "by_on", "from_on", "until_on", "mask", "ref_ix",
    "at", "recorded_at",
)  # fmt: skip
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


def pack(typed: Typed, terms: Mapping[str, tuple[Terms, ...]], as_of: AsOf) -> layout.Packed:
    """The arrays of a part. Refusal if a product has no terms."""
    n = typed.accounts.height
    table, versions = _terms(typed.accounts, terms)
    as_on, cut_at = _as_of(typed.accounts, as_of)
    phones, emails, addresses = _reach(typed.people, n)
    own = typed.accounts.select("opened_on", "rate_ppm", "penalty_rate_ppm")
    given = {
        "terms": versions,
        "as_on": as_on,
        "cut_at": cut_at,
        "phones": phones,
        "emails": emails,
        "addresses": addresses,
    }
    return layout.Packed(
        accounts=_block(own.with_columns(**given), _ACCOUNTS),
        instalments_at=_offsets(typed.instalments["account_ix"], n),
        instalments=_block(typed.instalments, _INSTALMENTS),
        events_at=_offsets(typed.events["account_ix"], n),
        events=_block(typed.events, _EVENTS),
        plans_at=_offsets(typed.plans["account_ix"], n),
        plans=_block(typed.plans, _PLANS),
        terms_table=table,
    )


def known_at_microseconds(known_at: datetime | None) -> int:
    """The instant up to which facts were known, as the fold takes it."""
    return KNOWN_ALWAYS if known_at is None else calendar.microseconds(known_at)


def _block(frame: pl.DataFrame, columns: tuple[str, ...]) -> Any:
    """The columns as the rows of one int64 array (dates and instants as their numbers), null as `layout.NONE` or, for codes, -1."""
    numbers = frame.select(_numbers(frame[name]) for name in columns)
    block = np.empty((len(columns), frame.height), np.int64)
    for row, name in zip(block, columns, strict=True):
        begins = 0
        for chunk in numbers[name].get_chunks():
            row[begins : begins + len(chunk)] = chunk.to_numpy()
            begins += len(chunk)
    return block


def _numbers(column: pl.Series) -> pl.Expr:
    """A column as whole numbers without nulls; left in its own width where it has none."""
    found = pl.col(column.name).to_physical()
    if not column.null_count():
        return found
    return found.cast(pl.Int64).fill_null(-1 if isinstance(column.dtype, pl.Enum) else layout.NONE)


def _offsets(account_ix: pl.Series, n: int) -> Any:
    """Where each account's rows begin in a table sorted by account."""
    return np.searchsorted(account_ix.to_numpy(), np.arange(n + 1, dtype=np.int32)).astype(np.int64)


def _terms(accounts: pl.DataFrame, terms: Mapping[str, tuple[Terms, ...]]) -> tuple[Any, Any]:
    """The table of terms versions in use and each account's row in it."""
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
    """Each account's day of as_of and last instant that counts, by its business zone."""
    zone = accounts.select(zone=business_zone())
    zones = zone["zone"].unique().to_list()
    moments = {name: moment(as_of, name) for name in zones}
    if len(zones) == 1:
        day, cut = moments[zones[0]]
        return np.full(accounts.height, calendar.day_number(day)), np.full(accounts.height, cut)
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


def _reach(people: pl.DataFrame, n: int) -> tuple[Any, Any, Any]:
    """How many phones, e-mail addresses and postal addresses of the borrower each account has."""
    borrowers = people.filter(pl.col("role") == "borrower")
    index = borrowers["account_ix"].to_numpy()
    counts = []
    for name in ("phones", "emails", "addresses"):
        total = np.zeros(n, np.int64)
        np.add.at(total, index, borrowers[name].list.len().fill_null(0).cast(pl.Int64).to_numpy())
        counts.append(total)
    return counts[0], counts[1], counts[2]


def make_out(n: int) -> Any:
    """Room for the results of `n` accounts."""
    return np.zeros((len(layout.OUT), n), np.int64)
