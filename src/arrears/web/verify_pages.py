"""The public pages on which a person checks whether a message is genuine. Nothing that is pasted is kept or logged."""

from __future__ import annotations

from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Form, Request
from starlette.responses import HTMLResponse, Response

from arrears.calendar import BUSINESS_ZONES
from arrears.notice.codes import grouped, normal_code
from arrears.notice.keys import code_key, public_keys, published
from arrears.notice.language import date_text
from arrears.notice.register import sent_under
from arrears.notice.verify import Verification, verify
from arrears.notice.writer import house_of
from arrears.web.pages_shown import reader_language, shown_page
from arrears.web.served import Served, served_by
from arrears.web.words import words

router = APIRouter(include_in_schema=False)
LONGEST = 20_000  # characters: a letter has a few thousand


@router.get("/verify")
def ask(request: Request, lang: str | None = None) -> Response:
    """The form."""
    return _page(request, lang, code="")


@router.get("/v/{code}")
def by_code(request: Request, code: str, lang: str | None = None) -> Response:
    """Where the QR code of a letter leads: the form with the code filled in; the answer needs the text beside it."""
    known = normal_code(code[:64])
    return _page(request, lang, code=grouped(known) if known else "")


@router.post("/verify")
def answer(
    request: Request, text: Annotated[str, Form()] = "", code: Annotated[str, Form()] = "", lang: str | None = None
) -> Response:
    """The answer to a text, a code, or both."""
    served = served_by(request)
    text, code = text[:LONGEST], code[:64].strip()
    if not text.strip() and not code:
        return _page(request, lang, code="", trouble="nothing", status=422)
    client = request.client.host if request.client else ""
    seconds = served.look_ups.wait(client, served.now())
    if seconds:
        return _page(request, lang, code=code, text=text, trouble="wait", seconds=round(seconds + 0.5), status=429)
    return _page(request, lang, code=code, text=text, found=verified(served, text, code))


@router.get("/.well-known/arrears-keys.json")
def keys(request: Request) -> Response:
    """The lender's public keys, with which a signature is checked without us."""
    installation = served_by(request).installation
    text = published(public_keys(installation.keys, installation.lender.id))
    return Response(text, media_type="application/jwk-set+json")


def verified(served: Served, text: str, code: str) -> Verification:
    """The answer to a text, a code, or both (either may be empty)."""
    installation = served.installation
    known, key = public_keys(installation.keys, installation.lender.id), code_key(installation.keys)
    day = served.now().astimezone(ZoneInfo(BUSINESS_ZONES["cn"])).date()
    with served.store.read() as connection:
        return verify(
            text, lambda one: sent_under(connection, one), known, house_of(installation), day, key, code or None
        )


def _page(
    request: Request, lang: str | None, *, code: str, text: str = "", found: Verification | None = None,
    trouble: str | None = None, seconds: int = 0, status: int = 200,
) -> Response:  # fmt: skip
    language = reader_language(request, lang)
    said = ""
    if trouble:
        phone = served_by(request).installation.lender.phone
        said = str(words(language)[trouble]).format(seconds=seconds, phone=phone)
    page = shown_page(
        "verify.html", request, lang, code=code, text=text, found=found.as_json(language) if found else None,
        sent=_sent(found, language), trouble=said, is_empty=trouble == "nothing", proof=[one.text(language) for one in found.proof] if found else [],
    )  # fmt: skip
    return HTMLResponse(page, status)


def _sent(found: Verification | None, language: str) -> str:
    """What was sent under the code, as a sentence."""
    if found is None or found.sent is None:
        return ""
    said, sent = words(language), found.sent
    return str(said["sent_line"]).format(
        on=date_text(sent.on, "", language), channel=said["channels"][sent.channel], account=sent.account
    )
