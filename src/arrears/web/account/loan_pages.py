"""My loans: the list with what is due now and the next step, and each loan with what is owed and why, line by line."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from arrears import show
from arrears.facts.beside import tongue_of
from arrears.notice.language import amount_text, date_text
from arrears.web.account import chart
from arrears.web.account.loans import Loan, loan_of, loans_of
from arrears.web.account.penalty_pages import penalty_line
from arrears.web.account.plan_pages import plan_shown
from arrears.web.account.shown import Who, language_for, own_page
from arrears.web.account.standing_pages import begun_of
from arrears.web.account.words import own_words
from arrears.web.links import Id
from arrears.web.served import served_by
from arrears.web.sessions import own_account
from arrears.web.stand_answer import parts
from arrears.web.words import penalty_words, plan_words

router = APIRouter(include_in_schema=False)


@router.get("/account")
def my_loans(request: Request, who: Who, lang: str | None = None) -> Response:
    """All loans of the borrower."""
    language = language_for(who, lang)
    loans = loans_of(served_by(request), who.account_ids)
    return own_page("home.html", request, who, lang, loans=[_summary(loan, language) for loan in loans])


@router.get("/account/loans/{account_id}")
def one_loan(request: Request, who: Who, account_id: Id, lang: str | None = None) -> Response:
    """One loan: figures, next step, ledger with rules and chart, why nobody visited, the week, the law behind it."""
    served = served_by(request)
    loan = loan_of(served, own_account(who, account_id))
    language = language_for(who, lang)
    answer = parts(loan.stood, loan.law, language, from_tomorrow=True)
    return own_page(
        "loan.html", request, who, lang, subject=account_id, answer=answer, loan=_summary(loan, language), **_drawn(loan, language),
        who=own_words(language)["who_asks"][loan.stood.asking.binds], plan=plan_shown(served, loan, language), pw=plan_words(language),
        **begun_of(served, loan, language), penalty=penalty_line(loan, language) or penalty_words(language)["see"],
    )  # fmt: skip


def _drawn(loan: Loan, language: str) -> dict[str, Any]:
    account = loan.stood.account
    if account.refused:
        return {"picture": "", "table": []}
    lines = account.lines(language)
    days = chart.days_of(account, lines)
    return {"picture": chart.picture(account, lines), "table": chart.table(days, account.currency)}


def _summary(loan: Loan, language: str) -> dict[str, Any]:
    """What the list shows of a loan: the figure, since when, and the next step with its date."""
    account, row = loan.stood.account, loan.stood.account.replayed.position
    if account.refused:
        return {"id": loan.account_id, "refused": True}
    oldest = row["oldest_due_on"]
    return {
        "id": loan.account_id, "refused": False, "due": amount_text(loan.due_minor, account.currency, language), "days": row["days_past_due"],
        "is_due": loan.due_minor > 0, "is_late": loan.past_due_minor > 0, "since": date_text(oldest, loan.law, language) if oldest else "",
        "next_due": date_text(row["next_due_on"], loan.law, language) if row["next_due_on"] else "",
        "next_amount": amount_text(row["next_due_amount"], account.currency, language), "settled": loan.most_minor == 0,
        "next": show.what_comes_next(account, language), "planned": _planned(loan, language), **_promised(loan, language),
    }  # fmt: skip


def _planned(loan: Loan, language: str) -> str:
    """What we plan to do on the next day, with its date; empty where nothing is planned."""
    action = loan.stood.account.decision.action
    if action is None or loan.stood.account.ladder.law != loan.law:
        return ""
    on = date_text(loan.day + timedelta(days=1), loan.law, language)
    return str(own_words(language)["planned"]).format(on=on, action=action.name[tongue_of(language)])


def _promised(loan: Loan, language: str) -> dict[str, str]:
    """The promise that is open, in words; empty where none is."""
    row, currency = loan.stood.account.replayed.position, loan.stood.account.currency
    if not row["promises_open"] or row["promise_due_on"] is None:
        return {"promised": ""}
    said = str(own_words(language)["promised"])
    amount = amount_text(row["promise_amount"] or 0, currency, language)
    return {"promised": said.format(amount=amount, by=date_text(row["promise_due_on"], loan.law, language))}
