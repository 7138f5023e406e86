"""A repayment plan in the borrower's own pages: a budget, at once the plans it can carry, an own proposal, agreeing, and the agreement."""

from __future__ import annotations

import secrets
from typing import Any

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from arrears import plans
from arrears.errors import Refusal
from arrears.notice.language import amount_text, date_text
from arrears.plans.words import word
from arrears.web.account import forms
from arrears.web.account.loans import Loan, loan_of
from arrears.web.account.plan_found import Found, agreement_pdf, found_for, kept_of, next_instalment, own_plan
from arrears.web.account.plan_recording import Choice, is_there, record_agreed, record_asked
from arrears.web.account.recording import ONCE, grouped, reference_of
from arrears.web.account.say_pages import Sent
from arrears.web.account.shown import Who, language_for, own_page, sent_to
from arrears.web.budget_form import Typed, budget_text, shown, typed
from arrears.web.csrf import checked
from arrears.web.links import Id
from arrears.web.plan_shown import figures_of, offers_shown
from arrears.web.served import Served, served_by
from arrears.web.sessions import Borrower, own_account
from arrears.web.views import note_view
from arrears.web.words import plan_words

router = APIRouter(include_in_schema=False)


@router.get("/account/loans/{account_id}/plan")
def ask(request: Request, who: Who, account_id: Id, lang: str | None = None) -> Response:
    """The form of the budget."""
    return _page(request, who, loan_of(served_by(request), own_account(who, account_id)), lang, None)


@router.post("/account/loans/{account_id}/plan", dependencies=[Depends(checked)])
def answer(request: Request, who: Who, sent: Sent, account_id: Id, lang: str | None = None) -> Response:
    """The plans that the budget can carry, or the answer to a proposal; nothing is recorded."""
    loan = loan_of(served_by(request), own_account(who, account_id))
    return _page(request, who, loan, lang, sent)


@router.post("/account/loans/{account_id}/plan/choose", dependencies=[Depends(checked)])
def choose(request: Request, who: Who, sent: Sent, account_id: Id, lang: str | None = None) -> Response:
    """Agree to a plan, or ask for one that a person must grant; each press once."""
    served, language = served_by(request), language_for(who, lang)
    own_account(who, account_id)
    texts = {name: value for name, value in sent.items() if name not in ("once", "csrf")}
    reference = reference_of(who.person_id, "plan", sent.get("once", ""), {**texts, "accounts": account_id})
    with served.store.hold([account_id]):
        with served.store.read() as connection:
            there = is_there(connection, account_id, reference)
        loan = loan_of(served, account_id)
        if not there:
            choice = _choice(served, who, loan, sent, reference)
            if choice is None or not ONCE.fullmatch(sent.get("once", "")):
                return _page(request, who, loan, lang, sent, changed=True)
            _record(served, choice)
            loan = loan_of(served, account_id)
    plan = own_plan(loan)
    at_once = plan is not None and plan["event_id"].endswith(reference)
    if at_once:
        return sent_to("/account/loans/{}/plan/agreed", account_id, language=language)
    return sent_to("/account/recorded/{}", grouped(reference), language=language)


@router.get("/account/loans/{account_id}/plan/agreed")
def in_force(request: Request, who: Who, account_id: Id, lang: str | None = None) -> Response:
    """The plan as it is kept, its next instalment, and where its agreement is."""
    return _agreed_page(request, who, loan_of(served_by(request), own_account(who, account_id)), lang)


@router.get("/account/loans/{account_id}/plan/agreement.pdf")
def agreement(request: Request, who: Who, account_id: Id, lang: str | None = None) -> Response:
    """The agreement, signed with the lender's key; the page of the plan, which says so, where it cannot be made."""
    loan = loan_of(served_by(request), own_account(who, account_id))
    content = agreement_pdf(served_by(request), loan, language_for(who, lang))
    if content is None:
        return _agreed_page(request, who, loan, lang, gone=True)
    note_view(served_by(request), who, account_id, "plan agreement")
    headers = {"Content-Disposition": f'attachment; filename="agreement-{_safe(account_id)}.pdf"'}
    return Response(content, media_type="application/pdf", headers=headers)


def _agreed_page(request: Request, who: Borrower, loan: Loan, lang: str | None, gone: bool = False) -> Response:
    """`gone`: the agreement was asked for and cannot be made again."""
    language = language_for(who, lang)
    return own_page(
        "plan_agreed.html", request, who, lang, subject=loan.account_id, plan=plan_shown(served_by(request), loan, language),
        pw=plan_words(language), account_id=loan.account_id, gone=gone,
    )  # fmt: skip


def _safe(name: str) -> str:
    return "".join(sign if sign.isascii() and (sign.isalnum() or sign in "-_") else "-" for sign in name)


def plan_shown(served: Served, loan: Loan, language: str) -> dict[str, Any] | None:
    """The plan of a loan in words: state, since when, next instalment, every instalment; None where there is none."""
    plan = own_plan(loan)
    if plan is None or loan.stood.account.refused:
        return None
    words, currency, kept, coming = (
        plan_words(language),
        loan.stood.account.currency,
        kept_of(loan),
        next_instalment(loan),
    )

    def day(on: Any) -> str:
        return date_text(on, loan.law, language)

    rows = [
        (number, row["due_on"], sum(int(row.get(name) or 0) for name in ("principal", "interest", "fee")))
        for number, row in enumerate(plan["data"]["instalments"], 1)
    ]
    state = word("kept", kept.said, language, until=kept.repair_until)
    return {
        "state": words["agreed_state"].format(state=state), "since": words["agreed_since"].format(on=day(kept.since)) if kept.since else "",
        "next": words["agreed_next"].format(on=day(coming[0]), amount=amount_text(coming[1], currency, language)) if coming else "",
        "rows": [(number, due_on, amount_text(amount, currency, language)) for number, due_on, amount in rows],
        "ours": plan["event_id"].startswith("plan-"),
    }  # fmt: skip


def _read(loan: Loan, sent: dict[str, str]) -> tuple[Typed, int | None, int | None]:
    """What was typed: the budget, the amount proposed (minor units) and its day."""
    account = loan.stood.account
    region = plans.owed_of(loan.facts, loan.account_id, loan.day).region
    read = typed(loan.law, account.currency, region, sent)
    proposed, day = None, None
    if text := sent.get("propose", "").strip():
        proposed, fault = forms.amount(text, forms.Limits(account.currency, 10**15, loan.day, 0))
        if fault:
            read.faults["propose"] = "propose"
    if text := sent.get("propose_day", "").strip():
        day = int(text) if text.isascii() and text.isdigit() and 1 <= int(text) <= 31 else None
        if day is None:
            read.faults["propose_day"] = "pay_day"
    return read, proposed, day


def _found(served: Served, loan: Loan, sent: dict[str, str]) -> tuple[Typed, Found | None]:
    read, proposed, day = _read(loan, sent)
    if read.faults:
        return read, None
    return read, found_for(served, loan, budget_text(read.content), proposed, day)


def _choice(served: Served, who: Borrower, loan: Loan, sent: dict[str, str], reference: str) -> Choice | None:
    """What was chosen, if it is still on offer with the same figures."""
    read, proposed, day = _read(loan, sent)
    found = None if read.faults else found_for(served, loan, budget_text(read.content), proposed, day)
    try:
        offer = found.offers.offer(sent.get("offer", "")) if found else None
    except Refusal:
        return None
    if found is None or offer is None or figures_of(offer) != sent.get("figures"):
        return None
    return Choice(who.person_id, reference, found.offers, offer, budget_text(read.content), proposed, day)


def _record(served: Served, choice: Choice) -> None:
    """Record what was chosen. What staff read of it is in Chinese, the house's language, whatever the borrower's."""
    words, offer, currency = plan_words("zh-CN"), choice.offer, choice.found.owed.currency
    with served.store.begin() as connection:
        if offer.level.at_once:
            record_agreed(connection, served.personal, choice, served.now())
            return
        told = {
            "kind": word("kinds", offer.kind, "zh-CN"),
            "count": len(offer.rows),
            "total": amount_text(offer.total_minor, currency, "zh-CN"),
        }
        why = words["why"].format(reason=words["not_at_once"].format(by=offer.level.by["zh"]))
        record_asked(connection, served.personal, choice, why, words["queue"].format(**told), served.now())


def _page(
    request: Request, who: Borrower, loan: Loan, lang: str | None, sent: dict[str, str] | None, changed: bool = False
) -> Response:
    """The form, and below it what it gives. The budget goes with every button as hidden fields: it is kept nowhere until a plan is chosen."""
    served, language = served_by(request), language_for(who, lang)
    words = plan_words(language)
    read, found = _found(served, loan, sent) if sent is not None else (None, None)
    offers = None
    if found is not None:
        warning = plans.limitation_of(loan.facts, loan.account_id, loan.day)
        offers = offers_shown(found.offers, found.own_policy, language, warning, found.answer)
    extra = {name: (sent or {}).get(name, "") for name in ("propose", "propose_day")}
    faults = {name: words["faults"][code] for name, code in read.faults.items()} if read else {}
    return own_page(
        "plan.html", request, who, lang, subject=loan.account_id, status=422 if faults else 409 if changed else 200, pw=words,
        groups=shown(loan.law, read, language), offers=offers, typed=read.texts if read else {}, extra=extra, faults=faults,
        account_id=loan.account_id, once=secrets.token_urlsafe(12), changed=changed,
        no_policy=read is not None and not faults and found is None,
    )  # fmt: skip
