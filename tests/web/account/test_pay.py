"""Paying: never more than is owed, a fact only by the provider's signed notice, once, and never for another person's order."""

import json
import re
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arrears.dispatch.channels.webhook_signature import key_of, signed_headers
from arrears.errors import Refusal
from arrears.payments.provider import Order, opened_order, sealed_order
from arrears.web.account.pay_pages import provider_of
from tests.web.account.conftest import LATE, SECRET, facts, pressed, words_of
from tests.web.conftest import NOW

PAY = f"/account/loans/{LATE}/pay"


def token_of(page):
    return re.search(r'href="/test-payment/([^"?]+)', page.text)[1]


def notice(token, amount=100_00, kind="paid", secret=SECRET, at=NOW, currency="CNY"):
    body = json.dumps(
        {
            "type": f"payment.{kind}",
            "timestamp": at.isoformat(),
            "data": {"order": token, "amount_minor": amount, "currency": currency},
        }
    )
    return signed_headers([key_of(secret)], "N1", body.encode(), at), body.encode()


def payments(store, personal):
    return [(row["kind"], row["amount"]) for row in facts(store, personal, LATE, "payment", "payment_reversed")]


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_a_payment_goes_to_the_test_provider_and_comes_back_as_one_fact(client, csrf, lender, personal, language):
    go = pressed(client, csrf, PAY, shown=language, amount="own", own="100.00")
    warning = {"zh-CN": "不会动用真实资金", "en": "No real money moves"}[language]
    page = client.get(f"/test-payment/{token_of(go)}", params={"lang": language})
    assert warning in go.text and warning in page.text and payments(lender, personal) == []

    answers = [
        client.post(f"/test-payment/{token_of(go)}", params={"lang": language}, follow_redirects=True) for _ in range(2)
    ]

    assert all("100.00" in words_of(answer.text) and "/pay/back/" in str(answer.url) for answer in answers)
    assert payments(lender, personal) == [("payment", 100_00)]


def test_what_the_browser_says_on_its_way_back_is_no_payment(client, csrf, lender, personal):
    go = pressed(client, csrf, PAY, amount="payoff")
    back = re.search(r'href="(/account/loans/[^"]+/pay/back/[^"?]+)', go.text)[1]

    page = client.get(back, params={"lang": "en"})

    assert "has not confirmed it yet" in page.text
    assert payments(lender, personal) == []


def test_a_notice_that_comes_again_changes_nothing_and_a_reversal_takes_the_payment_back(
    client, csrf, lender, personal
):
    token = token_of(pressed(client, csrf, PAY, amount="own", own="100.00"))

    statuses = []
    for kind in ("paid", "paid", "reversed", "reversed"):
        headers, body = notice(token, kind=kind)
        statuses.append(client.post("/payments/notices/test", headers=headers, content=body).status_code)

    assert statuses == [204] * 4
    assert sorted(payments(lender, personal)) == [("payment", 100_00), ("payment_reversed", 100_00)]


WRONG = {
    "another secret": {"secret": "whsec_" + "QUJD" * 10},
    "an old call": {"at": NOW - timedelta(minutes=6)},
    "no amount": {"amount": 0},
    "an unknown kind": {"kind": "promised"},
}


@pytest.mark.parametrize("what", WRONG)
def test_a_notice_that_is_not_the_providers_is_refused(client, csrf, lender, personal, what):
    token = token_of(pressed(client, csrf, PAY, amount="own", own="100.00"))
    headers, body = notice(token, **WRONG[what])

    answer = client.post("/payments/notices/test", headers=headers, content=body)

    assert answer.status_code == 400 and payments(lender, personal) == []


def test_a_notice_about_an_order_that_somebody_made_up_is_refused(client, csrf, lender, personal):
    forged = sealed_order(Order("X", LATE, 100_00, "CNY", NOW), b"not the key")
    headers, body = notice(forged)

    assert client.post("/payments/notices/test", headers=headers, content=body).status_code == 400
    assert client.get(f"/test-payment/{forged}").status_code == 404
    assert payments(lender, personal) == []


@pytest.mark.parametrize(
    ("own", "said"),
    [
        ("", "Fill this in"),
        ("999999", "more than settles"),
        ("0", "above zero"),
        ("1.005", "no more decimals"),
        ("-5", "digits"),
    ],
)
def test_an_amount_that_is_not_owed_makes_no_order(client, csrf, own, said):
    answer = pressed(client, csrf, PAY, amount="own", own=own)

    assert answer.status_code == 422 and said in answer.text and "/test-payment/" not in answer.text


@pytest.mark.parametrize("settings", [{}, {"payments": {}}])
def test_where_no_provider_is_set_up_there_is_none(installation, settings):
    bare = replace(installation, settings=settings)

    assert provider_of(bare, b"") is None


def test_the_test_provider_is_refused_outside_a_rehearsal(installation):
    real = replace(installation, settings={**installation.settings, "rehearsal": False})

    with pytest.raises(Refusal, match="rehearsal"):
        provider_of(real, b"")


@given(
    st.text(max_size=20),
    st.text(max_size=20),
    st.integers(1, 2**60),
    st.binary(min_size=1, max_size=40),
    st.integers(0, 200),
)
def test_an_order_opens_as_it_was_sealed_and_never_when_a_letter_was_changed(order_id, account_id, amount, key, place):
    order = Order(order_id, account_id, amount, "CNY", NOW.replace(microsecond=0))
    token = sealed_order(order, key)
    changed = (
        token[: place % len(token)]
        + ("A" if token[place % len(token)] != "A" else "B")
        + token[place % len(token) + 1 :]
    )

    assert opened_order(token, key) == order
    assert opened_order(changed, key) is None
    assert opened_order(token, key + b"x") is None
