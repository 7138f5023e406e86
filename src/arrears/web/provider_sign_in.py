"""Staff sign in by the OpenID Connect provider: sent there, come back with a code, become a member with the roles of their claim.

The browser holds a handle; state, nonce and PKCE verifier follow from it, and the handle is good once, for ten minutes.
"""

from __future__ import annotations

import hmac
import json
import logging
from datetime import datetime, timedelta

from fastapi import APIRouter, HTTPException, Request
from sqlalchemy import Connection, insert, select, update
from starlette.responses import HTMLResponse, RedirectResponse, Response

from arrears.store.tables import OneTimeCode, StaffMember
from arrears.web import session_rows
from arrears.web.cookies import cookie_of, drop_cookie, set_cookie
from arrears.web.one_time_codes import new_handle
from arrears.web.pages_shown import reader_language, shown_page
from arrears.web.provider import Person, ProviderClient, ProviderFault, told_by
from arrears.web.served import Served, served_by
from arrears.web.words import identity_words

router = APIRouter(include_in_schema=False)
log = logging.getLogger("arrears.web.provider")
HOME = "/desk"
KIND = "provider"
GOOD_FOR = timedelta(minutes=10)


@router.get("/desk/sign-in/provider")
def leave(request: Request, lang: str | None = None) -> Response:
    """To the provider."""
    served = served_by(request)
    client, now, handle = _client(served), served.now(), new_handle()
    if served.codes_tried.wait(request.client.host if request.client else "", now):
        raise HTTPException(429, "Too often")
    try:
        address = client.address(told_by(handle, _key(served)), now)
    except ProviderFault as fault:
        return _failed(request, lang, client, str(fault))
    with served.store.begin() as connection:
        row = {
            "handle_hash": session_rows.hash_of(handle),
            "kind": KIND,
            "tries": 0,
            "made_at": now,
            "expires_at": now + GOOD_FOR,
        }
        connection.execute(insert(OneTimeCode).values(**row))
    answer = RedirectResponse(address, 303)
    set_cookie(request, answer, "provider", handle)
    return answer


@router.get("/desk/sign-in/back")
def come_back(
    request: Request, code: str = "", state: str = "", iss: str | None = None, error: str = "", lang: str | None = None
) -> Response:
    """Back from the provider, with a code: a session, if the claims give a role."""
    served = served_by(request)
    client, now, handle = _client(served), served.now(), cookie_of(request, "provider")
    if handle is None or not _used(served, handle, now):
        return _failed(request, lang, client, "no sign-in is under way")
    told = told_by(handle, _key(served))
    try:
        if error or not hmac.compare_digest(told.state.encode(), state.encode()) or not client.came_from(iss, now):
            raise ProviderFault("refused" if error else "state or issuer")
        person = client.person(code[:2048], told, now)
    except ProviderFault as fault:
        return _failed(request, lang, client, str(fault))
    roles = client.provider.roles_of(person.claims)
    with served.store.begin() as connection:
        name = _member(connection, person, roles, now)
        token = (
            session_rows.begin(connection, "staff", name, now, cookie_of(request, "staff")) if name and roles else None
        )
    if token is None:
        return _failed(request, lang, client, "no role", "provider_no_role", 403)
    answer = RedirectResponse(HOME, 303)
    set_cookie(request, answer, "staff", token)
    drop_cookie(request, answer, "provider")
    return answer


def _client(served: Served) -> ProviderClient:
    client = served.provider()
    if client is None:
        raise HTTPException(404, "Not here")
    return client


def _key(served: Served) -> bytes:
    return served.personal.masters.token_key


def _used(served: Served, handle: str, now: datetime) -> bool:
    """Whether the handle was good still; it is used up."""
    row = (OneTimeCode.handle_hash == session_rows.hash_of(handle), OneTimeCode.kind == KIND)
    open_still = update(OneTimeCode).where(*row, OneTimeCode.used_at.is_(None), OneTimeCode.expires_at > now)
    with served.store.begin() as connection:
        return connection.execute(open_still.values(used_at=now)).rowcount == 1


def _member(connection: Connection, person: Person, roles: tuple[str, ...], now: datetime) -> str | None:
    """The member's name, with the roles of today; added at the first sign-in. None: disabled here. Known by issuer and subject alone."""
    theirs = (StaffMember.issuer == person.issuer, StaffMember.provider_subject == person.subject)
    row = connection.execute(select(StaffMember.name, StaffMember.disabled_at).where(*theirs)).first()
    values = {"shown_name": person.name, "roles": json.dumps(roles)}
    if row is not None:
        connection.execute(update(StaffMember).where(*theirs).values(**values))
        return None if row.disabled_at is not None else str(row.name)
    if not roles:
        return None
    # a name of a local account has no colon: neither can take the other's
    name = f"provider:{session_rows.hash_of(f'{person.issuer} {person.subject}')[:16]}"
    connection.execute(
        insert(StaffMember).values(
            name=name, **values, failures=0, added_at=now, issuer=person.issuer, provider_subject=person.subject
        )
    )
    return name


def _failed(
    request: Request,
    lang: str | None,
    client: ProviderClient,
    why: str,
    said: str = "provider_failed",
    status: int = 502,
) -> Response:
    log.warning("a sign-in by the provider failed: %s", why)
    language = reader_language(request, lang)
    words = identity_words(language)
    text = words[said].format(name=client.provider.shown(language))
    page = shown_page(
        "told.html", request, lang, title=words["desk_title"], text=text, call="", way="/desk/sign-in", way_word=words["ways"]["desk_sign_in"]
    )  # fmt: skip
    answer = HTMLResponse(page, status)
    drop_cookie(request, answer, "provider")
    return answer
