"""One page of the borrower's own: its language, its words, and the look at it written down before it is shown."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Depends, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from arrears.web.account.words import own_words, parts_words
from arrears.web.links import address
from arrears.web.pages_shown import shown_page
from arrears.web.served import served_by
from arrears.web.sessions import Borrower, borrower
from arrears.web.views import note_view
from arrears.web.words import LANGUAGES, words

#: Who is signed in, for every route of these pages.
Who = Annotated[Borrower, Depends(borrower)]


def language_for(who: Borrower, lang: str | None) -> str:
    """The language of a page: the one asked for in the address, else the borrower's."""
    return str(lang) if lang in LANGUAGES else who.language


def own_page(
    template: str, request: Request, who: Borrower, lang: str | None, /, *, subject: str | None = None, status: int = 200, **values: Any
) -> Response:  # fmt: skip
    """A page as an answer. `subject`: the account that is looked at, if it is one; the look is noted under it."""
    language = language_for(who, lang)
    note_view(served_by(request), who, subject or who.person_id, template.removesuffix(".html"))
    page = shown_page(
        f"account/{template}", request, language, me=who, own=own_words(language), words=parts_words(language), **values
    )  # fmt: skip
    return HTMLResponse(page, status)


def channel_names(language: str) -> dict[str, str]:
    """The channels in words."""
    return dict(words(language)["channels"])


def sent_to(path: str, *ids: str, language: str) -> Response:
    """After a form: on to a page (`links.address`) that may be read again."""
    return RedirectResponse(f"{address(path, *ids)}?lang={language}", 303)
