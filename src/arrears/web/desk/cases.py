"""Cases with a clock: promises due, disputes, complaints and requests for hardship help that are open, and the periods of law they run by.

What is open is read from the facts by an index of their own. A case is open until a later fact of the account closes it; the periods are
those of the account's law that run from such a fact, as the packs have them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, exists, func, literal_column, select, text, tuple_
from sqlalchemy.orm import aliased

from arrears.calendar import BUSINESS_ZONES
from arrears.dispatch.carried import Office
from arrears.facts.typed import type_facts
from arrears.law import Clause, Pack, course, packs, stack
from arrears.law.clause_kinds import Period
from arrears.replay import replay_typed
from arrears.store.facts import facts_of
from arrears.store.tables import PROMISES, Account, Event, Person, PromisedBy

#: By list: the fact that opens a case, and those that close it.
OPENED_BY = {"disputes": "dispute_opened", "complaints": "complaint_opened", "hardship": "hardship_requested"}
CLOSED_BY = {
    "dispute_opened": ("dispute_closed",), "complaint_opened": ("complaint_closed",),
    "hardship_requested": ("hardship_granted", "hardship_refused"),
}  # fmt: skip
PAGE = 25
_PROMISES = frozenset(("promises_open", "promises_broken", "promises_kept"))
#: Promises are shown from so many days after the day they were due on.
PROMISES_AFTER = timedelta(days=7)


@dataclass(frozen=True)
class Clock:
    """A period of law: its last day (None: held without end), and whether a holiday may yet move it."""

    clause: Clause
    last_on: date | None
    provisional: bool


@dataclass(frozen=True)
class Case:
    """An open dispute, complaint or request with its clocks, the earliest last."""

    event_id: str
    account_id: str
    opened_at: datetime
    clocks: tuple[Clock, ...]


@dataclass(frozen=True)
class Promise:
    """A promise: `by` its day, `amount_minor`; `state` of the account's promises: `open`, `kept` or `broken` (as the fold has them)."""

    account_id: str
    by: str
    amount_minor: int
    currency: str
    state: str


def open_cases(connection: Connection, name: str, after: tuple[datetime, str] | None = None) -> list[Case]:
    """Open cases of a list, the oldest first, from behind `after` (opened at, account); one more than a page where there are more."""
    kind = OPENED_BY[name]
    closing = aliased(Event)
    closed = exists().where(
        closing.account_id == Event.account_id, closing.kind.in_(CLOSED_BY[kind]), closing.at >= Event.at
    )
    region = (
        select(func.min(Person.region))
        .where(Person.account_id == Event.account_id, Person.role == "borrower")
        .scalar_subquery()
    )
    wanted = (
        select(Event.event_id, Event.account_id, Event.at, Account.law, Account.time_zone, region.label("region"))
        .join(Account, Account.account_id == Event.account_id)
        # the words of the index's own condition, so that every planner sees that it holds
        .where(Event.kind == literal_column(f"'{kind}'"), ~closed)
        .order_by(Event.at, Event.account_id)
        .limit(PAGE + 1)
    )
    if after is not None:
        wanted = wanted.where(tuple_(Event.at, Event.account_id) > tuple_(*after))
    return [
        Case(
            row.event_id,
            row.account_id,
            row.at,
            clocks(kind, row.law, row.region, _day(row.at, row.law, row.time_zone)),
        )
        for row in connection.execute(wanted)
    ]


def clocks(kind: str, law: str, region: str | None, on: date) -> tuple[Clock, ...]:
    """The periods of a law that run from a fact of `kind` on a day."""
    if law not in packs():
        return ()
    found = [_clock(clause, pack, on) for clause, pack in stack(law, region).clauses if _runs(clause, kind, on)]
    return tuple(sorted(found, key=lambda clock: clock.last_on or date.max))


def _runs(clause: Clause, kind: str, on: date) -> bool:
    return isinstance(clause.rule, Period) and clause.rule.runs_from == kind and clause.on and clause.in_force(on)


def _clock(clause: Clause, pack: Pack, on: date) -> Clock:
    assert isinstance(clause.rule, Period)
    ran = course(clause.rule, pack, on)
    return Clock(clause, ran.last_on, ran.provisional)


def _day(at: datetime, law: str, zone: str | None) -> date:
    return at.astimezone(ZoneInfo(zone or BUSINESS_ZONES[law])).date()


def promises_due(
    connection: Connection, office: Office, now: datetime, after: tuple[str, str] | None = None
) -> list[Promise]:  # fmt: skip
    """Promises by the day they are due, from a week ago on, from behind `after` (day, account); one more than a page where there are more."""
    first = (now - PROMISES_AFTER).date().isoformat()
    by = PromisedBy(Event.data)
    wanted = (
        select(Event.account_id, by.label("by"), Event.amount, Account.currency)
        .join(Account, Account.account_id == Event.account_id)
        .where(text(PROMISES), by >= first)
        .order_by(by, Event.account_id)
        .limit(PAGE + 1)
    )
    if after is not None:
        wanted = wanted.where(tuple_(by, Event.account_id) > tuple_(*after))
    rows = connection.execute(wanted).all()
    states = _states(connection, office, [row.account_id for row in rows], now)
    return [
        Promise(row.account_id, str(row.by), int(row.amount or 0), row.currency, states.get(row.account_id, "open"))
        for row in rows
    ]


def _states(connection: Connection, office: Office, account_ids: Sequence[str], now: datetime) -> dict[str, str]:
    """How the promises of some accounts stand, by the fold."""
    if not account_ids:
        return {}
    facts = facts_of(connection, account_ids, None)
    typed = type_facts(facts.accounts, facts.instalments, facts.events, facts.people)
    frame = replay_typed(typed, office.rules.terms, now, None, _PROMISES)
    found = {}
    for row in frame.select("account_id", *_PROMISES).iter_rows(named=True):
        found[row["account_id"]] = "open" if row["promises_open"] else "broken" if row["promises_broken"] else "kept"
    return found
