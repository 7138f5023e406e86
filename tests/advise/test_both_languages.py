"""Both languages say the same: names, days, amounts and numbers agree in every text, and the sentences are plain and short."""

import re
from datetime import date

import pytest

from arrears.advise import advise, look
from arrears.advise.cited import references
from arrears.advise.letters import NAMES as LETTERS
from arrears.advise.letters import letter_of
from arrears.advise.questions import NAMES, answered, example_of, question
from arrears.advise.said import named_in, read_words, shown
from arrears.facts.cases import case_of, read_case
from arrears.facts.yaml_text import Document
from arrears.replay.terms import Terms
from arrears.strategy import default_ladder
from tests.advise.words import OF_OTHERS, all_written, laws
from tests.conftest import ROOT

MONTHS = [
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December",
]  # fmt: skip
LONGEST_EN, USUAL_EN = 28, 12
LONGEST_ZH, USUAL_ZH = 55, 22
#: A loan under each law, as a borrower would type it.
LOAN = {
    "account": {"id": "L", "currency": "USD", "principal": "6000.00", "opened_on": "2026-01-10", "rate": "0.18"},
    "terms": {"penalty": {"rate": "0.27", "basis": "actual/360", "on": "principal", "from": "due"}},
    "instalments": [
        {"due_on": f"2026-{month:02}-10", "principal": "1000.00", "interest": "50.00"} for month in range(2, 8)
    ],
    "people": [{"id": "P1", "role": "borrower", "phones": ["stored"], "addresses": ["stored"]}],
    "events": [{"at": "2026-02-10", "kind": "payment", "amount": "1050.00"}],
    "as_of": "2026-11-23",
}


def looked_at(case):
    law = str(case.facts.accounts["law"][0])
    return look(case.facts, case.account_ids[0], default_ladder(law), case.as_of)


def loan_under(law):
    document = Document("case", LOAN | {"account": LOAN["account"] | {"law": law}})
    return looked_at(case_of(document, Terms.from_mapping))


def everything_said():
    """Every text of every question, of the whole answer for every example and law, and of every letter."""
    cases = [looked_at(example_of(name)) for name in NAMES] + [loan_under(law) for law in laws()]
    advices = [answered(name) for name in NAMES] + [advise(looked) for looked in cases]
    for advice in advices:
        yield from ((point.id, advice.law, point.said) for section in advice.sections for point in section.points)
    for looked in cases:
        for name in LETTERS:
            letter = letter_of(looked, name)
            yield from (
                (name, looked.law, said)
                for said in (letter.title, *letter.opening, *letter.paragraphs, *letter.closing)
            )


def told(text):
    """The days, amounts, percentages and numbers of a text, whatever the language."""
    days, clock = set(), set()

    def day(year, month, on):
        days.add(date(int(year), int(month), int(on)))
        return " "

    text = re.sub(r"(\d{4})年(\d{1,2})月(\d{1,2})日", lambda m: day(*m.groups()), text)
    text = re.sub(r"(\d{4})-(\d\d)-(\d\d)", lambda m: day(*m.groups()), text)
    months = "|".join(MONTHS)
    text = re.sub(rf"(\d{{1,2}}) ({months}) (\d{{4}})", lambda m: day(m[3], MONTHS.index(m[2]) + 1, m[1]), text)
    text = re.sub(rf"({months}) (\d{{1,2}}), (\d{{4}})", lambda m: day(m[3], MONTHS.index(m[1]) + 1, m[2]), text)
    text = re.sub(r"(\d{1,2}):(\d\d)", lambda m: clock.add((int(m[1]), int(m[2]))) or " ", text)
    return days, clock, {number.replace(",", "") for number in re.findall(r"\d[\d,]*(?:\.\d+)?%?", text)}


def test_every_text_says_the_same_days_amounts_and_numbers_in_both_languages():
    said = [(name, text) for name, _, text in everything_said() if name not in OF_OTHERS]

    assert len(said) > 1000
    assert [(name, text.zh, text.en) for name, text in said if told(text.zh) != told(text.en)] == []


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


@pytest.mark.parametrize(
    "file", ["advice.yaml", "letters.yaml", *(f"questions/{name}.yaml" for name in NAMES)], ids=lambda name: name
)
def test_sentences_are_short_enough_to_be_read_in_trouble(file):
    texts = [(zh, en) for name, _, zh, en in all_written() if name == file]
    english = [len(one.split()) for _, en in texts for one in re.split(r"(?<=[.?!])\s+", en) if one]
    # a figure is read as one word: it counts as four signs
    chinese = [len(re.sub(r"{\w+}", "0000", one)) for zh, _ in texts for one in re.split(r"[。？！；]", zh) if one]

    assert max(english) <= LONGEST_EN and sum(english) / len(english) <= USUAL_EN
    assert max(chinese) <= LONGEST_ZH and sum(chinese) / len(chinese) <= USUAL_ZH


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
        if file.startswith(("advice", "questions", "letters")) and (typed.search(zh) or typed.search(en))
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
