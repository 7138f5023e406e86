"""Messages: everything that was sent, and a message of the channel `portal`, which is read here; its first opening is recorded."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from fastapi import APIRouter, HTTPException, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from arrears.calendar import BUSINESS_ZONES
from arrears.dispatch.channels.portal import mark_read, posted, posted_to
from arrears.web.account.loans import local_time
from arrears.web.account.sent import sent_to_person
from arrears.web.account.shown import Who, channel_names, language_for, own_page
from arrears.web.account.words import own_words
from arrears.web.links import Id
from arrears.web.message_papers import message_pdf
from arrears.web.served import Served, served_by
from arrears.web.sessions import Borrower
from arrears.web.views import note_view

router = APIRouter(include_in_schema=False)


@router.get("/account/messages")
def messages(request: Request, who: Who, lang: str | None = None) -> Response:
    """Everything that was sent to the borrower."""
    served, language = served_by(request), language_for(who, lang)
    words, channels = own_words(language), channel_names(language)
    zone = zone_of(served, who)
    shown = [
        {**asdict(one), "day": f"{local_time(one.at, zone):%Y-%m-%d %H:%M}", "unread": one.attempt_id is not None and one.read_at is None,
         "way": channels.get(one.channel, words["notice_served"]), "became": words["outcomes"].get(one.outcome, ""),
         "state": words["state"][one.verdict or "no_text"]}
        for one in sent_to_person(served, who.person_id, who.account_ids)
    ]  # fmt: skip
    return own_page("messages.html", request, who, lang, messages=shown)


@router.get("/account/messages/{attempt_id}/letter.pdf")
def letter(request: Request, who: Who, attempt_id: Id) -> Response:
    """One message of these pages as PDF, signed with the lender's key; another person's is not there."""
    served = served_by(request)
    found = posted(served.store, served.personal, attempt_id[:36], person_id=who.person_id)
    if found is None or found.words is None:
        raise HTTPException(404, "Not here")
    note_view(served, who, found.account_id, "letter")
    return message_pdf(served, found)


@router.get("/account/messages/{attempt_id}")
async def message(request: Request, who: Who, attempt_id: Id, lang: str | None = None) -> Response:
    """One message of these pages. Its being read is on the disk before it is shown; another person's is not there."""
    served = served_by(request)
    returned = await run_in_threadpool(mark_read, served.store, who.person_id, attempt_id[:36], served.now())
    if returned is None:
        raise HTTPException(404, "Not here")
    await served.inbox().record(returned)
    return await run_in_threadpool(_shown, request, who, attempt_id, lang)


def _shown(request: Request, who: Borrower, attempt_id: str, lang: str | None) -> Response:
    served = served_by(request)
    found = next(
        one for one in posted_to(served.store, served.personal, who.person_id, 10_000) if one.attempt_id == attempt_id
    )
    values: dict[str, Any] = {
        "subject_line": found.words.subject if found.words else None, "text": found.words.text if found.words else None,
        "code": found.words.code if found.words else None, "attempt": found.attempt_id if found.words else None, "account": found.account_id,
        "day": f"{local_time(found.posted_at, zone_of(served, who)):%Y-%m-%d %H:%M}",
    }  # fmt: skip
    return own_page("message.html", request, who, lang, subject=found.account_id, **values)


def zone_of(served: Served, who: Borrower) -> str:
    """The clock by which a borrower's pages tell instants: that of the first loan's business."""
    from arrears.payments.take_in import targets_of

    with served.store.read() as connection:
        found = targets_of(connection, set(who.account_ids[:1]))
    return next((target.zone for target in found.values()), BUSINESS_ZONES["cn"])
