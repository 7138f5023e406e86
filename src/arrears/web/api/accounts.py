"""`/api/v1/accounts/…`: where an account stands, what happened, and whether it may be contacted. Every look is noted."""

from __future__ import annotations

from typing import Annotated, Any

import polars as pl
from fastapi import APIRouter, HTTPException, Query, Request
from pydantic import BaseModel, Field
from sqlalchemy import Connection, select

from arrears.account import as_json, look_at
from arrears.facts.event_json import event_json
from arrears.legal import debt_of
from arrears.legal.court_stage import court_of
from arrears.store.facts import facts_of
from arrears.store.tables import Account, Event
from arrears.web.account.loans import loan_of
from arrears.web.api.access import Reader
from arrears.web.api.account_shown import Position
from arrears.web.api.cursors import Paged, cursor_of, place_of
from arrears.web.api.kinds import AccountId, Cursor, Day, Lang, Limit
from arrears.web.api.told import problems
from arrears.web.problems import Told
from arrears.web.served import Served, served_by
from arrears.web.views import note_view

router = APIRouter(prefix="/api/v1/accounts", tags=["accounts"])
AsOf = Annotated[
    Day | None,
    Query(
        description="The day to look at, in the account's own time zone; today if left out.", examples=["2026-11-24"]
    ),
]


class Happened(BaseModel):
    """One event of an account, as it was recorded."""

    event_id: str = Field(description="Its id.", examples=["E-17"])
    at: str = Field(description="When it happened, UTC.", examples=["2026-11-24T02:15:00+00:00"])
    recorded_at: str = Field(description="When it became known, UTC.", examples=["2026-11-24T02:16:10+00:00"])
    kind: str = Field(description="What it is: docs/cases.md lists the kinds.", examples=["promise"])
    person_id: str | None = Field(description="The person it is about.", examples=["P-LN-000123"])
    channel: str | None = Field(description="The channel of a contact.", examples=[None])
    direction: str | None = Field(description="`out` or `in`, of a contact.", examples=[None])
    outcome: str | None = Field(description="What became of a contact.", examples=[None])
    amount: str | None = Field(description="A decimal amount in the account's currency.", examples=["500.00"])
    ref: str | None = Field(description="The event it is about.", examples=[None])
    data: dict[str, Any] = Field(
        description="What else its kind carries; amounts in it are minor units.", examples=[{"by": "2026-12-05"}]
    )


class Events(Paged):
    """A page of events, in the order in which they were recorded."""

    events: list[Happened] = Field(description="The events of this page.")


@router.get("/{account_id}", summary="Where an account stands", responses=problems(404, 409))
def position(
    request: Request, client: Reader, account_id: AccountId, as_of: AsOf = None, lang: Lang = "en"
) -> Position:
    """The account on a day, as `arrears explain --json` gives it: what is due line by line, days past due, stage, decision and reasons,
    everything not done and why, standing, and what law does to the money. Amounts are decimal strings in `currency`."""
    served = served_by(request)
    there(served, account_id)
    note_view(served, client, account_id, "api-account")
    loan = loan_of(served, account_id)
    account = loan.stood.account
    if as_of is not None and as_of != loan.day:
        opened_on = loan.facts.accounts["opened_on"][0]
        if as_of < opened_on:
            raise Told(
                422,
                "There was no loan yet",
                [{"pointer": "/as_of", "detail": f"is before {opened_on}, when the loan was opened"}],
            )
        account = look_at(loan.facts, account_id, account.ladder, as_of, None, served.rules.asking)
    court = court_of(debt_of(loan.facts, account_id, as_of or loan.day, None))
    return Position(**as_json(account, lang), court=court.as_json(lang) if court else None)


@router.get("/{account_id}/events", summary="What happened on an account", responses=problems(404))
def events(request: Request, client: Reader, account_id: AccountId, cursor: Cursor = None, limit: Limit = 50) -> Events:
    """The events of an account in the order in which they were recorded, a page at a time. What is recorded later comes at the end, so
    that following `next` misses nothing and gives nothing twice; keep the last cursor to ask what is new."""
    served, after = served_by(request), place_of("events", cursor, int)
    there(served, account_id)
    note_view(served, client, account_id, "api-events")
    with served.store.read() as connection:
        found = select(Event.seq, Event.event_id).where(Event.account_id == account_id, Event.seq > (after or (0,))[0])
        rows = connection.execute(found.order_by(Event.seq).limit(limit + 1)).all()
        told = _told(connection, served, account_id, [row.event_id for row in rows[:limit]])
    return Events(events=told, next=cursor_of("events", rows[limit - 1].seq) if len(rows) > limit else None)


def _told(connection: Connection, served: Served, account_id: str, event_ids: list[str]) -> list[Happened]:
    facts = facts_of(connection, [account_id], served.personal)
    currency = facts.accounts["currency"][0]
    rows = {
        row["event_id"]: row for row in facts.events.filter(pl.col("event_id").is_in(event_ids)).iter_rows(named=True)
    }
    return [Happened(**event_json(rows[name], currency)) for name in event_ids]


def there(served: Served, account_id: str) -> None:
    """404 for an account that is not in the store."""
    with served.store.read() as connection:
        found = connection.execute(select(Account.account_id).where(Account.account_id == account_id)).first()
    if found is None:
        raise HTTPException(404, "Not here")
