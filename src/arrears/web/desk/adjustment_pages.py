"""`/desk/accounts/ID/adjustment`: the form that proposes a correction of what an account owes, in answer to a dispute or complaint."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.responses import RedirectResponse, Response

from arrears.errors import Refusal
from arrears.facts.schema import CATEGORIES
from arrears.notice.language import amount_text, category_text, outcomes
from arrears.web.account.say_pages import Sent
from arrears.web.csrf import checked
from arrears.web.desk import adjustments
from arrears.web.desk.faults import fault_text
from arrears.web.desk.shown import desk_page, language_here, linker
from arrears.web.desk.there import account_there
from arrears.web.links import Id
from arrears.web.roles import who_may
from arrears.web.served import served_by
from arrears.web.sessions import Staff, staff
from arrears.web.views import note_view

router = APIRouter(include_in_schema=False)
Answerer = Annotated[Staff, Depends(staff(*who_may("answer_complaints")))]
TYPED = ("case", "category", "amount", "reason", "note")


@router.get("/desk/accounts/{account_id}/adjustment")
def adjustment(request: Request, who: Answerer, account_id: Id, case: str = "") -> Response:
    """The page; 404 for an account that is not there. `case`: the opening that is chosen at first."""
    return _page(request, who, account_there(served_by(request), account_id), {"case": case[:128]})


@router.post("/desk/accounts/{account_id}/adjustment", dependencies=[Depends(checked)])
def proposed(request: Request, who: Answerer, sent: Sent, account_id: Id) -> Response:
    """Propose a correction for a second person to agree to."""
    served = served_by(request)
    account_there(served, account_id)
    try:
        adjustments.propose(served, who, account_id, sent)
    except Refusal as refusal:
        return _page(request, who, account_id, sent, fault_text(refusal, language_here(request)))
    return RedirectResponse(linker(request.query_params.get("lang"))("/desk/accounts/{}/adjustment", account_id), 303)


def _page(request: Request, who: Staff, account_id: str, sent: dict[str, str], fault: str = "") -> Response:
    served, language = served_by(request), language_here(request)
    try:
        with served.store.read() as connection:
            found, loan = adjustments.correctable_here(connection, served, account_id)
            cases = adjustments.answerable(connection, account_id)
            waiting = adjustments.open_proposal(connection, account_id)
    except Refusal as refusal:
        return desk_page(
            request, who, "cannot.html", 409, fault=fault_text(refusal, language_here(request)), account_id=account_id
        )
    note_view(served, who, account_id, "desk adjustment")

    def shown(minor: int) -> str:
        return amount_text(minor, found.owed.currency, language)

    rows = [
        (name, category_text(name, found.owed.law, language), shown(found.owed.due[name]), shown(found.taken_off[name]),
         shown(found.at_most_anybody(name)), shown(found.at_most_as(name, who.roles)))
        for name in CATEGORIES
    ]  # fmt: skip
    return desk_page(
        request, who, "adjustment.html", 422 if fault else 200, account_id=account_id, fault=fault, rows=rows, waiting=waiting,
        cases=[(one.row.event_id, adjustments.case_name(one, language, loan.stood.account.zone)) for one in cases],
        line=adjustments.adjustment_line(waiting, language) if waiting else "",
        reasons=list(outcomes(adjustments.KIND, language).items()), typed={name: sent.get(name, "") for name in TYPED},
    )  # fmt: skip
