"""The guard for a whole night: for every account of a part, whether a channel is lawful on the next day, and from when until when.

Three steps give the same answer as `may`, account by account. Accounts that are alike (law, region, zones, kind of lender, product) share
the hours of the day: they are asked once. What depends on the account (conditions, counts, waits) is computed in columns. The few accounts
whose history has what columns do not tell (a consent, an inconvenient hour, an unanswered message of theirs) are asked one by one.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import date
from functools import cache, reduce
from pathlib import Path
from typing import Any

import polars as pl

from arrears import money
from arrears.calendar import BUSINESS_ZONES
from arrears.law.clause_kinds import Forbid
from arrears.law.conditions import QUESTION_COLUMNS, is_history
from arrears.law.days import day_of
from arrears.law.groups import Group, conditions_of, group_of
from arrears.law.guard import EVERYTHING, Policy
from arrears.law.packs import load_pack, packs
from arrears.law.part_columns import EventsBefore, Flags, account_clause_flags, hard_accounts
from arrears.law.part_events import PartEvents
from arrears.replay.columns import MONEY

VERDICTS = ("allowed", "wait", "never", "no_pack")
GROUPED = ("law", "region", "zones", "lender_kind", "product")
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


def windows(
    frame: pl.DataFrame, part: PartEvents, on: date, channel: str, binds: str = "lender",
    policy: Policy = EVERYTHING, house: Sequence[Path] = (),
) -> pl.DataFrame:  # fmt: skip
    """Verdict and window for each row of `frame`: a contact on `channel` with the borrower, for collection, on the day `on`.

    `frame` has `account_ix` (the account's number in the part), `law` and the columns of `columns_read`, money in minor units.
    Gives `verdict`: `allowed` (from `not_before` until before `not_after`, UTC), `wait` (on a later day), `never`, `no_pack`; and
    `clauses`, ids of those that decide, or of an allowed contact those that shape its window or demand something.
    """
    return windows_by_channel(frame, part, on, (channel,), binds, policy, house)[channel]


def windows_by_channel(
    frame: pl.DataFrame, part: PartEvents, on: date, channels: Collection[str], binds: str = "lender",
    policy: Policy = EVERYTHING, house: Sequence[Path] = (),
) -> dict[str, pl.DataFrame]:  # fmt: skip
    """`windows` on each of the channels; what does not depend on the channel is worked out once."""
    keyed = _keyed(frame, part)
    alike = _alike(keyed).to_dicts()
    keyed = _with_group(keyed, len(alike))
    planned = _major_units(keyed).with_columns(
        pl.lit(value, pl.String).alias(name) for name, value in {**PLANNED, "binds": binds}.items()
    )
    before = EventsBefore(part, keyed.select("account_ix", "zone", "borrower"), on)
    found = {}
    for channel in channels:
        groups = [group_of(number, row, on, channel, binds, policy, house) for number, row in enumerate(alike)]
        asked = planned.with_columns(pl.lit(channel, pl.String).alias("channel"))
        flags = account_clause_flags(asked, before, groups)
        hard = hard_accounts(asked, part, groups, channel)
        found[channel] = _one_by_one(_answers(keyed, groups, flags), keyed, part, groups, hard, on, policy)
    return found


def _keyed(frame: pl.DataFrame, part: PartEvents) -> pl.DataFrame:
    """The rows with what the law asks of account and borrower: region, zones, kind of lender."""
    known = [name for name in part.known.columns if name in frame.columns]
    whole = frame["account_ix"].equals(part.known["account_ix"])  # a part under one ladder: nothing to look up
    about = part.known if whole else part.known[frame["account_ix"]]
    keyed = pl.concat([frame.drop(known), about], how="horizontal")
    law = pl.col("law").cast(pl.String)
    first = pl.coalesce("time_zone", law.replace_strict({**BUSINESS_ZONES, **_zones_of_packs()}, default="UTC"))
    return keyed.with_columns(
        law, pl.col("lender_kind").cast(pl.String), first.alias("zone"), pl.col("person_id").alias("borrower")
    ).with_columns(
        zones=pl.when(pl.col("other_zones").list.len() > 0)
        .then(pl.concat_str("zone", pl.col("other_zones").list.join(","), separator=","))
        .otherwise("zone")
    )


@cache
def _zones_of_packs() -> dict[str, str]:
    return {name: load_pack(name).zone for name in packs() if name in BUSINESS_ZONES}


def _alike(keyed: pl.DataFrame) -> pl.DataFrame:
    return keyed.select(GROUPED).unique(maintain_order=True)


def _with_group(keyed: pl.DataFrame, groups: int) -> pl.DataFrame:
    if groups == 1:
        return keyed.with_columns(group=pl.lit(0, pl.Int32))
    numbers = _alike(keyed).with_row_index("group").with_columns(pl.col("group").cast(pl.Int32))
    return keyed.join(numbers, on=list(GROUPED), how="left", nulls_equal=True, maintain_order="left")


def _major_units(asked: pl.DataFrame) -> pl.DataFrame:
    """Money as conditions see it: in major units of the row's currency."""
    names = [name for name in MONEY if name in asked.columns]
    if not names:
        return asked
    scales = {currency: 10.0 ** -money.decimals(currency) for currency in asked["currency"].unique().drop_nulls()}
    if len(scales) == 1 and not asked["currency"].null_count():
        scale = pl.lit(next(iter(scales.values())))
    else:
        scale = pl.col("currency").replace_strict(scales, default=1.0, return_dtype=pl.Float64)
    return asked.with_columns(pl.col(name) * scale for name in names)


def _answers(keyed: pl.DataFrame, groups: Sequence[Group], flags: Sequence[Flags]) -> pl.DataFrame:
    """The day of each row's group, unless a clause says wait or never for the account."""
    table = pl.DataFrame(
        [(group.number, group.day.verdict, group.day.not_before, group.day.not_after, ",".join(group.day.clauses)) for group in groups],
        schema={"group": pl.Int32, **RESULT}, orient="row",
    )  # fmt: skip
    if len(groups) == 1:
        rows = keyed.select("group").with_columns(
            pl.lit(table[name][0], kind).alias(name) for name, kind in RESULT.items()
        )
    else:
        rows = keyed.select("group").join(table, on="group", how="left", maintain_order="left")
    if not flags:
        return rows.select(list(RESULT))
    never = reduce(lambda one, other: one | other, [flag.never for flag in flags])
    closed = (never | reduce(lambda one, other: one | other, [flag.waits for flag in flags])).arg_true()
    if not closed.len():
        return rows.select(list(RESULT))
    said = _closed(rows[closed], never[closed], closed, flags)
    return pl.DataFrame([rows[name].scatter(closed, said[name]) for name in RESULT])


def _closed(rows: pl.DataFrame, never: pl.Series, where: pl.Series, flags: Sequence[Flags]) -> pl.DataFrame:
    """What is said of the rows `where` that a clause closes: never or wait, no window, and the ids of the clauses that close them."""
    marks = rows.select("verdict", "clauses").with_columns(
        never.alias("never"),
        *(flag.never[where].alias(f"never{index}") for index, flag in enumerate(flags)),
        *(flag.waits[where].alias(f"waits{index}") for index, flag in enumerate(flags)),
    )
    by_hours = pl.when(~pl.col("never") & (pl.col("verdict") == "wait")).then("clauses")
    by_flags = [
        pl.when(pl.when("never").then(f"never{index}").otherwise(f"waits{index}")).then(pl.lit(flag.clause.id))
        for index, flag in enumerate(flags)
    ]
    verdicts = [pl.lit(word, RESULT["verdict"]) for word in ("never", "wait")]
    return marks.select(
        pl.when("never").then(verdicts[0]).otherwise(verdicts[1]).alias("verdict"),
        *(pl.lit(None, RESULT[name]).alias(name) for name in ("not_before", "not_after")),
        pl.concat_str([by_hours, *by_flags], separator=",", ignore_nulls=True).alias("clauses"),
    )


def _one_by_one(
    answers: pl.DataFrame, keyed: pl.DataFrame, part: PartEvents, groups: Sequence[Group], hard: pl.Series, on: date,
    policy: Policy,
) -> pl.DataFrame:  # fmt: skip
    """The answers, those of the hard accounts asked of the guard."""
    where = hard.arg_true()
    if not where.len():
        return answers
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
    found = pl.DataFrame(
        [(day.verdict, day.not_before, day.not_after, ",".join(day.clauses)) for day in days], schema=RESULT, orient="row"
    )  # fmt: skip
    return pl.DataFrame([answers[name].scatter(where, found[name]) for name in RESULT])
