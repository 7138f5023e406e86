"""Negotiated penalty interest of a loan in the borrower's own pages: what was charged and allowed, the letter, the request, the answer."""

from __future__ import annotations

import secrets
from typing import Any

from fastapi import APIRouter, Depends, HTTPException, Request
from starlette.responses import Response

from arrears.account import borrower_of
from arrears.plans.paper.penalty_letters import request as letter_of
from arrears.plans.paper.penalty_letters import said
from arrears.plans.penalty import Penalty
from arrears.web.account.loans import Loan, loan_of
from arrears.web.account.recording import ONCE, reference_of
from arrears.web.account.say_pages import Sent
from arrears.web.account.shown import Who, language_for, own_page, sent_to
from arrears.web.csrf import checked
from arrears.web.links import Id
from arrears.web.penalty_requests import (
    answers_of,
    decision_pdf,
    is_requested,
    record_request,
    request_shown,
    requests_of,
)
from arrears.web.penalty_shown import Asked, letter_file, penalty_on, penalty_shown, read_asked
from arrears.web.plan_policy import policy_of_account
from arrears.web.served import Served, served_by
from arrears.web.sessions import Borrower, own_account
from arrears.web.views import note_view
from arrears.web.words import penalty_words

router = APIRouter(include_in_schema=False)
NOTHING = {"amount": "", "why": ""}


@router.get("/account/loans/{account_id}/penalty")
def ask(request: Request, who: Who, account_id: Id, lang: str | None = None) -> Response:
    """What was charged and allowed, the form, and what was asked for before."""
    return _page(request, who, loan_of(served_by(request), own_account(who, account_id)), lang)


@router.post("/account/loans/{account_id}/penalty", dependencies=[Depends(checked)])
def take(request: Request, who: Who, sent: Sent, account_id: Id, lang: str | None = None) -> Response:
    """The letter (`do`: `pdf` or `txt`), which records nothing, or the request, recorded once."""
    served, language = served_by(request), language_for(who, lang)
    own_account(who, account_id)
    if sent.get("do") in ("pdf", "txt"):
        return _letter(request, who, loan_of(served, account_id), sent, lang)
    texts = {name: sent.get(name, "") for name in NOTHING}
    reference = reference_of(who.person_id, "penalty", sent.get("once", ""), {**texts, "accounts": account_id})
    with served.store.hold([account_id]):
        with served.store.read() as connection:
            there = is_requested(connection, account_id, reference)
        if not there:
            loan = loan_of(served, account_id)
            found, typed, whole = _read(served, loan, sent)
            if found is None or typed is None or typed.faults or whole:
                return _page(request, who, loan, lang, sent, typed.faults if typed else {}, whole)
            with served.store.begin() as connection:
                record_request(
                    connection, served.personal, account_id, who.person_id, reference, typed.ask_minor, typed.why, served.now()
                )  # fmt: skip
    return sent_to("/account/loans/{}/penalty", account_id, language=language)


@router.get("/account/loans/{account_id}/penalty/{decision}.pdf")
def answer(request: Request, who: Who, account_id: Id, decision: Id, lang: str | None = None) -> Response:
    """The letter with a decision, signed with the lender's key."""
    served, language = served_by(request), language_for(who, lang)
    loan = loan_of(served, own_account(who, account_id))
    found = next((one for one in answers_of(loan.facts, account_id) if one.event_id == decision), None)
    if found is None:
        raise HTTPException(404, "Not here")
    note_view(served, who, account_id, "penalty decision")
    content = decision_pdf(served, loan.facts, found, loan.stood.account.zone, language)
    headers = {"content-disposition": f'attachment; filename="{found.event_id}.{language}.pdf"'}
    return Response(content, media_type="application/pdf", headers=headers)


def penalty_line(loan: Loan, language: str) -> str:
    """Where the latest request stands, in a line; empty where there is none."""
    latest = next(iter(requests_of(loan.facts, loan.account_id)), None)
    if latest is None:
        return ""
    words = penalty_words(language)["on_loan"]
    if latest.answered is None:
        return str(words["waits"])
    return str(words["answered"]).format(outcome=said("outcomes", latest.answered.decision.outcome, language))


def _penalty(served: Served, loan: Loan) -> tuple[Penalty | None, bool]:
    if loan.stood.account.refused:
        return None, False
    policy, own = policy_of_account(served.installation, loan.facts.accounts.row(0, named=True), loan.day)
    return penalty_on(loan.facts, loan.account_id, loan.day, policy), own


def _read(served: Served, loan: Loan, sent: dict[str, str]) -> tuple[Penalty | None, Asked | None, str]:
    """What was typed, and what stands against it as a whole."""
    found, _ = _penalty(served, loan)
    if found is None or found.due_minor <= 0:
        return None, None, ""
    is_open = any(one.answered is None for one in requests_of(loan.facts, loan.account_id))
    whole = "open" if is_open else "" if ONCE.fullmatch(sent.get("once", "")) else "worn"
    return found, read_asked(sent, found), whole


def _letter(request: Request, who: Borrower, loan: Loan, sent: dict[str, str], lang: str | None) -> Response:
    served, language, form = served_by(request), language_for(who, lang), sent["do"]
    found, _ = _penalty(served, loan)
    typed = read_asked(sent, found) if found and found.due_minor > 0 else None
    if found is None or typed is None or typed.faults:
        return _page(request, who, loan, lang, sent, typed.faults if typed else {})
    note_view(served, who, loan.account_id, "penalty letter")
    sender = str(borrower_of(loan.facts, loan.account_id).get("name") or loan.account_id)
    content, kind = letter_file(letter_of(found, typed.ask_minor, typed.why, sender, language), form)
    headers = {"content-disposition": f'attachment; filename="penalty-{loan.day}.{language}.{form}"'}
    return Response(content, media_type=kind, headers=headers)


def _page(
    request: Request, who: Borrower, loan: Loan, lang: str | None, sent: dict[str, str] | None = None,
    faults: Any = None, whole: str = "",
) -> Response:  # fmt: skip
    served, language = served_by(request), language_for(who, lang)
    account, words = loan.stood.account, penalty_words(language)
    found, own = _penalty(served, loan)
    requests = [
        request_shown(one, account.currency, loan.law, account.zone, language)
        for one in requests_of(loan.facts, loan.account_id)
    ]
    return own_page(
        "penalty.html", request, who, lang, subject=loan.account_id, account_id=loan.account_id, w=words,
        one=penalty_shown(found, loan.facts, own, language) if found else None, requests=requests,
        is_open=any(not told["decided"] for told in requests), typed={name: (sent or {}).get(name, "") for name in NOTHING},
        faults={**NOTHING, **(faults or {})}, whole=words["faults"][whole] if whole else "", once=secrets.token_urlsafe(12),
        status=422 if faults or whole else 200,
    )  # fmt: skip
