"""Unsubscribing from e-mail: the one-click address of RFC 8058, and the same for a person who follows the link.

A GET changes nothing, for mail scanners follow links too; the button and the mail client send a POST.
"""

from __future__ import annotations

from fastapi import APIRouter, HTTPException, Request
from starlette.responses import HTMLResponse, Response

from arrears.dispatch.channel import Returned
from arrears.dispatch.channels.mail_settings import read_mail_settings
from arrears.dispatch.channels.mail_unsubscribe import unsubscribed
from arrears.web.pages_shown import shown_page
from arrears.web.served import Served, served_by

router = APIRouter(include_in_schema=False)


@router.get("/unsubscribe/{token}")
def ask(request: Request, token: str, lang: str | None = None) -> Response:
    """The question, with a button."""
    _attempt(served_by(request), token)
    return HTMLResponse(shown_page("unsubscribe.html", request, lang, done=False))


@router.post("/unsubscribe/{token}")
async def leave(request: Request, token: str, lang: str | None = None) -> Response:
    """No more e-mail: the answer is given when that is on the disk."""
    served = served_by(request)
    attempt_id = _attempt(served, token)
    await served.inbox().record(Returned("opt_out", "email", served.now(), attempt_id=attempt_id, detail="one-click"))
    return HTMLResponse(shown_page("unsubscribe.html", request, lang, done=True))


def _attempt(served: Served, token: str) -> str:
    """The message that a genuine token names; 404 for any other, without saying why."""
    section = served.installation.channels.get("email")
    ways = read_mail_settings(section, served.installation).sender.unsubscribe if section else None
    found = unsubscribed(token[:128], ways.key) if ways else None
    if found is None:
        raise HTTPException(404, "Not here")
    return found
