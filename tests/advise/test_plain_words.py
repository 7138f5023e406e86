"""What is said to borrowers is plain: short sentences, words that everybody knows, whole sentences, one language at a time, one next step."""

import re

import pytest
import yaml

from arrears.advise.letters import NAMES as LETTERS
from arrears.advise.questions import NAMES, question
from tests.advise.said import everything_said
from tests.advise.test_reading import KEPT, in_language, reading
from tests.advise.words import all_written
from tests.conftest import ROOT

LONGEST_EN, USUAL_EN = 28, 12
LONGEST_ZH, USUAL_ZH = 55, 22
#: School years that a reader of the English needs at most (Flesch and Kincaid).
YEARS = 7.0
HARD = yaml.safe_load((ROOT / "tests/advise/hard_words.yaml").read_text("utf-8"))
HAN = re.compile("[\u3400-\u9fff]")
#: Latin letters that stand in Chinese: ids of rules and regions, sites, and names of offices.
LATIN = re.compile(r"[A-Z]{2,}[A-Z0-9-]*|[a-z-]+(?:\.[a-z-]+)+|MoneyHelper|StepChange")
FILES = ["advice.yaml", "letters.yaml", "no_visit.yaml", "offers.yaml", *(f"questions/{name}.yaml" for name in NAMES)]


@pytest.mark.parametrize("file", FILES)
def test_sentences_are_short_enough_to_be_read_in_trouble(file):
    texts = [(zh, en) for name, _, zh, en in all_written() if name == file]
    english = [len(one.split()) for _, en in texts for one in re.split(r"(?<=[.?!])\s+", en) if one]
    # a figure is read as one word: it counts as four signs
    chinese = [len(re.sub(r"{\w+}", "0000", one)) for zh, _ in texts for one in re.split(r"[。？！；]", zh) if one]

    assert max(english) <= LONGEST_EN and sum(english) / len(english) <= USUAL_EN
    assert max(chinese) <= LONGEST_ZH and sum(chinese) / len(chinese) <= USUAL_ZH


def syllables(word):
    """Syllables of an English word, near enough: groups of vowels, without a silent e."""
    letters = re.sub("[^a-z]", "", word.lower())
    groups = len(re.findall("[aeiouy]+", letters))
    return max(groups - (letters.endswith("e") and not letters.endswith("le")), 1)


@pytest.mark.parametrize("name", NAMES)
def test_a_kept_answer_in_english_needs_few_years_of_school(name):
    text = " ".join(entry["en"] for entry in reading(name)["lines"])

    words = re.findall(r"[A-Za-z][A-Za-z'-]*", text)
    sentences = [one for one in re.split(r"(?<=[.?!:])\s+", text) if one]
    years = 0.39 * len(words) / len(sentences) + 11.8 * sum(map(syllables, words)) / len(words) - 15.59
    assert 0 < years <= YEARS


@pytest.mark.parametrize(("tongue", "index"), [("zh", 0), ("en", 1)])
def test_no_word_is_used_that_has_a_plain_one(tongue, index):
    form = r"{}" if tongue == "zh" else r"(?i)\b{}\b"
    hard = [re.compile(form.format(word.replace("*", r"\w*"))) for word in HARD[tongue]]
    texts = [(file, re.sub(r"{\w+}", "", pair[index])) for file, _, *pair in all_written() if file in FILES]

    assert [(file, text) for file, text in texts for word in hard if word.search(text)] == []


@pytest.mark.parametrize("name", NAMES)
def test_a_word_of_law_is_explained_in_the_answer_that_uses_it(name):
    for language, tongue in (("zh-CN", "zh"), ("en", "en")):
        text = "\n".join(in_language(entry, language) for entry in reading(name)["lines"])

        assert [
            word for word, meaning in HARD["explained"][tongue].items() if word in text and not re.search(meaning, text)
        ] == []


def test_every_text_is_made_of_whole_sentences_in_one_language():
    said = {(text.zh, text.en) for point, _, text in everything_said() if point not in LETTERS}

    assert len(said) > 400
    assert [en for _, en in said if not re.match(r"[A-Z0-9£$“]", en) or not re.search(r"[.?!]\)?$", en)] == []
    assert [zh for zh, _ in said if not re.search(r"[。？！]$|）$", zh)] == []
    assert [en for _, en in said if HAN.search(en)] == []
    assert [zh for zh, _ in said if re.search("[A-Za-z]", LATIN.sub("", zh))] == []


def test_nothing_is_said_twice_in_one_answer():
    for name in NAMES:
        for language in ("zh-CN", "en"):
            lines = [in_language(entry, language) for entry in reading(name)["lines"]]

            assert len(set(lines)) == len(lines), name


def test_every_question_has_one_next_step_and_says_where_free_help_is():
    for name in NAMES:
        first = [part for part in question(name).parts if part.get("id") == "first"]

        assert [len(part["points"]) for part in first] == [1] and question(name).parts[1] is first[0], name
        assert question(name).parts[-1] == {"from": "help"}, name


def test_english_answers_tell_chinese_sources_in_english_beside_the_original():
    for name in NAMES:
        text = (KEPT / name / "answer.en.md").read_text("utf-8")
        sources = re.findall(r"\(Source: (.*?) · ", text)

        assert sources and [one for one in sources if HAN.match(one) or not HAN.search(one)] == [], name
        body = text[: text.index("## The rules behind this")]
        assert not HAN.search(body), name
