"""The worked examples inside clauses: run as tests, both sides of every boundary."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from arrears.errors import Finding
from arrears.law.clauses import Clause, Pack
from arrears.law.guard import Contact, Question, Verdict, may


def run_examples(pack: Pack) -> tuple[int, list[Finding]]:
    """How many examples the pack has, and a finding for each that does not come out as it says."""
    count, found = 0, []
    for clause in pack.clauses:
        for index, example in enumerate(clause.examples):
            count += 1
            found += list(_differences(clause, index, example, may(pack, question_of(example, pack.zone))))
    return count, found


def question_of(example: Mapping[str, Any], zone: str) -> Question:
    """An example (or a case's question) as the guard takes it; times need an offset."""
    contacts = []
    for contact in example.get("contacts") or ():
        made = Contact(
            datetime.fromisoformat(contact["at"]), contact["channel"], contact["outcome"], contact.get("number")
        )
        contacts += [made] * int(contact.get("times", 1))
    return Question(
        channel=str(example["channel"]),
        at=datetime.fromisoformat(str(example["at"])),
        zones=(str(example.get("zone") or zone),),
        role=str(example.get("role") or "borrower"),
        purpose=str(example.get("purpose") or "collection"),
        number=example.get("number"),
        binds=str(example.get("binds") or "lender"),
        standing=example.get("standing") or {},
        contacts=tuple(contacts),
    )


def differs(expect: Mapping[str, Any], verdict: Verdict) -> Iterator[str]:
    """What of an expectation (verdict, not_before, clauses, requires) does not hold."""
    if expect.get("verdict", verdict.verdict) != verdict.verdict:
        yield f"expected {expect['verdict']}, the guard says {verdict.verdict}"
    if expect.get("not_before") and datetime.fromisoformat(str(expect["not_before"])) != verdict.not_before:
        yield f"expected not before {expect['not_before']}, the guard says {verdict.not_before}"
    for name, clauses in (("clauses", verdict.clauses), ("requires", verdict.requires)):
        got = [clause.id for clause in clauses]
        if name in expect and not set(expect[name] or ()) <= set(got):
            yield f"expected {name} {expect[name]}, the guard names {got}"
        if name in expect and not expect[name] and got:
            yield f"expected no {name}, the guard names {got}"
        for unwanted in set(expect.get("without") or ()) & set(got):
            yield f"expected without {unwanted}, the guard names it"


def _differences(clause: Clause, index: int, example: Mapping[str, Any], verdict: Verdict) -> Iterator[Finding]:
    for what in differs(example.get("expect") or {}, verdict):
        yield Finding("example", f"clause {clause.id}, example {index + 1}: {what}", file=clause.place)
