"""A case, a budget and the example policy for it."""

from pathlib import Path

import pytest

from arrears import plans
from arrears.cli.account import case_at

CASES = Path(__file__).parent / "cases"


@pytest.fixture(scope="session")
def offered():
    """Offers for a case file (`loan`, `card`), with the case; budget amounts may be changed."""

    def of(name, at_most_minor=None, **changes):
        case = case_at(CASES / f"{name}.yaml")
        budget = plans.read_budget(CASES / "budget.yaml", case.as_of)
        budget = plans.Budget(**{**vars_of(budget), **changes})
        owed = plans.owed_of(case.facts, case.account_ids[0], case.as_of)
        policy = plans.policy_for(owed.law, owed.currency, owed.product)
        return case, plans.offers(case.facts, owed.account_id, budget, policy, case.as_of, at_most_minor)

    return of


def vars_of(budget):
    return {name: getattr(budget, name) for name in budget.__dataclass_fields__}
