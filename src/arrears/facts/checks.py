"""Checks at the door: what rows of a tape must keep among themselves and against the book."""

from __future__ import annotations

from zoneinfo import available_timezones

import polars as pl

from arrears import money
from arrears.facts.findings import Report
from arrears.facts.schema import MONEY_KINDS
from arrears.facts.typed import MUST_SAY, business_zone, data_fault


def check_accounts(accounts: pl.DataFrame, report: Report) -> None:
    """Ids once, known currency and zone, nothing negative."""
    _repeated(accounts, ["account_id"], "account_id", "duplicate", "stands twice", report)
    unknown = ~pl.col("currency").is_in(list(money.currencies()))
    report.add(accounts.filter(unknown), "currency", "currency", "is not a currency that is known", value="currency")
    zones = pl.col("time_zone").is_not_null() & ~pl.col("time_zone").is_in(sorted(available_timezones()))
    report.add(accounts.filter(zones), "time_zone", "zone", "is not an IANA time zone", value="time_zone")
    below = accounts.filter(pl.col("principal") < 0)
    report.add(below, "principal", "negative", "is negative", value="told_principal")


def check_instalments(instalments: pl.DataFrame, accounts: pl.DataFrame, report: Report) -> None:
    """None negative, one a due date, none before the loan."""
    for name in ("principal", "interest", "fee"):
        below = instalments.filter(pl.col(name) < 0)
        report.add(below, name, "negative", "is negative", value=_told(name, instalments))
    _repeated(instalments, ["account_id", "number"], "number", "duplicate", "stands twice", report)
    once = instalments.unique(["account_id", "number"], keep="first", maintain_order=True)
    what = "is the due date of another instalment too"
    _repeated(once, ["account_id", "due_on"], "due_on", "repeated_due_date", what, report)
    opened = accounts.select("account_id", "opened_on").unique("account_id", keep="first")
    early = instalments.join(opened, on="account_id", how="inner").filter(pl.col("due_on") < pl.col("opened_on"))
    report.add(early, "due_on", "due_before_loan", "is before the loan", value=_told("due_on", instalments))


def check_schedules(accounts: pl.DataFrame, instalments: pl.DataFrame, report: Report) -> None:
    """The instalments of each account of the tape add up to its principal. Where one cannot be read, that is fault enough."""
    once = instalments.unique(["account_id", "number"], keep="first")
    readable = pl.col("principal").is_not_null().all()
    total = once.group_by("account_id").agg(total=pl.when(readable).then(pl.col("principal").sum()))
    own = accounts.unique("account_id", keep="first", maintain_order=True).filter(pl.col("principal") >= 0)
    wrong = own.join(total, on="account_id", how="inner").filter(pl.col("total") != pl.col("principal"))
    sums = [money.to_text(total, currency) for total, currency in wrong.select("total", "currency").iter_rows()]
    why = pl.lit("is not the sum of the instalments, ") + pl.Series(sums, dtype=pl.String)
    report.add(wrong, "principal", "schedule_sum", why, "correct the schedule", "told_principal")


def check_events(events: pl.DataFrame, accounts: pl.DataFrame, known_payments: pl.DataFrame, report: Report) -> None:
    """Ids once, amounts where they belong, nothing before the loan or known before it was, references that lead somewhere."""
    _repeated(events, ["account_id", "event_id"], "event_id", "duplicate", "stands twice", report)
    kind = pl.col("kind").cast(pl.String)
    negative = (pl.col("amount") < 0) & (kind != "adjustment")
    report.add(events.filter(negative), "amount", "negative", "is negative", value=_told("amount", events))
    nothing = pl.col(_told("amount", events)).is_null()
    needs = kind.is_in(["payment", "fee", "adjustment", "refund", "promise"]) & nothing
    report.add(events.filter(needs), "amount", "missing", "is missing: events of this kind have an amount")
    silent = (kind == "contact") & pl.col("channel").is_null()
    report.add(events.filter(silent), "channel", "missing", "is missing: a contact has a channel")
    _days(events, accounts, kind, report)
    _references(events, known_payments, kind, report)
    _data(events, kind, report)


def _told(name: str, rows: pl.DataFrame) -> str:
    """The column that holds what was written, where there is one."""
    return f"told_{name}" if f"told_{name}" in rows.columns else name


def _days(events: pl.DataFrame, accounts: pl.DataFrame, kind: pl.Expr, report: Report) -> None:
    """Money not before the loan, and nothing known on a day before it happened (days of the account's business zone)."""
    zoned = accounts.select("account_id", "opened_on", "zone").unique("account_id", keep="first")
    dated = events.join(zoned, on="account_id", how="inner")
    zones = dated["zone"].unique().drop_nulls().to_list()
    early = dated.filter(kind.is_in(list(MONEY_KINDS)) & (_day("at", zones) < pl.col("opened_on")))
    report.add(early, "at", "before_loan", "is before the loan", value=_told("at", events))
    unknown = dated.filter(_day("recorded_at", zones) < _day("at", zones))
    what = "is before `at`: nobody knew it then"
    report.add(unknown, "recorded_at", "dates", what, value=_told("recorded_at", events))


def _day(name: str, zones: list[str]) -> pl.Expr:
    day = pl.lit(None, pl.Date)
    for zone in zones:
        local = pl.col(name).dt.convert_time_zone(zone).dt.date()
        day = pl.when(pl.col("zone") == zone).then(local).otherwise(day)
    return day


def _references(events: pl.DataFrame, known: pl.DataFrame, kind: pl.Expr, report: Report) -> None:
    payments = pl.concat([events.filter(kind == "payment").select("account_id", "event_id"), known]).unique()
    reversals = events.filter(kind == "payment_reversed")
    lost = reversals.join(payments, left_on=["account_id", "ref"], right_on=["account_id", "event_id"], how="anti")
    report.add(lost, "ref", "unknown_payment", "names no payment of this account", value="ref")


def _data(events: pl.DataFrame, kind: pl.Expr, report: Report) -> None:
    """`data` that can be read, and says what its kind must say."""
    told = events.filter(pl.col("data").is_not_null() | kind.is_in(list(MUST_SAY)))
    reasons = [data_fault(str(row[0]), row[1]) for row in told.select("kind", "data").iter_rows()]
    wrong = told.with_columns(pl.Series("why", reasons, dtype=pl.String)).filter(pl.col("why").is_not_null())
    for why in wrong["why"].unique().sort().to_list():
        code = "missing" if why.startswith("is missing") else "data"
        report.add(wrong.filter(pl.col("why") == why), "data", code, why, "docs/cases.md lists what each kind carries")


def check_people(people: pl.DataFrame, report: Report) -> None:
    """Once for each account, in known zones."""
    _repeated(people, ["account_id", "person_id"], "person_id", "duplicate", "stands twice", report)
    zones = pl.col("time_zone").is_not_null() & ~pl.col("time_zone").is_in(sorted(available_timezones()))
    report.add(people.filter(zones), "time_zone", "zone", "is not an IANA time zone", value="time_zone")


def zoned(accounts: pl.DataFrame) -> pl.DataFrame:
    """Accounts with `zone`, the business zone; unknown zones fall back to UTC (they are faults of their own)."""
    known = pl.col("time_zone").is_in(sorted(available_timezones()))
    safe = accounts.with_columns(time_zone=pl.when(known).then("time_zone"), law=pl.col("law").fill_null("none"))
    return safe.with_columns(zone=business_zone())


def _repeated(rows: pl.DataFrame, key: list[str], field: str, code: str, what: str, report: Report) -> None:
    full = rows.filter(pl.all_horizontal(pl.col(name).is_not_null() for name in key))
    again = full.filter(pl.struct(key).is_duplicated() & ~pl.struct(key).is_first_distinct())
    report.add(again, field, code, what, value=field)
