"""`POST /api/v1/events`: what happened elsewhere becomes facts, all or none, once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import polars as pl
from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field

from arrears.facts.case_events import EventReader
from arrears.facts.fields import Fields
from arrears.facts.schema import Facts
from arrears.facts.typed import business_zone
from arrears.facts.yaml_text import Document
from arrears.store.facts import facts_of, record_events
from arrears.web.api.access import Recorder
from arrears.web.api.event_forms import Events
from arrears.web.api.once import HEADERS, Key, Once, answered, keep, once, replayed
from arrears.web.api.told import problems, refused_as
from arrears.web.served import Served, served_by

router = APIRouter(prefix="/api/v1", tags=["events"])
#: Clocks of other systems may be so far ahead of ours.
AHEAD = timedelta(minutes=5)
WRONG = "The events say what cannot be"


class Recorded(BaseModel):
    """What was recorded."""

    recorded: int = Field(description="How many events are facts now.", examples=[1])
    event_ids: list[str] = Field(
        description="Their ids, in the order in which they were told.", examples=[["api-crm-0192f0c0-1"]]
    )


EXAMPLES = {
    "promise": {"summary": "A promise to pay", "value": {"events": [
        {"kind": "promise", "account": "LN-000123", "at": "2026-11-24T10:15:00+08:00", "amount": "500.00", "by": "2026-12-05"}]}},
    "opt_out": {"summary": "No more SMS", "value": {"events": [
        {"kind": "opt_out", "account": "LN-000123", "at": "2026-11-24T10:15:00+08:00", "channel": "sms"}]}},
    "contact": {"summary": "A call that another system made", "value": {"events": [
        {"kind": "contact", "account": "LN-000123", "at": "2026-11-24T10:15:00+08:00", "channel": "call", "outcome": "no_answer"}]}},
}  # fmt: skip


@router.post(
    "/events", status_code=201, summary="Record what happened",
    responses={201: {"description": "Recorded, or recorded before under this key.", "headers": HEADERS}, **problems(400, 413)},
    openapi_extra={"requestBody": {"content": {"application/json": {"examples": EXAMPLES}}}},
)  # fmt: skip
def record(request: Request, response: Response, body: Events, client: Recorder, key: Key) -> Recorded:
    """Record events of accounts: all of them or none. When this has been answered they are on the disk, and no message that was planned
    before leaves for their accounts without asking anew. A correction is another event."""
    served = served_by(request)
    asked = once(client, key, "events", body)
    told = [one.model_dump(mode="json", exclude_none=True) for one in body.events]
    ids = sorted({one["account"] for one in told})
    with served.store.hold([*ids, asked.held_as]):
        with served.store.read() as connection:
            before = answered(connection, asked)
            facts = facts_of(connection, ids, served.personal)
        if before is not None:
            replayed(response)
            return Recorded(**before)
        with refused_as(422, WRONG):
            rows = rows_of(told, facts, asked, served.now())
        return _recorded(served, asked, rows, len(told))


def _recorded(served: Served, asked: Once, rows: Sequence[Mapping[str, Any]], count: int) -> Recorded:
    answer = Recorded(recorded=count, event_ids=[asked.event_id(number + 1) for number in range(count)])
    with served.store.begin() as connection:
        record_events(connection, rows, served.personal)
        keep(connection, asked, answer, served.now())
    return answer


def rows_of(told: Sequence[dict[str, Any]], facts: Facts, asked: Once, now: datetime) -> list[dict[str, Any]]:
    """Events in the form of a case file as rows of the events table. Refusal with every fault, at `events[i]`."""
    document = Document("request", {})
    readers = _readers(document, facts)
    rows: list[dict[str, Any]] = []
    for index, one in enumerate(told):
        here, reader = f"events[{index}]", readers.get(one["account"])
        if reader is None:
            document.fault("unknown_account", f"{here}.account", "is no account that is here")
            continue
        if datetime.fromisoformat(one["at"]) > now + AHEAD:
            document.fault("future", f"{here}.at", "is in the future")
            continue
        recorded_at = max(now, datetime.fromisoformat(one["at"]))
        before = len(reader.rows)
        reader.event(here, {**one, "recorded_at": recorded_at.isoformat()}, asked.event_id(index + 1))
        rows += reader.rows[before:]
    document.raise_findings()
    return rows


def _readers(document: Document, facts: Facts) -> dict[str, EventReader]:
    """A reader of events for each account: each knows its own people alone."""
    fields, found = Fields(document), {}
    for row in facts.accounts.with_columns(zone=business_zone()).iter_rows(named=True):
        name = row["account_id"]
        people = facts.people.filter(pl.col("account_id") == name)["person_id"].to_list()
        found[name] = EventReader(fields, [row], {name: row["zone"]}, tuple(people))
    return found
