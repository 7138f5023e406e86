"""Negotiated penalty interest: worked examples, who may waive how much, letters in both languages, and the fact that a decision becomes.

The loan: 20% a year on overdue principal, actual/360. 2,000 for 31 days is 34.44, 4,000 for 30 days 66.67, 6,000 for 10 days 33.33:
134.44 in all (the fractions add up to 134.4444).
"""

import io
import json
import re
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pypdf
import pytest

from arrears import plans
from arrears.cli import main
from arrears.cli.account import case_at
from arrears.errors import Refusal
from arrears.facts.yaml_text import read_yaml
from arrears.plans.paper import sheet_pdf
from arrears.plans.paper.penalty_letters import answer, as_text, request
from arrears.plans.penalty import as_data, asked, decide, decision_in, penalty_of
from arrears.plans.penalty_answer import cuts_of, lines_of
from arrears.plans.words import data
from arrears.web.desk.waivers import proposal_of
from arrears.web.penalty_shown import read_asked
from tests.figures import figures

CASES = Path(__file__).parent / "cases"
NOON = datetime(2026, 5, 20, 4, tzinfo=UTC)


def penalty(name, as_of=None):
    case = case_at(name if isinstance(name, Path) else CASES / f"{name}.yaml")
    account, day = case.account_ids[0], as_of or case.as_of
    owed = plans.owed_of(case.facts, account, day)
    found = penalty_of(case.facts, account, day, plans.policy_for(owed.law, owed.currency, owed.product))
    return case, found


def test_the_charges_are_those_counted_by_hand_and_add_up_to_what_is_owed():
    _, found = penalty("loan")

    assert [charge.amount_minor for charge in found.charges] == [3444, 6667, 3333]
    assert (found.charged_minor, found.paid_minor, found.waived_minor, found.other_minor) == (13444, 0, 0, 0)
    assert found.due_minor == 13444


def test_what_the_law_cuts_is_no_longer_negotiable():
    _, found = penalty("penalty-capped")

    # 10,000 at 30% for 30 days is 250; at 18% it is 150: 100 is not owed at all
    assert found.due_minor == 15000
    cut = next(cut for cut in cuts_of(found, plea=False) if cut.on == "penalty_rate")
    assert (cut.amount_minor, cut.agreed, cut.allowed) == (10000, 300_000, 180_000)


@pytest.mark.parametrize(("grant", "because", "outcome", "left"), [
    (5000, None, "granted", 8444), (2000, "no_evidence", "in_part", 11444), (0, "able_to_pay", "refused", 13444),
])  # fmt: skip
def test_a_decision_grants_all_or_a_part_or_nothing(grant, because, outcome, left):
    _, found = penalty("loan")

    made = decide(found, 5000, grant, "team_lead", because, NOON)

    assert (made.outcome, made.grant_minor, made.left_minor) == (outcome, grant, left)
    assert (made.event is None) == (grant == 0)


@pytest.mark.parametrize(("grant", "level", "because", "code"), [
    (4034, "service", None, "beyond_authority"),  # 30% of 134.44 is 40.332: 40.33
    (5001, "team_lead", None, "amount"), (-1, "team_lead", None, "amount"),
    (2000, "team_lead", None, "reason"), (2000, "team_lead", "mood", "reason"), (2000, "director", "no_evidence", "level"),
])  # fmt: skip
def test_a_decision_beyond_authority_or_without_a_reason_is_refused(grant, level, because, code):
    _, found = penalty("loan")

    with pytest.raises(Refusal) as refused:
        decide(found, 5000 if grant != 4034 else 4034, grant, level, because, NOON)

    assert [finding.code for finding in refused.value.findings] == [code]


@pytest.mark.parametrize("ask", [0, -1, 13445])
def test_nobody_asks_for_nothing_or_for_more_than_is_owed(ask):
    _, found = penalty("loan")

    with pytest.raises(Refusal):
        asked(found, ask)


def test_the_waiver_is_a_fact_that_the_replay_takes_off_and_asking_twice_gives_no_more(tmp_path):
    out = tmp_path / "after.yaml"
    arguments = ["--ask", "40.33", "--grant", "40.33", "--by", "service", "--out", str(out), "--lang", "en"]

    code = main(["plan", "penalty", str(CASES / "loan.yaml"), *arguments])
    _, found = penalty(out)

    assert code == 0
    assert read_yaml(out).value["events"][-1]["kind"] == "waiver"
    assert (found.charged_minor, found.waived_minor, found.due_minor, found.other_minor) == (13444, 4033, 9411, 0)
    assert found.at_most_minor(found.policy.levels[0]) == 0
    assert found.may_grant(1).id == "team_lead"


def letters_of(case, found, language):
    decision = decide(found, 5000, 2000, "team_lead", "no_evidence", NOON)
    limitation = plans.limitation_of(case.facts, found.owed.account_id, case.as_of)
    sheets = [
        request(found, 5000, "illness", "李雷", language),
        answer(decision, found.owed.on, "李雷", language),
    ]
    told = "\n".join(lines_of(found, 5000, decision, limitation, language))
    # articles are written out in Chinese and in figures in English
    return sheets, told.replace(limitation.clause.source_in(language), "")


def test_both_languages_say_the_same_names_dates_and_amounts():
    case, found = penalty("loan")

    (zh, zh_told), (en, en_told) = (letters_of(case, found, language) for language in ("zh-CN", "en"))

    for one, other in zip(zh, en, strict=True):
        assert figures(as_text(one)) == figures(as_text(other))
        assert "李雷" in as_text(one) and "李雷" in as_text(other)
        assert not re.search("[一-鿿]", as_text(other).replace("李雷", ""))
    assert figures(zh_told) == figures(en_told)


def test_every_word_stands_in_both_languages_with_the_same_figures():
    wrong = []
    for group, named in data("penalty.yaml").items():
        for name, text in named.items():
            zh, en = (re.findall(r"\{\w+\}", str(text[key])) for key in ("zh", "en"))
            wrong += [(group, name)] if sorted(zh) != sorted(en) or not (text["zh"] and text["en"]) else []

    assert wrong == []


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_the_letter_on_paper_has_the_amounts_of_the_text(language):
    case, found = penalty("loan")
    sheet = letters_of(case, found, language)[0][0]

    text = "".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(sheet_pdf(sheet))).pages)

    assert all(amount in text for amount in ("134.44", "50.00", "34.44", "66.67", "33.33"))


def test_the_command_answers_in_json_and_names_who_may_grant(capsys):
    code = main(["plan", "penalty", str(CASES / "loan.yaml"), "--ask", "100", "--json", "--lang", "en"])

    told = json.loads(capsys.readouterr().out)
    assert code == 0
    assert (told["due"], told["ask"], told["may_grant"], told["decision"]) == ("134.44", "100.00", "team_lead", None)
    assert [level["at_most"] for level in told["levels"]] == ["40.33", "134.44", "134.44"]


@pytest.mark.parametrize("arguments", [
    ["--ask", "one"], ["--ask", "1.234"], ["--why", "bored"], ["--letter", "letter.doc"], ["--grant", "10"], ["--reply", "x.txt"],
    ["--account", "nobody"],
], ids=" ".join)  # fmt: skip
def test_what_makes_no_sense_is_misuse_with_one_clear_line(arguments, capsys):
    code = main(["plan", "penalty", str(CASES / "loan.yaml"), *arguments])

    errors = capsys.readouterr().err
    assert code == 2
    assert errors.count("\n") == 1 and "Traceback" not in errors


@pytest.mark.parametrize(("roles", "amount", "level"), [
    (["collector"], 4033, "service"), (["collector"], 4034, None), (["supervisor"], 4034, "team_lead"), (["compliance"], 13444, "team_lead"),
    (["auditor", "field"], 1, None),
])  # fmt: skip
def test_a_role_of_the_desk_waives_what_its_levels_may_and_no_more(roles, amount, level):
    _, found = penalty("loan")

    may = found.may_grant_as(roles, amount)

    assert (may.id if may else None) == level


def test_a_decision_is_read_back_from_its_fact_as_it_was_made():
    _, found = penalty("loan")
    made = decide(found, 5000, 2000, "team_lead", "no_evidence", NOON)

    read = decision_in("A1", json.loads(json.dumps(as_data(made))))

    assert as_text(answer(read, found.owed.on, "李雷", "en")) == as_text(answer(made, found.owed.on, "李雷", "en"))


def test_a_request_that_was_paid_meanwhile_can_still_be_refused():
    _, found = penalty("loan")
    paid = replace(found, owed=replace(found.owed, due={**found.owed.due, "penalty": 0}))

    made = decide(paid, 5000, 0, "service", "nothing_owed", NOON)

    assert (made.outcome, made.ask_minor, made.left_minor) == ("refused", 5000, 0)
    with pytest.raises(Refusal):
        decide(paid, 5000, 1, "committee", "nothing_owed", NOON)


@pytest.mark.parametrize(("sent", "said"), [
    ({"ask": "50", "grant": "10"}, "reason"), ({"ask": "50", "grant": "10", "because": "mood"}, "reason"),
    ({"ask": "500", "grant": "10"}, "amount"), ({"ask": "50", "grant": "some"}, "amount"), ({"ask": "", "grant": "1"}, "amount"),
    ({"ask": "50", "grant": "60"}, "amount"), ({"request": "penalty-NONE", "grant": "1"}, "request"),
])  # fmt: skip
def test_an_answer_that_makes_no_sense_is_not_proposed(sent, said):
    case, found = penalty("loan")

    with pytest.raises(Refusal) as refused:
        proposal_of(found, case.facts, "A1", sent)

    assert [finding.code for finding in refused.value.findings] == [said]


@pytest.mark.parametrize(("typed", "faults"), [
    ({"why": "illness"}, {}), ({"why": "illness", "amount": "￥1,00.00"}, {}), ({"why": "bored"}, {"why"}), ({"why": "income", "amount": "0"}, {"amount"}),
    ({"why": "income", "amount": "134.45"}, {"amount"}), ({"why": "income", "amount": "much"}, {"amount"}),
])  # fmt: skip
def test_what_a_borrower_types_is_read_or_told_at_its_field(typed, faults):
    _, found = penalty("loan")

    assert set(read_asked(typed, found).faults) == set(faults)
