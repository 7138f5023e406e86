"""The cases in tests/cases: each is about one rule of docs/reference/money.md, its figures computed by hand in comments."""

from __future__ import annotations

from pathlib import Path

import pytest

from arrears.cli.test import run_case
from arrears.facts.cases import read_case
from arrears.replay.terms import Terms

CASES = sorted((Path(__file__).parents[1] / "cases").glob("*.yaml"))


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_the_engine_comes_to_the_figures_computed_by_hand(path: Path) -> None:
    found = run_case(path)

    assert not found, "\n".join(str(finding) for finding in found)


def test_a_figure_that_is_wrong_is_found_with_its_line(tmp_path: Path) -> None:
    good = next(path for path in CASES if path.stem == "penalty-grace-missed").read_text("utf-8")
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text(good.replace('penalty: "12.00"', 'penalty: "10.00"'), "utf-8")

    (finding,) = run_case(wrong)

    assert "wrong.yaml:13: expect.due.penalty: expected 10.00, the answer is 12.00" in str(finding)


def test_every_case_says_in_both_languages_what_it_is_about() -> None:
    assert len(CASES) >= 15
    for path in CASES:
        case = read_case(path, Terms.from_mapping)
        assert case.title.isascii() and not case.about.isascii(), path.name
