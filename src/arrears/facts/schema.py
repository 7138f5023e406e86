"""The tables of facts and their declared schema.

Money is int64 in minor units, rates are parts per million a year, dates are dates, instants are UTC with
microseconds. Facts never change: a correction is another fact. Every event has `at` (when it happened) and
`recorded_at` (when we learned it).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any

import polars as pl

if TYPE_CHECKING:
    from arrears.replay.terms import Terms

LAWS = ("cn", "us", "uk", "in", "au", "none")
ROLES = ("borrower", "guarantor", "third_party", "representative")
CHANNELS = ("sms", "call", "voicebot", "email", "letter", "visit", "push", "portal")
DIRECTIONS = ("out", "in")
OUTCOMES = (
    "sent", "delivered", "failed", "no_answer", "voicemail", "conversation", "wrong_number", "absent", "refused",
    "busy", "not_in_service",
)  # fmt: skip
MONEY_KINDS = ("payment", "payment_reversed", "fee", "waiver", "adjustment", "charge_off", "refund")
KINDS = (
    *MONEY_KINDS,
    "contact",
    "promise", "plan", "plan_cancelled",
    "dispute_opened", "dispute_closed", "hardship_requested", "hardship_granted", "hardship_refused",
    "represented", "cease", "opt_out", "consent", "inconvenient", "vulnerable", "deceased", "bankruptcy",
    "breathing_space", "pause_ended", "complaint_opened", "complaint_closed", "contact_invalid", "delivery",
    "notice_served", "demand", "acknowledged", "suit_filed", "judgment", "enforcement_applied", "frozen",
    "released",
    "decision", "override", "placed", "recalled", "sold",
)  # fmt: skip
CATEGORIES = ("fee", "penalty", "interest", "principal")
#: Who collects: the original lender in its own name, an agency for it, or who bought the debt.
BINDS = ("lender", "agency", "assignee")
#: What the law may speak of: contacts, and other acts against the borrower.
ACTS = ("contact", "credit_report", "suit", "enforcement", "sale", "terminate", "charge")
#: What a contact is for.
PURPOSES = (
    "collection",
    "location_information",
    "required_notice",
    "cease_confirmation",
    "reply",
    "remedy_notice",
    "service",
)
#: What kind of institution lends: rules of law bind some kinds and not others.
LENDER_KINDS = ("bank", "consumer_finance", "auto_finance", "trust", "micro_loan", "private", "other")

INSTANT = pl.Datetime("us", "UTC")

#: Columns and types of each table, as they stand in memory and in Parquet.
TABLES: dict[str, dict[str, Any]] = {
    "accounts": {
        "account_id": pl.String,
        "borrower_id": pl.String,
        "product": pl.String,  # names the terms
        "law": pl.Enum(LAWS),
        "currency": pl.String,
        "principal": pl.Int64,
        "opened_on": pl.Date,
        "rate_ppm": pl.Int64,  # own contract rate, null: the terms'
        "penalty_rate_ppm": pl.Int64,  # own penalty rate, null: the terms'
        "time_zone": pl.String,  # business time zone, null: the law's
        "lender_kind": pl.Enum(LENDER_KINDS),  # null: not known
    },
    "instalments": {
        "account_id": pl.String,
        "number": pl.Int32,
        "due_on": pl.Date,
        "principal": pl.Int64,
        "interest": pl.Int64,
        "fee": pl.Int64,
    },
    "people": {
        "account_id": pl.String,  # the account to which the person stands in `role`
        "person_id": pl.String,
        "role": pl.Enum(ROLES),
        "name": pl.String,
        "language": pl.String,
        "time_zone": pl.String,
        "other_zones": pl.List(pl.String),  # further zones where the person may be
        "region": pl.String,  # ISO 3166-2, such as US-MA
        "phones": pl.List(pl.String),
        "emails": pl.List(pl.String),
        "addresses": pl.List(pl.Struct({"text": pl.String, "lat": pl.Float64, "lon": pl.Float64})),
    },
    "events": {
        "event_id": pl.String,
        "account_id": pl.String,
        "person_id": pl.String,
        "at": INSTANT,
        "recorded_at": INSTANT,
        "kind": pl.Enum(KINDS),
        "channel": pl.Enum(CHANNELS),
        "direction": pl.Enum(DIRECTIONS),
        "outcome": pl.Enum(OUTCOMES),
        "amount": pl.Int64,
        "ref": pl.String,  # event_id of the event this one is about
        "data": pl.String,  # a JSON object with what else the kind carries; docs/cases.md lists it
    },
}

#: Columns that may not be null.
REQUIRED: dict[str, tuple[str, ...]] = {
    "accounts": ("account_id", "product", "law", "currency", "principal", "opened_on"),
    "instalments": ("account_id", "number", "due_on", "principal", "interest", "fee"),
    "people": ("account_id", "person_id", "role"),
    "events": ("event_id", "account_id", "at", "recorded_at", "kind"),
}


def empty(table: str) -> pl.DataFrame:
    """The table with no rows."""
    return pl.DataFrame(schema=TABLES[table])


def frame(table: str, rows: list[dict[str, Any]]) -> pl.DataFrame:
    """Rows (one dict each, missing columns become null) as the table's frame, in the schema's column order."""
    return pl.DataFrame(rows, schema=TABLES[table], orient="row") if rows else empty(table)


@cache
def declared() -> dict[str, Any]:
    """The dataframely schema of every table, by name: what `Book` holds each frame to when it reads or writes."""
    import dataframely as dy

    kinds: dict[Any, Any] = {pl.String: dy.String, pl.Int64: dy.Int64, pl.Int32: dy.Int32, pl.Date: dy.Date}

    def column(table: str, name: str, kind: Any) -> Any:
        nullable = name not in REQUIRED[table]
        if kind in kinds:
            return kinds[kind](nullable=nullable)
        if isinstance(kind, pl.Enum):
            return dy.Enum(kind.categories.to_list(), nullable=nullable)
        if isinstance(kind, pl.Datetime):
            return dy.Datetime(nullable=nullable, time_unit="us", time_zone="UTC")
        if name == "addresses":
            place = dy.Struct(
                {"text": dy.String(nullable=True), "lat": dy.Float64(nullable=True), "lon": dy.Float64(nullable=True)},
                nullable=True,
            )
            return dy.List(place, nullable=nullable)
        return dy.List(dy.String(nullable=True), nullable=nullable)

    return {
        table: type(
            table.capitalize(), (dy.Schema,), {name: column(table, name, kind) for name, kind in columns.items()}
        )
        for table, columns in TABLES.items()
    }


@dataclass(frozen=True)
class Facts:
    """All facts of some accounts: four frames in the shape of `TABLES`, and the terms by product.

    `kept`: what was made of these very frames, for whoever asks again; other facts (`dataclasses.replace`) begin with none.
    """

    accounts: pl.DataFrame
    instalments: pl.DataFrame
    events: pl.DataFrame
    people: pl.DataFrame
    terms: dict[str, tuple[Terms, ...]] = field(default_factory=dict)
    kept: dict[Any, Any] = field(default_factory=dict, init=False, compare=False, repr=False)
