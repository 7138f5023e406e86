"""Headers of every answer, and the size of every question."""

from __future__ import annotations

from collections.abc import Callable

from fastapi import HTTPException
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LARGEST_BODY = 4 * 1024 * 1024
TOO_LARGE = f"more than {LARGEST_BODY // 1024**2} MiB"
HEADERS = {
    # no script at all, nothing from elsewhere, no frame around it, forms to ourselves only
    "content-security-policy": "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; "
                               "frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
    "strict-transport-security": "max-age=31536000; includeSubDomains",
}  # fmt: skip

#: Pages behind a sign-in may have scripts and live updates of our own, and send their origin to us, by which forms are checked.
SIGNED_IN = ("/account", "/desk")
SIGNED_IN_HEADERS = {
    "content-security-policy": "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self'; img-src 'self'; "
                               "font-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "referrer-policy": "same-origin",
}  # fmt: skip
#: Pages of the desk may run our own scripts and ask us for what is new; they do without too.
DESK = HEADERS["content-security-policy"] + "; script-src 'self'; connect-src 'self'"


class Safety:
    """Adds the headers; ends a request whose body is too large, however it is sent. What is asked is never kept by a cache.

    `too_large` is the answer to such a request.
    """

    def __init__(self, app: ASGIApp, too_large: Callable[[Request], Response]) -> None:
        self.app, self.too_large = app, too_large

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def answer(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                own = SIGNED_IN_HEADERS if _is_behind(scope["path"]) else {}
                for name, value in {**HEADERS, **own}.items():
                    headers[name] = value
                if scope["path"].startswith("/desk"):
                    headers["content-security-policy"] = DESK
                if not scope["path"].startswith("/assets/"):
                    headers["cache-control"] = "no-store"
            await send(message)

        if _length(scope) > LARGEST_BODY:
            await self.too_large(Request(scope))(scope, receive, answer)
            return
        read = 0

        async def measured() -> Message:
            """What comes in pieces has no length to be asked before."""
            nonlocal read
            message = await receive()
            read += len(message.get("body", b""))
            if read > LARGEST_BODY:
                raise HTTPException(413, TOO_LARGE)
            return message

        await self.app(scope, measured, answer)


def _is_behind(path: str) -> bool:
    return any(path == door or path.startswith(door + "/") for door in SIGNED_IN)


def _length(scope: Scope) -> int:
    told = Headers(scope=scope).get("content-length", "0")
    return int(told) if told.isascii() and told.isdecimal() else 0
