"""`arrears legal ready`, `bundle`, `freeze`, `credit-file` and `offices` as a person runs them, and what they refuse."""

import json
from pathlib import Path

import pytest

from arrears.cli import main

CASES = Path(__file__).parents[1] / "legal" / "court"
READY, JUDGED = str(CASES / "cn-ready.yaml"), str(CASES / "cn-judged-and-frozen.yaml")


def test_a_bundle_is_written_and_its_json_is_the_file(tmp_path, capsys):
    out = tmp_path / "papers"

    assert main(["legal", "bundle", READY, "--kind", "payment-order", "--out", str(out), "--json"]) == 0

    told = json.loads(capsys.readouterr().out)
    assert told == json.loads((out / "bundle.json").read_text("utf-8"))
    assert {path.name for path in out.iterdir()} == {
        "00-index.pdf",
        "bundle.json",
        *(paper["file"] for paper in told["papers"]),
    }


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["ready", READY, "--have", "rumours"], "--have: is no evidence of this case"),
        (["ready", READY, "--chance", "2"], "--chance: is not a share from 0 to 1"),
        (["ready", READY, "--wage", "a lot"], "--wage"),
        (["offices", "--matter", "weather"], "--matter: is no matter"),
        (["freeze", "nowhere.yaml"], "is not a case file"),
        (["bundle", READY, "--kind", "lawsuit", "--out", "x"], "is no kind of bundle"),
        (["bundle", READY, "--kind", "payment-order", "--out", "x", "--pay-on", "2020-01-01"], "--pay-on: is before"),
        (["bundle", READY, "--kind", "payment-order", "--out", "x", "--account", "B9"], "is in none of the case files"),
    ],
)
def test_what_cannot_be_done_is_refused_in_one_line(arguments, told, capsys):
    assert main(["legal", *arguments]) == 2

    error = capsys.readouterr().err
    assert told in error and "Traceback" not in error


@pytest.mark.parametrize(
    ("language", "words"),
    [("zh-CN", ["诉讼与执行： 强制执行", "每日1.05 CNY"]), ("en", ["Before the court: enforcement", "1.05 CNY a day"])],
)
def test_explain_tells_the_stage_before_the_court_and_what_runs(language, words, capsys):
    assert main(["explain", JUDGED, "--lang", language]) == 0

    out = capsys.readouterr().out
    assert [word for word in words if word not in out] == []


def test_the_freeze_tells_what_must_be_left_by_the_minimum_that_is_given(capsys):
    assert main(["legal", "freeze", JUDGED, "--living", "1100.00", "--persons", "2", "--json"]) == 0

    told = json.loads(capsys.readouterr().out)
    assert (told["left_to_live_a_month"], told["above"], told["release_due"]) == ("2200.00", "2830.95", False)
