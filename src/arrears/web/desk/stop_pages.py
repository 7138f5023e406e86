"""`/desk/stops`: stop switches, with who set them and why. Setting takes one person, lifting two."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Request
from starlette.responses import RedirectResponse, Response

from arrears.dispatch.stops import SCOPES, Switch, set_stop, stops
from arrears.errors import Refusal, refuse
from arrears.web.approvals import approvals, ask
from arrears.web.csrf import checked
from arrears.web.desk.faults import fault_text
from arrears.web.desk.shown import desk_page, language_here, linker, local
from arrears.web.roles import who_may
from arrears.web.served import served_by
from arrears.web.sessions import Staff, staff
from arrears.web.views import note_list

router = APIRouter(include_in_schema=False)
Reader = Annotated[Staff, Depends(staff(*who_may("see_work_list")))]
#: Scopes whose subject is a person or an account: their reasons say something of somebody.
OF_SOMEBODY = ("person", "account")
Setter = Annotated[Staff, Depends(staff(*who_may("set_stops")))]


@router.get("/desk/stops")
def listed(request: Request, who: Reader) -> Response:
    """The switches that are on, and those that were."""
    return _page(request, who)


@router.post("/desk/stops", dependencies=[Depends(checked)])
def set_one(
    request: Request, who: Setter, scope: Annotated[str, Form()] = "", subject: Annotated[str, Form()] = "",
    why: Annotated[str, Form()] = "",
) -> Response:  # fmt: skip
    """Set a switch. Answered when nothing that it names can leave any more."""
    served = served_by(request)
    try:
        if not why.strip():
            raise refuse("stop", "says why it is set", field="why")
        with served.store.hold_all(), served.store.begin() as connection:
            set_stop(connection, scope, subject.strip()[:128], who.name, why.strip()[:500], served.now())
    except Refusal as refusal:
        return _page(request, who, fault=fault_text(refusal, language_here(request)), status=422)
    return _back(request)


@router.post("/desk/stops/{number}/lift", dependencies=[Depends(checked)])
def ask_to_lift(request: Request, who: Setter, number: int, why: Annotated[str, Form()] = "") -> Response:
    """Ask for a switch to be lifted: a second person decides (`/desk/approvals`)."""
    served = served_by(request)
    try:
        with served.store.begin() as connection:
            switch = next((one for one in stops(connection) if one.number == number), None)
            if switch is None:
                raise refuse("stop", "names no switch that is on", field="number", value=str(number))
            content = {"number": number, "scope": switch.scope}
            ask(connection, who, "stop_lifted", switch.subject or switch.scope, content, why[:500], served.now())
    except Refusal as refusal:
        return _page(request, who, fault=fault_text(refusal, language_here(request)), status=422)
    return _back(request)


def _back(request: Request) -> Response:
    return RedirectResponse(linker(request.query_params.get("lang"))("/desk/stops"), 303)


def _page(request: Request, who: Staff, fault: str = "", status: int = 200) -> Response:
    with served_by(request).store.read() as connection:
        found = stops(connection, lifted=True)
        asked = {int(one.content["number"]) for one in approvals(connection) if one.kind == "stop_lifted"}
    note_list(
        served_by(request),
        who,
        (one.subject for one in found if one.subject and one.scope in OF_SOMEBODY),
        "desk stops",
    )
    return desk_page(
        request, who, "stops.html", status, fault=fault, scopes=SCOPES,
        on=[_shown(one, asked) for one in found if one.lifted_at is None],
        lifted=[_shown(one, asked) for one in reversed(found) if one.lifted_at is not None][:50],
    )  # fmt: skip


def _shown(one: Switch, asked: set[int]) -> dict[str, Any]:
    return {
        "number": one.number, "scope": one.scope, "subject": one.subject, "set_at": local(one.set_at), "set_by": one.set_by,
        "reason": one.reason, "lifted_at": local(one.lifted_at), "lifted_by": one.lifted_by, "asked": one.number in asked,
    }  # fmt: skip
