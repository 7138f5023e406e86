"""The command line as a person meets it."""

import json

import pytest

from tests.conftest import ROOT, STORY


def test_explain_prints_what_the_design_promises(arrears):
    answer = json.loads(arrears("explain", STORY, "--json").stdout)

    assert {
        "as_of",
        "days_past_due",
        "oldest_due_on",
        "due",
        "not_due_principal",
        "credit",
        "payoff",
        "stage",
        "decision",
        "not_taken",
        "standing",
        "lines",
    } <= set(answer)
    assert set(answer["due"]) == {"fee", "penalty", "interest", "principal", "total"}
    assert {"on", "text", "amount", "balance", "rule"} <= set(answer["lines"][0])
    assert answer["due"] == {
        "fee": "0.00",
        "penalty": "16.90",
        "interest": "50.00",
        "principal": "1764.33",
        "total": "1831.23",
    }


def test_why_did_nobody_visit_is_answered_in_full_in_both_languages(arrears):
    chinese = arrears("why-not", "visit", STORY, "--lang", "zh-CN").stdout
    english = arrears("why-not", "visit", STORY, "--lang", "en").stdout

    for text in ("预计收益109.87，成本260.00", "不表示债务已经结清", "2027年1月8日", "付清到期应付的1,831.23元"):
        assert text in chinese
    for text in (
        "expected gain 109.87 against cost 260.00",
        "does not mean that the debt is settled",
        "8 January 2027",
        "If you pay the CNY 1,831.23",
    ):
        assert text in english


def test_may_says_when_and_by_which_clauses(arrears):
    answer = json.loads(
        arrears("may", STORY, "--channel", "call", "--at", "2026-11-24T23:00:00+08:00", "--json").stdout
    )

    assert answer["verdict"] == "wait"
    assert answer["not_before"] == "2026-11-25T00:00:00+00:00"
    assert [clause["id"] for clause in answer["clauses"]] == ["CN-HRS-1", "CN-HRS-2"]
    assert set(answer["clauses"][0]) >= {"id", "source", "text", "in_force"}


def test_the_packs_and_ladders_that_come_along_pass_their_own_tests(arrears):
    done = arrears("test", ROOT / "src/arrears/lab/stories")

    assert done.returncode == 0 and ", 0 failed" in done.stdout


@pytest.mark.parametrize(
    "arguments",
    [("explain", "nothing.yaml"), ("why-not", "fly", STORY), ("night", "--book", "nowhere"), ("rolls", "a", "b"), ("explain",),
     ("may", STORY, "--channel", "pigeon"), ("check", "absent.csv"), ("strategy", "show", "no-such-ladder"), ("law", "show", "cn", "NO")],
)  # fmt: skip
def test_misuse_gets_exit_code_2_one_clear_line_and_no_traceback(arrears, arguments):
    done = arrears(*arguments)

    assert done.returncode == 2
    assert "Traceback" not in done.stderr and done.stderr.strip()


def test_help_does_not_load_what_it_does_not_need(arrears):
    import subprocess
    import sys

    code = "import sys; from arrears.cli.parser import build; build().format_help(); print(sorted({'polars','numba','numpy','rich'} & set(sys.modules)))"
    assert (
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "[]"
    )


def test_explain_needs_neither_compiler_nor_typesetter(arrears):
    import subprocess
    import sys

    code = f"import sys; from arrears.cli import main; main(['explain', {str(STORY)!r}]); assert not {{'numba', 'typst'}} & set(sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).returncode == 0
