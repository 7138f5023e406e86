"""Special standing: the cases in tests/legal/standing, counted by hand; the machines' data; the diagrams of the reference page."""

import re
from pathlib import Path

import pytest

from arrears.claim import claim_of
from arrears.facts.cases import compare, read_case
from arrears.facts.schema import KINDS
from arrears.law import load_pack, packs
from arrears.legal import debt_of
from arrears.legal.standing import content, machines, own_times, standing_of
from arrears.legal.standing_answer import as_json, diagram, lines_of
from arrears.plans import policy_for
from arrears.plans.policy import shipped
from arrears.replay import Terms
from tests.conftest import ROOT
from tests.figures import figures

CASES = sorted((Path(__file__).parent / "standing").glob("*.yaml"))


def told(path):
    case = read_case(path, Terms.from_mapping)
    debt = debt_of(case.facts, case.account_ids[0], case.as_of, case.known_at)
    policy = policy_for(debt.law, str(debt.row["currency"]), str(debt.row["product"]))
    return case, debt, standing_of(debt, policy.answer_days)


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_each_standing_is_in_the_state_and_has_the_last_day_counted_by_hand(path):
    case, debt, found = told(path)

    wrong = compare(case.expect, as_json(debt, found, "en"), case.document)

    assert not wrong, "\n".join(str(finding) for finding in wrong)


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_both_languages_tell_the_same_names_dates_and_figures(path):
    _, debt, found = told(path)

    zh, en = ("\n".join(lines_of(debt, found, language)) for language in ("zh-CN", "en"))

    assert figures(zh) == figures(en)
    assert not re.search("[一-鿿]", en)


@pytest.mark.parametrize(("path", "standing", "column"), [
    ("uk-breathing-space", "breathing_space", "breathing_space"), ("uk-crisis", "crisis", "breathing_space"),
    ("au-request", "hardship", "hardship_requested"), ("cn-many", "dispute", "disputed"),
])  # fmt: skip
def test_a_standing_is_open_where_the_replay_has_it_open(path, standing, column):
    case, debt, found = told(next(one for one in CASES if one.stem == path))

    position = claim_of(case.facts, debt.account_id, debt.as_of, None, debt.stack).replayed.position
    open_ = {one.machine.id for one in found if one.open}

    # the replay knows one dispute at a time: identity theft is a dispute to it
    assert bool(position[column]) == bool(
        open_ & ({"identity_theft", "dispute"} if column == "disputed" else {standing})
    )


def test_every_machine_is_made_of_known_kinds_states_lines_and_clauses():
    clauses = {clause.id for name in packs() for clause in load_pack(name).clauses}
    lines = content()["lines"]
    wrong = []
    for machine in machines():
        for move in machine.moves:
            wrong += [move.kind] if move.kind not in KINDS else []
            wrong += [state for state in (*move.froms, move.to) if state != "none" and state not in machine.states]
        for about in machine.states.values():
            wrong += [line for line in (*about.get("stops", []), *about.get("goes_on", [])) if line not in lines]
            wrong += [one for one in (*about.get("clocks", []), *about.get("waits", [])) if one not in clauses]
            wrong += [about["name"]] if about["open"] and "decides" not in about else []
    wrong += [one for line in lines.values() for one in line["clauses"] if one not in clauses]

    assert wrong == []
    assert {
        line
        for machine in machines()
        for about in machine.states.values()
        for line in (*about.get("stops", []), *about.get("goes_on", []))
    } == set(lines)


def test_the_days_that_no_law_sets_are_those_of_the_policy_that_is_handed_in():
    _, debt, _ = told(next(one for one in CASES if one.stem == "none-lapses"))

    own, silent = standing_of(debt, dict.fromkeys(own_times(), 9)), standing_of(debt)

    by_policy = [clock for one in own for clock in one.clocks if clock.basis == "policy"]
    assert by_policy and all((clock.last_on - clock.start_on).days == 9 for clock in by_policy)
    assert not [clock for one in silent for clock in one.clocks if clock.basis == "policy"]


def test_every_example_policy_sets_every_time():
    assert all(tuple(policy.answer_days) == own_times() for policy in shipped())


def test_every_state_can_be_reached():
    for machine in machines():
        reached = {"none"}
        for _ in machine.states:
            reached |= {move.to for move in machine.moves if reached & set(move.froms)}
            reached |= {
                about["lapses_to"]
                for state, about in machine.states.items()
                if state in reached and "lapses_to" in about
            }

        assert reached - {"none"} == set(machine.states), machine.id


def test_the_reference_page_shows_the_diagrams_of_the_data():
    page = (ROOT / "docs/reference/standing.md").read_text("utf-8")

    shown = re.findall(r"```mermaid\n(.*?)\n```", page, re.S)

    assert shown == [diagram(machine) for machine in machines()]


def test_the_reference_page_shows_every_state_with_who_decides_and_what_is_written():
    page = (ROOT / "docs/reference/standing.md").read_text("utf-8")

    shown = re.findall(r"^\| `(\w+)`: (.*) \| (.*) \| (.*) \|$", page, re.M)

    assert shown == [
        (state, about["name"]["en"], about.get("decides", {"en": "-"})["en"], about["writes"]["en"])
        for machine in machines()
        for state, about in machine.states.items()
    ]
