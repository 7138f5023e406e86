"""Fees of the court: every worked example in costs.yaml comes out, and the scales behave as the regulation says."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arrears import money
from arrears.legal.costs import fee_minor, scales

EXAMPLES = [(scale, example) for scale in scales() for example in scale.examples]
DAY = date(2026, 11, 24)


@pytest.mark.parametrize(("scale", "example"), EXAMPLES, ids=lambda part: getattr(part, "id", None))
def test_a_worked_example_comes_out(scale, example):
    amount = money.to_minor(example["amount"], scale.currency)

    fee, by = fee_minor(scale.law, scale.what, amount, scale.currency, scale.from_on)

    assert (money.to_text(fee, scale.currency), by) == (example["fee"], scale)


def test_every_scale_says_where_it_stands_in_both_languages_and_shows_both_sides_of_a_boundary():
    for scale in scales():
        assert scale.instrument and scale.article and len(scale.examples) >= 3
        assert all(text["zh"] and text["en"] for text in (scale.name, scale.says, scale.paid, scale.borne_by))


def test_no_fee_is_told_where_none_is_encoded_or_before_the_scale_was_in_force():
    assert fee_minor("uk", "case", 100_000, "GBP", DAY) is None
    assert fee_minor("cn", "case", 100_000, "CNY", date(2007, 3, 31)) is None


@given(st.integers(0, 10**12), st.integers(1, 10**9), st.sampled_from(sorted({scale.what for scale in scales()})))
def test_a_larger_claim_never_costs_less(amount, more, what):
    smaller, larger = (fee_minor("cn", what, one, "CNY", DAY)[0] for one in (amount, amount + more))

    assert smaller <= larger


@given(st.integers(0, 10**12))
def test_half_and_a_third_are_those_of_the_whole_fee(amount):
    whole, half, third = (fee_minor("cn", what, amount, "CNY", DAY)[0] for what in ("case", "simple", "payment_order"))

    assert abs(2 * half - whole) <= 2 and abs(3 * third - whole) <= 3
