"""The worked examples inside wording clauses, run as tests."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from arrears.errors import Finding
from arrears.law.wording.check import check_text
from arrears.law.wording.clauses import WordingClause, load_wording


def run_wording_examples(pack: str) -> tuple[int, list[Finding]]:
    """How many examples the wording clauses of a pack have, and a finding for each that does not come out as it says."""
    count, found = 0, []
    for clause in load_wording(pack):
        for index, example in enumerate(clause.examples):
            count += 1
            got = families_against(pack, clause, example)
            if got != sorted(example["expect"]):
                what = f"clause {clause.id}, example {index + 1}: expected {example['expect']}, the check finds {got}"
                found.append(Finding("example", what, file=clause.place))
    return count, found


def families_against(pack: str, clause: WordingClause, example: Mapping[str, Any]) -> list[str]:
    """The families in which an example breaks its own clause; other clauses may be broken too."""
    findings = check_text(
        example["text"], pack, example.get("channel", clause.channels[0]),
        date.fromisoformat(example["on"]) if example.get("on") else clause.from_on,
        recipient=example.get("recipient", clause.recipients[0]), binds=example.get("binds", clause.binds[-1]),
        facts=example.get("facts") or (), amounts=example.get("amounts"),
    )  # fmt: skip
    return sorted({finding.family for finding in findings if clause in finding.clauses})
