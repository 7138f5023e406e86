"""Forms: promise, plan, hardship, illness, dispute, identity theft, complaint, contact, corrections; and the page after each of them."""

from __future__ import annotations

import json
import secrets
from datetime import date
from typing import Annotated, Any

import polars as pl
from fastapi import APIRouter, Depends, HTTPException, Request
from starlette.responses import Response

from arrears.errors import refuse
from arrears.installation import Installation
from arrears.notice.language import amount_text, date_text
from arrears.web.account import forms
from arrears.web.account.effects import effects, warnings
from arrears.web.account.loans import Loan, loan_of, loans_of, local_time, without
from arrears.web.account.recording import (
    ONCE,
    PREFIX,
    Statement,
    event_id_of,
    grouped,
    is_recorded,
    record_statement,
    reference_of,
)
from arrears.web.account.shown import Who, channel_names, language_for, own_page, sent_to
from arrears.web.account.statements import FOR_A_PERSON, said_by
from arrears.web.account.words import own_words
from arrears.web.csrf import checked
from arrears.web.links import Id, address
from arrears.web.served import Served, served_by
from arrears.web.sessions import Borrower, own_account
from arrears.web.words import zone_word

router = APIRouter(include_in_schema=False)
#: How many days ahead a promise may be, unless the installation says otherwise.
PROMISE_DAYS = 31
#: Forms of money: they are refused while nothing is to be paid.
OF_MONEY = ("promise", "plan")
#: Where the one next step after a form leads; the rest go to the list of loans.
NEXT = {
    "promise": "/account/loans/{}/pay", "plan": "/account/loans/{}/pay", "hardship": "/account/loans/{}/plan",
    "dispute": "/account/loans/{}", "identity_theft": "/account/loans/{}/standing", "death": "/account/loans/{}/standing",
    "insolvency": "/account/loans/{}/standing", "correct": "/account/held",
    **dict.fromkeys(("times", "place", "stop", "start", "prefer", "language"), "/account/contact"),
}  # fmt: skip


#: Forms whose answer the law may give a time limit.
CLOCKED = ("hardship", "dispute", "identity_theft", "complaint")


def promise_days(installation: Installation) -> int:
    """How many days ahead a promise may be: `borrower: {promise_days: 31}`. Refusal if it is no number from 1 to 366."""
    told = installation.section("borrower").get("promise_days", PROMISE_DAYS)
    if not isinstance(told, int) or isinstance(told, bool) or not 1 <= told <= 366:
        raise refuse("installation", "must be a number of days from 1 to 366", file=str(installation.path),
                     field="borrower.promise_days", exit_code=2)  # fmt: skip
    return told


async def sent_fields(request: Request) -> dict[str, str]:
    """The fields of a form as text."""
    form = await request.form(max_files=0, max_fields=100)
    return {name: value for name, value in form.multi_items() if isinstance(value, str)}


Sent = Annotated[dict[str, str], Depends(sent_fields)]


@router.get("/account/loans/{account_id}/say/{loan_form}")
def ask_of_loan(request: Request, who: Who, account_id: Id, loan_form: str, lang: str | None = None) -> Response:
    """The form about one loan."""
    return _ask(request, who, _known(loan_form, "loan"), lang, (own_account(who, account_id),))


@router.get("/account/say/{person_form}")
def ask_of_person(request: Request, who: Who, person_form: str, lang: str | None = None) -> Response:
    """The form about the person, for all loans."""
    return _ask(request, who, _known(person_form, "person"), lang, who.account_ids)


@router.post("/account/loans/{account_id}/say/{loan_form}", dependencies=[Depends(checked)])
def take_of_loan(
    request: Request, who: Who, sent: Sent, account_id: Id, loan_form: str, lang: str | None = None
) -> Response:
    """Record what was said about one loan."""
    return _take(request, who, _known(loan_form, "loan"), lang, (own_account(who, account_id),), sent)


@router.post("/account/say/{person_form}", dependencies=[Depends(checked)])
def take_of_person(request: Request, who: Who, sent: Sent, person_form: str, lang: str | None = None) -> Response:
    """Record what was said about the person."""
    return _take(request, who, _known(person_form, "person"), lang, who.account_ids, sent)


def _known(form: str, about: str) -> str:
    if form not in forms.names(about):
        raise HTTPException(404, "Not here")
    return form


def _limits(served: Served, loan: Loan) -> forms.Limits:
    return forms.Limits(loan.stood.account.currency, loan.most_minor, loan.day, promise_days(served.installation))


def _ask(
    request: Request, who: Borrower, form: str, lang: str | None, account_ids: tuple[str, ...], filled: forms.Filled | None = None,
    whole: str = "",
) -> Response:  # fmt: skip
    """The form, empty or with its faults. `whole`: a fault of the form as a whole."""
    served, language = served_by(request), language_for(who, lang)
    loan = loan_of(served, account_ids[0])
    limits = _limits(served, loan)
    hints = {"most": amount_text(limits.most_minor, limits.currency, language), "days": str(limits.days)}
    about = own_words(language)["loan"].format(id=loan.account_id) if form in forms.names("loan") else ""
    said = own_words(language)["faults"]
    return own_page(
        "form.html", request, who, lang, subject=loan.account_id if about else None, status=422 if filled else 200,
        form=forms.shown(form, filled, language, hints, channel_names(language)), about=about, once=secrets.token_urlsafe(12),
        whole=said[whole] if whole else "", warned=warnings(loan, language) if form in OF_MONEY else [],
    )  # fmt: skip


def _take(
    request: Request, who: Borrower, form: str, lang: str | None, account_ids: tuple[str, ...], sent: dict[str, str]
) -> Response:  # fmt: skip
    served, once = served_by(request), sent.get("once", "")
    texts = {name: value for name, value in sent.items() if name not in ("once", "csrf")}
    reference = reference_of(who.person_id, form, once, {**texts, "accounts": " ".join(account_ids)})
    with served.store.hold(account_ids):
        with served.store.read() as connection:
            there = is_recorded(connection, account_ids, reference)
        if not there:
            loan = loan_of(served, account_ids[0])
            filled = forms.fill(form, texts, _limits(served, loan))
            whole = _against(form, loan) if ONCE.fullmatch(once) else "worn"
            if filled.faults or whole:
                return _ask(request, who, form, lang, account_ids, filled, whole)
            statement = Statement(who.person_id, form, account_ids, said_by(form, filled.values), reference)
            with served.store.begin() as connection:
                record_statement(connection, served.personal, statement, served.now())
    return sent_to("/account/recorded/{}", grouped(reference), language=language_for(who, lang))


def _against(form: str, loan: Loan) -> str:
    """What stands against a form as a whole: nothing is due, or a promise is open already."""
    row = loan.stood.account.replayed.position
    if form in OF_MONEY and loan.most_minor == 0:
        return "nothing_due"
    return "open_promise" if form == "promise" and row["promises_open"] else ""


@router.get("/account/recorded/{reference}")
def recorded(request: Request, who: Who, reference: Id, lang: str | None = None) -> Response:
    """What was recorded, what stops because of it, which clocks run, what will be asked, and the one next step."""
    served, language, event_id = served_by(request), language_for(who, lang), event_id_of(reference[:32])
    found = [
        (loan, row)
        for loan in (loans_of(served, who.account_ids) if event_id else ())
        for row in loan.facts.events.filter(pl.col("event_id") == event_id).iter_rows(named=True)
    ]
    if event_id is None or not found:
        raise HTTPException(404, "Not here")
    loan, row = found[0]
    data = json.loads(row["data"] or "{}")
    form = str(data["form"])
    shown = forms.shown(form, None, language, {"most": "", "days": ""}, channel_names(language))
    zone = loan.stood.account.zone
    return own_page(
        "recorded.html", request, who, lang, subject=loan.account_id, form=shown, reference=grouped(event_id.removeprefix(PREFIX)),
        recorded_at=f"{local_time(row['at'], zone):%Y-%m-%d %H:%M}", zone=zone_word(zone, language), passed_on=form in FOR_A_PERSON, told=_told(form, row, data, loan, language),
        effects=[(one.account_id, effects(one, without(served, one, event_id), event_id, language)) for one, _ in found],
        forward=address(NEXT.get(form, "/account"), loan.account_id), forward_word=_forward_word(form, language), clocked=form in CLOCKED,
    )  # fmt: skip


def _forward_word(form: str, language: str) -> str:
    places = own_words(language)["next_places"]
    return str(places.get(form) or places["contact" if NEXT.get(form) == "/account/contact" else "illness"])


def _told(form: str, row: dict[str, Any], data: dict[str, Any], loan: Loan, language: str) -> list[tuple[str, str]]:
    """What was said, for the page to repeat; free text is not."""
    values: dict[str, Any] = {
        **data,
        **({"channel": row["channel"]} if row["kind"] in ("opt_out", "consent", "inconvenient") else {}),
    }
    values = {name: value for name, value in values.items() if value is not None}
    if row["amount"] is not None:
        values = {"amount": amount_text(row["amount"], loan.stood.account.currency, language), **values}
    if "hours" in values:
        values |= {"begins": values["hours"][0], "ends": values["hours"][1]}
    values |= {"by": values.get("by", values.get("first_on"))} if form in OF_MONEY else {}
    for name in ("by", "until"):
        if values.get(name):
            values[name] = date_text(date.fromisoformat(values[name]), loan.law, language)
    return forms.told_back(form, values, language, channel_names(language))
