"""Sources of Chinese law are told in English to readers of English: title and articles, with the original beside them."""

import pytest

from arrears.advise.cited import references
from arrears.law import load_pack, packs
from arrears.law.source_words import in_english, is_chinese, number_of, source_in
from arrears.plans.words import data


def test_every_source_of_every_pack_and_text_has_an_english_form_without_a_word_of_chinese_left():
    sources = {clause.source for pack in packs() for clause in load_pack(pack).clauses}
    sources |= {reference.source for reference in references().values()}
    sources |= {row["source"] for row in data("minimum_living.yaml")}

    assert sum(is_chinese(source) for source in sources) > 80
    assert [source for source in sources if is_chinese(in_english(source))] == []


@pytest.mark.parametrize(
    ("source", "english"),
    [
        ("中华人民共和国民法典 第六百七十八条", "Civil Code of the People's Republic of China, art. 678"),
        ("中华人民共和国刑法 第二百九十三条之一", "Criminal Law of the People's Republic of China, art. 293-1"),
        ("中华人民共和国民法典 第一百八十八条第二款", "Civil Code of the People's Republic of China, art. 188 para. 2"),
        (
            "征信业管理条例（国务院令第631号） 第十三条、第十八条",
            "Regulation on the credit reporting industry (State Council Order No. 631), art. 13, art. 18",
        ),
        (
            "通信短信息服务管理规定（2026年修订） 条号未核对",
            "Provisions on SMS services (revised in 2026), article number not checked",
        ),
    ],
)
def test_title_and_articles_are_told_in_english(source, english):
    assert in_english(source) == english
    assert source_in(source, "en") == f"{english} ({source})"
    assert source_in(source, "zh-CN") == source


def test_a_source_that_is_not_chinese_stays_as_it_is():
    assert source_in("12 CFR 1006.14(b)(2)", "en") == "12 CFR 1006.14(b)(2)"


@pytest.mark.parametrize(
    ("text", "number"),
    [("十", 10), ("十五", 15), ("二十", 20), ("一百零三", 103), ("一千零三十二", 1032), ("六百", 600)],
)
def test_numbers_written_out_in_chinese_are_read(text, number):
    assert number_of(text) == number
