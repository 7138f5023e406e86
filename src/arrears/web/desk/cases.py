"""The lists of the desk: promises due, cases that wait for an answer, and other special standing, each with what it stops and until when.

What is open is read from the facts by indexes of their own. It is open until a later fact of the account closes it, or its last day is over;
what it brings is the standing of `arrears standing`, with the last days of the law or, where no law sets one, of the lender's policy.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, exists, literal_column, or_, select, text, tuple_
from sqlalchemy.orm import aliased

from arrears.dispatch.carried import Office
from arrears.errors import Refusal
from arrears.facts.schema import Facts
from arrears.facts.typed import type_facts
from arrears.legal import Debt, debt_of
from arrears.legal.standing import Standing, standing_of
from arrears.replay import replay_typed
from arrears.store.facts import facts_of
from arrears.store.tables import PROMISES, Account, Event, OfIdentityTheft, PausedUntil, PromisedBy
from arrears.web.served import Served
from arrears.web.standing_shown import answer_days_here


@dataclass(frozen=True)
class Listed:
    """What a list holds: facts of a kind, until a later one of `closed_by`; all of them where no fact ends it.

    `identity`: of disputes, those of identity alone. `by_day`: what ends by itself, the first to end first, and only what has not.
    """

    kind: str
    closed_by: tuple[str, ...] = ()
    identity: bool = False
    by_day: bool = False


#: By list: what it holds. The first three wait for an answer of the desk.
LISTS: Mapping[str, Listed] = {
    "disputes": Listed("dispute_opened", ("dispute_closed",)),
    "complaints": Listed("complaint_opened", ("complaint_closed",)),
    "hardship": Listed("hardship_requested", ("hardship_granted", "hardship_refused")),
    "identity_theft": Listed("dispute_opened", ("dispute_closed",), identity=True),
    "pauses": Listed("hardship_granted", ("pause_ended",), by_day=True),
    "breathing_space": Listed("breathing_space", ("pause_ended",), by_day=True),
    "vulnerable": Listed("vulnerable"),
    "death": Listed("deceased"),
    "insolvency": Listed("bankruptcy"),
}
#: The list of each kind of case that waits for an answer.
ANSWERED_IN = {LISTS[name].kind: name for name in ("disputes", "complaints", "hardship")}
PAGE = 25
_PROMISES = frozenset(("promises_open", "promises_broken", "promises_kept"))
#: Promises are shown from so many days after the day they were due on.
PROMISES_AFTER = timedelta(days=7)


@dataclass(frozen=True)
class Case:
    """Something open. `standing`: what it brings, with its clocks; None where it cannot be told (an account without terms).

    `place`: where it stands in its list, for the page that begins behind it.
    """

    event_id: str
    account_id: str
    opened_at: datetime
    place: str
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
    connection: Connection, served: Served, office: Office, name: str, now: datetime, after: tuple[str, str] | None = None
) -> list[Case]:  # fmt: skip
    """What is open of a list, the oldest (or the first to end) first, from behind `after` (place, account); one more than a page where there are more."""
    listed = LISTS[name]
    rows = connection.execute(_open_rows(listed, now, after)).all()
    facts = replace(facts_of(connection, {row.account_id for row in rows[:PAGE]}, None), terms=dict(office.rules.terms))
    own_days = _OwnDays(served)
    found: list[Case] = []
    for row in rows:
        shown = len(found) < PAGE
        debt, standing = _standing(facts, row, listed.kind, now, own_days) if shown else (None, None)
        found.append(Case(row.event_id, row.account_id, row.at, _place(row.place), debt, standing))
    return found


def _place(place: datetime | str) -> str:
    """Where a row stands in the order of its list, as text."""
    return place if isinstance(place, str) else place.astimezone(UTC).isoformat()


def _open_rows(
    listed: Listed, now: datetime | None = None, after: tuple[str, str] | None = None
) -> Select[Any, Any, Any]:
    """What was opened and has not ended, in the order of its list. `now`: what ended by itself before is left out."""
    place: Any = PausedUntil(Event.data) if listed.by_day else Event.at
    wanted = (
        select(Event.event_id, Event.account_id, Event.at, place.label("place"))
        # the words of the index's own condition, so that every planner sees that it holds
        .where(Event.kind == literal_column(f"'{listed.kind}'"))
        .order_by(place, Event.account_id)
        .limit(PAGE + 1)
    )
    if listed.closed_by:
        wanted = wanted.where(~_ended(listed))
    if listed.identity:
        wanted = wanted.where(OfIdentityTheft(Event.data))
    if listed.by_day and now is not None:
        # a day too many where the account's own has not begun yet: its standing says so
        wanted = wanted.where(place >= (now - timedelta(days=1)).date().isoformat())
    if after is None:
        return wanted
    begin: Any = after[0] if listed.by_day else _instant(after[0])
    return wanted.where(tuple_(place, Event.account_id) > tuple_(begin, after[1]))


def _ended(listed: Listed) -> ColumnElement[bool]:
    """A later fact of the account that ends it; one that names (`ref`) another opening ends that one only."""
    later = aliased(Event)
    # in the words of the index of ends: where a planner does not see that it holds it reads every event of the book
    ends = or_(*(later.kind == literal_column(f"'{kind}'") for kind in listed.closed_by))
    return exists().where(
        later.account_id == Event.account_id, ends, later.at >= Event.at,
        or_(later.ref.is_(None), later.ref == Event.event_id),
    )  # fmt: skip


def _instant(text: str) -> datetime:
    """The instant in an address; the beginning of time for what is none."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        found = datetime(1970, 1, 1, tzinfo=UTC)
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def open_of(connection: Connection, account_id: str) -> list[Row[Any]]:
    """What of an account waits for an answer (event_id, account_id, at, place, kind), the oldest first."""
    lists = [LISTS[name] for name in ANSWERED_IN.values()]
    found: list[Any] = [row for listed in lists for row in connection.execute(_of_account(listed, account_id))]
    return sorted(found, key=lambda row: row.at)


def _of_account(listed: Listed, account_id: str) -> Select[Any, Any, Any]:
    return _open_rows(listed).add_columns(Event.kind).where(Event.account_id == account_id)


def open_row(connection: Connection, account_id: str, event_id: str) -> Row[Any] | None:
    """What opened a case that is open (event_id, account_id, at, kind, person_id, data, law of the account); None if there is none of that id."""
    mine = (Event.account_id == account_id, Event.event_id == event_id)
    kind = connection.execute(select(Event.kind).where(*mine)).scalar()
    if kind not in ANSWERED_IN:
        return None
    wanted = _open_rows(LISTS[ANSWERED_IN[kind]]).add_columns(Event.kind, Event.person_id, Event.data, Account.law)
    return connection.execute(wanted.join(Account, Account.account_id == Event.account_id).where(*mine)).first()


def open_case(connection: Connection, served: Served, office: Office, row: Row[Any], now: datetime) -> Case:
    """The case of an open row, with what it brings."""
    facts = replace(facts_of(connection, [row.account_id], None), terms=dict(office.rules.terms))
    debt, standing = _standing(facts, row, row.kind, now, _OwnDays(served))
    return Case(row.event_id, row.account_id, row.at, _place(row.place), debt, standing)


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
