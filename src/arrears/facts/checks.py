"""Checks at the door: what rows of a tape must keep among themselves and against the book."""

from __future__ import annotations

from zoneinfo import available_timezones

import polars as pl

from arrears import money
from arrears.facts.findings import Report
from arrears.facts.schema import MONEY_KINDS
from arrears.facts.typed import business_zone


def check_accounts(accounts: pl.DataFrame, report: Report) -> None:
    """Ids once, known currency and zone, nothing negative."""
    _repeated(accounts, ["account_id"], "account_id", "duplicate", "stands twice", report)
    unknown = ~pl.col("currency").is_in(list(money.currencies()))
    report.add(accounts.filter(unknown), "currency", "currency", "is not a currency that is known", value="currency")
    zones = pl.col("time_zone").is_not_null() & ~pl.col("time_zone").is_in(sorted(available_timezones()))
    report.add(accounts.filter(zones), "time_zone", "zone", "is not an IANA time zone", value="time_zone")
    report.add(accounts.filter(pl.col("principal") < 0), "principal", "negative", "is negative", value="principal")


def check_instalments(instalments: pl.DataFrame, accounts: pl.DataFrame, report: Report) -> None:
    """Of known accounts, none negative, one a due date, none before the loan, adding up to the principal."""
    _unknown(instalments, accounts, report)
    for name in ("principal", "interest", "fee"):
        report.add(instalments.filter(pl.col(name) < 0), name, "negative", "is negative", value=name)
    _repeated(
        instalments,
        ["account_id", "due_on"],
        "due_on",
        "repeated_due_date",
        "is the due date of another instalment too",
        report,
    )
    _repeated(instalments, ["account_id", "number"], "number", "duplicate", "stands twice", report)
    dated = instalments.join(accounts.select("account_id", "opened_on"), on="account_id", how="inner")
    early = dated.filter(pl.col("due_on") < pl.col("opened_on"))
    report.add(early, "due_on", "due_before_loan", "is before the loan", value="due_on")


def check_schedules(accounts: pl.DataFrame, instalments: pl.DataFrame, report: Report) -> None:
    """The instalments of each account of the tape add up to its principal."""
    total = instalments.group_by("account_id").agg(total=pl.col("principal").sum())
    wrong = accounts.join(total, on="account_id", how="inner").filter(pl.col("total") != pl.col("principal"))
    report.add(
        wrong, "principal", "schedule_sum", "is not the sum of the instalments", "correct the schedule", "principal"
    )


def check_events(events: pl.DataFrame, accounts: pl.DataFrame, known_payments: pl.DataFrame, report: Report) -> None:
    """Of known accounts, ids once, amounts where they belong, nothing before the loan, references that lead somewhere."""
    _unknown(events, accounts, report)
    _repeated(events, ["account_id", "event_id"], "event_id", "duplicate", "stands twice", report)
    kind = pl.col("kind").cast(pl.String)
    negative = (pl.col("amount") < 0) & (kind != "adjustment")
    report.add(events.filter(negative), "amount", "negative", "is negative", value="amount")
    needs = kind.is_in(["payment", "fee", "adjustment", "refund", "promise"]) & pl.col("amount").is_null()
    report.add(events.filter(needs), "amount", "missing", "is missing: events of this kind have an amount")
    _before_loan(events, accounts, kind, report)
    _references(events, known_payments, kind, report)
    _data(events, kind, report)


def _before_loan(events: pl.DataFrame, accounts: pl.DataFrame, kind: pl.Expr, report: Report) -> None:
    dated = events.join(accounts.select("account_id", "opened_on", "zone"), on="account_id", how="inner")
    day = pl.lit(None, pl.Date)
    for zone in dated["zone"].unique().drop_nulls().to_list():
        day = pl.when(pl.col("zone") == zone).then(pl.col("at").dt.convert_time_zone(zone).dt.date()).otherwise(day)
    early = dated.filter(kind.is_in(list(MONEY_KINDS)) & (day < pl.col("opened_on")))
    report.add(early, "at", "before_loan", "is before the loan", value="at")


def _references(events: pl.DataFrame, known: pl.DataFrame, kind: pl.Expr, report: Report) -> None:
    payments = pl.concat([events.filter(kind == "payment").select("account_id", "event_id"), known]).unique()
    reversals = events.filter(kind == "payment_reversed")
    lost = reversals.join(payments, left_on=["account_id", "ref"], right_on=["account_id", "event_id"], how="anti")
    report.add(lost, "ref", "unknown_payment", "names no payment of this account", value="ref")


def _data(events: pl.DataFrame, kind: pl.Expr, report: Report) -> None:
    told = events.filter(pl.col("data").is_not_null())
    sound = (
        told["data"].map_elements(_is_object, return_dtype=pl.Boolean)
        if told.height
        else pl.Series([], dtype=pl.Boolean)
    )
    report.add(told.filter(~sound), "data", "data", "is not a JSON object")
    good = told.filter(sound).select(
        "file", "line", "account_id", "kind", by=pl.col("data").str.json_path_match("$.by")
    )
    silent = pl.concat([
        good.filter((kind == "promise") & pl.col("by").is_null()).select("file", "line", "account_id"),
        events.filter((kind == "promise") & pl.col("data").is_null()).select("file", "line", "account_id"),
    ])  # fmt: skip
    report.add(silent, "data", "missing", "is missing `by`: a promise says by when", 'write {"by": "YYYY-MM-DD"}')


def _is_object(text: str) -> bool:
    import json

    try:
        return isinstance(json.loads(text), dict)
    except json.JSONDecodeError:
        return False


def check_people(people: pl.DataFrame, accounts: pl.DataFrame, report: Report) -> None:
    """Of known accounts, once for each account, in known zones."""
    _unknown(people, accounts, report)
    _repeated(people, ["account_id", "person_id"], "person_id", "duplicate", "stands twice", report)
    zones = pl.col("time_zone").is_not_null() & ~pl.col("time_zone").is_in(sorted(available_timezones()))
    report.add(people.filter(zones), "time_zone", "zone", "is not an IANA time zone", value="time_zone")


def zoned(accounts: pl.DataFrame) -> pl.DataFrame:
    """Accounts with `zone`, the business zone; unknown zones fall back to UTC (they are faults of their own)."""
    known = pl.col("time_zone").is_in(sorted(available_timezones()))
    safe = accounts.with_columns(time_zone=pl.when(known).then("time_zone"), law=pl.col("law").fill_null("none"))
    return safe.with_columns(zone=business_zone())


def _unknown(rows: pl.DataFrame, accounts: pl.DataFrame, report: Report) -> None:
    lost = rows.filter(pl.col("account_id").is_not_null()).join(
        accounts.select("account_id"), on="account_id", how="anti"
    )
    report.add(lost, "account_id", "unknown_account", "is no account of the tape or the book", value="account_id")


def _repeated(rows: pl.DataFrame, key: list[str], field: str, code: str, what: str, report: Report) -> None:
    full = rows.filter(pl.all_horizontal(pl.col(name).is_not_null() for name in key))
    again = full.filter(pl.struct(key).is_duplicated() & ~pl.struct(key).is_first_distinct())
    report.add(again, field, code, what, value=field)
