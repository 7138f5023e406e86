"""Signatures: over exactly the text that was sent, by the lender's key, wherever the text was copied to."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arrears.notice.canonical import normal_text
from arrears.notice.signing import signature_in, signed_by
from tests.examples import examples
from tests.notice.made import CODE, KEYS, LENDER, PUBLIC, SIGNER, written

LETTERS = {language: written("letter", language, SIGNER).text for language in ("zh-CN", "en")}


def full_width(char):
    return chr(ord(char) + 0xFEE0) if "!" <= char <= "~" else char


def tolerated(old, new):
    """Whether replacing one character by another is a change that copying makes: white space, or the full-width form."""
    return (
        old.isspace() or new.isspace() or {full_width(old), old} & {full_width(new), new} or {old, new} == {"¥", "￥"}
    )


@pytest.mark.parametrize("language", LETTERS)
def test_a_signed_letter_is_verified_by_the_public_key(language):
    assert signed_by(LETTERS[language], LENDER.id, KEYS.keys) == PUBLIC


@pytest.mark.parametrize("language", LETTERS)
@examples(80)
@given(st.data())
def test_no_text_with_one_other_character_is_verified(language, data):
    text = LETTERS[language]
    at = data.draw(st.integers(0, len(text) - 1))
    new = data.draw(st.characters(exclude_categories=["Cs"]))

    replaced, inserted, without = (
        text[:at] + new + text[at + 1 :],
        text[:at] + new + text[at:],
        text[:at] + text[at + 1 :],
    )

    if not tolerated(text[at], new):
        assert signed_by(replaced, LENDER.id, KEYS.keys) is None
    if not new.isspace():
        assert signed_by(inserted, LENDER.id, KEYS.keys) is None
    if not text[at].isspace():
        assert signed_by(without, LENDER.id, KEYS.keys) is None


@pytest.mark.parametrize("change", [
    lambda text: text.replace("\n\n", "\r\n \r\n"), lambda text: text.replace("\n", " "), lambda text: f"\n  {text}\t\n",
    lambda text: text.replace("\n", "\u3000\n"), lambda text: "".join(map(full_width, text.partition("签名/")[0])) + "签名/" + text.partition("签名/")[2],
    lambda text: text[:-40] + "\n" + text[-40:], lambda text: text.replace("。", "。 "),
])  # fmt: skip
def test_what_copying_does_to_a_text_changes_nothing(change):
    changed = change(LETTERS["zh-CN"])

    assert changed != LETTERS["zh-CN"]
    assert signed_by(changed, LENDER.id, KEYS.keys) == PUBLIC


@pytest.mark.parametrize(("one", "other"), [
    ("pay 1 000", "pay 1000"), ("转1 000元", "转1000元"), ("5²", "52"), ("Bank", "bank"), ("a\u200bb", "ab"), ("l0", "1o"),
    ("www.example.com", "www.ехample.com"), ("1,280.50", "12,80.50"), ("尾号0042", "尾号0024"), ("100\u202e元", "100元"),
])  # fmt: skip
def test_numbers_links_case_and_invisible_characters_are_never_evened_out(one, other):
    assert normal_text(one) != normal_text(other)


def test_a_signature_is_of_one_lender_one_key_and_one_code():
    text, other = LETTERS["en"], "other-bank"
    revoked = {PUBLIC.id: replace(PUBLIC, revoked=True)}
    under_another_code = text.replace(CODE, "KFWR-EGPQ-P394")

    found = [signed_by(text, other, KEYS.keys), signed_by(text, LENDER.id, revoked), signed_by(text, LENDER.id, {}),
             signed_by(under_another_code, LENDER.id, KEYS.keys)]  # fmt: skip

    assert found == [None] * 4


def test_two_signature_lines_sign_nothing():
    text = LETTERS["en"]
    line = text.splitlines()[-1]

    assert signature_in(f"{text}\n{line}") is None
    assert signed_by(f"{text}\n{line}", LENDER.id, KEYS.keys) is None


def test_the_spare_bits_of_a_signature_cannot_be_set():
    text = LETTERS["en"]
    spare = {"A": "B", "Q": "R", "g": "h", "w": "x"}[text[-1]]

    assert signed_by(text[:-1] + spare, LENDER.id, KEYS.keys) is None
