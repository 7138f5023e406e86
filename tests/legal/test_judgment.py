"""The doubled part of interest after a judgment: exact, to the day, of each part to its own payment."""

from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arrears.errors import Refusal
from arrears.facts.cases import read_case
from arrears.law import load_pack
from arrears.legal import debt_of
from arrears.legal.judgment import Judgment, after_judgment, judgment_of, run_on
from arrears.replay import Terms
from tests.conftest import ROOT

CLAUSE = load_pack("cn").clause("CN-ENF-2")
DUE = date(2025, 7, 3)
PLAIN = Judgment("J", date(2025, 6, 20), DUE, None, None, None, 1_000_000, 0, 0, Fraction(0), None, 365)
CASE = ROOT / "tests/legal/court/cn-judged-and-frozen.yaml"
A_DAY = Fraction(175, 1_000_000)


def debt_in(path):
    case = read_case(path, Terms.from_mapping)
    return debt_of(case.facts, case.account_ids[0], case.as_of, case.known_at)


def test_ten_thousand_yuan_paid_sixty_days_late_bear_105_yuan():
    owed = run_on(PLAIN, [], date(2025, 9, 1), CLAUSE)

    assert (owed.doubled_minor, owed.total_minor) == (10_500, 1_010_500)
    assert [(span.days, span.exact_minor) for span in owed.spans] == [(60, 10_500)]


def test_nothing_is_doubled_up_to_and_on_the_last_day_to_perform():
    assert run_on(PLAIN, [], DUE, CLAUSE).doubled_exact == 0
    assert run_on(PLAIN, [], DUE + timedelta(days=1), CLAUSE).doubled_exact == 175


def test_a_payment_ends_the_doubled_part_of_what_it_pays_and_of_no_more():
    owed = run_on(PLAIN, [(date(2025, 9, 1), 400_000)], date(2025, 11, 1), CLAUSE)

    # 60 days of 10,000.00 and 61 days of 6,000.00
    assert owed.doubled_exact == 10_500 + 600_000 * A_DAY * 61 == 16_905
    assert (owed.debt_minor, owed.total_minor) == (600_000, 616_905)


def test_the_judgment_debt_is_paid_before_the_doubled_part():
    owed = run_on(PLAIN, [(date(2025, 9, 1), 1_000_000)], date(2025, 12, 1), CLAUSE)

    assert (owed.debt_minor, owed.doubled_minor) == (0, 10_500)


def test_costs_and_ordinary_interest_are_paid_before_the_debt_and_are_not_doubled():
    judgment = replace(PLAIN, interest_minor=20_000, costs_minor=5_000)

    owed = run_on(judgment, [(DUE, 30_000)], date(2025, 9, 1), CLAUSE)

    assert (owed.costs_minor, owed.interest_minor, owed.debt_minor) == (0, 0, 995_000)
    assert owed.doubled_exact == 995_000 * A_DAY * 60


def test_ordinary_interest_that_goes_on_runs_on_what_is_left_beside_the_doubled_part():
    judgment = replace(PLAIN, rate=Fraction(365, 2000), rate_from_on=date(2025, 1, 1))

    owed = run_on(judgment, [], date(2025, 9, 1), CLAUSE)

    # five ten-thousandths a day, 243 days from 1 January
    assert owed.interest_minor == 1_000_000 * 243 * 5 // 10_000
    assert owed.doubled_minor == 10_500


@given(
    st.integers(1, 10**11),
    st.lists(st.tuples(st.integers(-10, 900), st.integers(1, 10**10)), max_size=5),
    st.integers(0, 900),
)
def test_splitting_the_time_changes_nothing_and_no_amount_is_lost(debt, payments, days):
    judgment = replace(PLAIN, debt_minor=debt)
    paid = [(DUE + timedelta(days=after), amount) for after, amount in payments if after <= days]
    on = DUE + timedelta(days=days)

    owed = run_on(judgment, paid, on, CLAUSE)
    cut = run_on(judgment, [*paid, (DUE + timedelta(days=days // 2), 0)], on, CLAUSE)

    charged = sum((span.debt_minor * A_DAY * span.days for span in owed.spans), Fraction(0))
    assert cut.doubled_exact == owed.doubled_exact and cut.debt_minor == owed.debt_minor
    assert sum((span.exact_minor for span in owed.spans), Fraction(0)) == charged
    assert owed.debt_minor == max(0, debt - sum(amount for _, amount in paid))
    assert 0 <= owed.doubled_exact <= charged


def test_the_case_comes_out_as_counted_by_hand_in_its_comment():
    owed = after_judgment(debt_in(CASE), date(2025, 11, 1))

    assert (owed.doubled_minor, owed.total_minor, owed.paid_minor) == (16_905, 616_905, 400_000)


@pytest.mark.parametrize(
    ("good", "wrong", "field"),
    [
        ("until: 2025-07-03", "until: 2025-07-03, interest: many", "data.interest"),
        ("until: 2025-07-03", "until: 2025-07-03, interest_rate: '0.05'", "data.interest_from"),
        ("effective_on: 2025-06-30", "effective_on: soon", "data.effective_on"),
        ("until: 2025-07-03", "until: 2025-07-03, interest_basis: lunar", "data.interest_basis"),
    ],
)
def test_a_judgment_that_cannot_be_read_is_refused_with_its_event_and_field(tmp_path, good, wrong, field):
    path = tmp_path / "case.yaml"
    path.write_text(CASE.read_text("utf-8").replace(good, wrong), "utf-8")

    with pytest.raises(Refusal) as told:
        judgment_of(debt_in(path))

    assert f"event JUDGMENT: {field}" in str(told.value)
