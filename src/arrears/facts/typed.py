"""From facts as they are told to the numbers the fold reads: local days, event data as columns, plans as rows.

An event's `data` is a JSON object; this is the only place that takes it apart. Nothing here is stored as truth: a book
keeps these columns beside the facts so that a night need not parse text again, and they are rebuilt from the facts at will.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import polars as pl

from arrears.calendar import BUSINESS_ZONES, day_number
from arrears.facts.schema import CATEGORIES

PREPAY, CATEGORY_SHIFT, WITH_FEE, WITH_PENALTY, OTHER_PARTY, OTHER_PERSON, GRACE_SHIFT = 1, 1, 128, 256, 512, 1024, 16
FREEZES = {"interest": 16, "penalty": 32, "late_fee": 64}
DEFAULT_FREEZE = {
    "plan": ("penalty", "late_fee"),
    "hardship_granted": ("penalty", "late_fee"),
    "breathing_space": ("interest", "penalty", "late_fee"),
}
#: Kinds whose data carries days that the fold reads; in other kinds these words may hold anything.
DATED = {"promise": ("by",), "hardship_granted": ("from", "until"), "breathing_space": ("from", "until")}

#: What `type_events` adds to the events of a book part. `by_on`: of a promise its last day, of a plan its repair days.
EVENT_COLUMNS: dict[str, type[pl.DataType]] = {
    "account_ix": pl.Int32,
    "on": pl.Int32,
    "by_on": pl.Int32,
    "from_on": pl.Int32,
    "until_on": pl.Int32,
    "mask": pl.Int32,
    "ref_ix": pl.Int32,
}
#: Plans: one row an instalment (number 1…) or waiver (number -4…-1: fee, penalty, interest, principal; principal null: all).
PLAN_COLUMNS: dict[str, type[pl.DataType]] = {
    "account_ix": pl.Int32,
    "event_ix": pl.Int32,
    "number": pl.Int32,
    "due_on": pl.Date,
    "principal": pl.Int64,
    "interest": pl.Int64,
    "fee": pl.Int64,
}
#: What `type_facts` adds to the people of a book part: the row of their account, and how many ways to reach them there are.
PEOPLE_COLUMNS: dict[str, type[pl.DataType]] = {
    "account_ix": pl.Int32,
    "phone_count": pl.Int32,
    "email_count": pl.Int32,
    "address_count": pl.Int32,
}


@dataclass(frozen=True)
class Typed:
    """Facts of one part, ready for the fold: every table sorted, with `account_ix`, the row of its account."""

    accounts: pl.DataFrame
    instalments: pl.DataFrame
    events: pl.DataFrame
    plans: pl.DataFrame
    people: pl.DataFrame
    passed_over: pl.DataFrame | None = None

    @cached_property
    def named_borrowers(self) -> pl.DataFrame:
        """All borrowers, one row each, by account and id."""
        return self.people.filter(pl.col("role") == "borrower").select(
            "account_ix", "person_id", "language", "time_zone", "other_zones", "region", "phone_count", "email_count",
            "address_count",
        )  # fmt: skip

    @cached_property
    def borrowers(self) -> pl.DataFrame:
        """The borrower of each account: one row an account, in their order; nulls where none is named.

        Of several it is the first by id that is not `passed_over` (account_ix, person_id; `facts.whose` says who is).
        """
        named = self.named_borrowers
        if self.passed_over is not None:
            named = named.join(self.passed_over, on=["account_ix", "person_id"], how="anti", maintain_order="left")
        first = named.filter((pl.col("account_ix") != pl.col("account_ix").shift()).fill_null(True))
        if first.height == self.accounts.height:
            return first
        index = pl.DataFrame({"account_ix": pl.int_range(self.accounts.height, dtype=pl.Int32, eager=True)})
        return index.join(first, on="account_ix", how="left", maintain_order="left")


def type_facts(accounts: pl.DataFrame, instalments: pl.DataFrame, events: pl.DataFrame, people: pl.DataFrame) -> Typed:
    """Sort the tables as a part of a book is sorted and add the typed columns. Rows of unknown accounts are left out."""
    accounts = accounts.sort("account_id")
    index = accounts.select("account_id", account_ix=pl.int_range(pl.len(), dtype=pl.Int32))
    instalments = instalments.join(index, on="account_id").sort("account_ix", "due_on", "number")
    people = people.join(index, on="account_id").sort("account_ix", "person_id").with_columns(_counts())
    events = events.join(index, on="account_id").sort("account_ix", "at", "event_id")
    typed, plans = type_events(events, accounts)
    return Typed(accounts, instalments, typed, plans, people)


def _counts() -> list[pl.Expr]:
    """How many phones, e-mail addresses and postal addresses a person has."""
    lists = {"phone_count": "phones", "email_count": "emails", "address_count": "addresses"}
    return [pl.col(told).list.len().fill_null(0).cast(pl.Int32).alias(name) for name, told in lists.items()]


def business_zone() -> pl.Expr:
    """The business time zone of an account: its own, else its law's."""
    return pl.coalesce(
        "time_zone", pl.col("law").cast(pl.String).replace_strict(BUSINESS_ZONES, return_dtype=pl.String)
    )


def type_events(events: pl.DataFrame, accounts: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Events (with `account_ix`, sorted by it, `at`, `event_id`) with `EVENT_COLUMNS`, and the plans they carry."""
    zones = accounts.select(zone=business_zone())["zone"]
    zone = zones.gather(events["account_ix"]) if events.height else pl.Series("zone", [], dtype=pl.String)
    events = events.with_columns(zone.alias("zone"))
    events = events.with_columns(_local_day(zones.unique().to_list()).alias("on")).drop("zone")
    events = _with_positions(events)
    parsed = _parse_data(events)
    events = events.with_columns(
        *(_scatter(events.height, parsed, name, None) for name in ("by_on", "from_on", "until_on")),
        _scatter(events.height, parsed, "mask", 0),
        _reference(events),
    ).drop("row", "event_ix")
    plans = pl.DataFrame(parsed["plans"], schema=PLAN_COLUMNS, orient="row")
    return events, plans.sort("account_ix", "event_ix", "number", "due_on", maintain_order=True)


def _local_day(zones: list[str]) -> pl.Expr:
    """The date of `at` on the wall calendar of each row's zone, as a day number."""
    day = pl.lit(None, dtype=pl.Int32)
    for zone in zones:
        local = pl.col("at").dt.convert_time_zone(zone).dt.date().cast(pl.Int32)
        day = pl.when(pl.col("zone") == zone).then(local).otherwise(day)
    return day


def _with_positions(events: pl.DataFrame) -> pl.DataFrame:
    """Row number, and the event's position within its account."""
    events = events.with_row_index("row")
    first = pl.col("row").min().over("account_ix")
    return events.with_columns(event_ix=(pl.col("row").cast(pl.Int64) - first.cast(pl.Int64)).cast(pl.Int32))


def _reference(events: pl.DataFrame) -> pl.Series:
    """For each event with a `ref`: the position within its account of the event it names, else -1."""
    none = pl.Series("ref_ix", [-1], dtype=pl.Int32).new_from_index(0, events.height)
    named = events.filter(pl.col("ref").is_not_null()).select("account_ix", "ref", "row")
    if not named.height:
        return none
    targets = events.select("account_ix", pl.col("event_id").alias("ref"), pl.col("event_ix").alias("target"))
    found = named.join(targets, on=["account_ix", "ref"], how="inner")
    return none.scatter(found["row"], found["target"]).alias("ref_ix")


def _scatter(height: int, parsed: Mapping[str, list[Any]], name: str, default: int | None) -> pl.Series:
    """A column that holds `default` but for the parsed rows."""
    column = pl.Series(name, [default], dtype=pl.Int32).new_from_index(0, height)
    if not parsed["row"]:
        return column
    return column.scatter(parsed["row"], pl.Series(parsed[name], dtype=pl.Int32)).alias(name)


def _parse_data(events: pl.DataFrame) -> dict[str, list[Any]]:
    """The rows whose `data` or kind says more than the columns do."""
    parsed: dict[str, list[Any]] = {name: [] for name in ("row", "by_on", "from_on", "until_on", "mask", "plans")}
    telling = events.filter(pl.col("data").is_not_null() | pl.col("kind").is_in(list(DEFAULT_FREEZE)))
    columns = ("row", "account_ix", "event_ix", "kind", "data")
    for row, account, event, kind, text in telling.select(columns).iter_rows():
        data = json.loads(text) if text else {}
        parsed["row"].append(row)
        for name, told in zip(("by_on", "from_on", "until_on"), _days(kind, data), strict=True):
            parsed[name].append(told)
        parsed["mask"].append(_mask(kind, data))
        if kind == "plan":
            parsed["plans"].extend(_plan_rows(account, event, data))
    return parsed


#: What the data of a kind must say.
MUST_SAY = {
    "promise": ("by", "a promise says by when"),
    "plan": ("instalments", "a plan has instalments"),
    "waiver": ("category", "a waiver says of what"),
}


def data_fault(kind: str, text: str | None) -> str | None:
    """Why the `data` of an event (JSON text or None) cannot be taken, in words; None if it can."""
    try:
        data = json.loads(text) if text else {}
    except json.JSONDecodeError:
        return "is not a JSON object"
    if not isinstance(data, dict):
        return "is not a JSON object"
    needed = MUST_SAY.get(kind)
    if needed and not data.get(needed[0]):
        return f"is missing `{needed[0]}`: {needed[1]}"
    if kind == "waiver" and data["category"] not in CATEGORIES:
        return "names no category: fee, penalty, interest or principal"
    try:
        by = _days(kind, data)[0]
        _mask(kind, data)
        amounts = [amount for row in (_plan_rows(0, 0, data) if kind == "plan" else ()) for amount in row[4:]]
    except (ValueError, KeyError, TypeError, AttributeError):
        return "holds what its kind cannot carry: a date that is none, an unknown word, or an amount that is no whole number"
    if kind == "plan" and by is not None and by < 0:
        return "has repair days below zero"
    return "holds a negative amount" if any(amount is not None and amount < 0 for amount in amounts) else None


def _day(text: Any) -> int | None:
    from datetime import date

    return day_number(date.fromisoformat(str(text)[:10])) if text else None


def _days(kind: str, data: Mapping[str, Any]) -> tuple[int | None, int | None, int | None]:
    """The days by, from and until which an event speaks of, as day numbers; a plan has its repair days in place of the first."""
    if kind == "plan":
        repair_days = data.get("repair_days")
        return None if repair_days is None else int(repair_days), None, None
    by, begins, ends = (
        _day(data.get(name)) if name in DATED.get(kind, ()) else None for name in ("by", "from", "until")
    )
    return by, begins, ends


def _mask(kind: str, data: Mapping[str, Any]) -> int:
    """What the kernel asks of an event's data, as bits."""
    mask = PREPAY if data.get("prepay") else 0
    if data.get("category") in CATEGORIES:
        mask |= (CATEGORIES.index(data["category"]) + 1) << CATEGORY_SHIFT
    if kind in DEFAULT_FREEZE or kind == "charge_off":
        for name in data.get("freeze", DEFAULT_FREEZE.get(kind, ())):
            mask |= FREEZES[name]
    if kind == "plan":
        included = data.get("include", ())
        mask |= (WITH_FEE if "fee" in included else 0) | (WITH_PENALTY if "penalty" in included else 0)
        mask |= int(data.get("grace_days", 0)) << GRACE_SHIFT
    if kind == "contact" and data.get("party", "borrower") != "borrower":
        mask |= OTHER_PARTY
    return mask


def _plan_rows(account: int, event: int, data: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    """A plan's waivers and instalments as rows of the plans table."""
    from datetime import date

    rows: list[tuple[Any, ...]] = []
    for category, amount in (data.get("waive") or {}).items():
        number = CATEGORIES.index(category) - 4
        rows.append((account, event, number, None, None if amount == "all" else int(amount), 0, 0))
    instalments = sorted(data.get("instalments", ()), key=lambda item: str(item["due_on"]))
    for number, item in enumerate(instalments, start=1):
        due_on = date.fromisoformat(str(item["due_on"])[:10])
        amounts = (int(item.get(name) or 0) for name in ("principal", "interest", "fee"))
        rows.append((account, event, number, due_on, *amounts))
    return rows
