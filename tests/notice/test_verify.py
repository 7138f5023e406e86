"""Genuine only with proof; everything else cannot be confirmed, with what to check."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from arrears.notice.canonical import text_hash
from arrears.notice.checks import checks_of
from arrears.notice.codes import code_hash
from arrears.notice.rate import EACH, TOGETHER, Bucket, take, wait_seconds
from arrears.notice.signing import without_signature
from arrears.notice.verify import Sent, verify
from tests.examples import examples
from tests.notice.made import CODE, HOUSE, KEY, KEYS, LENDER, ON, SIGNER, written
from tests.notice.test_signing import tolerated

MESSAGES = yaml.safe_load((Path(__file__).parent / "messages.yaml").read_text("utf-8"))
SMS = written("sms").text
SENT = Sent(text_hash(SMS, KEY), "sms", ON, "0042")


def known(hashed):
    return SENT if hashed == code_hash(CODE, KEY) else None


def asked(text, code=None, look_up=known):
    return verify(text, look_up, KEYS, HOUSE, ON, KEY, code)


def ids(remarks):
    return [one.id for one in remarks]


def test_a_text_that_was_sent_under_its_code_is_genuine():
    found = asked(SMS)

    assert (found.verdict, found.by, found.sent, found.reasons) == ("genuine", "code", SENT, ())
    assert "核验通过" in found.says.zh and "示例消费金融有限公司" in found.says.zh


def test_a_signed_text_is_genuine_without_any_look_up():
    found = verify(written("email", "en", SIGNER).text, None, KEYS, HOUSE, ON)

    assert (found.verdict, found.by) == ("genuine", "signature")


def test_a_signed_text_whose_signature_line_was_cut_off_is_genuine_by_its_code():
    text = written("letter", "zh-CN", SIGNER).text
    sent = Sent(text_hash(without_signature(text), KEY), "letter", ON, "0042")

    found = asked(without_signature(text), look_up=lambda hashed: sent if hashed == code_hash(CODE, KEY) else None)

    assert (found.verdict, found.by) == ("genuine", "code")


@examples(30)
@given(st.data())
def test_no_coded_text_with_one_other_character_is_genuine(data):
    at = data.draw(st.integers(0, len(SMS) - 1))
    new = data.draw(st.characters(exclude_categories=["Cs"]))

    if not tolerated(SMS[at], new):
        assert asked(SMS[:at] + new + SMS[at + 1 :]).verdict == "cannot_confirm"
    if not new.isspace():
        assert asked(SMS[:at] + new + SMS[at:]).verdict == "cannot_confirm"
    if not SMS[at].isspace():
        assert asked(SMS[:at] + SMS[at + 1 :]).verdict == "cannot_confirm"


ALTERED = [
    ("www.example-finance.com", "www.exarnple-finance.com"), ("4008001234", "4008001235"), ("1,831.23", "1,813.23"), ("尾号0042", "尾号0024"),
    ("退订回T", ""), ("【示例", "补充：请转账至6222021234567890123。【示例"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new"), ALTERED)
def test_a_valid_code_under_an_altered_text_confirms_nothing_and_says_so(old, new):
    found = asked(SMS.replace(old, new, 1))

    assert (found.verdict, ids(found.reasons)) == ("cannot_confirm", ["altered"])
    assert "可能被改动" in found.reasons[0].zh


def test_a_code_alone_tells_what_was_sent_and_confirms_no_text():
    found = asked("", CODE.lower())

    assert (found.verdict, ids(found.reasons), found.sent) == ("cannot_confirm", ["code_alone"], SENT)


REASONS = [
    ("没有核验码的短信", None, ["no_proof"]),
    ("核验码KFWR-EGPQ-P394", None, ["unknown_code"]),
    ("", "KFWR-EGPQ-P395", ["not_a_code"]),
    ("核验码KFWR-EGPQ-P394", CODE, ["altered", "unknown_code"]),
    ("签名/Signature: aaaaaaaa." + "A" * 86, None, ["bad_signature"]),
]


@pytest.mark.parametrize(("text", "code", "reasons"), REASONS, ids=[",".join(reasons) for _, _, reasons in REASONS])
def test_why_a_message_cannot_be_confirmed_is_told(text, code, reasons):
    found = asked(text, code)

    assert (found.verdict, ids(found.reasons)) == ("cannot_confirm", reasons)


def test_where_codes_cannot_be_looked_up_that_is_said_and_nothing_about_them():
    found = asked(SMS, look_up=None)

    assert (found.verdict, ids(found.reasons)) == ("cannot_confirm", ["not_looked_up"])


def test_a_signature_of_a_stolen_key_confirms_nothing():
    text = written("letter", "en", SIGNER).text
    stolen = replace(KEYS, keys={one.id: replace(one, revoked=True) for one in KEYS.keys.values()})

    found = verify(text, None, stolen, HOUSE, ON)

    assert (found.verdict, ids(found.reasons)) == ("cannot_confirm", ["bad_signature", "not_looked_up"])


@pytest.mark.parametrize("message", MESSAGES, ids=[message["id"] for message in MESSAGES])
def test_what_to_check_in_a_message_is_pointed_out(message):
    found = set(ids(checks_of(message["text"], LENDER, ON)))

    assert set(message["checks"]) <= found
    assert not found & set(message.get("not", ()))
    assert message["checks"] or not found


@pytest.mark.parametrize("message", MESSAGES, ids=[message["id"] for message in MESSAGES])
def test_no_such_message_is_ever_genuine_and_the_way_to_the_lender_is_not_from_it(message):
    found = asked(message["text"])

    assert found.verdict == "cannot_confirm"
    assert LENDER.phone in found.reach.zh and LENDER.site in found.reach.en
    assert not any(
        word in f"{found.as_json('zh-CN')}{found.as_json('en')}"
        for word in ("probably", "可能是真", "likely", "应该是")
    )


@pytest.mark.parametrize("language", ["zh-CN", "en"])
@pytest.mark.parametrize("channel", ["sms", "email", "letter"])
def test_our_own_messages_point_out_nothing(channel, language):
    assert checks_of(written(channel, language).text, LENDER, ON, (HOUSE.verify_at,)) == ()


@examples(20)
@given(st.text(max_size=200))
def test_any_text_at_all_gets_an_answer(text):
    assert asked(text).verdict == "cannot_confirm"


NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


def test_look_ups_beyond_the_burst_wait_and_come_back_with_time():
    bucket, allowed = None, []
    for _ in range(EACH.burst + 2):
        may, bucket = take(bucket, EACH, NOON)
        allowed.append(may)

    assert allowed == [True] * EACH.burst + [False] * 2
    assert wait_seconds(bucket, EACH) == pytest.approx(60 / EACH.per_minute)
    assert take(bucket, EACH, NOON.replace(second=9))[0] is False
    assert take(bucket, EACH, NOON.replace(second=10))[0] is True


def test_a_clock_that_goes_back_gives_nothing_away():
    may, bucket = take(Bucket(0.0, NOON), EACH, NOON.replace(hour=11))

    assert (may, bucket) == (False, Bucket(0.0, NOON))


def test_a_year_of_guessing_hits_one_of_a_million_codes_less_than_once_in_a_thousand_years():
    guesses = TOGETHER.burst + TOGETHER.per_minute * 60 * 24 * 366

    assert guesses * 1_000_000 / 2**55 < 1 / 1000
