"""Messages: everything that was sent, verified as anybody could, and a message of these pages whose being read becomes a fact."""

import pytest
from sqlalchemy import insert

from arrears.dispatch.channel import Message
from arrears.dispatch.channels.portal import post
from arrears.notice.canonical import text_hash
from arrears.notice.codes import code_hash, new_code, normal_code
from arrears.notice.keys import code_key
from arrears.notice.words import Words
from arrears.store.facts import facts_of, record_event
from arrears.store.tables import Attempt, Notice, Posted
from tests.web import signed_in
from tests.web.account.conftest import LATE, PERSON, words_of
from tests.web.conftest import NOW

CODE = new_code(bytes(range(8)))
TEXT = f"您的贷款有一期未还，请登录查看。核验码 {CODE}。"


@pytest.fixture
def sent(lender, personal, installation):
    """A message in the borrower's pages and a text message, both registered; the second was altered in the register."""
    key = code_key(installation.keys)
    for attempt, channel, text in (("T1", "portal", TEXT), ("T2", "sms", TEXT + "x")):
        row = {"event_id": f"contact-{attempt}", "account_id": LATE, "person_id": PERSON, "at": NOW, "recorded_at": NOW, "kind": "contact",
               "channel": channel, "direction": "out", "outcome": "sent"}  # fmt: skip
        with lender.begin() as connection:
            record_event(connection, row, personal)
            connection.execute(insert(Attempt).values(
                attempt_id=attempt, key=f"K{attempt}", account_id=LATE, person_id=PERSON, channel=channel, worker="w", event_id=f"contact-{attempt}",
                started_at=NOW, answered_at=NOW, answer="accepted", provider_ref=attempt, looked_up=0,
            ))  # fmt: skip
            connection.execute(insert(Notice).values(
                code_hash=code_hash(normal_code(CODE), key) if attempt == "T1" else "0" * 64, attempt_id=attempt, account_id=LATE, person_id=PERSON, channel=channel,
                template="t", language="zh-CN", text_hash=text_hash(TEXT, key), made_at=NOW, signature=None,
                sealed=personal.seal(connection, "notices", PERSON, {"text": text, "subject": "还款提醒"}),
            ))  # fmt: skip
    words = Words("t", "zh-CN", TEXT, CODE, subject="还款提醒")
    post(lender, personal, Message("KT1", "T1", "portal", "", words, LATE, PERSON), NOW)


def deliveries(store):
    with store.read() as connection:
        events = facts_of(connection, [LATE], None).events
    return [row["ref"] for row in events.to_dicts() if row["kind"] == "delivery"]


def test_the_list_shows_what_was_sent_its_code_and_whether_it_verifies(client, csrf, lender, sent):
    page = words_of(client.get("/account/messages", params={"lang": "en"}).text)

    assert "Verified: we sent it" in page and "Cannot be verified" in page
    assert f"Code {CODE}" in page and "unread" in page
    assert deliveries(lender) == []


def test_a_message_that_is_opened_is_read_once_and_that_is_a_fact(client, csrf, lender, sent):
    pages = [client.get("/account/messages/T1", params={"lang": "zh-CN"}) for _ in range(2)]

    assert all(TEXT in page.text for page in pages)
    assert deliveries(lender) == ["contact-T1"]
    with lender.read() as connection:
        assert connection.execute(Posted.__table__.select()).one().read_at == NOW
    assert "未读" not in client.get("/account/messages", params={"lang": "zh-CN"}).text


def test_another_persons_message_is_not_there_and_stays_unread(client, lender, sent):
    signed_in.as_borrower(client, lender, "P9")

    assert client.get("/account/messages/T1").status_code == 404
    assert TEXT not in client.get("/account/messages").text
    assert deliveries(lender) == []
