"""Staff sign in with a local account: name and password, then the second factor, which is set up at the first sign-in."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Form, HTTPException, Request
from markupsafe import Markup
from starlette.responses import HTMLResponse, RedirectResponse, Response

from arrears.notice.writer import house_of
from arrears.web import second_factor, security_log, session_rows, staff_accounts
from arrears.web.cookies import cookie_of, drop_cookie, set_cookie
from arrears.web.csrf import checked, from_here
from arrears.web.identity_settings import sign_in_settings
from arrears.web.pages_shown import reader_language, shown_page
from arrears.web.served import served_by
from arrears.web.sessions import Staff, any_staff, not_signed_in
from arrears.web.words import identity_words

router = APIRouter(include_in_schema=False)
HOME = "/desk"
SIGN_IN, SECOND, ENROL, PASSWORD = "/desk/sign-in", "/desk/sign-in/second", "/desk/sign-in/set-up", "/desk/password"


def enrolling(request: Request) -> session_rows.Session:
    """The session of whoever has typed the right password; else back to the first page."""
    served, token = served_by(request), cookie_of(request, "staff")
    session = session_rows.find(served.store, "enrolling", token, served.now()) if token else None
    if session is None:
        raise not_signed_in(request, "enrolling")
    return session


@router.get(SIGN_IN)
def ask(request: Request, lang: str | None = None, out: str | None = None) -> Response:
    """The form; with `out`, after signing out."""
    return _first(request, lang, "signed_out" if out else "")


@router.post(SIGN_IN, dependencies=[Depends(from_here)])
def try_first(
    request: Request,
    name: Annotated[str, Form(max_length=64)] = "",
    password: Annotated[str, Form(max_length=1024)] = "",
    lang: str | None = None,
) -> Response:
    """Name and password. Right: on to the second factor."""
    served, now = served_by(request), served_by(request).now()
    settings = sign_in_settings(served.installation)
    if not settings.local:
        raise HTTPException(404, "Not here")
    seconds = served.codes_tried.wait(request.client.host if request.client else "", now)
    if seconds:
        return _first(request, lang, "sign_in_wait", seconds, 429)
    typed = name.strip().lower()
    if not staff_accounts.try_password(served.store, typed, password, now):
        security_log.note("password not taken", SIGN_IN)
        return _first(request, lang, "desk_wrong", status=422)
    with served.store.begin() as connection:
        row = staff_accounts.row_of(connection, typed)
        token = session_rows.begin(connection, "enrolling", typed, now, cookie_of(request, "staff"))
    return _on(request, lang, SECOND if row.sealed is not None else ENROL, token)


@router.get(SECOND)
def ask_second(
    request: Request, session: Annotated[session_rows.Session, Depends(enrolling)], lang: str | None = None
) -> Response:
    """The form for the second factor."""
    return _page(request, lang, "desk_second.html", "")


@router.post(SECOND, dependencies=[Depends(checked)])
def try_second(
    request: Request,
    session: Annotated[session_rows.Session, Depends(enrolling)],
    code: Annotated[str, Form(max_length=64)] = "",
    lang: str | None = None,
) -> Response:
    """The second factor. Right: a session of the desk, in place of the one before."""
    served, now = served_by(request), served_by(request).now()
    token = None
    with served.store.begin() as connection:
        if staff_accounts.try_second(connection, served.personal, session.subject, code, now):
            token = session_rows.begin(connection, "staff", session.subject, now, cookie_of(request, "staff"))
    if token is None:
        security_log.note("second factor not taken", SECOND, session.subject)
        return _page(request, lang, "desk_second.html", "second_wrong", 422)
    return _on(request, lang, HOME, token)


@router.get(ENROL)
def ask_set_up(
    request: Request, session: Annotated[session_rows.Session, Depends(enrolling)], lang: str | None = None
) -> Response:
    """The QR code by which the second factor is set up."""
    return _set_up(request, lang, session)


@router.post(ENROL, dependencies=[Depends(checked)])
def set_up(
    request: Request,
    session: Annotated[session_rows.Session, Depends(enrolling)],
    code: Annotated[str, Form(max_length=64)] = "",
    lang: str | None = None,
) -> Response:
    """The first code of the app: the recovery codes are shown, once, and a session of the desk begins."""
    served, now = served_by(request), served_by(request).now()
    secret, token = second_factor.new_secret(served.personal, session.id), None
    with served.store.begin() as connection:
        codes = staff_accounts.set_up_second(connection, served.personal, session.subject, secret, code, now)
        if codes is not None:
            token = session_rows.begin(connection, "staff", session.subject, now, cookie_of(request, "staff"))
    if codes is None or token is None:
        return _set_up(request, lang, session, "second_wrong", 422)
    answer = _page(request, lang, "desk_recovery.html", "", codes=codes)
    set_cookie(request, answer, "staff", token)
    return answer


@router.get(PASSWORD)
def ask_password(request: Request, who: Annotated[Staff, Depends(any_staff)], lang: str | None = None) -> Response:
    """The form to change one's password."""
    return _page(request, lang, "desk_password.html", "")


@router.post(PASSWORD, dependencies=[Depends(checked)])
def change_password(
    request: Request,
    who: Annotated[Staff, Depends(any_staff)],
    old: Annotated[str, Form(max_length=1024)] = "",
    new: Annotated[str, Form(max_length=1024)] = "",
    lang: str | None = None,
) -> Response:
    """Change it; all other sessions end."""
    served = served_by(request)
    fault = staff_accounts.change_password(
        served.store, who.name, old, new, served.now(), who.session_id, served.installation.lender
    )
    return _page(request, lang, "desk_password.html", f"password_{fault or 'done'}", 422 if fault else 200)


@router.post("/desk/sign-out", dependencies=[Depends(checked)])
def sign_out(
    request: Request,
    who: Annotated[Staff, Depends(any_staff)],
    everywhere: Annotated[str, Form()] = "",
    lang: str | None = None,
) -> Response:
    """End the session; with `everywhere`, all sessions of this member."""
    served = served_by(request)
    with served.store.begin() as connection:
        session_rows.end(connection, cookie_of(request, "staff") or "", served.now())
        if everywhere:
            session_rows.end_all(connection, staff_accounts.KINDS, who.name, served.now())
    answer = RedirectResponse(f"{SIGN_IN}?out=1&lang={reader_language(request, lang)}", 303)
    drop_cookie(request, answer, "staff")
    answer.headers["clear-site-data"] = '"cache", "storage"'
    return answer


def _on(request: Request, lang: str | None, to: str, token: str) -> Response:
    answer = RedirectResponse(f"{to}?lang={reader_language(request, lang)}", 303)
    set_cookie(request, answer, "staff", token)
    return answer


def _first(request: Request, lang: str | None, said: str, seconds: float = 0, status: int = 200) -> Response:
    language = reader_language(request, lang)
    settings, words = sign_in_settings(served_by(request).installation), identity_words(language)
    provider = words["desk_provider"].format(name=settings.provider.shown(language)) if settings.provider else ""
    return _page(request, lang, "desk_sign_in.html", said, status, seconds, local=settings.local, provider=provider)


def _set_up(
    request: Request, lang: str | None, session: session_rows.Session, said: str = "", status: int = 200
) -> Response:
    served = served_by(request)
    secret = second_factor.new_secret(served.personal, session.id)
    issuer = house_of(served.installation).name("en")
    picture = Markup(second_factor.picture_of(secret, session.subject, issuer))
    return _page(request, lang, "desk_set_up.html", said, status, picture=picture, secret=secret)


def _page(
    request: Request,
    lang: str | None,
    template: str,
    said: str,
    status: int = 200,
    seconds: float = 0,
    **values: object,
) -> Response:
    words, token = identity_words(reader_language(request, lang)), cookie_of(request, "staff")
    phone = served_by(request).installation.lender.phone
    told = words[said].format(seconds=round(seconds + 0.5), phone=phone) if said else ""
    csrf = session_rows.csrf_of(token) if token else ""
    page = shown_page(template, request, lang, words=words, trouble=told, csrf=csrf, **values)
    return HTMLResponse(page, status)
