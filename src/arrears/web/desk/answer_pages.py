"""`/desk/accounts/ID/cases/EVENT`: one open dispute, complaint or request for hardship help, its clocks, and the form that answers it."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, HTTPException, Request
from sqlalchemy import Row
from starlette.responses import RedirectResponse, Response

from arrears.errors import Refusal
from arrears.facts.case_events import FREEZABLE
from arrears.facts.typed import DEFAULT_FREEZE
from arrears.notice.language import frozen_text
from arrears.notice.templates import laws
from arrears.store.facts import facts_of
from arrears.web.account.say_pages import Sent
from arrears.web.csrf import checked
from arrears.web.desk import answers
from arrears.web.desk.answer_letters import addressee
from arrears.web.desk.cases import ANSWERED_IN, open_case, open_row
from arrears.web.desk.faults import fault_text
from arrears.web.desk.office import office_of
from arrears.web.desk.shown import desk_page, language_here, linker, local
from arrears.web.links import Id
from arrears.web.roles import who_may
from arrears.web.served import Served, served_by
from arrears.web.sessions import Staff, staff
from arrears.web.standing_shown import standing_shown, standing_words
from arrears.web.views import note_view

router = APIRouter(include_in_schema=False)
Answerer = Annotated[Staff, Depends(staff(*who_may("answer_complaints")))]
TYPED = ("reason", "from", "until", "note", *(f"freeze_{name}" for name in FREEZABLE))


@router.get("/desk/accounts/{account_id}/cases/{event_id}")
def case(request: Request, who: Answerer, account_id: Id, event_id: Id) -> Response:
    """The page; 404 for what is not an open case of the account."""
    return _page(request, who, account_id, event_id)


@router.post("/desk/accounts/{account_id}/cases/{event_id}", dependencies=[Depends(checked)])
def answered(request: Request, who: Answerer, sent: Sent, account_id: Id, event_id: Id) -> Response:
    """Record an answer, or (`do`: `grant`) propose hardship help. Leads to the list, or for a proposal back to the page."""
    served, link = served_by(request), linker(request.query_params.get("lang"))
    with served.store.read() as connection:
        row = open_row(connection, account_id, event_id)
    if row is None:
        raise HTTPException(404, "Not here")
    try:
        if sent.get("do") == "grant":
            answers.propose_grant(served, who, account_id, event_id, sent)
            return RedirectResponse(link("/desk/accounts/{}/cases/{}", account_id, event_id), 303)
        answers.record_answer(served, who, account_id, event_id, sent.get("reason", ""))
    except Refusal as refusal:
        return _page(request, who, account_id, event_id, sent, fault_text(refusal, language_here(request)))
    return RedirectResponse(link("/desk/cases/{}", ANSWERED_IN[row.kind]), 303)


def _page(
    request: Request, who: Staff, account_id: str, event_id: str, sent: dict[str, str] | None = None, fault: str = ""
) -> Response:
    served, language, now = served_by(request), language_here(request), served_by(request).now()
    with served.store.read() as connection:
        row = open_row(connection, account_id, event_id)
        if row is None:
            raise HTTPException(404, "Not here")
        found = open_case(connection, served, office_of(request), row, now)
        waiting = answers.open_grant(connection, account_id) if row.kind == "hardship_requested" else None
        earliest = answers.earliest(connection, served, row, now).isoformat()
    note_view(served, who, account_id, "desk case")
    told = standing_shown(found.debt, found.standing, language) if found.debt and found.standing else None
    first = {"from": answers.today_of(row.law, now).isoformat()}
    first |= {f"freeze_{name}": "1" for name in DEFAULT_FREEZE["hardship_granted"]}
    return desk_page(
        request, who, "case.html", 422 if fault else 200, fault=fault, account_id=account_id, event_id=event_id,
        kind=row.kind, opened=local(row.at), standing=told, earliest=earliest, sw=standing_words(language), tab=ANSWERED_IN[row.kind], waiting=waiting,
        closes=answers.ANSWERED_BY[row.kind], reasons=answers.reasons_for(row, language), told=_is_told(served, row), freezable=[(name, frozen_text((name,), language)) for name in FREEZABLE],
        typed={name: (first if sent is None else sent).get(name, "") for name in TYPED},
    )  # fmt: skip


def _is_told(served: Served, row: Row[Any]) -> bool:
    """Whether a letter tells the answer to whoever asked."""
    with served.store.read() as connection:
        facts = facts_of(connection, [row.account_id], None)
    return row.law in laws() and addressee(facts, row.account_id, row.person_id) is not None
