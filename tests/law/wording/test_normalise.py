"""The searched form of a text and the way back to the original."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from arrears.law.wording.evasion import searchable
from arrears.law.wording.normalise import normalise

TEXTS = st.text(
    st.one_of(st.characters(), st.sampled_from("起诉qisu法院 *.-\u200b０1lOo5$@arrestjail,。!?\n【】元")), max_size=120
)


@given(text=TEXTS)
def test_every_character_of_the_searched_form_has_its_place_in_the_original(text):
    found = searchable(text)

    assert len(found.text) == len(found.starts) == len(found.ends)
    assert all(0 <= start < end <= len(text) for start, end in zip(found.starts, found.ends, strict=True))
    assert list(found.starts) == sorted(found.starts)


@example("ำ")  # taken apart, it holds a mark
@given(text=TEXTS)
def test_the_searched_form_of_a_searched_form_is_itself(text):
    once = normalise(text).text

    assert normalise(once).text == once


@given(text=st.text(st.sampled_from("王先生您好本期应还款请按时联系我们协商"), min_size=1))
def test_plain_chinese_text_is_its_own_searched_form_and_maps_onto_itself(text):
    found = searchable(text)

    assert found.text == text
    assert found.span(0, len(text)) == (0, len(text))


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("起 诉", "起诉"),
        ("起*诉", "起诉"),
        ("起訴", "起诉"),
        ("qi诉", "起诉"),
        ("向qisu了", "向起诉了"),
        ("拘溜", "拘留"),
        ("坐劳", "坐牢"),
        ("坐\u200b牢", "坐牢"),
        ("法yuan", "法院"),
        ("ｆａ院", "法院"),
        ("居留证", "居留证"),
        ("失·信·名·单", "失信名单"),
        ("l4wsuit", "lawsuit"),
        ("arr3sted", "arrested"),
        ("аrrest", "arrest"),
        ("árrest", "arrest"),
        ("j a i l", "jail"),
        ("g o t o j a i l", "goto jail"),
        ("j.a.i.l", "jail"),
        ("pri son", "prison"),
        ("1,28O.50", "1,280.50"),
        ("in 5 days on the 1st", "in 5 days on the 1st"),
        ("wait...!!!", "wait.!"),
    ],
)
def test_a_disguised_word_is_written_out(written, meant):
    assert searchable(written).text == meant


def test_the_place_of_a_disguised_word_is_all_of_the_disguise():
    text = "我们 qi-su 你"

    found = searchable(text)
    start = found.text.index("起诉")

    assert text[slice(*found.span(start, start + 2))] == "qi-su"
