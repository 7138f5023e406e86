"""Errors: problem+json (RFC 9457) for the API, a short page for people. Neither shows a traceback, a path or a value that was sent."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response

from arrears.errors import Refusal
from arrears.web import security_log
from arrears.web.pages_shown import reader_language, shown_page
from arrears.web.safety import SIGNED_IN
from arrears.web.words import identity_words, say

API = "/api/"
#: Errors of pages behind a sign-in that are told on a page of their own.
_PAGES = {403: "forbidden", 404: "not_here"}
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
    app.add_exception_handler(Exception, _unexpected)


async def _told_by_a_route(request: Request, error: Exception) -> Response:
    assert isinstance(error, Told)
    return problem(error.status, error.title, error.errors, error.headers)


def _is_api(request: Request) -> bool:
    return request.url.path.startswith(API)


def _told(request: Request, status: int, title: str, headers: dict[str, str] | None = None) -> Response:
    if _is_api(request):
        return problem(status, title, headers=headers)
    if status in _PAGES and any(request.url.path.startswith(door) for door in SIGNED_IN):
        return _error_page(request, status, headers)
    return PlainTextResponse(
        say("error", request.headers.get("accept-language"), status=str(status)), status, headers=headers
    )


def _error_page(request: Request, status: int, headers: dict[str, str] | None) -> Response:
    """A page that says what was not done, in the reader's language."""
    lang = request.query_params.get("lang")
    words = identity_words(reader_language(request, lang))
    name = "stale" if status == 403 and request.method == "POST" else _PAGES[status]
    page = shown_page("told.html", request, lang, title=words[f"{name}_title"], text=words[f"{name}_text"])
    return HTMLResponse(page, status, headers=headers)


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    if error.status_code in (401, 403):
        security_log.note("refused", getattr(request.scope.get("route"), "path", "no route"), str(error.detail))
    return _told(request, error.status_code, str(error.detail), dict(error.headers or {}))


async def _invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    found = [
        {"pointer": "/" + "/".join(str(part) for part in fault["loc"][1:]), "detail": fault["msg"]}
        for fault in error.errors()
    ]
    return (
        problem(422, "The request is not in the documented form", found)
        if _is_api(request)
        else _told(request, 422, "")
    )


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


async def _unexpected(request: Request, error: Exception) -> Response:
    _log.error("unexpected fault: %s", type(error).__name__)
    return _told(request, 500, "Unexpected fault; nothing was changed by this request")
