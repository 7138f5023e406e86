"""Corrections that answer a case: proposed by one member of staff, agreed to by another within the policy, recorded as `adjustment` and told by letter."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select

from arrears.calendar import local_day
from arrears.errors import refuse
from arrears.facts.schema import CATEGORIES
from arrears.notice.language import amount_text, category_text, outcomes
from arrears.plans.correction import Correctable, correctable, hold_to, hold_to_roles
from arrears.store.facts import record_events
from arrears.store.tables import Account, Event
from arrears.web.account.loans import Loan, loans_within
from arrears.web.approvals import Approval, ask, waiting_one
from arrears.web.desk.answer_letters import tell
from arrears.web.desk.answers import ANSWERED_BY
from arrears.web.desk.shown import words_in
from arrears.web.desk.waivers import known_roles
from arrears.web.penalty_shown import read_minor
from arrears.web.plan_policy import policy_of_account
from arrears.web.served import Served
from arrears.web.sessions import Staff
from arrears.web.views import note_views

KIND = "adjustment"
#: Begins the id of the fact; the approval's number follows.
ADJUSTMENT = "adjustment-"
#: What a correction may answer, and the fact that closes it.
CLOSED_BY = {kind: ANSWERED_BY[kind] for kind in ("dispute_opened", "complaint_opened")}
#: What an answer must have come to, where one was given.
FOUND = ("upheld", "partly", None)


@dataclass(frozen=True)
class Answerable:
    """A dispute or complaint that a correction may answer. `row`: its opening; `outcome` None: it is open, or its answer says nothing."""

    row: Row[Any]
    outcome: str | None


def correctable_here(connection: Connection, served: Served, account_id: str) -> tuple[Correctable, Loan]:
    """What may be corrected of an account today, and the loan. Refusal where it cannot be computed, or the policy names roles that are none."""
    loan = next(iter(loans_within(connection, served, [account_id])), None)
    if loan is None or loan.stood.account.refused:
        raise refuse("adjustment", "cannot be computed", account=account_id)
    policy, _ = policy_of_account(served.installation, loan.facts.accounts.row(0, named=True), loan.day)
    if policy is not None:
        known_roles(policy)
    return correctable(loan.facts, account_id, loan.day, policy), loan


def answerable(connection: Connection, account_id: str) -> list[Answerable]:
    """The disputes and complaints of an account that a correction may answer: those that are open, and those upheld, also in part; the latest first."""
    names = ("event_id", "account_id", "at", "kind", "person_id", "data", "ref")
    of_cases = Event.kind.in_((*CLOSED_BY, *CLOSED_BY.values()))
    wanted = select(*(getattr(Event, name) for name in names), Account.law)
    wanted = wanted.join(Account, Account.account_id == Event.account_id).where(
        Event.account_id == account_id, of_cases
    )
    rows: list[Any] = list(connection.execute(wanted.order_by(Event.at.desc(), Event.seq.desc())))
    found = []
    for row in rows:
        if row.kind in CLOSED_BY:
            outcome = _outcome(row, rows)
            if outcome in FOUND:
                found.append(Answerable(row, outcome))
    return found


def _outcome(opening: Row[Any], rows: Sequence[Row[Any]]) -> str | None:
    """What the answer that names an opening says; None where there is none."""
    answers = (row for row in rows if row.kind == CLOSED_BY[opening.kind] and row.ref == opening.event_id)
    told: dict[str, str] = next((json.loads(row.data or "{}") for row in answers), {})
    return told.get("reason")


def open_proposal(connection: Connection, account_id: str) -> Approval | None:
    """The correction that waits for a second person; None if there is none."""
    return waiting_one(connection, KIND, account_id)


def propose(served: Served, who: Staff, account_id: str, sent: Mapping[str, str]) -> int:
    """Propose a correction, to be agreed to by a second person; gives the approval's number. Refusal for what makes none."""
    now = served.now()
    with served.store.hold([account_id]), served.store.begin() as connection:
        content = proposal_of(connection, served, account_id, sent)
        if open_proposal(connection, account_id) is not None:
            raise refuse("adjustment", "waits for a second person already", account=account_id)
        return ask(connection, who, KIND, account_id, content, sent.get("note", "")[:500], now)


def proposal_of(connection: Connection, served: Served, account_id: str, sent: Mapping[str, str]) -> dict[str, Any]:
    """What is proposed, held against the cases, what is due and the policy: the content of its approval. Refusal as `propose`."""
    case = _case(connection, account_id, sent.get("case", ""))
    category, reason = sent.get("category", ""), sent.get("reason", "")
    if category not in CATEGORIES:
        raise refuse("category", "is none of those listed", field="category")
    if reason not in outcomes(KIND, "en"):
        raise refuse("answer", "needs one of the reasons", field="reason")
    found, _ = correctable_here(connection, served, account_id)
    currency = found.owed.currency
    minor = read_minor(sent.get("amount", ""), currency)
    if minor is None:
        raise refuse("amount", "is no amount", field="amount", todo="write it such as 1234.50")
    hold_to(found, category, minor)
    return {"opening": case.row.event_id, "category": category, "amount": minor, "reason": reason, "currency": currency}


def _case(connection: Connection, account_id: str, event_id: str) -> Answerable:
    for one in answerable(connection, account_id):
        if one.row.event_id == event_id:
            return one
    raise refuse("case", "is none that a correction may answer", field="case", account=account_id,
                 todo="choose a dispute or complaint that is open or was upheld")  # fmt: skip


def carry_out(connection: Connection, served: Served, agreed: Approval, who: Staff, now: datetime) -> None:
    """What was proposed, done: the fact `adjustment` and the letter. Refusal where the case, what is due or the role of who agreed does not bear it."""
    told, account_id, event_id = agreed.content, agreed.subject, f"{ADJUSTMENT}{agreed.number}"
    case = _case(connection, account_id, str(told["opening"]))
    category, minor = str(told["category"]), int(told["amount"])
    found, _ = correctable_here(connection, served, account_id)
    hold_to(found, category, minor)
    hold_to_roles(found, category, minor, who.roles)
    record_events(connection, [{
        "account_id": account_id, "event_id": event_id, "kind": "adjustment", "at": now, "recorded_at": now, "amount": -minor,
        "ref": case.row.event_id, "data": {"category": category, "reason": told["reason"]},
    }], served.personal)  # fmt: skip
    _, after = correctable_here(connection, served, account_id)
    letter = {"outcome": told["reason"], "category": category, "amount_minor": minor}
    tell(connection, served, case.row, event_id, KIND, letter, now, after.stood.account.replayed.position)
    note_views(connection, who, (account_id,), "desk adjustment", now)


def adjustment_line(one: Approval, language: str) -> str:
    """What is proposed, in a line."""
    told = one.content
    return str(words_in(language)["adjustment"]["line"]).format(
        category=category_text(told["category"], "", language), amount=amount_text(told["amount"], told["currency"], language),
        reason=outcomes(KIND, language)[told["reason"]],
    )  # fmt: skip


def case_name(one: Answerable, language: str, zone: str) -> str:
    """A case in a line: what it is, since when, and what its answer says."""
    words = words_in(language)["adjustment"]
    outcome = outcomes(CLOSED_BY[one.row.kind], language).get(one.outcome or "", words["open"])
    return str(words["case_line"]).format(
        name=words_in(language)["answers"]["names"][one.row.kind], on=local_day(one.row.at, zone).isoformat(), outcome=outcome
    )  # fmt: skip
