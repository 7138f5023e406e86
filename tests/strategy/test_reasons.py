"""Why nobody visits: one case for each reason, each a file that a person can read, and what is said of it in both languages."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from arrears.cli import main
from arrears.cli.test import run_case
from arrears.strategy import reasons

CASES = sorted((Path(__file__).parent / "cases").glob("*.yaml"))


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_the_case_comes_out_as_it_expects(path: Path) -> None:
    found = run_case(path)

    assert not found, "\n".join(str(finding) for finding in found)


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_why_not_visit_says_it_in_these_words(path: Path, language: str, capsys: pytest.CaptureFixture[str]) -> None:
    (told,) = re.findall(rf"^# {language}: (.*)$", path.read_text("utf-8"), re.MULTILINE)

    code = main(["why-not", "visit", str(path), "--lang", {"zh": "zh-CN", "en": "en"}[language]])

    assert code == 0
    assert told in capsys.readouterr().out


def test_every_reason_that_one_account_can_give_has_a_case(capsys: pytest.CaptureFixture[str]) -> None:
    main(["why-not", "visit", *map(str, CASES), "--json"])

    given = {reason["id"] for line in capsys.readouterr().out.splitlines() for reason in json.loads(line)["reasons"]}

    # the ladder's visit does not ask for a phone or e-mail, has no occasion of its own, and no clause makes a visit of the next day wait;
    # what a whole night's capacity takes away, an account beyond computation, and a law that has no pack, have tests of their own
    elsewhere = {"no_phone", "no_email", "no_occasion", "law_wait", "law_no_pack", "capacity", "refused_account"}
    assert given == set(reasons()) - elsewhere


def test_the_silence_is_never_said_to_mean_that_the_debt_is_settled(capsys: pytest.CaptureFixture[str]) -> None:
    for path in CASES:
        main(["why-not", "visit", str(path), "--json"])
        answer = json.loads(capsys.readouterr().out)

        if path.stem in ("nothing-due", "plan-kept", "the-law-forbids-it"):
            assert answer["silence"] == ["Nothing is due and unpaid on this account at present."]
        else:
            assert "does not mean that the debt is settled" in answer["silence"][0]
            assert answer["what_changes_it"]
