"""Cookies of sessions: `__Host-`, Secure, HttpOnly, SameSite=Lax; for the browser's session only.

One exception: a service that listens on this machine alone and is asked over plain http by a name of this machine (the demo, a first try)
gives the same cookie without `__Host-` and Secure, which not every browser would send back there. Nothing else turns them off.
"""

from __future__ import annotations

from fastapi import Request
from starlette.responses import Response

from arrears.dispatch.channels.settings import is_loopback
from arrears.web.served import served_by

#: By kind of cookie. A staff session and one that has still to show its second factor share a name: the later takes the earlier's place.
NAMES = {"borrower": "arrears-account", "staff": "arrears-desk", "code": "arrears-code", "provider": "arrears-provider"}
HOST = "__Host-"
LONGEST = 128


def is_plain(request: Request) -> bool:
    """Whether the exception holds for a request."""
    url = request.url
    return served_by(request).loopback and url.scheme == "http" and is_loopback(url.hostname or "")


def cookie_of(request: Request, kind: str) -> str | None:
    """The value of a cookie of ours; None where there is none. One without `__Host-` counts only where the exception holds."""
    found = request.cookies.get(HOST + NAMES[kind])
    if found is None and is_plain(request):
        found = request.cookies.get(NAMES[kind])
    return found if found and len(found) <= LONGEST and found.isascii() else None


def set_cookie(request: Request, response: Response, kind: str, value: str) -> None:
    """Give the browser a cookie until it is closed."""
    plain = is_plain(request)
    name = NAMES[kind] if plain else HOST + NAMES[kind]
    response.set_cookie(name, value, path="/", secure=not plain, httponly=True, samesite="lax")


def drop_cookie(request: Request, response: Response, kind: str) -> None:
    """Have the browser forget a cookie."""
    plain = is_plain(request)
    name = NAMES[kind] if plain else HOST + NAMES[kind]
    response.delete_cookie(name, path="/", secure=not plain, httponly=True, samesite="lax")
