"""`/desk/call`: the next call, asked again as it is dialled, with the words to say; its outcome is taken with two keys."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse, Response

from arrears.dispatch.calls import NotCalled, next_call, taker
from arrears.dispatch.carried import InHand, in_hand
from arrears.dispatch.channels.call import CallSettings, call_settings
from arrears.dispatch.outcomes import Told, codes
from arrears.dispatch.telling import tell
from arrears.errors import Refusal, refuse
from arrears.facts.beside import tongue_of
from arrears.web.csrf import checked
from arrears.web.desk.carried_view import details_of, view_of
from arrears.web.desk.faults import fault_text
from arrears.web.desk.office import office_of, speaker_of
from arrears.web.desk.shown import desk_page, language_here, linker
from arrears.web.roles import who_may
from arrears.web.served import served_by
from arrears.web.sessions import Staff, staff
from arrears.web.views import note_list, note_view

router = APIRouter(include_in_schema=False)
Caller = Annotated[Staff, Depends(staff(*who_may("make_calls")))]


@router.get("/desk/call")
def call(request: Request, who: Caller, told: str = "", outside: bool = False) -> Response:
    """The call in hand, else the button that takes the next one."""
    return _page(request, who, told=told, outside=outside)


@router.post("/desk/call/next", dependencies=[Depends(checked)])
def take_next(request: Request, who: Caller) -> Response:
    """Take the next call: it is asked again, and whoever may not be called is passed over, with the reason."""
    served, office = served_by(request), office_of(request)
    try:
        settings = _settings(request)
        found, passed = next_call(
            office, speaker_of(request, office), settings.collector(who.name), settings, served.now()
        )
    except Refusal as refusal:
        return _page(request, who, fault=fault_text(refusal, language_here(request)), status=409)
    if found is None:
        return _page(request, who, passed=passed, nothing=True)
    return RedirectResponse(linker(request.query_params.get("lang"))("/desk/call"), 303)


@router.post("/desk/call/dial", dependencies=[Depends(checked)])
def dial(request: Request, who: Caller) -> Response:
    """Ask again at this very moment; only then does the page hold the number and the link that dials it."""
    return _page(request, who, dialling=True)


@router.post("/desk/call/outcome", dependencies=[Depends(checked)])
async def outcome(request: Request, who: Caller) -> Response:
    """The outcome, as a fact."""
    form = dict(await request.form())
    return await run_in_threadpool(_told, request, who, form)


def _told(request: Request, who: Staff, form: dict[str, Any]) -> Response:
    served, office = served_by(request), office_of(request)
    code, key = str(form.get("code", "")), str(form.get("key", ""))
    try:
        _own(request, who, key)
        now = served.now()
        recorded = tell(office, Told(key, now, code, agent=who.name, details=details_of(form)), now)
    except Refusal as refusal:
        return _page(
            request, who, fault=fault_text(refusal, language_here(request)), typed=form, dialling=True, status=422
        )
    link = linker(request.query_params.get("lang"))
    return RedirectResponse(link("/desk/call", told=recorded.code, outside="1" if recorded.breach else None), 303)


def _own(request: Request, who: Staff, key: str) -> None:
    """Only whoever took a call tells its outcome here. Refusal for another one's."""
    item = _in_hand(request, who)
    if item is None or item.attempt_id != key:
        raise refuse("outcome", "is of no call that you have in hand", field="key", value=key[:40])


def _in_hand(request: Request, who: Staff) -> InHand | None:
    with served_by(request).store.read() as connection:
        found = in_hand(connection, by=taker(who.name))
    return found[0] if found else None


def _settings(request: Request) -> CallSettings:
    installation = served_by(request).installation
    return call_settings(installation.channels.get("call") or {}, installation)


def _page(
    request: Request, who: Staff, *, dialling: bool = False, fault: str = "", told: str = "", outside: bool = False,
    passed: list[NotCalled] | None = None, nothing: bool = False, typed: dict[str, Any] | None = None, status: int = 200,
) -> Response:  # fmt: skip
    served, language = served_by(request), language_here(request)
    item, view, url = _in_hand(request, who), None, ""
    if item is not None:
        view = view_of(office_of(request), item, language, served.now())
        note_view(served, who, item.work.account_id, "desk call")
        if view["to"] and dialling:
            url = _settings(request).url(view["to"], item.attempt_id)
    known = codes("call")
    note_list(served, who, (one.account_id for one in passed or ()), "desk call passed over")
    return desk_page(
        request, who, "call.html", status, view=view, url=url, dialling=dialling, fault=fault, typed=typed or {},
        told=known[told].says[tongue_of(language)] if told in known else "", outside=outside, nothing=nothing,
        passed=[(one.account_id, [why.text(language) for why in one.reasons]) for one in passed or ()],
        set_up="call" in served.installation.channels,
    )  # fmt: skip
