"""`/desk/sessions`: where a member of staff is signed in, and how to end it: one session, all others, or this one."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from starlette.responses import RedirectResponse, Response

from arrears.web import session_rows, staff_accounts
from arrears.web.csrf import checked
from arrears.web.desk.shown import desk_page, linker, local
from arrears.web.served import served_by
from arrears.web.sessions import Staff, any_staff

router = APIRouter(include_in_schema=False)
PAGE = "/desk/sessions"


@router.get(PAGE)
def sessions(request: Request, who: Annotated[Staff, Depends(any_staff)], ended: int | None = None) -> Response:
    """One's own open sessions. `ended`: how many the form ended just now."""
    served = served_by(request)
    with served.store.read() as connection:
        found = session_rows.open_sessions(connection, "staff", who.name, served.now())
        member = staff_accounts.row_of(connection, who.name)
    shown = [
        {"id": one.id, "since": local(one.started_at), "seen": local(one.seen_at), "here": one.id == who.session_id}
        for one in found
    ]
    has_password = member is not None and member.password_hash is not None
    return desk_page(request, who, "sessions.html", sessions=shown, ended=ended, has_password=has_password)


@router.post(PAGE, dependencies=[Depends(checked)])
def end(
    request: Request, who: Annotated[Staff, Depends(any_staff)], session: Annotated[str, Form(max_length=64)] = ""
) -> Response:
    """End the session that is named; without a name, all but this one."""
    served = served_by(request)
    with served.store.begin() as connection:
        if session:
            ended = int(session_rows.end_one(connection, "staff", who.name, session, served.now()))
        else:
            ended = session_rows.end_all(connection, staff_accounts.KINDS, who.name, served.now(), but=who.session_id)
    return RedirectResponse(linker(request.query_params.get("lang"))(PAGE, ended=str(ended)), 303)
