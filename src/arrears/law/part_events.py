"""The events of a part of a book as the clauses ask for them, in columns: who, when on the person's calendar, about what.

The same questions that `history` answers for one account, for all accounts of a part at once.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from functools import cached_property
from typing import Any

import polars as pl

from arrears.facts.typed import Typed
from arrears.facts.whose import planned_with
from arrears.law.clause_kinds import NOT_CONNECTED, Limit
from arrears.law.history import History, event_of

DETAILS = ("number", "place", "purpose", "by", "by_whom", "party", "notice", "received_on", "value")
COLUMNS = ("account_ix", "at", "on", "kind", "channel", "direction", "outcome", "person_id", "data")
#: A day in the business zone and in the person's differ by one at most; two to be safe.
SLACK_DAYS = 2


class PartEvents:
    """The events of a part that were known, and what of accounts and people the law asks for.

    Accounts are numbered as in the part (`account_ix`). `known`: one row an account, in that order: account_ix, account_id, lender_kind,
    and of its borrower (whom contact is planned with) person_id, time_zone, other_zones, region.
    """

    def __init__(self, typed: Typed, as_of: date | datetime | None = None, known_at: datetime | None = None) -> None:
        events = typed.events
        if known_at is not None:
            events = events.filter(pl.col("recorded_at") <= known_at)
        if isinstance(as_of, datetime):
            events = events.filter(pl.col("at") <= as_of)
        self.events = events.select(COLUMNS)
        self.people = typed.people
        self.known = _known(planned_with(typed, as_of, known_at) if as_of is not None else typed)
        self._kinds: dict[str, pl.DataFrame] = {}
        self._with: dict[tuple[str, ...], pl.Series] = {}
        self._histories: dict[int, History] = {}

    @cached_property
    def roles(self) -> pl.DataFrame:
        """The role of each person by account."""
        roles = self.people.select("account_ix", "person_id", role=pl.col("role").cast(pl.String))
        return roles.unique(["account_ix", "person_id"], keep="last")

    def of_kind(self, kind: str) -> pl.DataFrame:
        """The events of one kind."""
        if kind not in self._kinds:
            self._kinds[kind] = self.events.filter(pl.col("kind") == kind)
        return self._kinds[kind]

    def accounts_with(self, kinds: Iterable[str]) -> pl.Series:
        """The accounts that have an event of one of the kinds."""
        asked = tuple(kinds)
        if asked not in self._with:
            found = [self.of_kind(kind)["account_ix"] for kind in asked]
            self._with[asked] = pl.concat(found).unique() if found else pl.Series("account_ix", [], dtype=pl.Int32)
        return self._with[asked]

    def history(self, account_ix: int) -> History:
        """The whole history of one account; `prepare` first for the accounts that will be asked for."""
        return self._histories[account_ix]

    def prepare(self, accounts: pl.Series) -> None:
        """Read the histories of these accounts."""
        missing = accounts.filter(~accounts.is_in(list(self._histories))) if self._histories else accounts
        if not missing.len():
            return
        wanted = missing.implode()
        people = self.people.filter(pl.col("account_ix").is_in(wanted)).select("account_ix", "person_id", "role")
        roles: dict[int, dict[str, str]] = {}
        for account, person, role in people.iter_rows():
            roles.setdefault(account, {})[person] = str(role)
        rows: dict[int, list[Any]] = {}
        for row in self.events.filter(pl.col("account_ix").is_in(wanted)).iter_rows(named=True):
            account = row["account_ix"]
            rows.setdefault(account, []).append(event_of(row, roles.get(account, {})))
        for account in missing.to_list():
            self._histories[account] = History(rows.get(account, ()))

    def detailed(self, rows: pl.DataFrame, zones: pl.DataFrame) -> pl.DataFrame:
        """Rows with what their data says, the day on the person's calendar, and whether they are with the borrower.

        `zones`: account_ix, zone and borrower (id). Adds `day`, `of_borrower` (role), `with_borrower` (person), number,
        place, purpose, by, notice, received_on.
        """
        rows = _with_data(rows)
        if zones.height == self.known.height:  # all of the part, in its order: found by their number
            rows = pl.concat([rows, zones.drop("account_ix")[rows["account_ix"]]], how="horizontal")
        else:
            rows = rows.join(zones, on="account_ix", how="inner", maintain_order="left")
        rows = rows.with_columns(_local_day(rows["zone"].unique().to_list()).alias("day"))
        if rows["person_id"].null_count() < rows.height:
            rows = rows.join(self.roles, on=["account_ix", "person_id"], how="left", maintain_order="left")
        else:
            rows = rows.with_columns(role=pl.lit(None, pl.String))
        own = pl.coalesce("party", "role", pl.lit("borrower")) == "borrower"
        same = pl.when(pl.col("person_id").is_null() | pl.col("borrower").is_null()).then(own)
        return rows.with_columns(
            own.alias("of_borrower"), same.otherwise(pl.col("person_id") == pl.col("borrower")).alias("with_borrower")
        )

    def named(self, word: str, since: int | None = None) -> pl.DataFrame:
        """Events by the word that a clause uses (see `History.named`); with `since`, only from that day number on."""
        head, _, tail = word.partition(":")
        contacts = self.of_kind("contact")
        outbound = pl.col("direction").is_null() | (pl.col("direction") != "in")
        if head == "conversation":
            found = contacts.filter(pl.col("outcome") == "conversation")
        elif head == "sent":
            sent = ~pl.col("outcome").is_in([*NOT_CONNECTED, "failed"])
            found = contacts.filter(outbound & (pl.col("channel") == tail) & sent.fill_null(True))
        elif head == "notice":
            marked = pl.col("data").str.contains('"notice"', literal=True)
            rows = pl.concat([self.of_kind("notice_served").filter(marked), contacts.filter(outbound & marked)])
            found = rows.filter(pl.col("data").str.json_path_match("$.notice") == tail)
        else:
            found = self.of_kind(word)
        return found if since is None else found.filter(pl.col("on") >= since - SLACK_DAYS)

    def counted(self, limit: Limit, since: int | None) -> pl.DataFrame:
        """The contacts that a limit may count, by what stands in the columns of the table."""
        rows = self.of_kind("contact")
        if since is not None:
            rows = rows.filter(pl.col("on") >= since - SLACK_DAYS)
        outbound = pl.col("direction").is_null() | (pl.col("direction") != "in")
        keep = pl.col("outcome").is_in(list(limit.outcomes))
        if limit.channels is not None:
            keep &= pl.col("channel").is_in(list(limit.channels))
        if limit.direction != "any":
            keep &= outbound if limit.direction == "out" else ~outbound
        if "not_connected" in limit.exclude:
            keep &= ~pl.col("outcome").is_in(list(NOT_CONNECTED))
        return rows.filter(keep)


def _with_data(rows: pl.DataFrame) -> pl.DataFrame:
    """Rows with the details of their data as columns of text; null where there is none."""
    if rows["data"].null_count() == rows.height:
        named = [pl.lit(None, pl.String).alias(name) for name in DETAILS]
    else:
        named = [pl.col("data").str.json_path_match(f"$.{name}").alias(name) for name in DETAILS]
    found = rows.with_columns(named)
    return found.with_columns(
        pl.coalesce("number", "value").alias("number"), pl.col("purpose").fill_null("collection"),
        pl.coalesce("by_whom", "by").alias("by"), pl.col("received_on").str.slice(0, 10).str.to_date(strict=False),
    ).drop("by_whom", "value", "data")  # fmt: skip


def _local_day(zones: list[str]) -> pl.Expr:
    """The date of `at` on the wall calendar of each row's zone."""
    day = pl.lit(None, dtype=pl.Date)
    for zone in zones:
        local = pl.col("at").dt.convert_time_zone(zone).dt.date()
        day = local if len(zones) == 1 else pl.when(pl.col("zone") == zone).then(local).otherwise(day)
    return day


def _known(typed: Typed) -> pl.DataFrame:
    """What the law asks of accounts and borrowers."""
    accounts = typed.accounts.select(
        "account_id", pl.col("lender_kind").cast(pl.String), account_ix=pl.int_range(pl.len(), dtype=pl.Int32)
    )
    borrowers = typed.borrowers.select("person_id", "time_zone", "other_zones", "region")
    return pl.concat([accounts, borrowers], how="horizontal")
