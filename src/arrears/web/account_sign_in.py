"""The borrower signs in: what they know is typed, a code goes to a way that we know, the code opens a session.

Whoever is meant, the answers are the same: the row is written, the answer is given, and only then is anybody looked up.
"""

from __future__ import annotations

import re
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import HTMLResponse, RedirectResponse, Response

from arrears.web import one_time_codes, security_log, session_rows
from arrears.web.code_sender import code_key
from arrears.web.cookies import cookie_of, drop_cookie, set_cookie
from arrears.web.csrf import checked, from_here
from arrears.web.known_ways import LONGEST
from arrears.web.pages_shown import reader_language, shown_page
from arrears.web.served import Served, served_by
from arrears.web.sessions import Borrower, borrower
from arrears.web.words import identity_words

router = APIRouter(include_in_schema=False)
HOME = "/account"
ASK, CODE = "/account/sign-in", "/account/sign-in/code"
_CODE = re.compile(rf"[0-9]{{{one_time_codes.DIGITS}}}")


@router.get(ASK)
def ask(request: Request, lang: str | None = None, out: str | None = None, ended: str | None = None) -> Response:
    """The form; with `out`, after signing out; with `ended`, after a session that ran out."""
    return _page(request, lang, "sign_in.html", said="signed_out" if out else "ended" if ended else "")


@router.post(ASK, dependencies=[Depends(from_here)])
async def send_code(request: Request, who: Annotated[str, Form()] = "", lang: str | None = None) -> Response:
    """Send a code, and on to the page where it is typed; the same for everybody."""
    served, typed = served_by(request), who.strip()
    if not typed or len(typed) > LONGEST:
        return _page(request, lang, "sign_in.html", said="who_missing", status=422)
    seconds = served.codes_asked.wait(_client(request), served.now())
    if seconds:
        return _page(request, lang, "sign_in.html", said="sign_in_wait", seconds=seconds, status=429)
    handle = one_time_codes.new_handle()
    await run_in_threadpool(_open_row, served, handle)
    served.code_sender().send_later(served, handle, typed)
    answer = RedirectResponse(f"{CODE}?lang={reader_language(request, lang)}", 303)
    set_cookie(request, answer, "code", handle)
    return answer


@router.get(CODE)
def ask_code(request: Request, lang: str | None = None) -> Response:
    """The form for the code; without a code under way, back to the first page."""
    if cookie_of(request, "code") is None:
        return RedirectResponse(ASK, 303)
    return _page(request, lang, "sign_in_code.html")


@router.post(CODE, dependencies=[Depends(from_here)])
def try_code(request: Request, code: Annotated[str, Form()] = "", lang: str | None = None) -> Response:
    """Try the code: a session, or the page again."""
    served, handle = served_by(request), cookie_of(request, "code")
    if handle is None:
        return RedirectResponse(ASK, 303)
    now = served.now()
    seconds = served.codes_tried.wait(_client(request), now)
    if seconds:
        return _page(request, lang, "sign_in_code.html", said="sign_in_wait", seconds=seconds, status=429)
    typed = re.sub(r"\s", "", code[:32])
    with served.store.begin() as connection:
        known = typed if _CODE.fullmatch(typed) else ""
        person_id = one_time_codes.use_code(connection, handle, known, code_key(served.personal), now)
        token = None
        if person_id is not None:
            token = session_rows.begin(connection, "borrower", person_id, now, cookie_of(request, "borrower"))
    if token is None:
        security_log.note("code not taken", CODE)
        return _page(request, lang, "sign_in_code.html", said="code_wrong", status=422)
    answer = RedirectResponse(f"{HOME}?lang={reader_language(request, lang)}", 303)
    set_cookie(request, answer, "borrower", token)
    drop_cookie(request, answer, "code")
    return answer


@router.post("/account/sign-out", dependencies=[Depends(checked)])
def sign_out(
    request: Request,
    who: Annotated[Borrower, Depends(borrower)],
    everywhere: Annotated[str, Form()] = "",
    lang: str | None = None,
) -> Response:
    """End the session; with `everywhere`, all sessions of this person."""
    served = served_by(request)
    with served.store.begin() as connection:
        session_rows.end(connection, cookie_of(request, "borrower") or "", served.now())
        if everywhere:
            session_rows.end_all(connection, ("borrower",), who.person_id, served.now())
    answer = RedirectResponse(f"{ASK}?out=1&lang={reader_language(request, lang)}", 303)
    drop_cookie(request, answer, "borrower")
    answer.headers["clear-site-data"] = '"cache", "storage"'
    return answer


def _open_row(served: Served, handle: str) -> None:
    with served.store.begin() as connection:
        one_time_codes.open_row(connection, handle, served.now())


def _client(request: Request) -> str:
    return request.client.host if request.client else ""


def _page(
    request: Request, lang: str | None, template: str, said: str = "", seconds: float = 0, status: int = 200
) -> Response:
    words = identity_words(reader_language(request, lang))
    phone = served_by(request).installation.lender.phone
    told = words[said].format(seconds=round(seconds + 0.5), phone=phone) if said else ""
    page = shown_page(
        template, request, lang, words=words, trouble=told, code_none=words["code_none"].format(phone=phone),
        wrong=said in ("who_missing", "code_wrong"),
    )  # fmt: skip
    return HTMLResponse(page, status)
