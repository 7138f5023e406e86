"""The guard for a whole night: for every account of a part, whether a channel is lawful on the next day, and from when until when.

Three steps give the same answer as `may`, account by account. Accounts that are alike (law, region, zones, kind of lender, product) share
the hours of the day: they are asked once. What depends on the account (conditions, counts, waits) is computed in columns. The few accounts
whose history has what columns do not tell (a consent, an inconvenient hour, an unanswered message of theirs) are asked one by one.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from operator import attrgetter
from pathlib import Path
from typing import Any

import polars as pl

from arrears import money
from arrears.calendar import BUSINESS_ZONES
from arrears.law.alike import alike, numbered
from arrears.law.clause_kinds import Forbid
from arrears.law.conditions import QUESTION_COLUMNS, is_history
from arrears.law.days import Day, day_of
from arrears.law.groups import Group, conditions_of, group_of
from arrears.law.guard import EVERYTHING, Policy
from arrears.law.packs import load_pack, packs
from arrears.law.part_columns import EventsBefore, Flags, account_clause_flags, hard_accounts
from arrears.law.part_events import PartEvents
from arrears.replay.columns import MONEY

VERDICTS = ("allowed", "wait", "never", "no_pack")
#: What accounts that are alike share; `other` are the further zones of the borrower, joined.
KEYS = ("law", "region", "time_zone", "other", "lender_kind", "product")
RESULT: dict[str, Any] = {
    "verdict": pl.Enum(VERDICTS), "not_before": pl.Datetime("us", "UTC"), "not_after": pl.Datetime("us", "UTC"),
    "clauses": pl.String,
}  # fmt: skip
#: What a contact planned in the night is, beside its channel and who asks.
PLANNED = {"role": "borrower", "purpose": "collection", "act": "contact", "place": None, "number": None, "medium": None}


@cache
def columns_read() -> frozenset[str]:
    """Columns of replay that the conditions of all packs read."""
    named = {"currency"}
    for name in packs():
        for clause in load_pack(name).clauses:
            for condition in conditions_of(clause):
                named.update(name for name in condition.names if not is_history(name))
            if isinstance(clause.rule, Forbid) and clause.rule.until is not None:
                named.add(clause.rule.until)
    return frozenset(named - set(QUESTION_COLUMNS)) | {"product", "law"}


@dataclass(frozen=True)
class Said:
    """What the law says of a contact on one channel with each account: the row of `table` (columns of `RESULT`) that holds for it."""

    row: pl.Series
    table: pl.DataFrame

    def verdict(self, numbers: Mapping[str, int], kind: Any) -> pl.Series:
        """The number of the type `kind` that stands for the verdict, for each account."""
        return self.table["verdict"].replace_strict(numbers, return_dtype=kind).gather(self.row)

    def of(self, accounts: pl.Series) -> pl.DataFrame:
        """All that is said of these accounts, given by their number in the frame that was asked about."""
        return self.table[self.row.gather(accounts)]

    def but(self, accounts: pl.Series, found: pl.DataFrame) -> Said:
        """The same, but for these accounts, of which `found` is said."""
        begins = self.table.height
        rows = pl.int_range(begins, begins + found.height, dtype=pl.UInt32, eager=True)
        return Said(self.row.clone().scatter(accounts, rows), pl.concat([self.table, found]))


def windows(
    frame: pl.DataFrame, part: PartEvents, on: date, channel: str, binds: str = "lender",
    policy: Policy = EVERYTHING, house: Sequence[Path] = (),
) -> pl.DataFrame:  # fmt: skip
    """Verdict and window for each row of `frame`: a contact on `channel` with the borrower, for collection, on the day `on`.

    `frame` has `account_ix` (the account's number in the part), `law` and the columns of `columns_read`, money in minor units.
    Gives `verdict`: `allowed` (from `not_before` until before `not_after`, UTC), `wait` (on a later day), `never`, `no_pack`; and
    `clauses`, ids of those that decide, or of an allowed contact those that shape its window or demand something.
    """
    said = said_by_channel(frame, part, on, (channel,), binds, policy, house)[channel]
    return said.table[said.row]


def said_by_channel(
    frame: pl.DataFrame, part: PartEvents, on: date, channels: Collection[str], binds: str = "lender",
    policy: Policy = EVERYTHING, house: Sequence[Path] = (),
) -> dict[str, Said]:  # fmt: skip
    """`windows` on each of the channels; what does not depend on the channel is worked out once."""
    keyed, shared = _grouped(_keyed(frame, part))
    groups = {
        channel: [group_of(number, row, on, channel, binds, policy, house) for number, row in enumerate(shared)]
        for channel in channels
    }
    planned = _major_units(keyed, _named(groups.values())).with_columns(
        pl.lit(value, pl.String).alias(name) for name, value in {**PLANNED, "binds": binds}.items()
    )
    before = EventsBefore(part, keyed.select("account_ix", "zone", "borrower"), on)
    found = {}
    for channel, own in groups.items():
        asked = planned.with_columns(pl.lit(channel, pl.String).alias("channel"))
        said = _answers(keyed, own, account_clause_flags(asked, before, own))
        found[channel] = _one_by_one(said, keyed, part, own, hard_accounts(asked, part, own, channel), on, policy)
    return found


def _named(groups: Iterable[Sequence[Group]]) -> set[str]:
    """The columns that conditions of the groups' clauses name."""
    clauses = {clause for own in groups for group in own for clause, _ in group.clauses}
    return {name for clause in clauses for condition in conditions_of(clause) for name in condition.names}


def _keyed(frame: pl.DataFrame, part: PartEvents) -> pl.DataFrame:
    """The rows with what the law asks of account and borrower."""
    known = [name for name in part.known.columns if name in frame.columns]
    whole = frame["account_ix"].equals(part.known["account_ix"])  # a part under one ladder: nothing to look up
    about = part.known if whole else part.known[frame["account_ix"]]
    others = about["other_zones"]
    joined = others.list.join(",") if others.null_count() < others.len() else pl.lit(None, pl.String)
    return pl.concat([frame.drop(known), about], how="horizontal").with_columns(
        joined.alias("other"), pl.col("person_id").alias("borrower")
    )


def _grouped(keyed: pl.DataFrame) -> tuple[pl.DataFrame, list[dict[str, Any]]]:
    """The rows with the number of their group, and its law, zones and kind of lender as text; and what each group shares."""
    rows, varying = alike(keyed, KEYS)
    groups = _zoned(rows)
    if not varying:
        shared = [pl.lit(groups[name][0] if groups.height else None, pl.String).alias(name) for name in TEXTS]
        return keyed.with_columns(pl.lit(0, pl.Int32).alias("group"), *shared), groups.to_dicts()
    numbered = rows.select(varying).with_columns(pl.int_range(pl.len(), dtype=pl.Int32).alias("group"))
    number = keyed.select(varying).join(numbered, on=varying, how="left", nulls_equal=True, maintain_order="left")[
        "group"
    ]
    return keyed.with_columns(number, *groups.select(TEXTS)[number]), groups.to_dicts()


#: What is told of an account as text, the same for all that are alike.
TEXTS = ("law", "lender_kind", "zone", "zones")


def _zoned(rows: pl.DataFrame) -> pl.DataFrame:
    """What accounts share, with the zones of the borrower: the first, and all of them."""
    law = pl.col("law").cast(pl.String)
    first = pl.coalesce("time_zone", law.replace_strict({**BUSINESS_ZONES, **_zones_of_packs()}, default="UTC"))
    return rows.with_columns(law, pl.col("lender_kind").cast(pl.String), first.alias("zone")).with_columns(
        zones=pl.when(pl.col("other") != "").then(pl.concat_str("zone", "other", separator=",")).otherwise("zone")
    )


@cache
def _zones_of_packs() -> dict[str, str]:
    return {name: load_pack(name).zone for name in packs() if name in BUSINESS_ZONES}


def _major_units(keyed: pl.DataFrame, named: Collection[str]) -> pl.DataFrame:
    """Money as conditions see it, where they name it: in major units of the row's currency."""
    names = [name for name in MONEY if name in keyed.columns and name in named]
    if not names:
        return keyed
    scales = {currency: 10.0 ** -money.decimals(currency) for currency in keyed["currency"].unique().drop_nulls()}
    if len(scales) == 1 and not keyed["currency"].null_count():
        scale = pl.lit(next(iter(scales.values())))
    else:
        scale = pl.col("currency").replace_strict(scales, default=1.0, return_dtype=pl.Float64)
    return keyed.with_columns(pl.col(name) * scale for name in names)


def _answers(keyed: pl.DataFrame, groups: Sequence[Group], flags: Sequence[Flags]) -> Said:
    """The day of each row's group, unless a clause says wait or never for the account: worked out once for all that share both."""
    marks = [mark.fill_null(False) for flag in flags for mark in (flag.never, flag.waits) if mark.any()]
    kinds, first = numbered([keyed["group"], *marks])
    days = []
    for row in first.tolist():
        day = groups[keyed["group"][row]].day
        never, waits = ([flag.clause.id for flag in flags if side(flag)[row]] for side in (_NEVER, _WAITS))
        days.append(day if not never and not waits else _closed(day, never, waits))
    return Said(pl.Series(kinds), _table(days))


_NEVER, _WAITS = attrgetter("never"), attrgetter("waits")


def _closed(day: Day, never: Sequence[str], waits: Sequence[str]) -> Day:
    """A day that clauses close: never or wait, no window, and the ids of the clauses that close it."""
    if never:
        return Day("never", None, None, tuple(never))
    return Day("wait", None, None, (*(day.clauses if day.verdict == "wait" else ()), *waits))


def _table(days: Sequence[Day]) -> pl.DataFrame:
    """Days in the columns of `RESULT`."""
    told = [[getattr(day, name) for day in days] for name in ("verdict", "not_before", "not_after")]
    return pl.DataFrame([*told, [",".join(day.clauses) for day in days]], schema=RESULT)


def _one_by_one(
    said: Said, keyed: pl.DataFrame, part: PartEvents, groups: Sequence[Group], hard: pl.Series, on: date,
    policy: Policy,
) -> Said:  # fmt: skip
    """The answers, those of the hard accounts asked of the guard."""
    where = hard.arg_true()
    if not where.len():
        return said
    rows = keyed[where]
    part.prepare(rows["account_ix"].unique())
    days = []
    for row in rows.iter_rows(named=True):
        group = groups[row["group"]]
        if group.stack is None:
            days.append(group.day)
            continue
        question = replace(group.question, person=row["borrower"], accounts=(row["account_id"],), standing=row)
        days.append(day_of(group.stack, question, part.history(row["account_ix"]), on, policy))
    return said.but(where, _table(days))
