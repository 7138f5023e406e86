"""What holds for every text: places, determinism, and that a disguise does not help."""

import re

from hypothesis import given
from hypothesis import strategies as st

from arrears.law.wording import check_text
from tests.examples import examples
from tests.law.wording.labelled import labelled

DEV = [text for text in labelled() if text.half == "dev"]
INVISIBLE = "\u200b\u200c\u200d\u2060\ufeff\u00ad\ufe0f"
CYRILLIC = str.maketrans("aeopcyx", "аеорсух")


def check(text, of):
    return check_text(text, of.pack, of.channel, of.on, recipient=of.recipient, binds="agency", facts=of.legal,
                      amounts=of.amounts)  # fmt: skip


def flagged(language):
    """Dev texts of the language with a phrase that is flagged: text, start, end, family."""
    found = []
    for text in DEV:
        if text.language == language:
            found += [(text, one.start, one.end, one.family) for one in check(text.text, text) if one.text]
    return found


CHINESE, ENGLISH = flagged("zh"), flagged("en")


def fullwidth(char):
    return chr(ord(char) + 0xFEE0) if "!" <= char <= "~" else char


@given(place=st.sampled_from(CHINESE + ENGLISH), data=st.data())
@examples(40)
def test_invisible_characters_inside_a_flagged_phrase_do_not_hide_it(place, data):
    text, start, end, family = place
    phrase = "".join(char + data.draw(st.text(INVISIBLE, max_size=2)) for char in text.text[start:end])

    findings = check(text.text[:start] + phrase + text.text[end:], text)

    assert family in {finding.family for finding in findings}


@given(place=st.sampled_from(CHINESE + ENGLISH), data=st.data())
@examples(40)
def test_full_width_letters_in_a_flagged_phrase_do_not_hide_it(place, data):
    text, start, end, family = place
    phrase = "".join(fullwidth(c) if data.draw(st.booleans()) else c for c in text.text[start:end])

    findings = check(text.text[:start] + phrase + text.text[end:], text)

    assert family in {finding.family for finding in findings}


@given(place=st.sampled_from(CHINESE), noise=st.sampled_from([" ", "*", "·", "-", "_", " - "]))
@examples(40)
def test_signs_between_the_chinese_characters_of_a_flagged_phrase_do_not_hide_it(place, noise):
    text, start, end, family = place
    phrase = re.sub(r"(?<=[一-鿿])(?=[一-鿿])", lambda _: noise, text.text[start:end])

    findings = check(text.text[:start] + phrase + text.text[end:], text)

    assert family in {finding.family for finding in findings}


@given(place=st.sampled_from(ENGLISH))
@examples(40)
def test_letters_that_look_latin_do_not_hide_a_flagged_phrase(place):
    text, start, end, family = place
    phrase = text.text[start:end].translate(CYRILLIC)

    findings = check(text.text[:start] + phrase + text.text[end:], text)

    assert family in {finding.family for finding in findings}


@given(parts=st.lists(st.one_of(st.sampled_from([text.text for text in DEV]), st.text(max_size=20)), max_size=4))
@examples(40)
def test_every_place_is_within_the_text_and_the_check_says_the_same_twice(parts):
    text, of = "\n".join(parts), DEV[0]

    findings = check(text, of)

    assert findings == check(text, of)
    for finding in findings:
        assert 0 <= finding.start <= finding.end <= len(text)
        assert text[finding.start : finding.end] == finding.text
        lines = re.split(r"\r\n|\r|\n", text)
        assert lines[finding.line - 1][finding.column - 1 :].startswith(re.split(r"[\r\n]", finding.text)[0])
