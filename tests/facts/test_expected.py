"""What a case expects, held against an answer: only what is named is compared, and each mismatch names its line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from arrears.facts.cases import read_case
from arrears.facts.expected import compare
from arrears.replay.terms import Terms

ANSWER: dict[str, Any] = {
    "days_past_due": 10,
    "oldest_due_on": "2025-02-10",
    "due": {"fee": "0.00", "interest": "20.10", "total": "1020.10"},
    "plan": None,
    "decision": {"action": "sms", "reasons": ["stage_reached", "gain"]},
    "not_taken": [
        {"action": "visit", "reasons": [{"id": "stage"}, {"id": "no_address"}]},
        {"action": "letter", "reasons": [{"id": "stage"}]},
    ],
    "standing": {"paused": False},
    "lines": [{"on": "2025-02-10", "amount": "1020.10"}, {"on": "2025-02-20", "amount": "5.00"}],
}

HOLDS: dict[str, Any] = {
    "nothing expected": {},
    "text against a number": {"days_past_due": "10"},
    "amounts as decimals": {"due": {"fee": "0", "interest": "20.1"}},
    "null": {"plan": None},
    "a flag": {"standing": {"paused": False}},
    "some elements in any order": {"decision": {"reasons": ["gain"]}, "not_taken": [{"action": "letter"}, {"action": "visit"}]},
    "entries by their names": {"not_taken": ["visit", {"action": "visit"} | {"action": "letter"}]},
    "names within entries": {"not_taken": [{"action": "visit", "reasons": ["no_address"]}]},
    "some lines": {"lines": [{"on": "2025-02-20", "amount": "5"}]},
}  # fmt: skip

DIFFERS: dict[str, tuple[Any, str, str]] = {
    "an amount": ({"due": {"total": "1020.11"}}, "expect.due.total", "expected 1020.11, the answer is 1020.10"),
    "zero against nothing": ({"plan": "0"}, "expect.plan", "expected 0, the answer is nothing"),
    "nothing against zero": ({"due": {"fee": None}}, "expect.due.fee", "expected nothing, the answer is 0.00"),
    "a flag against text": ({"standing": {"paused": "false"}}, "expect.standing.paused", "expected false, the answer is false"),
    "a field that is not there": ({"due": {"totl": "1"}}, "expect.due.totl", "is not in the answer"),
    "a mapping against a value": ({"days_past_due": {"n": "1"}}, "expect.days_past_due", "expected a mapping, the answer is 10"),
    "an element that is not there": (
        {"decision": {"reasons": ["law"]}}, "expect.decision.reasons[0]",
        "expected an entry law, the answer has [stage_reached, gain]"),
    "one element for two": (
        {"decision": {"reasons": ["gain", "gain"]}}, "expect.decision.reasons[1]",
        "expected an entry gain, the answer has [stage_reached]"),
    "an empty list": ({"not_taken": []}, "expect.not_taken", "expected nothing, the answer is"),
    "inside the entry of the same name": (
        {"not_taken": [{"action": "visit", "reasons": ["law"]}]}, "expect.not_taken[0].reasons[0]",
        "expected an entry law, the answer has [stage, no_address]"),
    "inside the line of the same day": (
        {"lines": [{"on": "2025-02-20", "amount": "6.00"}]}, "expect.lines[0].amount", "expected 6.00, the answer is 5.00"),
}  # fmt: skip


@pytest.mark.parametrize("name", HOLDS)
def test_an_expectation_that_holds_gives_no_finding(name: str) -> None:
    assert compare(HOLDS[name], ANSWER) == []


@pytest.mark.parametrize("name", DIFFERS)
def test_a_mismatch_says_what_is_expected_and_what_the_answer_is(name: str) -> None:
    expect, field, what = DIFFERS[name]

    (finding,) = compare(expect, ANSWER)

    assert (finding.code, finding.field) == ("expected", field)
    assert finding.what.startswith(what)


def test_each_mismatch_names_file_and_line(tmp_path: Path) -> None:
    path = tmp_path / "case.yaml"
    path.write_text(
        "account: {id: A1, law: none, currency: EUR, principal: 0, opened_on: 2025-01-10}\n"
        "expect:\n  days_past_due: 11\n  due:\n    interest: 20.10\n    total: 7\n"
    )
    case = read_case(path, Terms.from_mapping)

    found = compare(case.expect, ANSWER, case.document)

    assert [(finding.file, finding.line) for finding in found] == [(str(path), 3), (str(path), 6)]
