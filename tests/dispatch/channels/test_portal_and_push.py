"""Messages in the borrower's pages, on SQLite and PostgreSQL, and the push that rings for one."""

import asyncio
import base64
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from importlib.resources import files

import jsonschema
import pytest
from sqlalchemy import update

from arrears.dispatch.channel import NotHandedOver, Sent
from arrears.dispatch.channels import portal, push
from arrears.dispatch.channels.portal import mark_read, post, posted_to, take_back
from arrears.dispatch.channels.webhook import verify_webhook
from arrears.errors import Refusal
from arrears.store.tables import PersonKey, Posted
from tests.dispatch.channels.made import NOW, TEXT, installation, into, message
from tests.dispatch.channels.receivers import Answering, Receiver

SECRET = f"whsec_{base64.b64encode(b'k' * 32).decode()}"


async def sent_by(made, *messages):
    await made.open(partial(into, []))
    try:
        return [await (await made.hand_over(one)) for one in messages]
    finally:
        await made.close()


def test_a_message_stands_in_the_pages_of_its_person_once_and_sealed(store, personal, tmp_path):
    channel = portal.open_channel({}, installation(tmp_path), store)

    answers = asyncio.run(sent_by(channel, message(1), message(1), message(2, person_id="P2")))

    assert [(answer.kind, answer.provider_ref) for answer in answers] == [
        ("accepted", message(number).attempt_id) for number in (1, 1, 2)
    ]
    [shown] = posted_to(store, personal, "P1")
    assert (shown.attempt_id, shown.account_id, shown.words, shown.read_at) == (
        message(1).attempt_id,
        "A1",
        message(1).words,
        None,
    )
    with store.read() as connection:
        rows = connection.execute(Posted.__table__.select()).all()
    assert len(rows) == 2 and not any("示例银行".encode() in row.sealed for row in rows)


def test_reading_gives_one_receipt_and_only_to_its_person(store, personal):
    post(store, personal, message(1), NOW)
    attempt = message(1).attempt_id

    first = mark_read(store, "P1", attempt, NOW + timedelta(hours=1))
    again = mark_read(store, "P1", attempt, NOW + timedelta(hours=2))
    stranger = mark_read(store, "P2", attempt, NOW + timedelta(hours=1))

    assert first == again and (first.kind, first.outcome, first.attempt_id) == ("receipt", "delivered", attempt)
    assert first.at == NOW + timedelta(hours=1) == posted_to(store, personal, "P1")[0].read_at
    assert stranger is None


def test_an_erased_person_gets_nothing_and_shows_nothing(store, personal):
    post(store, personal, message(1), NOW)
    with store.begin() as connection:  # what erasing does to the key
        connection.execute(update(PersonKey).where(PersonKey.person_id == "P1").values(wrapped=None, erased_at=NOW))

    answer = post(store, personal, message(2), NOW)

    assert (answer.kind, answer.detail) == ("refused", "person erased")
    assert [shown.words for shown in posted_to(store, personal, "P1")] == [None]


def test_an_unknown_end_is_settled_by_the_table(store, personal, tmp_path):
    channel = portal.open_channel({}, installation(tmp_path), store)
    post(store, personal, message(1), NOW)
    now = datetime.now(UTC)
    cases = [
        (message(1).attempt_id, now),
        (message(2).attempt_id, now - timedelta(minutes=5)),
        (message(3).attempt_id, now),
    ]

    answers = [asyncio.run(channel.look_up(Sent("k", attempt, None, at, ""))) for attempt, at in cases]

    assert [answer.kind for answer in answers] == ["accepted", "later", "unknown"]


def test_a_store_that_will_not_take_it_has_nothing(tmp_path):
    from arrears.store.connect import open_store

    store = open_store(f"sqlite:///{tmp_path / 'store.db'}", create=True)
    made = portal.open_channel({}, installation(tmp_path), store)
    with store.begin() as connection:
        connection.exec_driver_sql("DROP TABLE posted")

    with pytest.raises(NotHandedOver):
        asyncio.run(sent_by(made, message()))
    store.close()


def test_what_was_read_is_not_taken_back(store, personal):
    post(store, personal, message(1), NOW)
    post(store, personal, message(2), NOW)
    mark_read(store, "P1", message(1).attempt_id, NOW)

    taken = [take_back(store, message(number).attempt_id) for number in (1, 2, 3)]

    assert taken == [False, True, False]
    assert [shown.attempt_id for shown in posted_to(store, personal, "P1")] == [message(1).attempt_id]


@pytest.fixture
def gateway(tmp_path, monkeypatch, store):
    monkeypatch.setenv("PUSH_SECRET", SECRET)

    def made(url):
        settings = {
            "url": url,
            "secrets": [{"secret_env": "PUSH_SECRET"}],
            "link": "https://bank.example/messages/{attempt_id}",
        }
        return push.open_channel(settings, installation(tmp_path), store)

    return made


def test_a_push_tells_the_lock_screen_nothing_and_leads_to_the_message(gateway, store, personal):
    one = message(1, not_after=datetime.now(UTC) + timedelta(hours=2))
    with Receiver(Answering(200, body=b'{"id": "g-1"}')) as receiver:
        [answer] = asyncio.run(sent_by(gateway(receiver.url), one))

    [call] = receiver.calls
    content = json.loads(call.body)
    form = json.loads(files("arrears.dispatch.channels").joinpath("push.schema.json").read_text("utf-8"))
    jsonschema.Draft202012Validator(form).validate(content)
    assert (answer.kind, answer.provider_ref) == ("accepted", "g-1")
    assert verify_webhook(SECRET, call.headers, call.body, datetime.now(UTC))
    assert content["data"]["title"] == "示例银行" and content["data"]["link"].endswith(f"/messages/{one.attempt_id}")
    assert 7000 < content["data"]["ttl_seconds"] <= 7200
    secret_words = (one.name, "张先生", "1,234.56", "贷款", "还", one.to, one.words.code, one.account_id)
    assert not any(word in call.body.decode() for word in secret_words)
    assert [shown.words.text for shown in posted_to(store, personal, "P1")] == [TEXT]


def test_a_push_in_another_language_has_its_words():
    for language, part in (("en", "new message"), ("zh-CN", "新消息"), ("fr", "new message")):
        one = replace(message(), words=replace(message().words, language=language))
        body = push.push_body(one, installation(files("arrears")).lender, "https://bank.example/", NOW)
        assert part in json.loads(body)["data"]["body"]


#: What the gateway answers, and whether the message stays in the pages.
GATEWAYS = {"accepted": (200, True), "refused": (410, False), "later": (429, False), "unknown": (500, True)}


@pytest.mark.parametrize("kind", GATEWAYS)
def test_a_message_whose_bell_surely_did_not_ring_is_taken_back(gateway, store, personal, kind):
    status, stays = GATEWAYS[kind]

    with Receiver(Answering(status)) as receiver:
        [answer] = asyncio.run(sent_by(gateway(receiver.url), message()))

    assert answer.kind == kind
    assert bool(posted_to(store, personal, "P1")) == stays


def test_where_the_gateway_is_away_nothing_stays(gateway, store, personal):
    with Receiver() as receiver:
        url = receiver.url

    with pytest.raises(NotHandedOver):
        asyncio.run(sent_by(gateway(url), message()))
    assert posted_to(store, personal, "P1") == []


def test_channels_of_the_store_refuse_to_be_without_one(tmp_path, monkeypatch):
    monkeypatch.setenv("PUSH_SECRET", SECRET)
    settings = {
        "url": "https://gateway.example/",
        "secrets": [{"secret_env": "PUSH_SECRET"}],
        "link": "https://bank.example/",
    }

    for module, given in ((portal, {}), (push, settings)):
        with pytest.raises(Refusal, match="needs the store"):
            module.open_channel(given, installation(tmp_path), None)
    with pytest.raises(Refusal, match=r"channels\.push\.link"):
        push.open_channel(
            {name: value for name, value in settings.items() if name != "link"}, installation(tmp_path), None
        )
