"""What is held about me: to download (JSON), to read and print, and who looked at it."""

from __future__ import annotations

import json

from fastapi import APIRouter, Request
from starlette.responses import Response

from arrears.web.account.held import held_about
from arrears.web.account.held_shown import row_shown
from arrears.web.account.loans import local_time
from arrears.web.account.message_pages import zone_of
from arrears.web.account.shown import Who, language_for, own_page
from arrears.web.served import served_by
from arrears.web.views import note_view
from arrears.web.words import zone_word

router = APIRouter(include_in_schema=False)
#: Parts in the order in which they are read.
PARTS = ("people", "accounts", "instalments", "events", "messages", "work", "stops", "waiting", "others", "views")


@router.get("/account/held")
def held(request: Request, who: Who, lang: str | None = None) -> Response:
    """The two ways to have it."""
    return own_page("held.html", request, who, lang)


@router.get("/account/held.json")
def as_file(request: Request, who: Who) -> Response:
    """All of it as a file."""
    served = served_by(request)
    note_view(served, who, who.person_id, "held.json")
    text = json.dumps(held_about(served, who.person_id, who.account_ids), ensure_ascii=False, indent=1)
    name = f"arrears-held-{served.now():%Y-%m-%d}.json"
    return Response(
        text, media_type="application/json", headers={"content-disposition": f'attachment; filename="{name}"'}
    )


@router.get("/account/held/read")
def to_read(request: Request, who: Who, lang: str | None = None) -> Response:
    """The same as one page, to read and print."""
    served, language = served_by(request), language_for(who, lang)
    found, zone = held_about(served, who.person_id, who.account_ids), zone_of(served, who)
    parts = [(name, [row_shown(name, row, language, zone) for row in found[name]]) for name in PARTS]
    made_at = f"{local_time(served.now(), zone):%Y-%m-%d %H:%M}"
    return own_page("held_read.html", request, who, lang, parts=parts, made_at=made_at, zone=zone_word(zone, language))
