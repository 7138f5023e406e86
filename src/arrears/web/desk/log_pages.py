"""`/desk/log`: the chain of seals, its verification, and who looked at whose data lately."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from sqlalchemy import func, select
from starlette.background import BackgroundTask
from starlette.responses import RedirectResponse, Response

from arrears.errors import Refusal
from arrears.notice.log_keys import check_with
from arrears.store import heads
from arrears.store.seals import Verified, head_of, verify_log
from arrears.store.tables import Seal, View
from arrears.web.csrf import checked
from arrears.web.desk.shown import desk_page, linker, local
from arrears.web.roles import who_may
from arrears.web.served import Served, served_by
from arrears.web.sessions import Staff, staff

router = APIRouter(include_in_schema=False)
Reader = Annotated[Staff, Depends(staff(*who_may("see_log")))]
VIEWS = 50


@dataclass
class Checked:
    """The last verification of this process: under way, its result (None: it could not be made), and when it ended."""

    running: bool = False
    result: Verified | None = None
    ended_at: datetime | None = None


_lock = threading.Lock()


@router.get("/desk/log")
def log(request: Request, who: Reader) -> Response:
    """The state of the log."""
    with served_by(request).store.read() as connection:
        count, last = connection.execute(select(func.count(), func.max(Seal.sealed_at))).one()
        head = head_of(connection)
        columns = (View.at, View.who, View.subject, View.page)
        views = connection.execute(select(*columns).order_by(View.number.desc()).limit(VIEWS)).all()
    state = _state(request)
    return desk_page(
        request, who, "log.html", seals=count, last=local(last), head=str(head) if head else "", state=state, ended=local(state.ended_at),
        views=[(local(row.at), row.who, row.subject, row.page) for row in views],
    )  # fmt: skip


@router.post("/desk/log/verify", dependencies=[Depends(checked)])
def verify(request: Request, who: Reader) -> Response:
    """Begin a verification, unless one is under way; it goes on after this is answered, for it reads the whole log."""
    served, state = served_by(request), _state(request)
    back = linker(request.query_params.get("lang"))("/desk/log")
    with _lock:
        begun, state.running = not state.running, True
    return RedirectResponse(back, 303, background=BackgroundTask(_verify, served, state) if begun else None)


def _state(request: Request) -> Checked:
    with _lock:
        if not hasattr(request.app.state, "desk_log"):
            request.app.state.desk_log = Checked()
        found: Checked = request.app.state.desk_log
        return found


def _verify(served: Served, state: Checked) -> None:
    section = served.installation.section("log")
    file = served.installation.folder / str(section.get("heads", heads.DEFAULT_FILE))
    try:
        state.result = verify_log(served.store, heads.read_heads(file), check_with(served.installation))
    except Refusal:
        state.result = None
    state.ended_at, state.running = served.now(), False
