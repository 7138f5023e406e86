"""Requests to waive penalty interest and the decisions that answer them, as facts: written once, read back for both doors.

A request is a contact from the borrower's side with the amount and the reason; a decision is the fact `decision` that refers to it, and what
is granted the fact `waiver` beside it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import polars as pl
from sqlalchemy import Connection, select

from arrears.account import borrower_of
from arrears.calendar import local_day
from arrears.dispatch.parking import finish, put
from arrears.facts.beside import tongue_of
from arrears.facts.schema import Facts
from arrears.notice.language import amount_text, date_text
from arrears.plans.paper.penalty_letters import answer, said
from arrears.plans.penalty import ABOUT, Decision, as_data, decision_in
from arrears.store.facts import record_events
from arrears.store.personal import Personal
from arrears.store.tables import Event, Queued
from arrears.web.served import Served
from arrears.web.signed_papers import signed_pdf
from arrears.web.words import penalty_words

#: Begins the id of a request that was made on the pages, and of the decision and the waiver that answer one (with the approval's number).
REQUEST, DECISION, WAIVER = "penalty-", "penalty-decision-", "penalty-waiver-"


@dataclass(frozen=True)
class Answered:
    """A decision with its fact's id and instant (UTC). `request_id`: what it answers; None: what came by phone or letter."""

    event_id: str
    at: datetime
    request_id: str | None
    decision: Decision


@dataclass(frozen=True)
class Requested:
    """A request of the pages. `why`: a reason of plans/penalty.yaml; `answered` None: it waits."""

    event_id: str
    at: datetime
    person_id: str
    ask_minor: int
    why: str
    answered: Answered | None


def answers_of(facts: Facts, account_id: str) -> list[Answered]:
    """The decisions about an account's penalty interest, the latest first."""
    return [
        Answered(row["event_id"], row["at"], row["ref"], decision_in(account_id, row["data"]))
        for row in _rows(facts, account_id, "decision")
        if row["data"].get("about") == ABOUT
    ]


def requests_of(facts: Facts, account_id: str) -> list[Requested]:
    """The requests about an account's penalty interest, the latest first."""
    answers = {one.request_id: one for one in answers_of(facts, account_id)}
    return [
        Requested(row["event_id"], row["at"], str(row["person_id"]), int(row["amount"]), row["data"]["why"], answers.get(row["event_id"]))
        for row in _rows(facts, account_id, "contact")
        if row["event_id"].startswith(REQUEST) and row["data"].get("reason") == ABOUT
    ]  # fmt: skip


def _rows(facts: Facts, account_id: str, kind: str) -> Iterator[Mapping[str, Any]]:
    own = facts.events.filter((pl.col("account_id") == account_id) & (pl.col("kind").cast(pl.String) == kind))
    for row in own.sort("at", "event_id", descending=True).iter_rows(named=True):
        yield {**row, "data": json.loads(row["data"] or "{}")}


def is_requested(connection: Connection, account_id: str, reference: str) -> bool:
    """Whether the request of a reference is there: the same press twice is one."""
    found = select(Event.seq).where(Event.account_id == account_id, Event.event_id == REQUEST + reference)
    return connection.execute(found.limit(1)).first() is not None


def record_request(
    connection: Connection, personal: Personal, account_id: str, person_id: str, reference: str, ask_minor: int, why: str, now: datetime
) -> None:  # fmt: skip
    """The request as a fact and for a person to answer; in the caller's transaction, whose account is held."""
    event_id = REQUEST + reference
    record_events(connection, [{
        "account_id": account_id, "person_id": person_id, "event_id": event_id, "kind": "contact", "at": now, "recorded_at": now,
        "channel": "portal", "direction": "in", "outcome": "delivered", "amount": ask_minor, "data": {"reason": ABOUT, "why": why},
    }], personal)  # fmt: skip
    text = {"number": None, "text": said("letter", "title", "zh-CN")}
    put(connection, [{
        "queue": "inbound", "key": f"own:{event_id}", "account_id": account_id, "person_id": person_id, "sort": "penalty", "queued_at": now,
        "content": json.dumps({"channel": "portal", "accounts": [account_id], "event": event_id}),
        "sealed": personal.seal(connection, "queue", person_id, text),
    }])  # fmt: skip


def record_decision(
    connection: Connection, personal: Personal, decision: Decision, request_id: str | None, number: int, by: str, now: datetime
) -> None:  # fmt: skip
    """The decision of an approval as a fact, the waiver beside it, and the request dealt with; in the caller's transaction, whose account is held."""
    event_id = f"{DECISION}{number}"
    base = {"account_id": decision.account_id, "at": now, "recorded_at": now}
    rows: list[dict[str, Any]] = [
        {**base, "event_id": event_id, "kind": "decision", "ref": request_id, "data": as_data(decision)}
    ]
    if decision.grant_minor:
        told = {"category": "penalty", "reason": "negotiated"}
        waiver = {"event_id": f"{WAIVER}{number}", "kind": "waiver", "amount": decision.grant_minor, "ref": event_id}
        rows.append({**base, **waiver, "data": told})
    record_events(connection, rows, personal)
    waits = select(Queued.number).where(Queued.key == f"own:{request_id}", Queued.done_at.is_(None))
    for (queued,) in connection.execute(waits).all():
        finish(connection, queued, by, decision.outcome, now)


def decision_pdf(served: Served, facts: Facts, one: Answered, zone: str, language: str) -> bytes:
    """The letter with a decision, signed with the lender's key. Refusal if a name has a character that the fonts cannot print."""
    account_id = one.decision.account_id
    to = str(borrower_of(facts, account_id).get("name") or account_id)
    return signed_pdf(served.installation, answer(one.decision, local_day(one.at, zone), to, language))


def request_shown(one: Requested, currency: str, law: str, zone: str, language: str) -> dict[str, Any]:
    """A request and its answer in words, for the template `_penalty.html`."""
    words = penalty_words(language)
    asked = words["asked"].format(
        on=date_text(local_day(one.at, zone), law, language), amount=amount_text(one.ask_minor, currency, language), why=said("why", one.why, language)
    )  # fmt: skip
    told = (
        answer_shown(one.answered, law, zone, language)
        if one.answered
        else {"decided": "", "because": "", "decision": ""}
    )
    return {"id": one.event_id, "asked": asked, **told}


def answer_shown(one: Answered, law: str, zone: str, language: str) -> dict[str, str]:
    """A decision in words."""
    words, made = penalty_words(language), one.decision
    on: date = local_day(one.at, zone)
    return {
        "decided": words["decided"].format(
            on=date_text(on, law, language), outcome=said("outcomes", made.outcome, language), by=made.by[tongue_of(language)],
            grant=amount_text(made.grant_minor, made.currency, language), left=amount_text(made.left_minor, made.currency, language),
        ),
        "because": words["because"].format(because=said("because", made.because, language)) if made.because else "",
        "decision": one.event_id,
    }  # fmt: skip
