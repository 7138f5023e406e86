"""Errors: problem+json (RFC 9457) for the API, a short page for people. Neither shows a traceback, a path or a value that was sent."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Sequence
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from arrears.errors import Refusal
from arrears.web import security_log
from arrears.web.pages_shown import reader_language, shown_page
from arrears.web.safety import LARGEST_BODY, SIGNED_IN, TOO_LARGE
from arrears.web.served import served_by
from arrears.web.words import identity_words, say, words

API = "/api/"
_log = logging.getLogger("arrears.web")


def problem(
    status: int, title: str, errors: Sequence[dict[str, Any]] = (), headers: dict[str, str] | None = None
) -> Response:
    """One problem. `errors` name the field (a JSON pointer) and what is wrong with it."""
    content: dict[str, Any] = {"type": "about:blank", "title": title, "status": status}
    if errors:
        content["errors"] = list(errors)
    return JSONResponse(content, status, headers=headers, media_type="application/problem+json")


class Told(Exception):
    """A problem that a route of the API tells of itself, with the faults it found."""

    def __init__(
        self, status: int, title: str, errors: Sequence[dict[str, Any]] = (), headers: dict[str, str] | None = None
    ) -> None:
        super().__init__(title)
        self.status, self.title, self.errors, self.headers = status, title, errors, headers


def install(app: FastAPI) -> None:
    """Hand every error of the application to this module."""
    app.add_exception_handler(Told, _told_by_a_route)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(Refusal, _refused)
    app.add_middleware(Unexpected)


async def _told_by_a_route(request: Request, error: Exception) -> Response:
    assert isinstance(error, Told)
    return problem(error.status, error.title, error.errors, error.headers)


def _is_api(request: Request) -> bool:
    return request.url.path.startswith(API)


def _told(request: Request, status: int, title: str, headers: dict[str, str] | None = None) -> Response:
    if _is_api(request):
        return problem(status, title, headers=headers)
    if "text/html" in request.headers.get("accept", "") or _door(request) != "public":
        return _error_page(request, status, headers)
    return PlainTextResponse(
        say("error", request.headers.get("accept-language"), status=str(status)), status, headers=headers
    )


def _door(request: Request) -> str:
    """Behind which door a page is: `account`, `desk`, or `public`."""
    return next((door[1:] for door in SIGNED_IN if request.url.path.startswith(door)), "public")


def _error_page(request: Request, status: int, headers: dict[str, str] | None = None) -> Response:
    """A page that says what was not done, in the reader's language, with a way on."""
    language = reader_language(request, request.query_params.get("lang"))
    title, text = _said(status, request.method, language)
    door, phone = _door(request), served_by(request).installation.lender.phone
    page = shown_page(
        "told.html", request, language, title=title, text=text, call=words(language)["error_call"].format(phone=phone) if status >= 500 else "",
        way="/" if door == "public" else f"/{door}", way_word=identity_words(language)["ways"][door],
    )  # fmt: skip
    return HTMLResponse(page, status, headers=headers)


def _said(status: int, method: str, language: str) -> tuple[str, str]:
    """Title and text of an error page."""
    of_doors, of_all = identity_words(language), words(language)
    if status in (403, 404):
        name = "not_here" if status == 404 else "stale" if method == "POST" else "forbidden"
        return of_doors[f"{name}_title"], of_doors[f"{name}_text"]
    if status == 413:
        return of_all["too_large_title"], of_all["too_large"].format(most=LARGEST_BODY // 1024**2)
    name = "error_sent" if 400 <= status < 500 else "error"
    return of_all["error_title"], of_all[name].format(status=status)


def too_large(request: Request) -> Response:
    """The answer to a body that is larger than any page needs."""
    if _is_api(request):
        return problem(413, TOO_LARGE)
    return _error_page(request, 413)


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    if error.status_code in (401, 403):
        security_log.note("refused", getattr(request.scope.get("route"), "path", "no route"), str(error.detail))
    return _told(request, error.status_code, str(error.detail), dict(error.headers or {}))


async def _invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    found = [
        {"pointer": "/" + "/".join(str(part) for part in fault["loc"][1:]), "detail": _detail(fault)}
        for fault in error.errors()
    ]
    return (
        problem(422, "The request is not in the documented form", found)
        if _is_api(request)
        else _told(request, 422, "")
    )


def _detail(fault: dict[str, Any]) -> str:
    """What is wrong, in the words of the check; where these would repeat what was sent, in ours."""
    if fault["type"] == "union_tag_invalid":
        return f"is none of {fault['ctx']['expected_tags']}"
    return str(fault["msg"])


async def _refused(request: Request, error: Exception) -> Response:
    """What a room refuses is the caller's to mend on the API, and ours on a page."""
    assert isinstance(error, Refusal)
    _log.warning("refused: %s", ", ".join(finding.code for finding in error.findings))
    if not _is_api(request):
        return _told(request, 503, "")
    found = [
        {"pointer": finding.field, "detail": f"{finding.what}; {finding.todo}".strip("; ")}
        for finding in error.findings
    ]
    return problem(409 if error.exit_code == 1 else 503, "Nothing was changed", found)


class Unexpected:
    """Answers what nobody foresaw. A handler of the framework would answer outside of all middleware, without the headers of
    `web.safety`, and leave the fault to the server, which logs its text: that of a database names values.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        begun = False

        async def noted(message: Message) -> None:
            nonlocal begun
            begun = begun or message["type"] == "http.response.start"
            await send(message)

        try:
            await self.app(scope, receive, noted)
        except Exception as error:
            if scope["type"] != "http":
                raise
            _log.error("unexpected fault: %s at %s", type(error).__name__, _place(error))
            if not begun:
                answer = _told(Request(scope), 500, "Unexpected fault; nothing was changed by this request")
                await answer(scope, receive, send)


def _place(error: Exception) -> str:
    """Where in our own code a fault arose: module and line, no value."""
    frames = [frame for frame, _ in traceback.walk_tb(error.__traceback__)]
    names = [(str(frame.f_globals.get("__name__")), frame.f_lineno) for frame in frames]
    own = [name for name in names if name[0].startswith("arrears.") and name[0] != __name__]
    return "{}:{}".format(*(own or names)[-1])
