"""Whose fact it is: with which borrower contact is planned, and which facts of other people do not count for the standing of the account.

The standing of an account (`deceased`, `ceased`, `opted_out_sms` …) is that of the borrower with whom contact is planned: the first by id
who has neither died nor is in an insolvency procedure, the first of all if there is none. A fact that names nobody, or somebody who is not
among the people of the account, is that borrower's. What others are and ask for counts for contacts with them (`arrears.law`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime

import polars as pl

from arrears.calendar import day_number
from arrears.facts.typed import OTHER_PARTY, OTHER_PERSON, Typed

#: What a person is, or asks for themselves: another borrower's binds contacts with that borrower alone.
PERSONAL = ("represented", "cease", "opt_out", "consent", "deceased", "bankruptcy", "contact_invalid")
#: What is said of the debt: it counts whoever of the borrowers, or of those who speak for one, it is of.
OF_THE_DEBT = (
    "promise", "dispute_opened", "dispute_closed", "hardship_requested", "hardship_granted", "hardship_refused",
    "breathing_space", "pause_ended", "vulnerable",
)  # fmt: skip
#: By role (`joint`: another borrower) the kinds of fact that do not count for the standing of the account. Complaints count whoever made them.
NOT_COUNTED: Mapping[str, tuple[str, ...]] = {
    "joint": PERSONAL,
    "representative": ("contact", "opt_out", "consent", "deceased", "bankruptcy", "vulnerable", "contact_invalid"),
    "guarantor": ("contact", *PERSONAL, *OF_THE_DEBT),
    "third_party": ("contact", *PERSONAL, *OF_THE_DEBT),
}
#: With whom of several borrowers no contact is planned while another is left.
PASSED_OVER = ("deceased", "bankruptcy")


def planned_with(typed: Typed, as_of: date | datetime, known_at: datetime | None) -> Typed:
    """The facts with the borrower whom contact is planned with by what had happened by `as_of` and was known by `known_at`."""
    account = pl.col("account_ix")  # in order: those of one account stand beside each other
    beside = (account == account.shift(1)).fill_null(False) | (account == account.shift(-1)).fill_null(False)
    several = typed.named_borrowers.filter(beside).select("account_ix", "person_id")
    if not several.height:
        return typed
    happened = (
        pl.col("at") <= as_of if isinstance(as_of, datetime) else pl.col("on") <= day_number(as_of)
    )  # an instant counts to the instant, a day to its end
    events = typed.events.filter(pl.col("kind").is_in(list(PASSED_OVER)) & happened)
    if known_at is not None:
        events = events.filter(pl.col("recorded_at") <= known_at)
    barred = several.join(events, on=["account_ix", "person_id"], how="semi")
    left = several.join(barred, on=["account_ix", "person_id"], how="anti")
    barred = barred.join(left, on="account_ix", how="semi")
    return replace(typed, passed_over=barred) if barred.height else typed


def masks(typed: Typed) -> pl.Series:
    """The masks of the events, marked where a fact is of somebody else than the borrower whom contact is planned with."""
    mask, others = typed.events["mask"], _others(typed)
    if not others.height:
        return mask
    telling = sorted({kind for kinds in NOT_COUNTED.values() for kind in kinds})
    told = (
        typed.events.select("account_ix", "person_id", "kind", "mask", row=pl.int_range(pl.len(), dtype=pl.UInt32))
        .filter(
            pl.col("person_id").is_not_null()
            & pl.col("account_ix").is_in(others["account_ix"].unique().implode())
            & pl.col("kind").is_in(telling)
        )
        .join(others, on=["account_ix", "person_id"], how="inner")
    )
    if not told.height:
        return mask
    marked = told.with_columns(pl.col("mask") | _mark())
    return mask.clone().scatter(marked["row"], marked["mask"])


def _mark() -> pl.Expr:
    """The bits of one event, by the role of its person and its kind."""
    mark = pl.lit(0, pl.Int32)
    for role, kinds in NOT_COUNTED.items():
        counts_not = (pl.col("role") == role) & pl.col("kind").is_in(list(kinds))
        mark = pl.when(counts_not).then(pl.lit(OTHER_PARTY, pl.Int32)).otherwise(mark)
    return mark | pl.when(pl.col("role") == "joint").then(pl.lit(OTHER_PERSON, pl.Int32)).otherwise(pl.lit(0, pl.Int32))


def _others(typed: Typed) -> pl.DataFrame:
    """The people of each account beside the borrower whom contact is planned with: account_ix, person_id, role (`joint`: a borrower)."""
    key = ["account_ix", "person_id"]
    borrowers = typed.named_borrowers.select(key)
    others = typed.people.filter(pl.col("role") != "borrower").select(*key, pl.col("role").cast(pl.String))
    if others.height:
        others = others.join(borrowers, on=key, how="anti").unique(key, keep="first", maintain_order=True)
    if borrowers.height == typed.borrowers["person_id"].len() - typed.borrowers["person_id"].null_count():
        return others
    joint = borrowers.join(typed.borrowers.select(key), on=key, how="anti").unique()
    return pl.concat([others, joint.with_columns(role=pl.lit("joint"))])
