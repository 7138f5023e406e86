"""Webhooks called at real HTTP servers: what is sent, how it is signed, and what each answer, lost or given, means."""

import asyncio
import base64
import json
import threading
from datetime import UTC, datetime, timedelta
from importlib.resources import files

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from arrears.dispatch.channel import NotHandedOver, Returned, Sent
from arrears.dispatch.channels.webhook import open_channel, parse_returned, verify_webhook
from arrears.dispatch.channels.webhook_body import message_body
from arrears.dispatch.channels.webhook_call import retry_after
from arrears.dispatch.channels.webhook_signature import signed_headers
from arrears.errors import Refusal
from tests.dispatch.channels.made import NOW, TEXT, installation, message
from tests.dispatch.channels.receivers import DROP, Answering, Receiver
from tests.examples import examples
from tests.peers.certificates import Authority

NEW, OLD = (f"whsec_{base64.b64encode(letter * 32).decode()}" for letter in (b"n", b"o"))


def schema(name):
    text = files("arrears.dispatch.channels").joinpath(f"{name}.schema.json").read_text("utf-8")
    return jsonschema.Draft202012Validator(json.loads(text), format_checker=jsonschema.FormatChecker())


@pytest.fixture
def channel(tmp_path, monkeypatch):
    """A channel of this test for a URL; secrets stand in the environment."""
    monkeypatch.setenv("HOOK_NEW", NEW)
    monkeypatch.setenv("HOOK_OLD", OLD)

    def made(url, **changes):
        secrets = [{"secret_env": "HOOK_NEW"}, {"secret_env": "HOOK_OLD"}]
        return open_channel({"carries": "sms", "url": url, "secrets": secrets, **changes}, installation(tmp_path))

    return made


async def sent_by(made, *messages):
    try:
        return [await (await made.hand_over(one)) for one in messages]
    finally:
        await made.close()


def test_a_call_carries_the_message_and_a_signature_of_every_secret(channel):
    with Receiver(Answering(202, body=b'{"id": "wx-77"}')) as receiver:
        [answer] = asyncio.run(sent_by(channel(f"{receiver.url}/in"), message(not_after=NOW)))

    [call] = receiver.calls
    content = json.loads(call.body)
    schema("webhook_message").validate(content)
    assert (answer.kind, answer.provider_ref) == ("accepted", "wx-77")
    assert (call.method, call.path) == ("POST", "/in")
    assert {name.lower(): value for name, value in call.headers.items()}["webhook-id"] == message().key
    assert content["data"]["words"]["text"] == TEXT and content["data"]["facts"] == message().facts
    now = datetime.now(UTC)
    assert verify_webhook(NEW, call.headers, call.body, now) and verify_webhook(OLD, call.headers, call.body, now)
    stranger = f"whsec_{base64.b64encode(b's' * 32).decode()}"
    assert not verify_webhook(stranger, call.headers, call.body, now)
    assert not verify_webhook(NEW, call.headers, call.body + b" ", now)
    assert not verify_webhook(NEW, call.headers, call.body, now + timedelta(minutes=6))


def test_the_signature_is_that_of_standard_webhooks():
    # the example of the Standard Webhooks reference libraries
    secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    headers = {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }

    genuine = verify_webhook(secret, headers, b'{"test": 2432232314}', datetime.fromtimestamp(1614265330, UTC))

    assert genuine


@given(st.binary(max_size=60), st.text(max_size=30), st.text(max_size=60))
def test_nothing_but_the_key_makes_a_signature(body, timestamp, signature):
    headers = {"webhook-id": "a", "webhook-timestamp": timestamp, "webhook-signature": signature}

    assert not verify_webhook(NEW, headers, body, NOW)
    assert verify_webhook(OLD, signed_headers([b"n" * 32, b"o" * 32], "a", body, NOW), body, NOW)


def test_a_later_attempt_at_the_same_work_is_known_by_the_same_id(channel):
    with Receiver(Answering(503, {"Retry-After": "1"}), Answering(409)) as receiver:
        made = channel(receiver.url)
        answers = asyncio.run(sent_by(made, message(1), message(2, key=message(1).key)))

    first, second = ({name.lower(): value for name, value in call.headers.items()} for call in receiver.calls)
    assert [answer.kind for answer in answers] == ["later", "accepted"]
    assert first["webhook-id"] == second["webhook-id"]
    assert [json.loads(call.body)["data"]["attempt_id"] for call in receiver.calls] == [
        message(number).attempt_id for number in (1, 2)
    ]


IN_TEN = {"Retry-After": "10"}
#: What the receiver answers, whether it is idempotent by its word, and the answer to the attempt.
ANSWERS = {
    "taken": (Answering(200), False, "accepted", None),
    "no content": (Answering(204), False, "accepted", None),
    "has it already": (Answering(409), False, "accepted", None),
    "too many": (Answering(429, IN_TEN), False, "later", 10),
    "too many, no time named": (Answering(429), False, "later", None),
    "resting": (Answering(503, IN_TEN), False, "later", 10),
    "unfit": (Answering(422), False, "refused", None),
    "not allowed": (Answering(401), False, "refused", None),
    "moved": (Answering(308, {"Location": "http://127.0.0.1:9/"}), False, "refused", None),
    "broken": (Answering(500), False, "unknown", None),
    "broken, idempotent": (Answering(500), True, "later", None),
    "resting without a word": (Answering(503), False, "unknown", None),
    "gone without a word": (Answering(DROP), False, "unknown", None),
    "gone without a word, idempotent": (Answering(DROP), True, "later", None),
}


@pytest.mark.parametrize("case", ANSWERS)
def test_what_each_answer_means(channel, case):
    answering, idempotent, kind, wait = ANSWERS[case]

    with Receiver(answering) as receiver:
        [answer] = asyncio.run(sent_by(channel(receiver.url, idempotent=idempotent), message()))

    assert (answer.kind, answer.retry_after) == (kind, wait)
    assert len(receiver.calls) == 1, "no redirect is followed, and nothing is sent again by itself"


@pytest.mark.parametrize(("idempotent", "kind"), [(False, "unknown"), (True, "later")])
def test_a_receiver_that_never_answers_is_not_waited_for(channel, idempotent, kind):
    released = threading.Event()

    with Receiver(Answering(wait=released)) as receiver:
        [answer] = asyncio.run(sent_by(channel(receiver.url, idempotent=idempotent, seconds=0.3), message()))
        released.set()

    assert answer.kind == kind and len(receiver.calls) == 1


def test_a_call_is_handed_over_before_it_is_answered(channel):
    released = threading.Event()

    async def run(receiver):
        made = channel(receiver.url)
        answer = await made.hand_over(message())
        waiting = not answer.done()
        released.set()
        kind = (await answer).kind
        await made.close()
        return waiting, kind

    with Receiver(Answering(wait=released)) as receiver:
        found = asyncio.run(run(receiver))

    assert found == (True, "accepted")


def test_where_no_connection_comes_about_nothing_is_handed_over(channel):
    with Receiver() as receiver:
        url = receiver.url

    with pytest.raises(NotHandedOver):
        asyncio.run(sent_by(channel(url), message()))


def test_a_certificate_that_does_not_hold_gets_nothing(channel, tmp_path):
    authority = Authority(tmp_path)
    with Receiver(context=authority.server_context("127.0.0.1")) as receiver:
        with pytest.raises(NotHandedOver):
            asyncio.run(sent_by(channel(receiver.url), message()))
        [answer] = asyncio.run(sent_by(channel(receiver.url, ca_file=str(authority.file)), message()))

    assert answer.kind == "accepted" and len(receiver.calls) == 1


def test_an_answer_without_end_does_not_fill_the_memory(channel):
    with Receiver(Answering(200, body=b'{"id": "' + b"x" * 1_000_000 + b'"}')) as receiver:
        [answer] = asyncio.run(sent_by(channel(receiver.url), message()))

    assert (answer.kind, answer.provider_ref) == ("accepted", message().attempt_id)


STATUS = {
    "accepted": (Answering(body=b'{"status": "accepted", "id": "wx-1"}'), "accepted"),
    "delivered": (Answering(body=b'{"status": "delivered"}'), "accepted"),
    "refused": (Answering(body=b'{"status": "refused"}'), "refused"),
    "never had it": (Answering(body=b'{"status": "not_received"}'), "later"),
    "a word nobody knows": (Answering(body=b'{"status": "?"}'), "unknown"),
    "not found": (Answering(404, body=b'{"status": "not_received"}'), "unknown"),
    "no JSON": (Answering(body=b"fine"), "unknown"),
    "gone": (Answering(DROP), "unknown"),
}


@pytest.mark.parametrize("case", STATUS)
def test_an_unknown_end_is_looked_up_at_the_receiver(channel, case):
    answering, kind = STATUS[case]
    sent = Sent("key/1", "attempt-1", None, NOW, "")

    async def run(made):
        try:
            return await made.look_up(sent)
        finally:
            await made.close()

    with Receiver(answering) as receiver:
        answer = asyncio.run(run(channel(receiver.url, status_url=f"{receiver.url}/messages/{{key}}/{{attempt_id}}")))

    [call] = receiver.calls
    assert (answer.kind, call.method, call.path) == (kind, "GET", "/messages/key%2F1/attempt-1")
    assert verify_webhook(NEW, call.headers, b"", datetime.now(UTC))


def test_without_a_status_address_it_stays_unknown(channel):
    answer = asyncio.run(channel("http://127.0.0.1:9/").look_up(Sent("k", "a", None, NOW, "")))

    assert answer.kind == "unknown"


RETRY_AFTER = {
    None: None, "10": 10, " 7 ": 7, "Tue, 24 Nov 2026 02:31:00 GMT": 60, "Tue, 24 Nov 2026 02:29:00 GMT": 0, "soon": None,
    "-5": None, "99999999": 86400, "1.5": None,
}  # fmt: skip


@pytest.mark.parametrize("value", RETRY_AFTER)
def test_a_time_to_wait_is_read_in_either_form(value):
    assert retry_after(value, NOW) == RETRY_AFTER[value]


UNFIT = {
    "nothing to carry": ({"carries": None}, "carries"),
    "a thing no machine carries": ({"carries": "visit"}, "channels.visit.carries"),
    "no url": ({"url": None}, "url"),
    "in the open": ({"url": "http://receiver.example/in"}, "url"),
    "another scheme": ({"url": "ftp://127.0.0.1/"}, "url"),
    "a password in the url": ({"url": "https://a:b@receiver.example/"}, "url"),
    "no secrets": ({"secrets": []}, "secrets"),
    "a secret in the file": ({"secrets": [{"secret": NEW}]}, "secret"),
    "a short secret": ({"secrets": [{"secret_env": "HOOK_SHORT"}]}, "secrets[0].secret"),
    "a status of nothing": ({"status_url": "https://receiver.example/"}, "status_url"),
    "a flag in words": ({"idempotent": "yes"}, "idempotent"),
    "a setting nobody knows": ({"retry": 3}, "retry"),
}


@pytest.mark.parametrize("case", UNFIT)
def test_unfit_settings_are_refused_by_their_field(tmp_path, monkeypatch, case):
    monkeypatch.setenv("HOOK_NEW", NEW)
    monkeypatch.setenv("HOOK_SHORT", "whsec_c2hvcnQ=")
    changes, field = UNFIT[case]
    given_settings = {
        "carries": "sms",
        "url": "https://receiver.example/in",
        "secrets": [{"secret_env": "HOOK_NEW"}],
        **changes,
    }

    with pytest.raises(Refusal) as refused:
        open_channel(
            {name: value for name, value in given_settings.items() if value is not None}, installation(tmp_path)
        )

    assert refused.value.findings[0].field.removeprefix("channels.sms.").removeprefix("channels.webhook.") == field
    assert NEW not in str(refused.value) and "c2hvcnQ" not in str(refused.value)


def test_every_message_has_the_form_of_its_schema():
    for one in (message(), message(name=None, not_after=NOW, facts={}, to="李雷\n上海市")):
        schema("webhook_message").validate(json.loads(message_body(one, NOW)))


REPORTS = {
    "a receipt": ("receipt", {"attempt_id": "a1", "outcome": "delivered"}),
    "a receipt by the receiver's id": ("receipt", {"provider_ref": "wx-77", "outcome": "failed", "detail": "blocked"}),
    "an inbound message": ("inbound", {"sender": "openid-5", "text": "已经还了\n谢谢"}),
    "a bounce": ("bounce", {"attempt_id": "a1"}),
    "an opt-out": ("opt_out", {"sender": "openid-5"}),
}


@pytest.mark.parametrize("case", REPORTS)
def test_what_the_receiver_reports_is_read(case):
    kind, data = REPORTS[case]
    content = {"type": kind, "timestamp": "2026-11-24T10:30:00+08:00", "data": data}
    schema("webhook_returned").validate(content)

    found = parse_returned(json.dumps(content).encode(), "sms")

    assert found == Returned(kind=kind, channel="sms", at=NOW, **data)


FAULTS = {
    "no JSON": (b"{", "body"),
    "no object": (b"[]", "data"),
    "a kind nobody knows": ({"type": "payment", "data": {}}, "type"),
    "an instant without an offset": ({"timestamp": "2026-11-24T10:30:00"}, "timestamp"),
    "a receipt of nothing": ({"data": {"outcome": "delivered"}}, "data.attempt_id"),
    "a receipt that says nothing": ({"data": {"attempt_id": "a1"}}, "data.outcome"),
    "an outcome nobody knows": ({"data": {"attempt_id": "a1", "outcome": "maybe"}}, "data.outcome"),
    "a number where a text belongs": ({"data": {"attempt_id": 1, "outcome": "failed"}}, "data.attempt_id"),
    "two lines in an id": ({"data": {"attempt_id": "a\n1", "outcome": "failed"}}, "data.attempt_id"),
    "a field nobody knows": ({"data": {"attempt_id": "a1", "outcome": "failed", "amount": "1"}}, "data.amount"),
    "inbound without a text": ({"type": "inbound", "data": {"sender": "x"}}, "data.text"),
}


@pytest.mark.parametrize("case", FAULTS)
def test_an_unfit_report_is_refused_by_its_field(case):
    changes, field = FAULTS[case]
    good = {
        "type": "receipt",
        "timestamp": "2026-11-24T10:30:00Z",
        "data": {"attempt_id": "a1", "outcome": "delivered"},
    }
    body = changes if isinstance(changes, bytes) else json.dumps({**good, **changes}).encode()

    with pytest.raises(Refusal) as refused:
        parse_returned(body, "sms")

    assert refused.value.findings[0].field == field


JSONS = st.recursive(st.none() | st.booleans() | st.floats() | st.text(max_size=8), lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["type", "timestamp", "data", "outcome", "sender", "text", "attempt_id"]), inner, max_size=4), max_leaves=8)  # fmt: skip


@examples(60)
@given(st.binary(max_size=60) | JSONS.map(lambda content: json.dumps(content).encode()))
def test_whatever_is_reported_is_read_or_refused(body):
    try:
        found = parse_returned(body, "sms")
    except Refusal:
        return
    schema("webhook_returned").validate(json.loads(body))
    assert found.at.tzinfo is UTC
