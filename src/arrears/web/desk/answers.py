"""Answers to cases: a dispute or complaint closed and a request for hardship help refused by one person, hardship help granted by two.

An answer is a fact that names the opening (`ref`). Its id is made of the opening's, so that the same press twice is one answer. The letter
that tells it is written in the same transaction, and what waits in the queue for this answer is dealt with.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, select

from arrears.calendar import BUSINESS_ZONES, local_day
from arrears.dispatch.parking import finish
from arrears.dispatch.replies import action_of
from arrears.errors import refuse
from arrears.facts.case_events import FREEZABLE
from arrears.notice.language import frozen_text, outcomes
from arrears.store.facts import record_events
from arrears.store.tables import Account, Queued
from arrears.web.account.recording import PREFIX
from arrears.web.approvals import Approval, ask, waiting_one
from arrears.web.desk.answer_letters import tell
from arrears.web.desk.cases import open_row
from arrears.web.desk.shown import words_in
from arrears.web.plan_policy import policy_of_account
from arrears.web.served import Served
from arrears.web.sessions import Staff
from arrears.web.views import note_views

KIND = "hardship"
#: Begins the id of an answer; the opening's follows.
ANSWER = "answer-"
#: By opening: the fact with which one person answers it.
ANSWERED_BY = {
    "dispute_opened": "dispute_closed", "complaint_opened": "complaint_closed", "hardship_requested": "hardship_refused",
}  # fmt: skip


def opening(connection: Connection, account_id: str, event_id: str) -> Row[Any]:
    """The opening of a case that waits for its answer. Refusal for what is none, or was answered."""
    row = open_row(connection, account_id, event_id)
    if row is None:
        raise refuse("case", "is not open", field="event", account=account_id, todo="it was answered, or there is none")
    return row


def reasons_for(row: Row[Any], language: str) -> list[tuple[str, str]]:
    """What an answer of one person may come to, with the words of the letter."""
    return list(outcomes(action_of(ANSWERED_BY[row.kind], row.data), language).items())


def record_answer(served: Served, who: Staff, account_id: str, event_id: str, reason: str) -> None:
    """The answer of one person, recorded with who gave it. Refusal for a reason that is none of the case's, and for what is not open."""
    now = served.now()
    with served.store.hold([account_id]), served.store.begin() as connection:
        row = opening(connection, account_id, event_id)
        if reason not in dict(reasons_for(row, "en")):
            raise refuse("answer", "needs one of the reasons", field="reason")
        _record(connection, served, row, ANSWERED_BY[row.kind], {"reason": reason}, who, now)
        note_views(connection, who, (account_id,), f"desk answer: {ANSWERED_BY[row.kind]}", now)


def open_grant(connection: Connection, account_id: str) -> Approval | None:
    """The grant that waits for a second person; None if there is none."""
    return waiting_one(connection, KIND, account_id)


def propose_grant(served: Served, who: Staff, account_id: str, event_id: str, sent: Mapping[str, str]) -> int:
    """Propose hardship help, to be agreed to by a second person; gives the approval's number. Refusal for days that are none, or in the past."""
    now = served.now()
    with served.store.hold([account_id]), served.store.begin() as connection:
        row = opening(connection, account_id, event_id)
        if row.kind != "hardship_requested":
            raise refuse("case", "is no request for hardship help", field="event", account=account_id)
        if open_grant(connection, account_id) is not None:
            raise refuse("hardship", "waits for a second person already", account=account_id)
        content = {
            "opening": event_id,
            **grant_of(sent, today_of(row.law, now), earliest(connection, served, row, now)),
        }
        return ask(connection, who, KIND, account_id, content, sent.get("note", "")[:500], now)


def today_of(law: str, now: datetime) -> date:
    """The day at the business of a law."""
    return local_day(now, BUSINESS_ZONES.get(law, BUSINESS_ZONES["cn"]))


def earliest(connection: Connection, served: Served, row: Row[Any], now: datetime) -> date:
    """The first day on which help may begin: so many days before it was asked for as the policy says; without a policy the day of asking."""
    asked_on = today_of(row.law, row.at)
    columns = (Account.law, Account.currency, Account.product)
    account = connection.execute(select(*columns).where(Account.account_id == row.account_id)).one()
    policy, _ = policy_of_account(served.installation, account._asdict(), today_of(row.law, now))
    return asked_on - timedelta(days=policy.help_days_back if policy else 0)


def grant_of(sent: Mapping[str, str], today: date, first: date) -> dict[str, Any]:
    """What a form grants: `from` (no earlier than `first`), `until` (days, both included) and `freeze`, what does not accrue, always written out."""
    begins, until = _day(sent, "from"), _day(sent, "until")
    if begins < first:
        raise refuse("hardship", "begins longer before it was asked for than the policy allows", field="from", value=begins.isoformat(),
                     todo=f"begin no earlier than {first}")  # fmt: skip
    if until < max(begins, today):
        raise refuse("hardship", "ends before it begins or is over", field="until", todo="write a later day")
    return {
        "from": begins.isoformat(),
        "until": until.isoformat(),
        "freeze": [name for name in FREEZABLE if sent.get(f"freeze_{name}")],
    }


def _day(sent: Mapping[str, str], field: str) -> date:
    try:
        return date.fromisoformat(sent.get(field, ""))
    except ValueError:
        raise refuse("day", "is no day", field=field, todo="write it such as 2026-12-31") from None


def carry_out(connection: Connection, served: Served, agreed: Approval, who: Staff, now: datetime) -> None:
    """What was proposed, done: the fact `hardship_granted`. Refusal where the request was answered meanwhile, or the last day is over."""
    told = agreed.content
    row = opening(connection, agreed.subject, str(told["opening"]))
    if date.fromisoformat(told["until"]) < today_of(row.law, now):
        raise refuse("hardship", "would end before today", field="until", todo="decline it and propose a later day")
    data = {name: told[name] for name in ("from", "until", "freeze")}
    _record(connection, served, row, "hardship_granted", data, who, now)


def _record(
    connection: Connection, served: Served, row: Row[Any], kind: str, data: Mapping[str, Any], who: Staff, now: datetime
) -> None:
    """The fact, the letter that tells it, and the item of the queue dealt with."""
    event_id = ANSWER + row.event_id
    record_events(connection, [{
        "account_id": row.account_id, "person_id": row.person_id, "event_id": event_id, "kind": kind, "at": now,
        "recorded_at": now, "ref": row.event_id, "data": dict(data),
    }], served.personal)  # fmt: skip
    tell(connection, served, row, event_id, action_of(kind, row.data), _told(data), now)
    waits = select(Queued.number).where(Queued.key == _queue_key(row), Queued.done_at.is_(None))
    for (number,) in connection.execute(waits).all():
        finish(connection, number, who.name, kind, now)


def _told(data: Mapping[str, Any]) -> dict[str, Any]:
    """What the letter tells of an answer's data."""
    if "freeze" not in data:
        return {"outcome": data["reason"]}
    begins, until = date.fromisoformat(data["from"]), date.fromisoformat(data["until"])
    return {"begins": begins, "until": until, "frozen": tuple(data["freeze"])}


def _queue_key(row: Row[Any]) -> str:
    """The key under which a statement of the borrower's own pages waits for a person (`web.account.recording`)."""
    return f"own:{row.person_id}:{row.event_id.removeprefix(PREFIX)}"


def grant_line(one: Approval, language: str) -> str:
    """What is proposed, in a line."""
    words, told = words_in(language)["answers"], one.content
    return str(words["line"]).format(
        begins=told["from"], until=told["until"], frozen=frozen_text(told["freeze"], language)
    )
