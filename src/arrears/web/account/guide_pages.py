"""Two pages that lead on: help (what is the matter?) and contact (when, where and how; what was asked for so far)."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import polars as pl
from fastapi import APIRouter, Request
from starlette.responses import Response

from arrears.notice.language import date_text
from arrears.web.account.loans import Loan, loans_of, local_time
from arrears.web.account.shown import Who, channel_names, language_for, own_page
from arrears.web.account.words import form_words, own_words
from arrears.web.served import served_by
from arrears.web.words import special_words

router = APIRouter(include_in_schema=False)
HELP_LOAN = ("hardship", "plan", "promise", "dispute", "identity_theft", "death", "insolvency")
HELP_PERSON = ("illness", "complaint")
CONTACT = ("times", "place", "prefer", "stop", "start", "language", "correct")
ASKED = ("opt_out", "consent", "inconvenient")


@router.get("/account/help")
def help_page(request: Request, who: Who, lang: str | None = None) -> Response:
    """What is the matter: one link for each."""
    language = language_for(who, lang)
    titles = _titles(language)
    return own_page(
        "help.html", request, who, lang, accounts=who.account_ids, of_loan=[(name, titles[name]) for name in HELP_LOAN],
        see_standing=special_words(language)["see"], of_person=[(name, titles[name]) for name in HELP_PERSON],
    )  # fmt: skip


@router.get("/account/contact")
def contact(request: Request, who: Who, lang: str | None = None) -> Response:
    """What was asked for about contact, and the forms that change it."""
    language = language_for(who, lang)
    loans = loans_of(served_by(request), who.account_ids)
    asked = dict.fromkeys(line for loan in loans for line in _asked(loan, who.person_id, language))
    titles = _titles(language)
    return own_page(
        "contact.html", request, who, lang, asked=list(asked), of_person=[(name, titles[name]) for name in CONTACT],
        accounts=who.account_ids,
    )  # fmt: skip


def _titles(language: str) -> dict[str, str]:
    return {name: form["title"] for name, form in form_words(language).items()}


def _asked(loan: Loan, person_id: str, language: str) -> list[str]:
    """What the person asked for on one loan, the latest first, each with its day on the loan's clock."""
    theirs = pl.col("person_id").is_null() | (pl.col("person_id") == person_id)
    said_here = (pl.col("channel") == "portal") & (pl.col("direction") == "in")
    rows = loan.facts.events.filter(theirs & (pl.col("kind").is_in(ASKED) | said_here)).sort("at", descending=True)
    lines = []
    for row in rows.iter_rows(named=True):
        data = json.loads(row["data"] or "{}")
        if row["kind"] in ASKED or data.get("form") == "language":
            on = date_text(local_time(row["at"], loan.stood.account.zone).date(), loan.law, language)
            lines.append(f"{on} · {_line(row, data, loan.law, language)}")
    return lines


def _line(row: dict[str, Any], data: dict[str, Any], law: str, language: str) -> str:
    words, channels = own_words(language)["asked_for"], channel_names(language)
    channel = channels.get(row["channel"], words["any"])
    until = (
        words["until"].format(on=date_text(date.fromisoformat(data["until"]), law, language))
        if data.get("until")
        else ""
    )
    if data.get("form") == "language":
        tongues = form_words(language)["language"]["fields"]["language"]["choices"]
        return str(words["language"]).format(language=tongues.get(data.get("language"), ""))
    if row["kind"] != "inconvenient":
        return str(words[row["kind"]]).format(channel=channel)
    if data.get("hours"):
        return str(words["hours"]).format(begins=data["hours"][0], ends=data["hours"][1], channel=channel, until=until)
    if data.get("place"):
        places = form_words(language)["place"]["fields"]["place"]["choices"]
        place = places.get(data["place"], data["place"])
        return str(words["place"]).format(place=place, until=until)
    return str(words["days"]).format(channel=channel, until=until)
