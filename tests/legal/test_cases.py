"""The cases in tests/legal/cases: facts that a lawyer can read, and the last days that follow from them, counted by hand in comments."""

from pathlib import Path

import pytest

from arrears.facts.cases import compare, read_case
from arrears.legal import as_json, debt_of, legal_dates
from arrears.replay import Terms

CASES = sorted((Path(__file__).parent / "cases").glob("*.yaml"))


def answer(path, language="en"):
    case = read_case(path, Terms.from_mapping)
    return case, as_json(legal_dates(debt_of(case.facts, case.account_ids[0], case.as_of, case.known_at)), language)


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_the_last_days_are_those_counted_by_hand(path):
    case, got = answer(path)

    found = compare(case.expect, got, case.document)

    assert not found, "\n".join(str(finding) for finding in found)


def test_a_last_day_that_is_wrong_is_found_with_its_line(tmp_path):
    good = next(path for path in CASES if path.stem == "cn-last-day-is-a-holiday").read_text("utf-8")
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text(good.replace("last_on: 2026-10-08", "last_on: 2026-10-01"), "utf-8")

    case, got = answer(wrong)

    assert [
        str(finding).partition(":")[0].rpartition("/")[2] for finding in compare(case.expect, got, case.document)
    ] == ["wrong.yaml"]


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_both_languages_say_the_same_days(path):
    def days(part):
        return [
            (one["id"], one["last_on"], [(why["id"], why["on"], why["event"]) for why in one["reasons"]])
            for one in part["dates"]
        ]

    assert days(answer(path, "zh-CN")[1]) == days(answer(path, "en")[1])
