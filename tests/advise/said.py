"""Everything that the advice room says of the examples and of a loan under each law, for the tests of both languages."""

import dataclasses
from functools import cache

from arrears.advise import advise, look
from arrears.advise.letters import NAMES as LETTERS
from arrears.advise.letters import letter_of
from arrears.advise.offered import offered
from arrears.advise.questions import NAMES, answered, example_of
from arrears.facts.cases import case_of, read_case
from arrears.facts.yaml_text import Document
from arrears.plans import policy_for, read_budget
from arrears.replay.terms import Terms
from arrears.strategy import default_ladder
from tests.advise.words import laws
from tests.conftest import ROOT

PLANS = ROOT / "tests/plans/cases"
#: A loan under each law, as a borrower would type it.
LOAN = {
    "account": {"id": "L", "currency": "USD", "principal": "6000.00", "opened_on": "2026-01-10", "rate": "0.18"},
    "terms": {"penalty": {"rate": "0.27", "basis": "actual/360", "on": "principal", "from": "due"}},
    "instalments": [
        {"due_on": f"2026-{month:02}-10", "principal": "1000.00", "interest": "50.00"} for month in range(2, 8)
    ],
    "people": [{"id": "P1", "role": "borrower", "phones": ["stored"], "addresses": ["stored"]}],
    "events": [{"at": "2026-02-10", "kind": "payment", "amount": "1050.00"}],
    "as_of": "2026-11-23",
}


def looked_at(case):
    law = str(case.facts.accounts["law"][0])
    return look(case.facts, case.account_ids[0], default_ladder(law), case.as_of)


def loan_under(law):
    document = Document("case", LOAN | {"account": LOAN["account"] | {"law": law}})
    return looked_at(case_of(document, Terms.from_mapping))


def with_budgets():
    """A loan with a budget that carries plans, and with one that carries none."""
    case = read_case(PLANS / "loan.yaml", Terms.from_mapping)
    looked, budget = looked_at(case), read_budget(PLANS / "budget.yaml", case.as_of)
    policy = policy_for("cn", "CNY", None)
    budgets = (budget, dataclasses.replace(budget, income={"wages": 100_000}))
    found = [offered(case.facts, case.account_ids[0], one, policy, case.as_of, False) for one in budgets]
    return [dataclasses.replace(looked, offered=one) for one in found]


@cache
def everything_said():
    """Every text of every question, of the whole answer for every example and law, and of every letter: (point or letter, law, text)."""
    cases = [looked_at(example_of(name)) for name in NAMES] + [loan_under(law) for law in laws()] + with_budgets()
    advices = [answered(name) for name in NAMES] + [advise(looked) for looked in cases]
    found = [
        (point.id, advice.law, point.said)
        for advice in advices
        for section in advice.sections
        for point in section.points
    ]
    return tuple(
        found + [(name, looked.law, said) for looked in cases for name in LETTERS for said in _said_in(looked, name)]
    )


def _said_in(looked, name):
    letter = letter_of(looked, name)
    return (letter.title, *letter.opening, *letter.paragraphs, *letter.closing)
