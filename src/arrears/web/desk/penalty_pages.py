"""`/desk/accounts/ID/penalty`: negotiated penalty interest of one account, the requests, and the form by which an answer is proposed."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, HTTPException, Request
from starlette.responses import RedirectResponse, Response

from arrears.calendar import local_day
from arrears.errors import Refusal
from arrears.facts.schema import Facts
from arrears.notice.language import amount_text, date_text
from arrears.plans.penalty import Penalty
from arrears.web.account.say_pages import Sent
from arrears.web.csrf import checked
from arrears.web.desk.faults import fault_text
from arrears.web.desk.shown import desk_page, language_here, linker
from arrears.web.desk.there import account_there
from arrears.web.desk.waivers import open_proposal, penalty_here, propose, reasons
from arrears.web.links import Id
from arrears.web.penalty_requests import answer_shown, answers_of, decision_pdf, request_shown, requests_of
from arrears.web.penalty_shown import penalty_shown
from arrears.web.roles import who_may
from arrears.web.served import served_by
from arrears.web.sessions import Staff, staff
from arrears.web.views import note_view
from arrears.web.words import penalty_words

router = APIRouter(include_in_schema=False)
Reader = Annotated[Staff, Depends(staff(*who_may("see_accounts")))]
Proposer = Annotated[Staff, Depends(staff(*who_may("propose_waivers")))]
TYPED = ("request", "ask", "grant", "because", "note")


@router.get("/desk/accounts/{account_id}/penalty")
def penalty(request: Request, who: Reader, account_id: Id) -> Response:
    """The page; 404 for an account that is not there."""
    return _page(request, who, account_there(served_by(request), account_id))


@router.post("/desk/accounts/{account_id}/penalty", dependencies=[Depends(checked)])
def proposed(request: Request, who: Proposer, sent: Sent, account_id: Id) -> Response:
    """Propose an answer for a second person to agree to."""
    served = served_by(request)
    account_there(served, account_id)
    try:
        propose(served, who, account_id, sent)
    except Refusal as refusal:
        return _page(request, who, account_id, sent, fault_text(refusal, language_here(request)))
    return RedirectResponse(linker(request.query_params.get("lang"))("/desk/accounts/{}/penalty", account_id), 303)


@router.get("/desk/accounts/{account_id}/penalty/{decision}.pdf")
def letter(request: Request, who: Reader, account_id: Id, decision: Id) -> Response:
    """The letter with a decision, as the borrower has it."""
    served, language = served_by(request), language_here(request)
    found, facts, _ = penalty_here(served, account_there(served, account_id))
    made = next((one for one in answers_of(facts, account_id) if one.event_id == decision), None)
    if made is None:
        raise HTTPException(404, "Not here")
    note_view(served, who, account_id, "desk penalty decision")
    headers = {"content-disposition": f'attachment; filename="{made.event_id}.{language}.pdf"'}
    content = decision_pdf(served, facts, made, found.owed.zone, language)
    return Response(content, media_type="application/pdf", headers=headers)


def _page(
    request: Request, who: Staff, account_id: str, sent: dict[str, str] | None = None, fault: str = ""
) -> Response:
    served, language = served_by(request), language_here(request)
    try:
        found, facts, own = penalty_here(served, account_id)
    except Refusal as refusal:
        return desk_page(
            request, who, "cannot.html", 409, fault=fault_text(refusal, language_here(request)), account_id=account_id
        )
    with served.store.read() as connection:
        waiting = open_proposal(connection, account_id)
    note_view(served, who, account_id, "desk penalty interest")
    words = penalty_words(language)
    return desk_page(
        request, who, "penalty.html", 422 if fault else 200, account_id=account_id, w=words, fault=fault,
        one=penalty_shown(found, facts, own, language), waiting=waiting, own_most=_own_most(found, who, language),
        **_asked(found, facts, language), reasons=reasons(language), typed={name: (sent or {}).get(name, "") for name in TYPED},
    )  # fmt: skip


def _own_most(found: Penalty, who: Staff, language: str) -> str:
    words = penalty_words(language)["desk"]
    held = found.policy.held_by(who.roles) if found.policy else ()
    most = max((found.at_most_minor(level) for level in held), default=None)
    if most is None:
        return str(words["own_none"])
    return str(words["own_most"]).format(most=amount_text(most, found.owed.currency, language))


def _asked(found: Penalty, facts: Facts, language: str) -> dict[str, Any]:
    """The requests with their answers, those that wait, and what was answered without a request on the pages."""
    owed, words = found.owed, penalty_words(language)["desk"]
    requests = requests_of(facts, owed.account_id)
    free = [one for one in answers_of(facts, owed.account_id) if one.request_id is None]
    return {
        "requests": [request_shown(one, owed.currency, owed.law, owed.zone, language) for one in requests],
        "answers": [answer_shown(one, owed.law, owed.zone, language) for one in free],
        "open": [
            (one.event_id, words["for_request"].format(on=date_text(local_day(one.at, owed.zone), owed.law, language)))
            for one in requests
            if one.answered is None
        ],
    }  # fmt: skip
