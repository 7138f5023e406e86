"""`arrears legal dates`: what it prints for people, its calendar file, and what it refuses."""

import json
from pathlib import Path

import pytest

from arrears.cli import main
from tests.legal.ics_text import read_ics

CASES = Path(__file__).parents[1] / "legal" / "cases"
DEMAND = str(CASES / "cn-demand-starts-it-again.yaml")


def told(capsys, *arguments):
    assert main(["legal", "dates", *map(str, arguments)]) == 0
    return capsys.readouterr().out


@pytest.mark.parametrize(
    ("language", "lines"),
    [
        ("zh-CN", ["2027-05-06（暂定）  期间内", "2024-05-06因债权人请求履行中断，重新计算", "该日为暂定，如为休息日则顺延至下一工作日",
                   "债务人承认债务、部分还款、债务人承诺还款、达成还款协议会使期间自该日起重新计算；如发生在2026-11-24，最后一日变为2029-11-24", "不是法律意见，也不预示裁判结果"]),
        ("en", ["2027-05-06 (provisional)  running", "Started again on 2024-05-06 by a demand", "if it is no working day the last day moves to the next working day",
                "an acknowledgement, a part payment, a promise to pay or a payment plan starts it again from that day; on 2026-11-24 it would make 2029-11-24 the last day", "no legal advice and foretell no decision"]),
    ],
)  # fmt: skip
def test_the_table_and_the_reasoning_are_told_in_both_languages(language, lines, capsys):
    out = told(capsys, DEMAND, "--lang", language)

    assert [line for line in lines if line not in out] == []


@pytest.mark.parametrize(
    ("as_of", "status"),
    [("2027-05-06", "running"), ("2027-05-07", "doubtful"), ("2027-05-20", "doubtful"), ("2027-05-21", "over")],
)
def test_the_day_asked_about_decides_what_is_said(as_of, status, capsys):
    got = json.loads(told(capsys, DEMAND, "--as-of", as_of, "--json"))

    (suit,) = (one for one in got["dates"] if one["id"] == "suit")
    assert (got["as_of"], suit["last_on"], suit["status"]) == (as_of, "2027-05-06", status)


def test_what_happened_after_the_day_asked_about_is_not_counted(capsys):
    got = json.loads(told(capsys, DEMAND, "--as-of", "2024-05-05", "--json"))

    assert [one["last_on"] for one in got["dates"] if one["id"] == "suit"] == ["2026-03-10"]


def test_one_calendar_file_holds_the_dates_of_all_cases(tmp_path, capsys):
    path = tmp_path / "dates.ics"

    told(capsys, DEMAND, CASES / "au-hardship.yaml", "--ics", path, "--lang", "en")

    summaries = [entry.one("SUMMARY") for entry in read_ics(path.read_bytes()).parts]
    assert [text.rpartition("account ")[2] for text in summaries] == ["CN-1)", "CN-1)", "AU-1)"]


def test_no_calendar_file_is_written_where_no_day_is_to_come(tmp_path, capsys):
    path = tmp_path / "dates.ics"

    assert main(["legal", "dates", str(CASES / "us-no-state.yaml"), "--ics", str(path), "--lang", "en"]) == 0

    assert not path.exists() and "was not written" in capsys.readouterr().err


def test_every_debt_of_a_case_is_answered(capsys):
    case = CASES.parents[1] / "cases" / "two-debts-and-questions.yaml"

    answers = [json.loads(line) for line in told(capsys, case, "--json").splitlines()]

    assert len({answer["account"] for answer in answers}) == len(answers) == 2


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["none.yaml"], "is not a case file (here: none.yaml)"),
        ([DEMAND, "--as-of", "2022-12-09"], "is before the loan, which was opened on 2022-12-10"),
        ([DEMAND, "--ics", "no-folder/dates.ics"], "no-folder/dates.ics: cannot be written"),
    ],
)
def test_what_cannot_be_done_is_refused_with_one_clear_error(arguments, message, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)

    code = main(["legal", "dates", *arguments])

    error = capsys.readouterr().err
    assert code == 2 and message in error and error.count("\n") == 1


def test_a_law_without_a_pack_has_no_dates_and_says_so(tmp_path, capsys):
    path = tmp_path / "case.yaml"
    path.write_text('account: {id: A1, law: none, currency: EUR, principal: "1.00", opened_on: 2024-01-10}\n', "utf-8")

    got = json.loads(told(capsys, path, "--as-of", "2026-01-01", "--json"))

    assert got["dates"] == [] and [gap["id"] for gap in got["gaps"]] == ["no_pack"]
