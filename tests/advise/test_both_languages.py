"""Both languages say the same: names, days, amounts and numbers agree in every text, and every text names rules and figures that are there."""

import re

import pytest

from arrears.advise import advise
from arrears.advise.cited import references
from arrears.advise.questions import NAMES, example_of, question
from arrears.advise.said import named_in, read_words, shown
from arrears.facts.cases import read_case
from arrears.replay.terms import Terms
from tests.advise.numbers import names_missing, told
from tests.advise.said import everything_said, loan_under, looked_at
from tests.advise.test_reading import reading
from tests.advise.words import all_written, laws
from tests.conftest import ROOT


def test_every_text_says_the_same_days_amounts_and_numbers_in_both_languages():
    said = [(name, text) for name, _, text in everything_said()]

    assert len(said) > 1000
    assert [(name, text.zh, text.en) for name, text in said if told(text.zh) != told(text.en)] == []


@pytest.mark.parametrize(
    ("chinese", "english"),
    [
        ("最后一天是2026年11月23日。", "The last day is 24 November 2026."),
        ("最后一天是2026年11月23日。", "The last day is 23 December 2026."),
        ("到期未还1,831.23元。", "CNY 1,813.23 is due."),
        ("收到之日起十五日内提出。", "Object within fifty days."),
        ("三十日内共同申请。", "Both apply within thirteen days."),
        ("最长五年（60期）。", "At most five years (6 instalments)."),
        ("超过年利率24%的。", "Above 42% a year."),
        ("22:00至次日8:00不催收。", "No collection between 22:00 and 09:00."),
        ("期限为二十年。", "The period is twelve years."),
    ],
)
def test_a_day_an_amount_or_a_number_that_differs_is_seen(chinese, english):
    assert told(chinese) != told(english)


def test_the_names_of_bodies_and_things_stand_in_both_languages_of_every_kept_answer():
    lines = [entry for name in NAMES for entry in reading(name)["lines"]]

    assert [(entry["at"], missing) for entry in lines if (missing := names_missing(entry["zh"], entry["en"]))] == []
    assert names_missing("微信被冻结。", "The account is frozen.") == ["微信"]
    assert names_missing("账户被冻结。", "WeChat is frozen.") == ["微信"]


def test_every_figure_and_name_of_a_text_stands_in_both_languages_as_each_writes_it():
    said = [(law, text) for _, law, text in everything_said() if text.figures]

    lost = [
        (name, text.text(language))
        for law, text in said
        for name, figure in text.figures.items()
        for language in ("zh-CN", "en")
        if shown(figure, law, language) not in text.text(language)
    ]
    assert lost == []


def test_both_languages_of_a_template_name_the_same_figures_and_both_are_there():
    assert [(file, path) for file, path, zh, en in all_written() if not zh or not en or type(zh) is not type(en)] == []
    assert [
        (file, path) for file, path, zh, en in all_written() if isinstance(zh, str) and named_in(zh) != named_in(en)
    ] == []


def test_every_clause_that_a_text_cites_is_there_and_every_unread_one_is_marked():
    parts = [
        *read_words("advice.yaml"),
        *(part for name in NAMES for part in question(name).parts if "from" not in part),
    ]

    cited = {one for part in parts for point in part["points"] for one in point.get("cite", ())}
    assert cited <= references().keys()
    assert {one.confirmed for one in references().values()} == {"read", "secondary", "false"}


def test_no_text_of_points_types_an_amount_or_a_day():
    typed = re.compile(r"\d[\d,]*\.\d\d(?!\d|%)|\d{4}年\d|\d{4}-\d\d-\d\d|\b20\d\d\b")

    assert [
        (file, path, zh)
        for file, path, zh, en in all_written()
        if file.startswith(("advice", "questions", "letters", "offers")) and (typed.search(zh) or typed.search(en))
    ] == []


def test_a_case_of_every_law_gets_an_answer_with_places_to_turn_to(tmp_path):
    for law in laws():
        advice = advise(loan_under(law))

        assert {"situation", "authenticity", "today", "week", "may", "complain"} <= {
            section.id for section in advice.sections
        }, law
        assert (
            not {one.id for one in advice.references if one.id.startswith(("CN-", "CRIM", "CPL", "CC-"))} or law == "cn"
        )


def test_the_story_of_the_readme_is_the_first_question():
    story = read_case(ROOT / "src/arrears/lab/stories/sms-but-no-visit.yaml", Terms.from_mapping)

    ours, its = (advise(looked_at(case)) for case in (example_of("sms-no-visit"), story))

    assert ours.figures == its.figures and ours.sections == its.sections
