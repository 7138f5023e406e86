"""A chosen plan into the store, once: agreed to at once as the fact `plan`, or asked for as an approval that a second pair of eyes decides.

With either goes a contact from the borrower's side that holds the budget under `note`, which the store seals.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, select

from arrears.calendar import local_day
from arrears.dispatch.parking import put
from arrears.errors import refuse
from arrears.plans import Agreed, Offer, Offers, agreed, as_data
from arrears.store.facts import record_events
from arrears.store.personal import Personal
from arrears.store.tables import Event
from arrears.web.account.recording import PREFIX, WITH_IT
from arrears.web.approvals import Approval, ask_for_borrower

#: Begins the id of a `plan` fact that was made in these pages.
PLAN_PREFIX = "plan-"


@dataclass(frozen=True)
class Choice:
    """A plan that a borrower chose: by which reference, from which offers, and with what they had typed. `proposed`: minor units, or None."""

    person_id: str
    reference: str
    found: Offers
    offer: Offer
    budget_text: str
    proposed: int | None
    proposed_day: int | None


def is_there(connection: Connection, account_id: str, reference: str) -> bool:
    """Whether the choice of a reference is recorded, agreed to or asked for."""
    ids = (PLAN_PREFIX + reference, PREFIX + reference)
    found = select(Event.seq).where(Event.account_id == account_id, Event.event_id.in_(ids))
    return connection.execute(found.limit(1)).first() is not None


def record_agreed(connection: Connection, personal: Personal, choice: Choice, now: datetime) -> None:
    """The plan as a fact, and the borrower's contact with the budget; in the caller's transaction, whose account is held."""
    plan = agreed(choice.found, choice.offer.id, now)
    plan_row = _plan_row(plan, choice, now)
    contact = _contact(choice, PLAN_PREFIX + choice.reference + WITH_IT, now)
    record_events(connection, [{**plan_row, "recorded_at": now}, contact], personal)


def record_asked(
    connection: Connection, personal: Personal, choice: Choice, why: str, queued: str, now: datetime
) -> int:
    """Ask for a plan that a person must grant: contact, approval, and a line in the queue `inbound`. Gives the approval's number."""
    plan = agreed(choice.found, choice.offer.id, now)
    event_id = PREFIX + choice.reference
    record_events(connection, [_contact(choice, event_id, now)], personal)
    row = _plan_row(plan, choice, now)
    content = {
        "offer": choice.offer.id, "policy": choice.found.policy.id, "needs": choice.offer.level.id, "contact": event_id,
        "person": choice.person_id, "event": {**row, "at": now.isoformat()}, "currency": plan.currency,
        "compared": _compared(choice),
    }  # fmt: skip
    number = ask_for_borrower(connection, "plan", plan.account_id, content, why, now)
    put(connection, [
        {"queue": "inbound", "key": f"own:{choice.person_id}:{choice.reference}", "account_id": plan.account_id, "person_id": choice.person_id,
         "sort": "plan", "queued_at": now,
         "content": json.dumps({"channel": "portal", "accounts": [plan.account_id], "event": event_id, "approval": number}),
         "sealed": personal.seal(connection, "queue", choice.person_id, {"number": None, "text": queued})}
    ])  # fmt: skip
    return number


def record_granted(connection: Connection, personal: Personal, approval: Approval, zone: str, now: datetime) -> None:
    """What was asked for, granted: the plan holds from the instant it was asked for, so that the days of deciding cost the borrower nothing.

    Refusal if the first instalment's day has passed meanwhile: then it must be asked for anew.
    """
    event = dict(approval.content["event"])
    first = min(date.fromisoformat(row["due_on"]) for row in event["data"]["instalments"])
    if first < local_day(now, zone):
        raise refuse("plan", "began too long ago: its first day has passed", account=approval.subject,
                     todo="decline it, and ask the borrower to choose anew")  # fmt: skip
    record_events(connection, [{**event, "at": datetime.fromisoformat(event["at"]), "recorded_at": now}], personal)


def _plan_row(plan: Agreed, choice: Choice, now: datetime) -> dict[str, Any]:
    told = {
        "policy": choice.found.policy.id,
        "offer": choice.offer.id,
        "proposed": choice.proposed,
        "proposed_day": choice.proposed_day,
    }
    known: Mapping[str, Any] = {name: value for name, value in told.items() if value is not None}
    return {"account_id": plan.account_id, "person_id": choice.person_id, "event_id": PLAN_PREFIX + choice.reference, "kind": "plan",
            "at": now, "data": {**as_data(plan), **known}}  # fmt: skip


def _compared(choice: Choice) -> dict[str, Any]:
    """What who decides weighs: the worth to the lender with and without the plan (minor units), what would be owed without it, the papers to see."""
    offer, without = choice.offer, choice.offer.no_plan
    told = {"owed": without.owed_minor, "on": without.on.isoformat(), "days": without.days_past_due} if without else {}
    return {
        "worth": offer.worth_minor,
        "without": choice.found.lender_no_plan_minor,
        "evidence": list(offer.evidence),
        **told,
    }


def _contact(choice: Choice, event_id: str, now: datetime) -> dict[str, Any]:
    said = {
        "form": "plan",
        "reason": "plan",
        "first_on": choice.offer.rows[0].due_on.isoformat(),
        "note": choice.budget_text,
    }
    return {"account_id": choice.found.owed.account_id, "person_id": choice.person_id, "event_id": event_id, "kind": "contact", "at": now,
            "recorded_at": now, "channel": "portal", "direction": "in", "outcome": "delivered", "amount": choice.offer.highest_minor,
            "data": said}  # fmt: skip
