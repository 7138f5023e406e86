"""A page of the desk: its words in the reader's language, who is signed in, the menu of what their roles may see."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from fastapi import Request
from starlette.responses import HTMLResponse, Response

from arrears.calendar import BUSINESS_ZONES
from arrears.web.links import address
from arrears.web.pages_shown import reader_language, shown_page
from arrears.web.roles import deeds_of
from arrears.web.sessions import Staff
from arrears.web.words import words_of

#: The pages of the menu, each with the deed it is for.
MENU = (
    ("list", "/desk", "see_work_list"), ("call", "/desk/call", "make_calls"), ("rounds", "/desk/rounds", "make_visits"),
    ("cases", "/desk/cases/promises", "see_accounts"), ("approvals", "/desk/approvals", "see_approvals"),
    ("figures", "/desk/figures", "see_figures"), ("strategy", "/desk/strategy", "see_strategy"),
    ("stops", "/desk/stops", "see_work_list"), ("law", "/desk/law", "see_law"), ("log", "/desk/log", "see_log"),
)  # fmt: skip


def words_in(language: str) -> dict[str, Any]:
    """The words of the desk in `zh-CN` or `en`."""
    return words_of("arrears.web.desk", "words.yaml", language)


def desk_page(request: Request, who: Staff, template: str, status: int = 200, **values: Any) -> Response:
    """The page `desk/TEMPLATE`. Its `lang` is the one of the address, and goes along in every link."""
    return HTMLResponse(desk_text(request, who, template, **values), status)


def desk_text(request: Request, who: Staff, template: str, **values: Any) -> str:
    """A page or a part of one as text."""
    asked = request.query_params.get("lang")
    language = reader_language(request, asked)
    link = linker(asked)
    deeds = deeds_of(who.roles)
    words = words_in(language)
    menu = [
        (words["menu"][name], link(path), _is_here(request.url.path, path))
        for name, path, deed in MENU
        if deed in deeds
    ]
    return shown_page(
        f"desk/{template}", request, asked, words=words, who=who, menu=menu, link=link, deeds=deeds,
        here=_here(request), **values,
    )  # fmt: skip


def linker(asked: str | None) -> Callable[..., str]:
    """Makes addresses (`links.address`) that keep the language that was asked for; parameters without a value are left out."""

    def link(path: str, *ids: object, **parameters: Any) -> str:
        told = {name: value for name, value in {**parameters, "lang": asked}.items() if value not in (None, "")}
        return address(path, *ids) + (f"?{urlencode(told)}" if told else "")

    return link


def _here(request: Request) -> str:
    """This page's own parameters but for the language, to be followed by it."""
    return urlencode([(name, value) for name, value in request.query_params.multi_items() if name != "lang"])


def _is_here(path: str, of: str) -> bool:
    return path == of if of == "/desk" else path.startswith(of.rsplit("/", 1)[0] if of.count("/") > 2 else of)


def language_here(request: Request) -> str:
    """The language of a page of the desk."""
    return reader_language(request, request.query_params.get("lang"))


def local(at: datetime | None, zone: str = BUSINESS_ZONES["cn"]) -> str:
    """An instant on the clock of a zone, to the minute; empty for none."""
    return "" if at is None else f"{at.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M}"
