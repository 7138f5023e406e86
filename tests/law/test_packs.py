"""The packs that come with arrears: their worked examples hold, every clause is cited, and faults are named with their line."""

import re

import pytest

from arrears.errors import Refusal
from arrears.facts.yaml_text import parse_yaml
from arrears.law import load_pack, packs, read_clauses, run_examples, stack
from arrears.law.clause_kinds import KINDS
from arrears.law.clauses import FORCES, HEADER
from arrears.law.kind_readers import KEYS
from arrears.law.packs import KEYS as PACK_KEYS
from arrears.law.packs import read_pack
from tests.conftest import ROOT
from tests.law.made_packs import clause_text


@pytest.mark.parametrize("name", packs())
def test_every_worked_example_of_a_pack_holds(name):
    count, findings = run_examples(load_pack(name))

    assert findings == []
    assert count >= 3 * len(load_pack(name).clauses)


@pytest.mark.parametrize("name", packs())
def test_what_is_not_confirmed_or_only_proposed_decides_nothing(name):
    for clause in load_pack(name).clauses:
        assert not clause.on or (clause.confirmed != "false" and clause.force != "proposal"), clause.id


def test_an_example_that_does_not_come_out_is_found_with_its_line():
    text = "clauses:" + clause_text("hours", '{windows: [{from: "08:00", until: "22:00"}]}').replace(
        '[{at: "2026-01-01T00:00:00Z"}, {', '[{at: "2026-01-01T00:00:00Z", channel: call, expect: {verdict: never}}, {'
    )
    head = "pack: t\nname: {zh: 一, en: one}\non_top_of: null\nzone: Asia/Shanghai\ncalendar: null\n"
    pack = read_pack(parse_yaml(head, "pack.yaml"), [parse_yaml(text, "made.yaml")], "t")

    count, findings = run_examples(pack)

    assert count == 3 and len(findings) == 3
    assert str(findings[0]).startswith("made.yaml:10: clause T-1, example 1: expected never, the guard says allowed")
    assert "expects nothing" in str(findings[1])


FAULTS = [
    ("kind: hours", "kind: houres", "is not known (here: houres); did you mean `hours`?"),
    ("force: statute", "force: law", "is not known"),
    ("confirmed: read", "confirmed: maybe", "is not known"),
    ("in_force: {from: 2020-01-01}", "in_force: {from: 2020-13-01}", "is a day that no calendar has"),
    (
        "in_force: {from: 2020-01-01}",
        "in_force: {from: 2020-01-01, until: 2019-01-01}",
        "before the first day in force",
    ),
    ("binds: [lender, agency]", "binds: [lendr]", "did you mean `lender`?"),
    ('source: {instrument: An Act, article: "1"}', "source: {instrument: An Act}", "is missing"),
    ("says: {zh: 一, en: one}", "says: {zh: 一}", "is missing"),
    ("id: T-1", "id: X-1", "is not an id such as T-HRS-1"),
    ("binds: [lender, agency]", "binds: [lender, agency]\n    colour: blue", "is not known"),
    ('until: "22:00"}]', 'until: "07:00"}]', "ends before it begins"),
    ("{windows:", "{widows:", "did you mean `windows`?"),
]


@pytest.mark.parametrize(("good", "bad", "said"), FAULTS)
def test_a_fault_of_a_clause_is_named_with_file_and_line(good, bad, said):
    text = "clauses:" + clause_text("hours", '{windows: [{from: "08:00", until: "22:00"}]}')
    assert good in text

    with pytest.raises(Refusal) as refusal:
        read_clauses(parse_yaml(text.replace(good, bad), "made.yaml"), "t")

    assert re.search(r"made\.yaml:\d+: clauses\[0\]", str(refusal.value)) and said in str(refusal.value)


RULES = [
    ("limit", "{most: 7, per: [person], window: {days: 7, ever: true}}", "names one of days, calendar, ever"),
    ("limit", "{per: [person], window: {days: 7}}", "is missing"),
    ("wait", "{after: talking, days: 7}", "is not an event that is known"),
    ("wait", "{after: conversation}", "a wait lasts so many days"),
    ("forbid", "{when: colour = 'blue'}", "names no column: colour"),
    ("forbid", "{when: days_past_due}", "not true or false"),
    ("forbid", "{when: days_past_due >}", "is not an SQL condition"),
    ("forbid", "{when: disputed, request: medium}", "write one of the two"),
    ("forbid", "{when: disputed, until: days_past_due}", "is not a column that holds a date"),
    ("require", "{}", "demands nothing"),
    ("cap", "{on: rate, most: {rate: '0.24', times_lpr: 4, of: opened_on}}", "has one measure"),
    ("order", "{allocation: [fee, interest]}", "does not name each category once"),
    ("period", "{what: limitation, from: last_due}", "lasts some years, months or days"),
    ("class", "{by: days_past_due, bands: [{id: a, from: 5, name: {zh: 一, en: a}}]}", "begin at 0 and rise"),
    ("record", "{keep: {years: 2}}", "is missing"),
]


@pytest.mark.parametrize(("kind", "rule", "said"), RULES)
def test_a_fault_of_what_a_kind_demands_is_named(kind, rule, said):
    text = "clauses:" + clause_text(kind, rule)

    with pytest.raises(Refusal) as refusal:
        read_clauses(parse_yaml(text, "made.yaml"), "t")

    assert said in str(refusal.value)


def test_an_id_stands_once_in_a_pack_across_its_files():
    head = "pack: t\nname: {zh: 一, en: one}\non_top_of: null\nzone: UTC\ncalendar: null\n"
    files = [parse_yaml("clauses:" + clause_text("visit", "{staff: 2}"), name) for name in ("a.yaml", "b.yaml")]

    with pytest.raises(Refusal, match=r"b\.yaml:2: id: is the id of another clause \(a\.yaml:2\)"):
        read_pack(parse_yaml(head, "pack.yaml"), files, "t")


def test_a_clause_has_three_examples_at_least():
    text = "clauses:" + clause_text("visit", "{staff: 2}")

    with pytest.raises(Refusal, match="are fewer than 3"):
        read_clauses(parse_yaml(text.replace('{at: "2026-01-01T00:00:00Z"}, ', "", 1), "made.yaml"), "t")


def test_a_law_without_a_pack_is_refused_by_name():
    with pytest.raises(Refusal, match="there is no law pack of this name"):
        stack("xx")


def test_every_key_of_a_clause_and_of_each_kind_is_documented():
    page = (ROOT / "docs/reference/clauses.md").read_text("utf-8")
    words = set(re.findall(r"[a-z_]+", " ".join(re.findall(r"`[^`]+`|^### \w+$", page, re.MULTILINE))))

    known = {*HEADER, *PACK_KEYS, *KINDS, *FORCES, *(key for keys in KEYS.values() for key in keys)}

    assert known - words == set()
