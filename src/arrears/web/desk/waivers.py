"""Answers to requests about penalty interest: proposed by one member of staff, agreed to by another within what the policy gives to their roles."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from arrears.calendar import end_of_day
from arrears.errors import refuse
from arrears.facts.schema import Facts
from arrears.notice.language import amount_text
from arrears.plans import Policy
from arrears.plans.paper.penalty_letters import said
from arrears.plans.penalty import Penalty, asked, decide
from arrears.plans.words import data
from arrears.web.account.loans import loan_of
from arrears.web.approvals import Approval, ask, waiting_one
from arrears.web.penalty_requests import record_decision, requests_of
from arrears.web.penalty_shown import penalty_on, read_minor
from arrears.web.plan_policy import policy_of_account
from arrears.web.roles import roles
from arrears.web.served import Served
from arrears.web.sessions import Staff
from arrears.web.words import penalty_words

KIND = "waiver"


def penalty_here(served: Served, account_id: str) -> tuple[Penalty, Facts, bool]:
    """The penalty interest of an account today, its facts, and whether the policy is the lender's own. Refusal where it cannot be computed."""
    loan = loan_of(served, account_id)
    policy, own = policy_of_account(served.installation, loan.facts.accounts.row(0, named=True), loan.day)
    if policy is not None:
        known_roles(policy)
    found = None if loan.stood.account.refused else penalty_on(loan.facts, account_id, loan.day, policy)
    if found is None:
        raise refuse("penalty", "cannot be computed", account=account_id)
    return found, loan.facts, own


def known_roles(policy: Policy) -> None:
    """Refusal for a role in the policy that the desk does not have: nobody would have the authority that was meant."""
    unknown = {role for level in policy.levels for role in level.roles} - set(roles())
    if unknown:
        raise refuse("policy", "names roles that the desk does not have", field="authority.roles", value=", ".join(sorted(unknown)),
                     exit_code=2, todo=f"write some of {', '.join(roles())}")  # fmt: skip


def open_proposal(connection: Connection, account_id: str) -> Approval | None:
    """The answer that waits for a second person; None if there is none."""
    return waiting_one(connection, KIND, account_id)


def propose(served: Served, who: Staff, account_id: str, sent: Mapping[str, str]) -> int:
    """Propose an answer, to be agreed to by a second person; gives the approval's number. Refusal for what makes no answer."""
    with served.store.hold([account_id]):
        found, facts, _ = penalty_here(served, account_id)
        content = proposal_of(found, facts, account_id, sent)
        with served.store.begin() as connection:
            if open_proposal(connection, account_id) is not None:
                raise refuse("waiver", "waits for a second person already", account=account_id)
            return ask(connection, who, KIND, account_id, content, sent.get("note", "")[:500], served.now())


def proposal_of(found: Penalty, facts: Facts, account_id: str, sent: Mapping[str, str]) -> dict[str, Any]:
    """What is proposed, held against the request, what is owed, and the policy: the content of its approval. Refusal as `propose`."""
    known = {one.event_id: one for one in requests_of(facts, account_id) if one.answered is None}
    request_id = sent.get("request") or None
    if request_id is not None and request_id not in known:
        raise refuse("request", "is not one that waits", field="request")
    ask_minor = known[request_id].ask_minor if request_id else _amount(sent.get("ask", ""), found, "ask")
    grant_minor = _amount(sent.get("grant", ""), found, "grant")
    because = sent.get("because") or None
    if request_id is None:
        ask_minor = asked(found, ask_minor)
    level = found.may_grant(grant_minor)
    if level is None:
        raise refuse("beyond_authority", "is more than anybody may waive by this policy", field="grant")
    decide(found, ask_minor, grant_minor, level.id, because, end_of_day(found.owed.on, found.owed.zone))
    return {
        "request": request_id,
        "ask": ask_minor,
        "grant": grant_minor,
        "because": because,
        "currency": found.owed.currency,
    }


def _amount(text: str, found: Penalty, field: str) -> int:
    minor = read_minor(text, found.owed.currency)
    if minor is None or minor < 0:
        raise refuse("amount", "is no amount", field=field, todo="write it such as 1234.50")
    return minor


def carry_out(connection: Connection, served: Served, agreed: Approval, who: Staff, now: datetime) -> None:
    """What was proposed, done: the decision, the waiver beside it, the request dealt with. Refusal where the role of who agreed does not reach."""
    told = agreed.content
    found, _, _ = penalty_here(served, agreed.subject)
    ask_minor, grant_minor = int(told["ask"]), int(told["grant"])
    level = found.may_grant_as(who.roles, grant_minor)
    if level is None:
        may = found.may_grant(grant_minor)
        raise refuse("beyond_authority", "is more than your role may waive by the policy", field="grant", account=agreed.subject,
                     todo=f"it takes {', '.join(sorted(may.roles)) or may.id}" if may else "decline it")  # fmt: skip
    decision = decide(found, ask_minor, grant_minor, level.id, told["because"], now)
    record_decision(connection, served.personal, decision, told["request"], agreed.number, who.name, now)


def waivers_asked(found: Sequence[Approval], language: str) -> dict[int, dict[str, str]]:
    """By number of the approval: `account`, and in a line what is proposed (`line`). What is owed stands on the account's page."""
    waiting = [one for one in found if one.kind == KIND and "grant" in one.content]
    return {one.number: {"account": one.subject, "line": _line(one, language)} for one in waiting}


def _line(one: Approval, language: str) -> str:
    words, told = penalty_words(language)["desk"], one.content

    def shown(minor: int) -> str:
        return amount_text(minor, str(told["currency"]), language)

    because = (
        words["line_because"].format(because=said("because", told["because"], language)) if told["because"] else ""
    )
    return str(words["line"]).format(ask=shown(told["ask"]), grant=shown(told["grant"]), because=because)


def reasons(language: str) -> list[tuple[str, str]]:
    """Why less than asked for is granted, in words."""
    return [(code, said("because", code, language)) for code in data("penalty.yaml")["because"]]
