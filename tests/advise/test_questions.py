"""Every question of the public pages: its answer is the one that was read and kept, and its case is a case like any other."""

import pytest

from arrears.advise import as_text
from arrears.advise.questions import NAMES, answered, example_of
from arrears.facts.cases import read_case
from arrears.replay.terms import Terms
from tests.conftest import ROOT

KEPT = ROOT / "examples/questions"


@pytest.mark.parametrize("language", ["zh-CN", "en"])
@pytest.mark.parametrize("name", NAMES)
def test_the_answer_is_the_one_that_was_read_and_kept(name, language):
    kept = (KEPT / name / f"answer.{language}.md").read_text("utf-8")

    assert as_text(answered(name), language) == kept


@pytest.mark.parametrize("name", NAMES)
def test_the_case_beside_the_answer_is_the_one_that_the_page_computes(name):
    beside = read_case(KEPT / name / "case.yaml", Terms.from_mapping)

    page = example_of(name)

    assert beside.as_of == page.as_of
    assert beside.facts.events.equals(page.facts.events) and beside.facts.instalments.equals(page.facts.instalments)


def test_every_folder_of_questions_has_a_page_and_every_page_a_folder():
    assert {entry.name for entry in KEPT.iterdir() if entry.is_dir()} == set(NAMES)
