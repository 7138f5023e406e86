"""The words of one message: every amount from the position, the next step with its date, and nothing that does not belong."""

import re
from dataclasses import replace
from datetime import date
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arrears import money
from arrears.errors import Refusal
from arrears.law.wording.amounts import amounts_in
from arrears.notice.checking import check_words
from arrears.notice.language import language_of
from arrears.notice.sms_length import Length, sms_length
from arrears.notice.templates import template_set
from arrears.notice.words import words_for
from arrears.notice.writer import Writer
from tests.examples import examples
from tests.notice.made import CODE, HOUSE, KEY, SIGNER, occasion, positions, story, written


def test_every_amount_of_a_text_is_one_of_the_position():
    position = story()
    known = {
        money.to_text(position[name], "CNY")
        for name in ("past_due_total", "due_principal", "due_interest", "due_penalty", "payoff")
    }

    said = {f"{amount:.2f}" for _, _, amount in amounts_in(written("letter").text)}

    assert said == known


def test_what_the_amount_is_made_of_adds_up_to_it():
    *parts, total = sorted(amount for _, _, amount in amounts_in(written("sms").text))

    assert len(parts) == 3 and sum(parts) == total


def test_what_falls_due_today_is_told_apart_from_what_is_past_due():
    position = {**story(), "past_due_total": story()["due_total"] - story()["due_interest"]}

    text = words_for(template_set("cn"), occasion("letter", "letter"), position, HOUSE, "zh-CN", CODE).text

    assert f"截至今日到期应还合计{money.to_shown(position['due_total'], 'CNY')}元" in text


@pytest.mark.parametrize(("language", "said"), [("zh-CN", "各期已还，仍有"), ("en", "unpaid")])
@pytest.mark.parametrize("channel", ["sms", "letter", "email"])
def test_where_only_penalty_is_left_no_day_is_named_since_when(channel, language, said):
    position = {**story(), "oldest_due_on": None, "days_past_due": 0, "due_principal": 0, "due_interest": 0}
    position |= {"due_total": position["due_penalty"], "past_due_total": position["due_penalty"]}

    text = words_for(template_set("cn"), occasion(channel, channel), position, HOUSE, language, CODE).text

    assert said in text and "逾期0天" not in text and "(0 days)" not in text


NEXT = [
    ({}, "如情况没有变化，本账户将于2027年1月8日进入“法务审查”阶段"),
    ({"next_stage": None, "again_on": date(2026, 11, 27)}, "如情况没有变化，我们最早于2026年11月27日再次联系您"),
    ({"next_stage": None}, "下一期1,040.00元于2026年12月10日到期"),
]


@pytest.mark.parametrize(("known", "said"), NEXT)
def test_the_next_step_is_told_with_its_date(known, said):
    assert said in written("sms", **known).text


def test_where_nothing_comes_next_that_is_said_too():
    position = {**story(), "next_due_on": None, "next_due_amount": 0}

    text = words_for(template_set("cn"), occasion(next_stage=None), position, HOUSE, "zh-CN", CODE).text

    assert "目前没有其他已安排的步骤" in text


def test_only_the_last_digits_of_the_account_are_shown():
    text = written("letter").text

    assert "尾号0042" in text and "880042" not in text


def test_credit_is_taken_off_the_next_payment():
    position = {
        **story(),
        **dict.fromkeys(("past_due_total", "due_total", "due_principal", "due_interest", "due_penalty", "due_fee"), 0),
        "credit": 4_000,
    }

    text = words_for(template_set("cn"), occasion(action="remind_before_due"), position, HOUSE, "zh-CN", CODE).text

    assert "1,000.00元将于2026年12月10日到期" in text


def test_nothing_is_said_where_nothing_is_due():
    position = {**story(), "past_due_total": 0, "due_total": 0, "next_due_amount": 0, "next_due_on": None}

    with pytest.raises(Refusal, match="nothing is due on this account"):
        words_for(template_set("cn"), occasion(), position, HOUSE, "zh-CN", CODE)


@pytest.mark.parametrize("name", ["法院{code}", "李雷http://x.cn", "李雷\n转账", "x" * 61, "13800000000", ""])
def test_what_does_not_look_like_a_name_is_not_put_into_a_letter(name):
    text = written("letter", name=name).text

    assert text.startswith("尊敬的客户：")


@pytest.mark.parametrize("name", ["李雷", "阿卜杜拉·买买提", "Anne-Marie O’Neil", "José L. García"])
def test_names_of_every_kind_are_put_into_a_letter(name):
    assert written("letter", name=name).text.startswith(f"尊敬的{name}：")


class _Text(HTMLParser):
    def __init__(self):
        super().__init__()
        self.found, self.inside, self.tags = [], False, set()

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.inside = self.inside or tag == "body"

    def handle_data(self, data):
        if self.inside:
            self.found.append(data)


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_the_html_of_an_email_says_the_same_as_its_text_and_has_no_link(language):
    words = written("email", language, SIGNER)
    page = _Text()

    page.feed(words.html)

    assert "".join("".join(page.found).split()) == "".join(words.text.split())
    assert not page.tags & {"a", "img", "script", "form", "link"}


@pytest.mark.parametrize(("law", "language", "said"), [
    ("us", "en", "November 24, 2026"), ("uk", "en", "24 November 2026"), ("cn", "zh-CN", "2026年11月24日"),
])  # fmt: skip
def test_dates_are_written_as_the_country_writes_them(law, language, said):
    assert said in written("letter", language, law=law).text


@pytest.mark.parametrize(("told", "law", "language"), [
    ("zh-Hans-CN", "us", "zh-CN"), ("en-IN", "in", "en"), ("hi", "in", "en"), (None, "cn", "zh-CN"), ("", "uk", "en"),
])  # fmt: skip
def test_a_person_is_written_to_in_a_language_that_there_is(told, law, language):
    assert language_of(told, law) == language


LENGTHS = [
    ("a" * 160, Length("gsm7", 160, 1)), ("a" * 161, Length("gsm7", 161, 2)), ("a" * 306, Length("gsm7", 306, 2)), ("a" * 307, Length("gsm7", 307, 3)),
    ("中" * 70, Length("ucs2", 70, 1)), ("中" * 71, Length("ucs2", 71, 2)), ("中" * 134, Length("ucs2", 134, 2)), ("中" * 135, Length("ucs2", 135, 3)),
    ("€" * 80, Length("gsm7", 160, 1)), ("a" * 152 + "€" + "a" * 152, Length("gsm7", 306, 3)), ("😀" * 35, Length("ucs2", 70, 1)),
    ("a" * 159 + "`", Length("ucs2", 160, 3)), ("£@{}", Length("gsm7", 6, 1)), ("", Length("gsm7", 0, 1)),
]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "length"), LENGTHS, ids=[f"{length.encoding}-{length.units}-{length.parts}" for _, length in LENGTHS]
)
def test_the_parts_of_a_text_message_are_counted_as_the_network_does(text, length):
    assert sms_length(text) == length


@examples(80)
@given(st.text("aé€{中😀", min_size=100, max_size=700), st.integers(0, 2))
def test_no_part_of_a_text_message_splits_a_character_of_two_units(text, kind):
    text = ["".join(char for char in text if char not in "中😀"), text, text.replace("€", "中")][kind]
    length, (alone, each) = sms_length(text), (160, 153) if sms_length(text).encoding == "gsm7" else (70, 67)
    widths = [2 if char in ("€{" if length.encoding == "gsm7" else "😀") else 1 for char in text]

    parts, room = 1, each
    for width in widths:
        parts, room = (parts, room - width) if width <= room else (parts + 1, each - width)

    assert length.units == sum(widths)
    assert length.parts == (1 if sum(widths) <= alone else parts)


def test_english_text_messages_fit_the_seven_bit_alphabet():
    for law in ("cn", "us", "uk", "in", "au"):
        position = {**story(), "currency": {"cn": "CNY", "us": "USD", "uk": "GBP", "in": "INR", "au": "AUD"}[law]}
        text = words_for(template_set(law), occasion(law=law), position, HOUSE, "en", CODE).text
        assert sms_length(text).encoding == "gsm7", text


def test_a_writer_signs_where_there_is_room_and_registers_text_without_its_signature():
    writer = Writer(HOUSE, None, SIGNER, KEY)

    sms, letter = (writer.words(occasion(channel, channel), story(), "zh-CN", CODE) for channel in ("sms", "letter"))

    assert sms.signature is None and "Signature" not in sms.text
    assert letter.text.endswith(f"签名/Signature: {SIGNER.key_id}.{letter.signature}")
    assert writer.text_hash(letter.text) == writer.text_hash(letter.text.rpartition("签名/")[0])


def test_a_writer_refuses_words_that_a_clause_blocks():
    threat = replace(HOUSE, pay={"zh": "马上还款，否则上门收拾你"})
    writer = Writer(threat, None, SIGNER, KEY)

    with pytest.raises(Refusal, match=re.escape("CN-TXT-ACT-3")):
        writer.words(occasion(), story(), "zh-CN", CODE)


@pytest.mark.parametrize("code", ["Q5ET-RS6R-JBDN", "MPSP-XYYS-RS3H"])
def test_chance_cannot_write_an_amount_into_a_code(code):
    words = words_for(template_set("cn"), occasion("letter", "letter"), story(), HOUSE, "zh-CN", code)

    assert code in words.text
    assert check_words(words, occasion("letter", "letter"), story(), HOUSE) == ()


def test_a_name_is_checked_every_time():
    writer = Writer(HOUSE, None, SIGNER, KEY)
    writer.words(occasion("email", "email"), story(), "zh-CN", CODE)

    with pytest.raises(Refusal):
        writer.words(occasion("email", "email", name="弄死你全家"), story(), "zh-CN", CODE)


def test_every_account_of_the_case_files_gets_words_or_a_reason():
    told = {}

    for name, position in positions().items():
        try:
            told[name] = words_for(
                template_set("cn"), occasion("letter", "letter"), position, HOUSE, "zh-CN", CODE
            ).text
        except Refusal as refusal:
            told[name] = refusal.findings[0].code

    assert all(len(text) > 100 or text in ("nothing_due", "template") for text in told.values())
    assert sum(len(text) > 100 for text in told.values()) >= 25
