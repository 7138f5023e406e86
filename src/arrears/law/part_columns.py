"""Clauses that decide by an account's standing and history, computed in columns for all accounts of a part.

Each gives two columns: never, and wait (not on this day). Accounts whose history says more than columns tell are named by
`hard_accounts` and go to the guard one by one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import polars as pl

from arrears.calendar import day_number
from arrears.law.clause_kinds import Forbid, Limit, Require, Wait
from arrears.law.clauses import Clause
from arrears.law.conditions import Condition, is_history
from arrears.law.groups import Group, conditions_of
from arrears.law.history import CALLS
from arrears.law.limits import calendar_window
from arrears.law.packs import Pack
from arrears.law.part_events import PartEvents
from arrears.law.questions import OF_THE_PERSON
from arrears.law.waits import open_day

#: Events that change what other clauses say in ways columns do not tell.
TELLING = ("consent", "inconvenient")
#: Columns that are false for a contact planned for tomorrow without a consent.
NEVER_TRUE = ("consented", "replying", "number_invalid")


@dataclass(frozen=True)
class Flags:
    """For each row: whether a clause says never, and whether it says wait beyond the day."""

    clause: Clause
    never: pl.Series
    waits: pl.Series


class EventsBefore:
    """The events of a part that happened before the day `on`; those that several clauses ask for are read once.

    `zones`: account_ix, zone and borrower (id). `held`: what was found of conditions that are the same on every channel.
    """

    def __init__(self, part: PartEvents, zones: pl.DataFrame, on: date) -> None:
        self.part, self.zones, self.on = part, zones, on
        self.made: dict[Any, pl.DataFrame] = {}
        self.held: dict[Condition, pl.Series] = {}

    def by_word(self, word: str, since: int | None) -> pl.DataFrame:
        """Events by a clause's word, with their details; with `since`, only from about that day number on."""
        key = (word, since)
        if key not in self.made:
            self.made[key] = self.detailed(self.part.named(word, since))
        return self.made[key]

    def detailed(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Those of the rows that happened before the day begins, with their details."""
        return self.part.detailed(rows, self.zones).filter(pl.col("day") < self.on)


def account_clause_flags(asked: pl.DataFrame, before: EventsBefore, groups: Sequence[Group]) -> list[Flags]:
    """What each clause that speaks of some of the rows says of them on the day that the events are before.

    `asked`: rows with the columns of a question, `group`, `zone`, `borrower`; money in major units.
    """
    speaking: dict[Clause, tuple[Pack, list[int]]] = {}
    for group in groups:
        for clause, pack in group.clauses:
            speaking.setdefault(clause, (pack, []))[1].append(group.number)
    columns = PartColumns(asked, before)
    found = []
    for clause, (pack, numbers) in speaking.items():
        spoken_of = None if len(numbers) == len(groups) else asked["group"].is_in(numbers)
        made = columns.of(clause, pack)
        if made is not None:
            never, waits = made if spoken_of is None else (made[0] & spoken_of, made[1] & spoken_of)
            if never.any() or waits.any():
                found.append(Flags(clause, never, waits))
    return found


class PartColumns:
    """Makes the columns."""

    def __init__(self, asked: pl.DataFrame, before: EventsBefore) -> None:
        self.asked, self.before, self.on = asked, before, before.on
        self.false = pl.Series([False]).new_from_index(0, asked.height)

    def of(self, clause: Clause, pack: Pack) -> tuple[pl.Series, pl.Series] | None:
        """Never and wait by one clause; None where no row can be closed by it."""
        match clause.rule:
            case Forbid() as rule:
                return self.forbid(rule)
            case Require(needs=Condition() as needs):
                return ~self.holds(needs), self.false
            case Limit() as rule:
                return self.closed(self.over(rule), rule.days is None and rule.calendar is None, clause)
            case Wait() as rule:
                return self.wait(rule, pack, clause)
        return None

    def closed(self, accounts: pl.Series, ever: bool, clause: Clause) -> tuple[pl.Series, pl.Series] | None:
        """Rows of these accounts: never, if without end (unless the clause itself ends), else wait."""
        if not accounts.len():
            return None
        rows = self.asked["account_ix"].is_in(accounts.implode())
        return (rows, self.false) if ever and clause.until_on is None else (self.false, rows)

    # --- conditions ---------------------------------------------------------------------------------------

    def holds(self, condition: Condition) -> pl.Series:
        """Whether a condition holds, row by row; one that does not speak of the channel is the same on each."""
        if condition not in self.before.held:
            found = self.computed(condition)
            if "channel" in condition.names:
                return found
            self.before.held[condition] = found
        return self.before.held[condition]

    def computed(self, condition: Condition) -> pl.Series:
        """Whether a condition holds, by the columns that it names."""
        history = [self.history_column(name).alias(name) for name in condition.of_history]
        frame = self.asked.with_columns(history) if history else self.asked
        return frame.with_columns(condition.of_frame.alias("holds"))["holds"]

    def forbid(self, rule: Forbid) -> tuple[pl.Series, pl.Series] | None:
        if rule.request is not None:
            return self.opted_out() if rule.request == "medium" else None
        assert rule.when is not None
        holds = self.holds(rule.when)
        if rule.until is None or not holds.any():
            return holds, self.false
        last = self.asked[rule.until]
        return holds & last.is_null(), holds & (last >= self.on).fill_null(False)

    def opted_out(self) -> tuple[pl.Series, pl.Series] | None:
        """Borrowers who opted out of the channel as a whole."""
        channel = self.asked["channel"][0]
        rows = self.before.by_word("opt_out", None).filter(
            pl.col("with_borrower") & pl.col("number").is_null()
            & (pl.col("channel").is_null() | (pl.col("channel") == channel))
        )  # fmt: skip
        return (self.asked["account_ix"].is_in(rows["account_ix"].implode()), self.false) if rows.height else None

    def history_column(self, name: str) -> pl.Series:
        """A column of the history for the day; of the account's events, whoever they are with."""
        if name in NEVER_TRUE or name == "person_ceased":
            return self.ceased() if name == "person_ceased" else self.false
        if name in OF_THE_PERSON:
            return self.is_theirs(OF_THE_PERSON[name])
        if name in ("unanswered_in_a_row", "unreachable_days_in_a_row"):
            return pl.Series([0]).new_from_index(0, self.asked.height)  # accounts with calls are asked one by one
        what, _, word = name.partition("_")
        word = word.removeprefix("since_")
        if word.startswith("notice_") and word != "notice_served":
            word = "notice:" + word.removeprefix("notice_")
        rows = self.before.by_word(word, None)
        counted = pl.len() if what == "count" else (pl.lit(self.on) - pl.col("day").max()).dt.total_days()
        by_account = rows.group_by("account_ix").agg(counted.cast(pl.Int64).alias(name))
        column = self.asked.select("account_ix").join(by_account, on="account_ix", how="left", maintain_order="left")[
            name
        ]
        return column.fill_null(0) if what == "count" else column

    def ceased(self) -> pl.Series:
        """Borrowers who asked that contact cease altogether."""
        rows = pl.concat(
            [
                self.before.by_word("cease", None).select("account_ix", "with_borrower"),
                self.before.by_word("opt_out", None)
                .filter(pl.col("channel").is_null() & pl.col("number").is_null())
                .select("account_ix", "with_borrower"),
            ]
        )
        return self.asked["account_ix"].is_in(rows.filter("with_borrower")["account_ix"].implode())

    def is_theirs(self, kind: str) -> pl.Series:
        """Borrowers of whom there is an event of the kind."""
        rows = self.before.by_word(kind, None)
        return self.asked["account_ix"].is_in(rows.filter("with_borrower")["account_ix"].implode())

    # --- counts and waits ---------------------------------------------------------------------------------

    def over(self, limit: Limit) -> pl.Series:
        """The accounts whose contacts in the window leave no room for one more."""
        first = window_begins(limit, self.on)
        if limit.most == 0:
            return self.asked["account_ix"]
        rows = self.before.part.counted(limit, None if first is None else day_number(first))
        if rows.height < limit.most:
            return rows["account_ix"].clear()
        busy = rows.group_by("account_ix").agg(pl.len()).filter(pl.col("len") >= limit.most)["account_ix"]
        rows = self.before.detailed(rows.filter(pl.col("account_ix").is_in(busy.implode())))
        rows = rows.filter(_counts(limit, self.asked["binds"][0]))
        if first is not None:
            rows = rows.filter(pl.col("day") >= first)
        return rows.group_by("account_ix").agg(pl.len()).filter(pl.col("len") >= limit.most)["account_ix"]

    def wait(self, rule: Wait, pack: Pack, clause: Clause) -> tuple[pl.Series, pl.Series] | None:
        """The accounts for which something has to be waited for on the day."""
        rows = self.before.by_word(rule.after, self.oldest(rule)).filter(_of_whom(rule.per))
        if rule.channels is not None:
            rows = rows.filter(pl.col("channel").is_in(list(rule.channels)))
        if rule.direction != "any":
            inbound = (pl.col("direction") == "in").fill_null(False)
            rows = rows.filter(inbound if rule.direction == "in" else ~inbound)
        if rule.until is not None and rows.height:
            ended = self.before.by_word(rule.until, None).filter(_of_whom(rule.per))
            ended = ended.group_by("account_ix").agg(pl.col("at").max().alias("ended"))
            rows = rows.join(ended, on="account_ix", how="left").filter(
                pl.col("ended").is_null() | (pl.col("at") > pl.col("ended"))
            )
        if rule.days is None:
            return self.closed(rows["account_ix"].unique(), True, clause)
        pairs = rows.select("day", "received_on").unique()
        still = [
            (day, received)
            for day, received in pairs.iter_rows()
            if open_day(rule, day, received, pack.calendar) > self.on
        ]
        kept = pl.DataFrame(still, schema={"day": pl.Date, "received_on": pl.Date}, orient="row")
        waiting = rows.join(kept, on=["day", "received_on"], how="semi", nulls_equal=True)
        return self.closed(waiting["account_ix"].unique(), False, clause)

    def oldest(self, rule: Wait) -> int | None:
        """The first day whose events can still matter; None where older ones can, too."""
        if rule.days is None or rule.after.startswith("notice:"):
            return None
        days = (rule.days + (rule.receipt_days or 0)) * (3 if rule.business or rule.receipt_business else 1)
        return day_number(self.on) - days - 30 * (rule.business or rule.receipt_business)


def window_begins(limit: Limit, on: date) -> date | None:
    """The first day of a limit's window that ends with `on`; None for ever."""
    if limit.days is not None:
        return on - timedelta(days=limit.days - 1)
    return None if limit.calendar is None else calendar_window(on, limit.calendar)[0]


def _of_whom(per: frozenset[str]) -> pl.Expr:
    """Events of the person, or the borrower, that are counted; each row is about its own account."""
    keep = pl.lit(True)
    if "debtor" in per:
        keep &= pl.col("of_borrower")
    if "person" in per:
        keep &= pl.col("with_borrower")
    return keep


def _counts(limit: Limit, binds: str) -> pl.Expr:
    """Contacts that count by what their data says; the contact planned names no number and no place."""
    keep = _of_whom(limit.per) & ~pl.col("purpose").is_in([*limit.exclude])
    if limit.place is not None:
        work = (pl.col("place") == "work").fill_null(False)
        keep &= work if limit.place == "work" else ~work
    if limit.place == "work":
        keep &= pl.lit(False)  # a contact that names no place is not at work
    if limit.purposes is not None:
        keep &= pl.col("purpose").is_in([*limit.purposes])
    if limit.own:
        keep &= pl.col("by").is_null() | (pl.col("by") == binds)
    return keep


def hard_accounts(asked: pl.DataFrame, part: PartEvents, groups: Sequence[Group], channel: str) -> pl.Series:
    """The rows that are asked one by one: a telling event, an unanswered message of theirs, or several clocks at once."""
    found = [part.accounts_with(TELLING)]
    since = min((group.closed_since for group in groups if group.closed_since is not None), default=None)
    if since is not None:
        inbound = (pl.col("direction") == "in") & (pl.col("channel") == channel) & (pl.col("at") >= since)
        found.append(part.of_kind("contact").filter(inbound)["account_ix"])
    rows = asked["account_ix"].is_in(pl.concat(found).unique().implode())
    for numbers, accounts in (
        ([group.number for group in groups if group.one_by_one], None),
        ([group.number for group in groups if _asks_for_calls(group)], _called),
    ):
        if numbers:
            own = asked["group"].is_in(numbers)
            rows |= own if accounts is None else own & asked["account_ix"].is_in(accounts(part).implode())
    return rows


def _called(part: PartEvents) -> pl.Series:
    """The accounts that were called, or called."""
    return part.of_kind("contact").filter(pl.col("channel").is_in(list(CALLS)))["account_ix"].unique()


def _asks_for_calls(group: Group) -> bool:
    """Whether a condition of the group asks how many calls in a row went unanswered."""
    names = {name for clause, _ in group.clauses for found in conditions_of(clause) for name in found.names}
    return any(is_history(name) and name.endswith("_in_a_row") for name in names)
