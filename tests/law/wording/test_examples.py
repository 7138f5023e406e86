"""The wording clauses: their examples hold, and a clause without its heads does not go in."""

from datetime import date

import pytest

from arrears.errors import Refusal
from arrears.facts.yaml_text import parse_yaml
from arrears.law.wording import load_wording, run_wording_examples, wording_packs
from arrears.law.wording.clauses import read_wording
from arrears.law.wording.families import families

HEAD = """
clauses:
  - id: X-1
    kind: wording
    says: {zh: 一, en: one}
    source: {instrument: A law, article: "1"}
    in_force: {from: 2020-01-01}
    binds: [lender]
    force: statute
    confirmed: read
"""
EXAMPLES = "    examples: [{text: a, expect: []}, {text: b, expect: []}, {text: c, expect: []}]\n"


@pytest.mark.parametrize("pack", wording_packs())
def test_every_worked_example_of_a_pack_holds(pack):
    count, findings = run_wording_examples(pack)

    assert count >= 15 and findings == []


@pytest.mark.parametrize("pack", wording_packs())
def test_the_examples_of_a_clause_stand_on_both_sides(pack):
    for clause in load_wording(pack):
        expected = [bool(example["expect"]) for example in clause.examples]
        assert True in expected and False in expected, clause.id


def test_every_family_is_forbidden_or_demanded_by_a_clause_of_the_chinese_pack():
    used = {name for clause in load_wording("cn") for name in (*clause.must_not, *clause.must)}

    assert used == set(families())


def test_what_is_not_confirmed_does_not_block():
    unconfirmed = [clause for pack in wording_packs() for clause in load_wording(pack) if clause.confirmed == "false"]

    assert unconfirmed and not any(clause.blocks for clause in unconfirmed)


@pytest.mark.parametrize(
    ("wording", "what"),
    [
        ("    wording: {must_not: [rudeness]}\n" + EXAMPLES, "is not one of"),
        ("    wording: {must_not: [threat], must: [missing_sender]}\n" + EXAMPLES, "and not both"),
        ("    wording: {must_not: [threat], tone: kind}\n" + EXAMPLES, "is not known"),
        ("    wording: {must_not: [threat]}\n    examples: [{text: a, expect: []}]\n", "fewer than 3"),
        ("    wording: {rules: [{id: r, family: threat, language: zh, find: ['(']}]}\n" + EXAMPLES, "is not a rule"),
        ("    wording: {rules: [{id: r, family: threat, language: fr, find: [a]}]}\n" + EXAMPLES, "is not a rule"),
        (
            "    wording: {rules: [{id: r, family: threat, language: zh, find: ['<nobody>']}]}\n" + EXAMPLES,
            "is not a rule",
        ),
        ("    wording: {must_not: [threat]}\n", "is missing"),
    ],
)
def test_a_clause_with_a_fault_does_not_go_in(wording, what):
    with pytest.raises(Refusal, match=what) as refusal:
        read_wording(parse_yaml(HEAD + wording, "packs/x/wording.yaml"))

    assert "packs/x/wording.yaml:" in str(refusal.value)


def test_a_clause_speaks_only_within_its_days():
    clause = next(clause for clause in load_wording("cn") if clause.id == "CN-TXT-ACT-1")

    assert not clause.applies("sms", "borrower", date(2026, 1, 29), "lender")
    assert clause.applies("sms", "borrower", date(2026, 1, 30), "lender")
