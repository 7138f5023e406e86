"""Which products a clause speaks to: those it names, or all but those it excepts."""

import pytest

from arrears.law import load_pack


@pytest.mark.parametrize(
    ("clause_id", "product", "speaks"),
    [
        ("IN-HOURS", "personal_loan", True),
        ("IN-HOURS", "microfinance", False),
        ("IN-HOURS", None, True),
        ("IN-MFI-HOURS", "microfinance", True),
        ("IN-MFI-HOURS", "personal_loan", False),
        ("IN-MFI-HOURS", None, False),
        ("IN-PENAL", "credit_card", False),
    ],
)
def test_a_product_that_is_not_known_is_not_excepted_and_not_named(clause_id, product, speaks):
    clause = load_pack("in").clause(clause_id)

    found = clause.speaks_to("bank", product, None)

    assert found is speaks
