"""`/desk/approvals`: what takes two people, and what is done once the second one agrees."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Request
from sqlalchemy import Connection
from starlette.responses import RedirectResponse, Response

from arrears.dispatch.stops import lift_stop
from arrears.errors import Refusal, refuse
from arrears.facts.beside import tongue_of
from arrears.web.account.plan_recording import record_granted
from arrears.web.approvals import BORROWER, Approval, agree, approval, approvals, decline, may_decide
from arrears.web.csrf import checked
from arrears.web.desk import adjustments, answers
from arrears.web.desk.faults import fault_text
from arrears.web.desk.plan_asked import account_may_take_a_plan, plans_asked
from arrears.web.desk.shown import desk_page, language_here, linker, local
from arrears.web.desk.stop_pages import OF_SOMEBODY
from arrears.web.desk.strategy_change import keep_ladder
from arrears.web.desk.waivers import KIND, carry_out, waivers_asked
from arrears.web.roles import two_people, who_may
from arrears.web.served import Served, served_by
from arrears.web.sessions import Staff, staff
from arrears.web.views import note_list, note_view
from arrears.web.words import plan_words

router = APIRouter(include_in_schema=False)
Reader = Annotated[Staff, Depends(staff(*who_may("see_approvals")))]
Doing = Callable[[Connection, Served, Approval, Staff, datetime], None]


def _lift(connection: Connection, served: Served, agreed: Approval, who: Staff, now: datetime) -> None:
    lift_stop(connection, int(agreed.content["number"]), f"{agreed.asked_by}, {who.name}", now)


def _strategy(connection: Connection, served: Served, agreed: Approval, who: Staff, now: datetime) -> None:
    keep_ladder(served.installation, str(agreed.content["text"]))


def _plan(connection: Connection, served: Served, agreed: Approval, who: Staff, now: datetime) -> None:
    zone = account_may_take_a_plan(connection, served, agreed, who, now)
    record_granted(connection, served.personal, agreed, zone, now)


#: Of an approval's content: what its line leaves out.
HIDDEN = ("text", "event", "contact", "person", "currency", "request", "ask", "grant", "because", "compared",
          "opening", "from", "until", "freeze", "category", "amount", "reason")  # fmt: skip
#: What the desk does itself when something is agreed to, in the transaction of the agreement. Other kinds are decided on their own pages.
DONE_HERE: Mapping[str, Doing] = {
    "stop_lifted": _lift,
    "strategy": _strategy,
    "plan": _plan,
    KIND: carry_out,
    answers.KIND: answers.carry_out,
    adjustments.KIND: adjustments.carry_out,
}


#: Kinds that are told in a line: as what the look at them is noted, and the line.
LINES: Mapping[str, tuple[str, Callable[[Approval, str], str]]] = {
    answers.KIND: ("hardship help", answers.grant_line),
    adjustments.KIND: ("a correction", adjustments.adjustment_line),
}


@router.get("/desk/approvals")
def listed(request: Request, who: Reader) -> Response:
    """What is open, and what was decided lately."""
    return _page(request, who)


@router.post("/desk/approvals/{number}", dependencies=[Depends(checked)])
def decide(
    request: Request, who: Reader, number: int, do: Annotated[str, Form()] = "", why: Annotated[str, Form()] = ""
) -> Response:
    """Agree or decline. What was agreed is done at once, or the agreement does not come to be."""
    served = served_by(request)
    try:
        _decide(served, who, number, do, why[:500])
    except Refusal as refusal:
        return _page(request, who, fault=fault_text(refusal, language_here(request)), status=409)
    return RedirectResponse(linker(request.query_params.get("lang"))("/desk/approvals"), 303)


def _decide(served: Served, who: Staff, number: int, do: str, why: str) -> None:
    now = served.now()
    with served.store.read() as connection:
        found = approval(connection, number)
    kind = found.kind
    if kind not in DONE_HERE:
        raise refuse("approval", "is decided on its own page", field=kind)
    with _held(served, found), served.store.begin() as connection:
        if do == "agree":
            agreed = agree(connection, who, number, now, why)
            DONE_HERE[kind](connection, served, agreed, who, now)
        else:
            decline(connection, who, number, now, why)


def _held(served: Served, found: Approval) -> AbstractContextManager[Any]:
    """What must stand still while the approval is done: all accounts for a stop, the account of whatever is about one."""
    if found.kind == "stop_lifted":
        return served.store.hold_all()
    of_account = ("plan", KIND, answers.KIND, adjustments.KIND)
    return served.store.hold([found.subject]) if found.kind in of_account else nullcontext()


def _page(request: Request, who: Staff, fault: str = "", status: int = 200) -> Response:
    language = language_here(request)
    served = served_by(request)
    with served.store.read() as connection:
        found = approvals(connection, open_only=False)
        waiting = [one for one in found if one.decided_at is None]
        asked = plans_asked(connection, served.personal, waiting, language)
    waivers = waivers_asked(waiting, language)
    for number in asked:
        note_view(served, who, asked[number]["account"], "desk approval of a plan")
    for number in waivers:
        note_view(served, who, waivers[number]["account"], "desk approval of a waiver")
    for one in waiting:
        if one.kind in LINES:
            note_view(served, who, one.subject, f"desk approval of {LINES[one.kind][0]}")
    decided = [one for one in found if one.decided_at is not None][:50]
    lifts = [one for one in waiting if one.kind == "stop_lifted"]
    note_list(served, who, (one.subject for one in (*lifts, *decided) if _is_of_somebody(one)), "desk approvals")
    return desk_page(
        request, who, "approvals.html", status, fault=fault, pw=plan_words(language),
        waiting=[
            {**_shown(one, who, language), "plan": asked.get(one.number), "waiver": waivers.get(one.number)} for one in waiting
        ],
        decided=[_shown(one, who, language) for one in decided],
    )  # fmt: skip


def _is_of_somebody(one: Approval) -> bool:
    return one.kind in ("plan", KIND, *LINES) or one.content.get("scope") in OF_SOMEBODY


def _shown(one: Approval, who: Staff, language: str) -> dict[str, Any]:
    details = {name: value for name, value in one.content.items() if name not in HIDDEN}
    return {
        "number": one.number, "kind": two_people()[one.kind].name[tongue_of(language)], "subject": one.subject, "why": one.why,
        "asked_by": plan_words(language)["desk"]["by_borrower"] if one.asked_by == BORROWER else one.asked_by,
        "asked_at": local(one.asked_at), "decision": one.decision, "decided_by": one.decided_by,
        "decided_at": local(one.decided_at), "decided_why": one.decided_why, "own": one.asked_by == who.name,
        "may": may_decide(who, one), "here": one.kind in DONE_HERE, "details": ", ".join(f"{k}: {v}" for k, v in details.items()),
        "line": LINES[one.kind][1](one, language) if one.kind in LINES else "",
    }  # fmt: skip
