"""What comes back over the service: unsubscribing, and receipts and answers from systems that carry a channel."""

import pytest
from sqlalchemy import insert

from arrears.dispatch.channels.mail_unsubscribe import unsubscribe_token
from arrears.store.facts import facts_of, record_event
from arrears.store.tables import Attempt
from tests.web.conftest import GATEWAY, LEAVE_KEY, NOW, TOKEN

TOKEN_OF_T1 = unsubscribe_token("T1", LEAVE_KEY.encode())


@pytest.fixture
def sent(lender, personal):
    """An e-mail that went out as attempt T1."""
    row = {"event_id": "C1", "account_id": "LN-000123", "person_id": "P-LN-000123", "at": NOW, "recorded_at": NOW, "kind": "contact",
           "channel": "email", "direction": "out", "outcome": "sent"}  # fmt: skip
    with lender.begin() as connection:
        record_event(connection, row, personal)
        connection.execute(insert(Attempt).values(
            attempt_id="T1", key="K1", account_id="LN-000123", person_id="P-LN-000123", channel="email", worker="w", event_id="C1",
            started_at=NOW, answered_at=NOW, answer="accepted", provider_ref="M1", looked_up=0,
        ))  # fmt: skip


def kinds(store):
    with store.read() as connection:
        events = facts_of(connection, ["LN-000123"], None).events
    return [
        (kind, channel)
        for kind, channel in events.select("kind", "channel").iter_rows()
        if kind in ("opt_out", "delivery")
    ]


def test_a_look_at_the_page_changes_nothing(client, lender, sent):
    page = client.get(f"/unsubscribe/{TOKEN_OF_T1}", headers={"accept-language": "zh-CN"})

    assert "确认不再接收" in page.text
    assert kinds(lender) == []


def test_the_button_and_one_click_opt_out_at_once(client, lender, sent):
    answer = client.post(
        f"/unsubscribe/{TOKEN_OF_T1}", data={"List-Unsubscribe": "One-Click"}, headers={"accept-language": "en"}
    )

    assert answer.status_code == 200 and "Recorded, as of now" in answer.text
    assert kinds(lender) == [("opt_out", "email")]


@pytest.mark.parametrize("token", ["T1", "T1.aaaaaaaaaaaaaaaa", "x", TOKEN_OF_T1.replace("T1", "T2")])
def test_a_token_that_somebody_made_up_is_not_there(client, lender, sent, token):
    assert client.get(f"/unsubscribe/{token}").status_code == 404
    assert client.post(f"/unsubscribe/{token}").status_code == 404
    assert kinds(lender) == []


RECEIPT = {"type": "receipt", "timestamp": "2026-11-24T03:00:00Z", "data": {"attempt_id": "T1", "outcome": "delivered"}}


def handed_in(client, body, token=GATEWAY, channel="email"):
    return client.post(f"/api/v1/returned/{channel}", json=body, headers={"authorization": f"Bearer {token}"})


def test_a_receipt_becomes_a_fact_once(client, lender, sent):
    assert [handed_in(client, RECEIPT).status_code for _ in range(2)] == [204, 204]

    assert kinds(lender) == [("delivery", "email")]


@pytest.mark.parametrize(
    ("token", "channel", "status"), [("nobody", "email", 401), (TOKEN, "email", 403), (GATEWAY, "fax", 404)]
)
def test_who_may_not_changes_nothing(client, lender, sent, token, channel, status):
    assert handed_in(client, RECEIPT, token, channel).status_code == status
    assert kinds(lender) == []


def test_a_body_that_is_unfit_names_its_field(client, sent):
    answer = handed_in(client, {**RECEIPT, "type": "parcel"})

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/type"
