"""Tonight's list: the accounts of the night on the desk under some filters, a page at a time, and how many each further filter would leave.

Counts come from the cells (a few hundred to a few thousand rows, whatever the size of the book). A page comes by place: few matches by
their cells, many by walking the list from where the first of them stands. Both cost milliseconds with a million accounts.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, func, select

from arrears.store.tables import DeskAccount, DeskCell, DeskNight, Work

FILTERS = ("stage", "channel", "action", "days_band", "amount_band", "product")
PAGE = 50
#: So many matches are sorted rather than looked for along the list.
FEW = 5_000


@dataclass(frozen=True)
class Night:
    """The night on the desk. `words`: names of its stages and actions; `figures`: numbers of the overview."""

    number: int
    name: str
    planned_for: date
    taken_at: datetime
    accounts: int
    words: Mapping[str, Any]
    figures: Mapping[str, Any]


@dataclass(frozen=True)
class Line:
    """A line of the list. Money in minor units; `state`: of its work in the outbox, None where there is none."""

    place: int
    account_id: str
    stage: str
    action: str
    channel: str
    product: str
    currency: str
    days_past_due: int
    past_due: int
    staff: str | None
    not_before: datetime | None
    not_after: datetime | None
    state: str | None


@dataclass(frozen=True)
class Page:
    """A page of the list: its lines, the place after which the next begins (None: the end), how many match, and counts by filter and value."""

    lines: tuple[Line, ...]
    after: int | None
    matches: int
    counts: Mapping[str, Mapping[str, int]]


def night_on_desk(connection: Connection) -> Night | None:
    """The night on the desk; None before the first one was taken."""
    number = connection.execute(select(func.max(DeskNight.number))).scalar()
    return None if number is None else _night(connection, int(number))


def _night(connection: Connection, number: int) -> Night:
    columns = (
        DeskNight.number,
        DeskNight.night,
        DeskNight.planned_for,
        DeskNight.taken_at,
        DeskNight.accounts,
        DeskNight.words,
    )
    row = connection.execute(select(*columns, DeskNight.figures).where(DeskNight.number == number)).one()
    return Night(row[0], row[1], row[2], row[3], row[4], _parsed(row.words), _parsed(row.figures))


@lru_cache(maxsize=8)
def _parsed(text: str) -> Mapping[str, Any]:
    return dict(json.loads(text))


def page_of(connection: Connection, night: Night, chosen: Mapping[str, str], after: int = 0, most: int = PAGE) -> Page:
    """A page of at most `most` lines under the chosen filters (by name of `FILTERS`), from behind the place `after`."""
    cells = [
        row._mapping
        for row in connection.execute(select(DeskCell.__table__).where(DeskCell.night_number == night.number))
    ]
    fit = [cell for cell in cells if all(cell[name] == value for name, value in chosen.items())]
    matches = sum(cell["accounts"] for cell in fit)
    found = _lines(connection, night, fit, matches, after, most, everything=len(fit) == len(cells)) if fit else []
    more = found[most - 1].place if len(found) > most else None
    return Page(tuple(found[:most]), more, matches, _counts(cells, chosen))


def _counts(cells: list[Any], chosen: Mapping[str, str]) -> dict[str, dict[str, int]]:
    """For each filter how many accounts each of its values would leave, the other filters as they are."""
    counts: dict[str, dict[str, int]] = {name: {} for name in FILTERS}
    for name in FILTERS:
        others = {other: value for other, value in chosen.items() if other != name}
        for cell in cells:
            if all(cell[other] == value for other, value in others.items()):
                counts[name][cell[name]] = counts[name].get(cell[name], 0) + cell["accounts"]
    return counts


def _lines(
    connection: Connection, night: Night, fit: list[Any], matches: int, after: int, most: int, everything: bool
) -> list[Line]:  # fmt: skip
    by_cell = {cell["cell"]: cell for cell in fit}
    start = max(after, min(cell["first_place"] for cell in fit) - 1)
    wanted = select(DeskAccount.__table__).where(DeskAccount.night_number == night.number)
    if not everything:
        wanted = wanted.where(DeskAccount.cell.in_(list(by_cell)))
    if matches <= FEW:
        # sorted apart, so that no planner walks the whole list for a few
        few = wanted.where(DeskAccount.place > start).cte("few").prefix_with("MATERIALIZED", dialect="postgresql")
        wanted = select(few).order_by(few.c.place).limit(most + 1)
    else:
        wanted = wanted.where(DeskAccount.place > start).order_by(DeskAccount.place).limit(most + 1)
    rows = [row._mapping for row in connection.execute(wanted)]
    states = _states(connection, night, [row["account_id"] for row in rows])
    return [_line(row, by_cell[row["cell"]], states) for row in rows]


def _line(row: Any, cell: Any, states: Mapping[tuple[str, str], str]) -> Line:
    return Line(
        row["place"], row["account_id"], cell["stage"], cell["action"], cell["channel"], cell["product"], cell["currency"],
        row["days_past_due"], row["past_due"], row["staff"], row["not_before"], row["not_after"],
        states.get((row["account_id"], cell["action"])),
    )  # fmt: skip


def _states(connection: Connection, night: Night, account_ids: list[str]) -> dict[tuple[str, str], str]:
    columns = (Work.account_id, Work.action, Work.state)
    found = connection.execute(select(*columns).where(Work.account_id.in_(account_ids), Work.night == night.name))
    return {(account, action): state for account, action, state in found}


def work_done(connection: Connection) -> list[tuple[str, str, int]]:
    """Of the latest night in the outbox: channel, state, and how many pieces of work."""
    latest = select(func.max(Work.night)).scalar_subquery()
    counted = (
        select(Work.channel, Work.state, func.count()).where(Work.night == latest).group_by(Work.channel, Work.state)
    )
    return [
        (channel, state, int(count))
        for channel, state, count in connection.execute(counted.order_by(Work.channel, Work.state))
    ]
