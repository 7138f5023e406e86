"""Cases with a clock: promises due, disputes, complaints and requests for hardship help that are open, each with what it stops and until when.

What is open is read from the facts by an index of their own. A case is open until a later fact of the account closes it; what it brings
is the standing of `arrears standing`, with the last days of the law or, where no law sets one, of the lender's policy.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, Select, exists, literal_column, or_, select, text, tuple_
from sqlalchemy.orm import aliased

from arrears.dispatch.carried import Office
from arrears.errors import Refusal
from arrears.facts.schema import Facts
from arrears.facts.typed import type_facts
from arrears.legal import Debt, debt_of
from arrears.legal.standing import Standing, standing_of
from arrears.replay import replay_typed
from arrears.store.facts import facts_of
from arrears.store.tables import PROMISES, Account, Event, PromisedBy
from arrears.web.served import Served
from arrears.web.standing_shown import answer_days_here

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
class Case:
    """An open dispute, complaint or request. `standing`: what it brings, with its clocks; None where it cannot be told (an account without terms)."""

    event_id: str
    account_id: str
    opened_at: datetime
    debt: Debt | None
    standing: Standing | None


@dataclass(frozen=True)
class Promise:
    """A promise: `by` its day, `amount_minor`; `state` of the account's promises: `open`, `kept` or `broken` (as the fold has them)."""

    account_id: str
    by: str
    amount_minor: int
    currency: str
    state: str


def open_cases(
    connection: Connection, served: Served, office: Office, name: str, now: datetime, after: tuple[datetime, str] | None = None
) -> list[Case]:  # fmt: skip
    """Open cases of a list, the oldest first, from behind `after` (opened at, account); one more than a page where there are more."""
    rows = connection.execute(_open_rows(OPENED_BY[name], after)).all()
    facts = replace(facts_of(connection, {row.account_id for row in rows[:PAGE]}, None), terms=dict(office.rules.terms))
    own_days = _OwnDays(served)
    found: list[Case] = []
    for row in rows:
        shown = len(found) < PAGE
        debt, standing = _standing(facts, row, OPENED_BY[name], now, own_days) if shown else (None, None)
        found.append(Case(row.event_id, row.account_id, row.at, debt, standing))
    return found


def _open_rows(kind: str, after: tuple[datetime, str] | None) -> Select[Any, Any, Any]:
    """What was opened and not closed since; an end that names (`ref`) another opening closes that one only."""
    closing = aliased(Event)
    closed = exists().where(
        closing.account_id == Event.account_id, closing.kind.in_(CLOSED_BY[kind]), closing.at >= Event.at,
        or_(closing.ref.is_(None), closing.ref == Event.event_id),
    )  # fmt: skip
    wanted = (
        select(Event.event_id, Event.account_id, Event.at)
        # the words of the index's own condition, so that every planner sees that it holds
        .where(Event.kind == literal_column(f"'{kind}'"), ~closed)
        .order_by(Event.at, Event.account_id)
        .limit(PAGE + 1)
    )
    return wanted if after is None else wanted.where(tuple_(Event.at, Event.account_id) > tuple_(*after))


def open_row(connection: Connection, account_id: str, event_id: str) -> Row[Any] | None:
    """What opened a case that is open (event_id, account_id, at, kind, person_id, data, law of the account); None if there is none of that id."""
    mine = (Event.account_id == account_id, Event.event_id == event_id)
    kind = connection.execute(select(Event.kind).where(*mine)).scalar()
    if kind not in CLOSED_BY:
        return None
    wanted = _open_rows(kind, None).add_columns(Event.kind, Event.person_id, Event.data, Account.law)
    return connection.execute(wanted.join(Account, Account.account_id == Event.account_id).where(*mine)).first()


def open_case(connection: Connection, served: Served, office: Office, row: Row[Any], now: datetime) -> Case:
    """The case of an open row, with what it brings."""
    facts = replace(facts_of(connection, [row.account_id], None), terms=dict(office.rules.terms))
    debt, standing = _standing(facts, row, row.kind, now, _OwnDays(served))
    return Case(row.event_id, row.account_id, row.at, debt, standing)


class _OwnDays:
    """The lender's own times to answer, each product's read once for a page."""

    def __init__(self, served: Served) -> None:
        self._served, self._known = served, dict[tuple[str, str, str], Mapping[str, int]]()

    def of(self, debt: Debt) -> Mapping[str, int]:
        key = (debt.law, str(debt.row["currency"]), str(debt.row["product"]))
        if key not in self._known:
            self._known[key] = answer_days_here(self._served.installation, debt.row, debt.day)
        return self._known[key]


def _standing(
    facts: Facts, row: Any, kind: str, now: datetime, own_days: _OwnDays
) -> tuple[Debt | None, Standing | None]:
    """The standing that an opening began, or one of its kind that it joined."""
    try:
        debt = debt_of(facts, row.account_id, now)
        found = standing_of(debt, own_days.of(debt))
    except Refusal:
        return None, None
    begun = next((one for one in found if any(step.event == row.event_id for step in one.path)), None)
    joined = (one for one in found if one.open and any(step.kind == kind for step in one.path))
    return debt, begun or next(joined, None)


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
