"""`test`: case files, and the examples inside law packs and ladders."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from arrears.account import as_json, look_at
from arrears.cli.account import answer, case_at, ladder_of
from arrears.cli.out import print_json
from arrears.errors import Finding, Refusal, refuse
from arrears.facts.cases import Case, compare
from arrears.law import load_pack, packs, run_examples
from arrears.law.examples import differs
from arrears.law.wording import run_wording_examples, wording_packs
from arrears.strategy import default_ladder, included, load_ladder


def test(arguments: argparse.Namespace) -> int:
    """`arrears test`: 0 if everything holds, 1 if something does not."""
    findings: list[Finding] = []
    passed = 0
    for name in packs():
        count, found = run_examples(load_pack(name))
        passed += count - len({finding.what for finding in found})
        findings += found
    for name in wording_packs():
        count, found = run_wording_examples(name)
        passed += count - len(found)
        findings += found
    for name in included():
        load_ladder(name)
        passed += 1
    for path in _files(arguments.paths):
        found = run_case(path)
        passed += not found
        findings += found
    if arguments.json:
        print_json({"passed": passed, "failed": len(findings), "findings": [finding.as_dict() for finding in findings]})
    else:
        for finding in findings:
            print(finding)
        print(f"{passed} passed, {len(findings)} failed")
    return 1 if findings else 0


def _files(paths: list[str]) -> list[Path]:
    found: list[Path] = []
    for name in paths:
        path = Path(name)
        if not path.exists():
            raise refuse("file", "is not there", file=name, exit_code=2)
        cases = sorted(path.rglob("*.yaml")) if path.is_dir() else [path]
        if not cases:
            raise refuse("file", "is a folder without case files (*.yaml)", file=name, exit_code=2)
        found += cases
    return found


def run_case(path: Path) -> list[Finding]:
    """What in a case file does not come out as it expects."""
    try:
        case = case_at(path)
        return [*_expected(case), *_questions(case)]
    except Refusal as refusal:
        return list(refusal.findings)


def _expected(case: Case) -> list[Finding]:
    if case.expect is None or case.document is None:
        return []
    if case.as_of is None:
        return [Finding("case", "expects something, but says not as of when", file=case.file, todo="add `as_of:`")]
    got: Any = [_explained(case, account_id) for account_id in case.account_ids]
    if isinstance(case.expect, list):
        return compare(case.expect, got, case.document)
    return compare(case.expect, got[0], case.document)


def _explained(case: Case, account_id: str) -> dict[str, Any]:
    import polars as pl

    law = case.facts.accounts.filter(pl.col("account_id") == account_id)["law"][0]
    ladder = ladder_of(case, None) or default_ladder(str(law))
    assert case.as_of is not None
    return as_json(look_at(case.facts, account_id, ladder, case.as_of, case.known_at), "en")


def _questions(case: Case) -> list[Finding]:
    found = []
    for index, question in enumerate(case.questions):
        for what in differs(question.get("expect") or {}, answer(case, question)):
            where = case.document.where(f"questions[{index}]") if case.document else {}
            found.append(Finding("question", what, **where))
    return found
