"""`GET /api/v1/accounts/{id}/may`: the guard, asked about one contact, with all that is known of the person and every stop switch."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal

import polars as pl
from fastapi import APIRouter, HTTPException, Query, Request
from pydantic import BaseModel, Field

from arrears.account import contact_question, laws_of
from arrears.calendar import local_day
from arrears.dispatch.carried import Office
from arrears.dispatch.stops import Switch, open_stops
from arrears.law import Stack, may
from arrears.law import Verdict as Answer
from arrears.web.api.access import Reader
from arrears.web.api.account_shown import ShownReason
from arrears.web.api.accounts import there
from arrears.web.api.event_forms import Channel
from arrears.web.api.kinds import ID, AccountId, Instant, Lang
from arrears.web.api.told import problems
from arrears.web.desk.moment import Held, against_channel, held
from arrears.web.desk.office import office_of
from arrears.web.problems import Told
from arrears.web.served import served_by
from arrears.web.views import note_view

router = APIRouter(prefix="/api/v1/accounts", tags=["accounts"])
#: What is known now says little about a contact further off than this.
FURTHEST = timedelta(days=366)
ByChannel = Annotated[Channel, Query(description="The channel of the contact.", examples=["call"])]
At = Annotated[
    Instant | None,
    Query(
        description="When, with its offset (write `+` as `%2B`); now if left out.",
        examples=["2026-11-24T10:15:00+08:00"],
    ),
]
To = Annotated[
    str | None,
    Query(
        min_length=1,
        max_length=128,
        pattern=ID,
        description="A person of the account; the borrower if left out.",
        examples=["P-LN-000123"],
    ),
]


class Verdict(BaseModel):
    """What the guard says of a contact. Nothing is reserved by asking: ask again right before."""

    verdict: Literal["allowed", "wait", "never"] = Field(
        description="`wait`: not before `not_before`; `never`: not as things stand.", examples=["wait"]
    )
    not_before: str | None = Field(description="When the wait ends, UTC.", examples=["2026-11-25T00:00:00+00:00"])
    why: Literal["law", "held", "stop", "no_law_pack"] | None = Field(
        description="What speaks against it: clauses; what is known of the account (`reasons`), such as an opt-out; a stop switch of the lender; "
                    "or that no law pack covers the account, in which case nobody is contacted.",
        examples=["law"],
    )  # fmt: skip
    reasons: list[ShownReason] = Field(
        description="What is known of the account that holds it back, of `held`.", examples=[[]]
    )
    clauses: list[dict[str, Any]] = Field(
        description="The clauses that decide: id, source, text, in force, force, confirmed.", examples=[[]]
    )
    requires: list[dict[str, Any]] = Field(description="Clauses that the contact must observe.", examples=[[]])
    advisories: list[dict[str, Any]] = Field(
        description="Clauses that speak against it but do not block in this house.", examples=[[]]
    )


@router.get("/{account_id}/may", summary="May this person be contacted", responses=problems(404, 409))
def may_contact(
    request: Request,
    client: Reader,
    account_id: AccountId,
    channel: ByChannel,
    at: At = None,
    to: To = None,
    lang: Lang = "en",
) -> Verdict:
    """Whether law and the lender's stop switches allow a contact on a channel at an instant. The limits count what is known of the person
    on all their accounts, and contacts that somebody has in hand. The answer is about what is known now."""
    served = served_by(request)
    there(served, account_id)
    office, now = office_of(request), served.now()
    when = at or now
    note_view(served, client, account_id, "api-may")
    with served.store.read() as connection:
        found = held(connection, office, account_id, now)
        stops = open_stops(connection)
    if found is None:
        raise HTTPException(404, "Not here")
    _near(found, when, now)
    person = _person(found, account_id, to)
    stop = stops.against(channel, found.account.ladder.name, str(person.get("person_id") or ""), account_id)
    laws = laws_of(found.facts, account_id, office.rules.asking)
    return _verdict(office, found, laws, person, channel, when, stop, lang)


def _near(found: Held, when: datetime, now: datetime) -> None:
    opened_on = found.facts.accounts["opened_on"][0]
    if local_day(when, found.zone) < opened_on or when > now + FURTHEST:
        raise Told(422, "The instant is out of reach",
                   [{"pointer": "/at", "detail": f"must lie between {opened_on}, when the loan was opened, and a year from now"}])  # fmt: skip


def _person(found: Held, account_id: str, to: str | None) -> dict[str, Any]:
    """The person meant: the borrower, where none is named."""
    people = found.facts.people.filter(pl.col("account_id") == account_id).sort("person_id").to_dicts()
    meant = [one for one in people if one["person_id"] == to or (to is None and one["role"] == "borrower")]
    if to is not None and not meant:
        raise Told(422, "The account has no such person", [{"pointer": "/to", "detail": "is nobody of this account"}])
    return meant[0] if meant else {}


def _verdict(
    office: Office, found: Held, laws: Stack | None, person: dict[str, Any], channel: str, when: datetime, stop: Switch | None, lang: str
) -> Verdict:  # fmt: skip
    empty: dict[str, Any] = {"verdict": "never", "not_before": None, "reasons": []}
    if laws is None:
        return Verdict(**empty, why="no_law_pack", clauses=[], requires=[], advisories=[])
    said = _law(office, found, laws, person, channel, when)
    told, is_borrower = said.as_json(lang), person.get("role") in (None, "borrower")
    against = against_channel(found.account, channel) if is_borrower and said.verdict != "never" else ()
    if stop:
        return Verdict(**{**told, **empty}, why="stop")
    if against:
        reasons = [ShownReason(id=reason.id, text=reason.text(lang)) for reason in against]
        return Verdict(**{**told, **empty, "reasons": reasons}, why="held")
    return Verdict(**told, reasons=[], why=None if said.verdict == "allowed" else "law")


def _law(office: Office, found: Held, laws: Stack, person: dict[str, Any], channel: str, when: datetime) -> Answer:
    account, asking = found.account, office.rules.asking
    question, history = contact_question(
        found.around,
        account.account_id,
        account.replayed.position,
        local_day(when, found.zone),
        when,
        None,
        laws,
        asking,
    )
    if person:
        zones = (person.get("time_zone") or laws.zone, *(person.get("other_zones") or ()))
        question = replace(
            question, zones=zones, role=str(person["role"]), person=person["person_id"], region=person.get("region")
        )
    return may(laws, replace(question, channel=channel, at=when), history, asking.policy)
