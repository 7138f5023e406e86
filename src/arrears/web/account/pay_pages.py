"""Pay: how much, on to the provider, back from it; and the address at which its signed notices make a payment a fact, once."""

from __future__ import annotations

import secrets
from typing import Any

from fastapi import APIRouter, Depends, HTTPException, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import HTMLResponse, Response

from arrears.dispatch.channels.webhook_signature import key_of
from arrears.errors import refuse
from arrears.installation import Installation, secret
from arrears.notice.language import amount_text
from arrears.payments.match import structured_reference
from arrears.payments.provider import (
    Order,
    Provider,
    event_id_of,
    is_open,
    opened_order,
    sealed_order,
    take_notice,
)
from arrears.payments.reference import reference_pattern
from arrears.web.account import forms
from arrears.web.account.effects import warnings
from arrears.web.account.loans import Loan, loan_of
from arrears.web.account.recording import ONCE, reference_of
from arrears.web.account.say_pages import Sent
from arrears.web.account.shown import Who, language_for, own_page, sent_to
from arrears.web.account.test_provider import TestProvider
from arrears.web.account.words import own_words
from arrears.web.csrf import checked, from_here
from arrears.web.links import Id
from arrears.web.pages_shown import reader_language, shown_page
from arrears.web.served import Served, served_by
from arrears.web.sessions import own_account

router = APIRouter(include_in_schema=False)


def provider_of(installation: Installation, order_key: bytes) -> Provider | None:
    """The provider of `payments: provider:`; None where none is set up. Refusal if its settings are unfit."""
    told = installation.section("payments").get("provider")
    if told is None:
        return None
    if not isinstance(told, dict) or told.get("kind") != "test":
        raise _unfit(installation, "kind", "is not known here: test")
    if installation.settings.get("rehearsal") is not True:
        raise _unfit(installation, "kind", "moves no money, so it needs `rehearsal: true`")
    found = secret(told, "secret", installation.path)
    try:
        key_of(found or "")
    except ValueError as error:
        raise _unfit(installation, "secret", str(error)) from None
    return TestProvider(found or "", order_key)


def _unfit(installation: Installation, name: str, what: str) -> Exception:
    return refuse("installation", what, file=str(installation.path), field=f"payments.provider.{name}", exit_code=2)


def _key(served: Served) -> bytes:
    return served.personal.masters.token_key


def _provider(served: Served) -> Provider | None:
    return provider_of(served.installation, _key(served))


# --- the borrower's pages -----------------------------------------------------------------------------------------


@router.get("/account/loans/{account_id}/pay")
def how_much(request: Request, who: Who, account_id: Id, lang: str | None = None) -> Response:
    """How much: from the position, never more than is owed."""
    return _form(request, who, own_account(who, account_id), lang)


def _form(
    request: Request, who: Who, account_id: str, lang: str | None, wrong: str = "", own: str = "", chosen: str = ""
) -> Response:
    served, language = served_by(request), language_for(who, lang)
    loan = loan_of(served, account_id)
    currency = loan.stood.account.currency
    choices = [(name, minor, amount_text(minor, currency, language)) for name, minor in amounts_of(loan).items()]
    provider = _provider(served)
    words = own_words(language)
    return own_page(
        "pay.html", request, who, lang, subject=account_id, status=422 if wrong else 200, about=words["loan"].format(id=account_id),
        choices=choices, most=amount_text(loan.most_minor, currency, language), nothing=loan.most_minor == 0, typed=own,
        chosen=chosen or (choices[0][0] if choices else "own"), wrong=words["faults"][wrong] if wrong else "",
        provider=provider, reference=_reference(served, account_id), once=secrets.token_urlsafe(12), warned=warnings(loan, language),
    )  # fmt: skip


def _reference(served: Served, account_id: str) -> str:
    """What a transfer names so that it finds the account: ISO 11649 where the id can be one and the house has no form of its own."""
    own = reference_pattern(served.installation)
    return account_id if own else structured_reference(account_id) or account_id


def amounts_of(loan: Loan) -> dict[str, int]:
    """The amounts to choose from, minor units: what is past due, all that is due, what settles the loan; each sum once, none above the last."""
    most = loan.most_minor
    told = {"overdue": loan.past_due_minor, "due": loan.due_minor, "payoff": most}
    found: dict[str, int] = {}
    for name, minor in told.items():
        if 0 < minor <= most and minor not in found.values():
            found[name] = minor
    return found


@router.post("/account/loans/{account_id}/pay", dependencies=[Depends(checked)])
def start(request: Request, who: Who, sent: Sent, account_id: Id, lang: str | None = None) -> Response:
    """The order: the same press twice is the same order. It is paid at the provider, or not."""
    served, language = served_by(request), language_for(who, lang)
    provider, once = _provider(served), sent.get("once", "")
    loan = loan_of(served, own_account(who, account_id))
    if provider is None:
        return _form(request, who, account_id, lang)
    chosen, typed = sent.get("amount", ""), sent.get("own", "")
    minor, fault = _chosen(loan, chosen, typed)
    if minor is None or fault or not ONCE.fullmatch(once):
        return _form(request, who, account_id, lang, fault or "worn", typed, chosen)
    order_id = reference_of(who.person_id, "pay", once, {"account": account_id, "amount": str(minor)})
    token = sealed_order(Order(order_id, account_id, minor, loan.stood.account.currency, served.now()), _key(served))
    return own_page(
        "pay_go.html", request, who, lang, subject=account_id, address=provider.address(token), order=order_id, account=account_id,
        amount=amount_text(minor, loan.stood.account.currency, language), provider=provider, name=_name(provider, language),
    )  # fmt: skip


def _name(provider: Provider, language: str) -> str:
    return str(own_words(language)["test_name"]) if provider.is_test else provider.name


def _chosen(loan: Loan, chosen: str, typed: str) -> tuple[int | None, str]:
    """The amount of a choice, minor units, or the fault. The sums are those of this moment, not those of the page."""
    if chosen != "own":
        minor = amounts_of(loan).get(chosen)
        return minor, "" if minor else "choice"
    if not typed.strip():
        return None, "missing"
    return forms.amount(typed, forms.Limits(loan.stood.account.currency, loan.most_minor, loan.day, 0))


@router.get("/account/loans/{account_id}/pay/back/{order_id}")
def back(request: Request, who: Who, account_id: Id, order_id: Id, lang: str | None = None) -> Response:
    """What became of an order: paid only if the provider's notice made it a fact."""
    served, language = served_by(request), language_for(who, lang)
    loan, provider = loan_of(served, own_account(who, account_id)), _provider(served)
    paid = event_id_of(provider.name, order_id[:64]) if provider else ""
    rows = loan.facts.events.filter(
        (loan.facts.events["event_id"] == paid) & (loan.facts.events["kind"] == "payment")
    ).to_dicts()
    amount = amount_text(rows[0]["amount"], loan.stood.account.currency, language) if rows else ""
    return own_page(
        "pay_back.html", request, who, lang, subject=account_id, amount=amount, account=account_id,
        due=amount_text(loan.due_minor, loan.stood.account.currency, language),
    )  # fmt: skip


# --- notices --------------------------------------------------------------------------------------------------------


@router.post("/payments/notices/{name}")
async def notified(request: Request, name: str) -> Response:
    """A notice of the provider: 204 when its payment is on the disk, and for one that is there already; 400 for anything else."""
    served, body = served_by(request), await request.body()
    return await run_in_threadpool(_notified, served, name, dict(request.headers), body)


def _notified(served: Served, name: str, headers: dict[str, str], body: bytes) -> Response:
    provider = _provider(served)
    if provider is None or provider.name != name:
        raise HTTPException(404, "Not here")
    notice = provider.read_notice(headers, body, served.now())
    if notice is None:
        raise HTTPException(400, "Not signed by the provider, or not about an order")
    take_notice(served.store, served.personal, provider, notice, served.now())
    return Response(status_code=204)


# --- the test provider's own page -------------------------------------------------------------------------------------


def _test(served: Served, token: str) -> tuple[TestProvider, Order]:
    provider, order = _provider(served), opened_order(token, _key(served))
    if not isinstance(provider, TestProvider) or order is None:
        raise HTTPException(404, "Not here")
    return provider, order


@router.get("/test-payment/{token}")
def test_page(request: Request, token: str, lang: str | None = None) -> Response:
    """The test provider's payment page, marked as one."""
    served = served_by(request)
    _, order = _test(served, token)
    language = reader_language(request, lang)
    values: dict[str, Any] = {
        "own": own_words(language), "amount": amount_text(order.amount_minor, order.currency, language), "order": order,
        "gone": not is_open(order, served.now()),
    }  # fmt: skip
    return HTMLResponse(shown_page("account/test_payment.html", request, language, **values))


@router.post("/test-payment/{token}")
def test_paid(request: Request, token: str, lang: str | None = None) -> Response:
    """Its button: it sends the signed notice through the door of all notices, and leads back."""
    from_here(request)
    served = served_by(request)
    provider, order = _test(served, token)
    if not is_open(order, served.now()):
        raise HTTPException(409, "Expired")
    headers, body = provider.call("paid", token, order, served.now())
    _notified(served, provider.name, headers, body)
    return sent_to(
        "/account/loans/{}/pay/back/{}", order.account_id, order.order_id, language=reader_language(request, lang)
    )
