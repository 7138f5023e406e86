"""A made book: accounts of people who do not exist, with the behaviour that real books show. Seeded: the same every time.

Names and numbers are plainly made up. Most borrowers pay on time, some are late, some stop; those who are late get messages and calls,
some answer, promise, keep or break it, agree a plan, dispute, or ask for hardship.
"""

from __future__ import annotations

import json
from datetime import date
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from arrears.calendar import day_number
from arrears.facts import schema
from arrears.facts.book import BookChange, FolderBook, create_book, parts_for
from arrears.facts.parts import part_of
from arrears.facts.schema import INSTANT, Facts

INSTALMENTS = 12
NOON_UTC = 4 * 3600 * 1_000_000  # noon in Shanghai
DAY = 86_400_000_000
SURNAMES = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨"
GIVEN = "甲乙丙丁戊己庚辛壬癸"
FIELDS = tuple(schema.TABLES["events"])


def make_book(path: Path, accounts: int, seed: int, as_of: date) -> FolderBook:
    """A book of `accounts` made accounts under `cn` law, as of `as_of`, written part by part."""
    book = create_book(path, parts_for(accounts))
    parts = part_of(account_ids(np.arange(accounts)), book.parts)
    with BookChange(book) as change:
        for part in range(book.parts):
            numbers = np.flatnonzero(parts == part)
            change.write_part(part, make_facts(numbers, seed, as_of))
        terms = resources.files("arrears.lab").joinpath("consumer-12.yaml").read_text("utf-8")
        change.put_terms("consumer-12", terms)
        change.note_import({"made": True, "accounts": accounts, "seed": seed, "as_of": as_of.isoformat()})
        return change.commit()


def account_ids(numbers: Any) -> pl.Series:
    """Ids of made accounts by number."""
    return pl.Series("account_id", numbers).cast(pl.String).str.zfill(9).str.replace("^", "M").alias("account_id")


def make_facts(numbers: Any, seed: int, as_of: date) -> Facts:
    """The facts of the accounts of these numbers; an account's facts depend on its number and the seed only."""
    draw = _Draws(np.asarray(numbers, np.uint64), seed)
    today = day_number(as_of)
    ids = account_ids(numbers)
    principal = (3000 + (draw.uniform(1) ** 3 * 57_000).astype(np.int64) // 100 * 100) * 100
    opened = today - 45 - (draw.uniform(2) * 380).astype(np.int64)
    due = _due_days(opened)
    amounts = _amounts(principal)
    behaviour = draw.uniform(3)
    paid_on = _payment_days(draw, behaviour, due, today)
    accounts = pl.DataFrame({
        "account_id": ids, "borrower_id": ids.str.replace("M", "B"), "product": pl.repeat("consumer-12", len(ids), eager=True),
        "law": pl.repeat("cn", len(ids), eager=True).cast(schema.TABLES["accounts"]["law"]),
        "currency": pl.repeat("CNY", len(ids), eager=True), "principal": principal,
        "opened_on": pl.Series(opened.astype(np.int32)).cast(pl.Date),
        "rate_ppm": pl.Series([None], dtype=pl.Int64).new_from_index(0, len(ids)),
        "penalty_rate_ppm": pl.Series([None], dtype=pl.Int64).new_from_index(0, len(ids)),
        "time_zone": pl.Series([None], dtype=pl.String).new_from_index(0, len(ids)),
        "lender_kind": pl.repeat("consumer_finance", len(ids), eager=True).cast(schema.TABLES["accounts"]["lender_kind"]),
    })  # fmt: skip
    instalments = _instalments(ids, due, amounts)
    events = _events(ids, draw, behaviour, due, paid_on, amounts, today)
    return Facts(accounts, instalments, events, _people(ids, numbers, draw))


class _Draws:
    """Uniform numbers that depend on account, stream and seed only (splitmix64), so parts can be made in any order."""

    def __init__(self, numbers: Any, seed: int) -> None:
        self.numbers, self.seed = numbers, np.uint64(seed)

    def uniform(self, stream: int) -> Any:
        with np.errstate(over="ignore"):
            z = (
                self.numbers * np.uint64(0x9E3779B97F4A7C15)
                + self.seed * np.uint64(0xBF58476D1CE4E5B9)
                + np.uint64(stream) * np.uint64(0x94D049BB133111EB)
            )
            z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
            z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
            z = z ^ (z >> np.uint64(31))
        return (z >> np.uint64(11)).astype(np.float64) / float(1 << 53)


def _due_days(opened: Any) -> Any:
    """Due days by account and instalment: the same day of each following month, the 28th at the latest."""
    first = opened.astype("datetime64[D]")
    month = first.astype("datetime64[M]")
    dom = np.minimum((first - month.astype("datetime64[D]")).astype(np.int64), 27)
    months = month[:, None] + np.arange(1, INSTALMENTS + 1)
    return months.astype("datetime64[D]").astype(np.int64) + dom[:, None]


def _amounts(principal: Any) -> tuple[Any, Any]:
    """Principal and interest by instalment, minor units; the last instalment takes the odd cents."""
    even = np.repeat((principal // INSTALMENTS)[:, None], INSTALMENTS, axis=1)
    even[:, -1] += principal - even.sum(axis=1)
    left = principal[:, None] - np.cumsum(even, axis=1) + even
    return even, left * 15 // 1200


def _payment_days(draw: _Draws, behaviour: Any, due: Any, today: int) -> Any:
    """The day each instalment was paid in full; 0 if it was not by today. 78% on time, 14% late, 8% stop at some point."""
    stop_at = (draw.uniform(4) * INSTALMENTS).astype(np.int64)
    paid = np.zeros_like(due)
    for k in range(INSTALMENTS):
        lag = np.where(
            behaviour < 0.78,
            (draw.uniform(100 + k) * 4).astype(np.int64) - 3,
            (draw.uniform(200 + k) ** 2 * 50).astype(np.int64),
        )
        day = due[:, k] + lag
        stopped = (behaviour >= 0.92) & (k >= stop_at)
        paid[:, k] = np.where(stopped | (day > today), 0, day)
    return paid


def _instalments(ids: pl.Series, due: Any, amounts: tuple[Any, Any]) -> pl.DataFrame:
    n = len(ids)
    index = np.repeat(np.arange(n), INSTALMENTS)
    return pl.DataFrame({
        "account_id": ids.gather(index), "number": np.tile(np.arange(1, INSTALMENTS + 1, dtype=np.int32), n),
        "due_on": pl.Series(due.ravel().astype(np.int32)).cast(pl.Date), "principal": amounts[0].ravel(),
        "interest": amounts[1].ravel(), "fee": np.zeros(n * INSTALMENTS, np.int64),
    })  # fmt: skip


def _people(ids: pl.Series, numbers: Any, draw: _Draws) -> pl.DataFrame:
    numbers = np.asarray(numbers, np.int64)
    name = pl.Series(
        [f"{SURNAMES[i % 16]}{GIVEN[i // 16 % 10]}{GIVEN[i // 160 % 10]}" for i in numbers.tolist()], dtype=pl.String
    )
    phone = pl.Series(numbers % 100_000_000).cast(pl.String).str.zfill(8).str.replace("^", "+86100")
    street = pl.Series(numbers % 9000 + 1).cast(pl.String).str.replace("^", "示例市样板路").str.replace("$", "号")
    people = pl.DataFrame({
        "account_id": ids, "person_id": ids.str.replace("M", "P"), "name": name, "phone": phone, "street": street,
        "has_address": draw.uniform(5) < 0.85, "has_phone": draw.uniform(6) < 0.97,
    })  # fmt: skip
    place = pl.struct(text="street", lat=pl.lit(None, pl.Float64), lon=pl.lit(None, pl.Float64))
    types = schema.TABLES["people"]
    return people.select(
        "account_id", "person_id", pl.lit("borrower").cast(types["role"]).alias("role"), "name",
        language=pl.lit("zh-CN"), time_zone=pl.lit("Asia/Shanghai"), other_zones=pl.lit(None, pl.List(pl.String)),
        region=pl.lit(None, pl.String),
        phones=pl.when("has_phone").then(pl.concat_list("phone")).otherwise(pl.lit([], pl.List(pl.String))),
        emails=pl.lit([], pl.List(pl.String)),
        addresses=pl.when("has_address").then(pl.concat_list(place)).otherwise(pl.lit([], types["addresses"])),
    )  # fmt: skip


def _events(
    ids: pl.Series, draw: _Draws, behaviour: Any, due: Any, paid_on: Any, amounts: tuple[Any, Any], today: int
) -> pl.DataFrame:
    """Payments, contacts, promises, plans and the rest."""
    rows, column = np.nonzero(paid_on)
    frames = [_rows(ids, rows, paid_on[rows, column], "payment", amount=(amounts[0] + amounts[1])[rows, column])]
    unpaid = (paid_on == 0) & (due < today)
    behind = unpaid.any(axis=1)
    oldest = np.where(behind, due[np.arange(len(due)), unpaid.argmax(axis=1)], today)
    late_once = behind | (behaviour >= 0.78)
    frames += _contacts(ids, draw, behind, oldest, today)
    frames += _reminders(ids, draw, late_once, due, today)
    frames += _special(ids, draw, behind, oldest, today, amounts)
    events = pl.concat(frames)
    ordered = events.sort("account_id", "at", "kind", maintain_order=True)
    number = pl.int_range(pl.len()).over("account_id").cast(pl.String)
    return (
        ordered.with_columns(event_id=pl.col("account_id") + "-" + number)
        .select(FIELDS)
        .cast(pl.Schema(schema.TABLES["events"]))
    )


def _rows(ids: pl.Series, rows: Any, days: Any, kind: str, **columns: Any) -> pl.DataFrame:
    """Event rows of one kind; columns not given are null. Recorded two hours after they happened."""
    n = len(rows)
    at = np.asarray(days, np.int64) * DAY + NOON_UTC + (np.asarray(rows, np.int64) % 240) * 60_000_000
    types = schema.TABLES["events"]
    made: dict[str, Any] = {
        "event_id": pl.Series([None], dtype=pl.String).new_from_index(0, n),
        "account_id": ids.gather(rows),
        "at": pl.Series(at).cast(INSTANT),
        "recorded_at": pl.Series(at + 7_200_000_000).cast(INSTANT),
        "kind": pl.Series([kind], dtype=types["kind"]).new_from_index(0, n),
    }
    for name in FIELDS:
        if name in columns:
            value = columns[name]
            if isinstance(value, str) or value is None:
                made[name] = pl.Series([value], dtype=types[name]).new_from_index(0, n)
            else:
                made[name] = pl.Series(value, dtype=types[name], strict=False)
        elif name not in made:
            made[name] = pl.Series([None], dtype=types[name]).new_from_index(0, n)
    return pl.DataFrame({name: made[name] for name in FIELDS})


def _contact(
    ids: pl.Series, keep: Any, days: Any, channel: str, outcome: str, today: int, direction: str = "out"
) -> pl.DataFrame:
    rows = np.flatnonzero(keep & (days <= today))
    return _rows(ids, rows, days[rows], "contact", channel=channel, direction=direction, outcome=outcome)


def _contacts(ids: pl.Series, draw: _Draws, behind: Any, oldest: Any, today: int) -> list[pl.DataFrame]:
    """What a ladder would have done about those who are behind, and who came forward."""
    frames = []
    for step, (days, channel, outcome) in enumerate(
        ((1, "sms", "delivered"), (4, "sms", "delivered"), (5, "call", "no_answer"), (8, "call", "conversation"),
         (16, "letter", "sent"), (24, "call", "no_answer"), (33, "letter", "sent"), (47, "call", "no_answer"))
    ):  # fmt: skip
        frames.append(_contact(ids, behind & (draw.uniform(300 + step) < 0.9), oldest + days, channel, outcome, today))
    frames.append(_contact(ids, behind & (draw.uniform(320) < 0.15), oldest + 12, "call", "conversation", today, "in"))
    return frames


def _reminders(ids: pl.Series, draw: _Draws, late_once: Any, due: Any, today: int) -> list[pl.DataFrame]:
    """Reminders before due dates that some accounts got."""
    return [
        _contact(ids, late_once & (draw.uniform(340 + k) < 0.5), due[:, k] - 2, "sms", "delivered", today)
        for k in (2, 5)
    ]


def _special(
    ids: pl.Series, draw: _Draws, behind: Any, oldest: Any, today: int, amounts: tuple[Any, Any]
) -> list[pl.DataFrame]:
    """Promises, plans, disputes, hardship, opt-outs, a few of each."""
    chance = draw.uniform(400)
    frames = []
    promised = np.flatnonzero(behind & (chance < 0.2) & (oldest + 8 <= today))
    by = (oldest[promised] + 8 + 7).astype("datetime64[D]").astype(str)
    data = [json.dumps({"by": day}) for day in by.tolist()]
    frames.append(
        _rows(ids, promised, oldest[promised] + 8, "promise", amount=(amounts[0] + amounts[1])[promised, 0], data=data)
    )
    for low, high, kind, after in (
        (0.20, 0.23, "dispute_opened", 9), (0.23, 0.26, "hardship_requested", 10), (0.26, 0.27, "vulnerable", 10),
        (0.27, 0.275, "deceased", 20), (0.275, 0.28, "represented", 15), (0.28, 0.285, "complaint_opened", 12),
    ):  # fmt: skip
        rows = np.flatnonzero(behind & (chance >= low) & (chance < high) & (oldest + after <= today))
        frames.append(_rows(ids, rows, oldest[rows] + after, kind))
    rows = np.flatnonzero(behind & (chance >= 0.285) & (chance < 0.3))
    frames.append(_rows(ids, rows, np.minimum(oldest[rows] + 6, today), "opt_out", channel="sms"))
    planned = np.flatnonzero(behind & (chance >= 0.3) & (chance < 0.35) & (oldest + 25 <= today))
    frames.append(
        _rows(
            ids,
            planned,
            oldest[planned] + 25,
            "plan",
            data=[
                _plan(int(a), int(p))
                for a, p in zip(oldest[planned] + 25, amounts[0][planned].sum(axis=1), strict=True)
            ],
        )
    )
    return frames


def _plan(day: int, principal: int) -> str:
    """A plan of twelve instalments over what is at most owed; the first ones are paid by nobody yet."""
    first = np.datetime64(day, "D").astype("datetime64[M]")
    due = [str((first + month).astype("datetime64[D]") + 14) for month in range(1, 13)]
    part = principal // 24
    return json.dumps({"instalments": [{"due_on": day, "principal": part, "interest": 0, "fee": 0} for day in due]})


def story(name: str) -> Path:
    """The file of a story that comes with arrears, such as `sms-but-no-visit`."""
    return Path(str(resources.files("arrears.lab").joinpath("stories", f"{name}.yaml")))
