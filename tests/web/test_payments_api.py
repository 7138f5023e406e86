"""Payments over the API: with a token, in the documented form, all or nothing, once."""

import pytest

from tests.payments.test_taking_in import payments_of
from tests.web.conftest import GATEWAY, TOKEN

PAID = {"payment_id": "P1", "on": "2026-11-19", "amount": "100.00", "currency": "EUR", "references": ["LN-000123"]}


def sent(client, *payments, token=TOKEN):
    return client.post(
        "/api/v1/payments", json={"payments": list(payments)}, headers={"authorization": f"Bearer {token}"}
    )


def test_a_payment_becomes_a_fact_once(client, lender):
    first, again = sent(client, PAID), sent(client, PAID)

    assert first.json() == {"payments": 1, "reversals": 0, "known": 0, "waiting": {}, "not_ours": 0}
    assert again.json()["known"] == 1
    assert [row[:3] for row in payments_of(lender, "LN-000123")] == [("api-feed-P1", "payment", 100_00)]


def test_a_payment_without_an_account_waits(client):
    assert sent(client, {**PAID, "references": []}).json()["waiting"] == {"no_reference": 1}


@pytest.mark.parametrize("headers", [{}, {"authorization": "Bearer wrong"}, {"authorization": f"Basic {TOKEN}"}])
def test_without_a_token_nothing_happens(client, lender, headers):
    answer = client.post("/api/v1/payments", json={"payments": [PAID]}, headers=headers)

    assert answer.status_code == 401 and answer.headers["content-type"] == "application/problem+json"
    assert payments_of(lender, "LN-000123") == []


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"amount": "1.234"}, "/payments/0"),
        ({"amount": "-1"}, "/payments/0/amount"),
        ({"amount": "0.00"}, "/payments/0"),
        ({"amount": 1.5}, "/payments/0/amount"),
        ({"currency": "XXZ"}, "/payments/0"),
        ({"on": "2026-11-31"}, "/payments/0/on"),
        ({"at": "2026-11-19T08:00:00"}, "/payments/0/at"),
        ({"payment_id": "a b"}, "/payments/0/payment_id"),
        ({"colour": "red"}, "/payments/0/colour"),
    ],
)
def test_what_is_not_in_the_form_is_a_problem_with_its_place(client, change, pointer):
    answer = sent(client, {**PAID, **change})

    assert answer.status_code == 422
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]


def test_one_conflict_keeps_all_out(client, lender):
    sent(client, PAID)

    answer = sent(client, {**PAID, "payment_id": "P2"}, {**PAID, "amount": "99.00"})

    assert answer.status_code == 409 and answer.json()["title"] == "Nothing was changed"
    assert len(payments_of(lender, "LN-000123")) == 1


def test_a_token_without_the_scope_may_not(client, lender):
    answer = sent(client, PAID, token=GATEWAY)

    assert answer.status_code == 403 and answer.headers["content-type"] == "application/problem+json"
    assert payments_of(lender, "LN-000123") == []


@pytest.mark.parametrize(
    ("tokens", "what"),
    [
        ("[{name: Feed, scopes: [payments], token_env: FEED_TOKEN}]", "must be 1 to 32"),
        ("[{name: feed, scopes: [everything], token_env: FEED_TOKEN}]", "must be a list of payments, returned"),
        ("[{name: feed, scopes: [payments], token: open-text-0123456789-0123}]", "must not stand in the file"),
        ("[{name: feed, scopes: [payments], token_env: SHORT_TOKEN}]", "at least 24"),
        (
            "[{name: feed, scopes: [payments], token_env: FEED_TOKEN}, {name: feed, scopes: [payments], token_env: FEED_TOKEN}]",
            "twice",
        ),
    ],
)
def test_a_token_that_is_unfit_is_refused_at_the_start(tmp_path, monkeypatch, tokens, what):
    from arrears.errors import Refusal
    from arrears.installation import load_installation
    from arrears.web.tokens import read_tokens

    monkeypatch.setenv("FEED_TOKEN", TOKEN)
    monkeypatch.setenv("SHORT_TOKEN", "short")
    path = tmp_path / "arrears.yaml"
    path.write_text(
        "lender: {id: a, name: {en: A}, phone: '1', site: a.example}\ndatabase: sqlite:///x.db\nkeys: keys\n"
        f"api: {{tokens: {tokens}}}\n", "utf-8",
    )  # fmt: skip

    with pytest.raises(Refusal, match=what):
        read_tokens(load_installation(path))
