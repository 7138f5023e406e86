"""Special standing of a loan in the borrower's own pages: what has begun, and what each other would bring, with the form that asks for it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from arrears.legal import debt_of
from arrears.web.account.case_answers import answers_shown
from arrears.web.account.loans import Loan, loan_of
from arrears.web.account.shown import Who, language_for, own_page
from arrears.web.links import Id
from arrears.web.served import Served, served_by
from arrears.web.sessions import own_account
from arrears.web.standing_shown import answer_days_here, begun_shown, special_shown, standing_words
from arrears.web.words import special_words

router = APIRouter(include_in_schema=False)


@router.get("/account/loans/{account_id}/standing")
def standing_page(request: Request, who: Who, account_id: Id, lang: str | None = None) -> Response:
    """What has begun, and what would stop if one of the others was told today."""
    served = served_by(request)
    loan = loan_of(served, own_account(who, account_id))
    return own_page(
        "standing.html", request, who, lang, subject=account_id, account_id=account_id,
        answers=answers_shown(served, loan, who.person_id, language_for(who, lang)),
        **_told(served, loan, language_for(who, lang), special_shown),
    )  # fmt: skip


def begun_of(served: Served, loan: Loan, language: str) -> dict[str, Any]:
    """The special standing of a loan that has begun, with its words, by the lender's policy here."""
    return _told(served, loan, language, begun_shown)


def _told(served: Served, loan: Loan, language: str, shown: Callable[..., dict[str, Any]]) -> dict[str, Any]:
    debt = debt_of(loan.facts, loan.account_id, loan.day)
    own_days = answer_days_here(served.installation, debt.row, debt.day)
    return {
        "special": shown(debt, own_days, language), "special_words": special_words(language),
        "sw": standing_words(language),
    }  # fmt: skip
