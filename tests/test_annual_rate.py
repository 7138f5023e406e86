"""The annual rate: the official examples, what must hold of any loan, and flows that have no one rate."""

from datetime import date
from decimal import Decimal, localcontext
from fractions import Fraction

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from arrears.annual_rate import PARTS, Flow, NoRate, compound_rate, percent_text, simple_rate
from arrears.calendar import years_by_days, years_by_months

RATES = (compound_rate, simple_rate)


@st.composite
def loans(draw):
    """Money lent on the first day, then payments at any days within ten years that come to as much or more."""
    lent = draw(st.integers(100, 10**9))
    days = draw(st.lists(st.integers(1, 3650), min_size=1, max_size=6, unique=True))
    paid = [lent // len(days) + draw(st.integers(1, max(1, lent // 4))) for _ in days]
    return [Flow(Fraction(0), lent), *(Flow(Fraction(day, 365), -minor) for day, minor in zip(days, paid, strict=True))]


def worth(flows, rate):
    with localcontext() as context:
        context.prec = 80
        return sum(flow.minor * (1 + rate) ** -(Decimal(flow.at.numerator) / flow.at.denominator) for flow in flows)


def or_beyond(rate, flows):
    """The rate, infinite beyond the limit: of a loan of days, kept back nearly whole or paid back with much more."""
    try:
        return rate(flows)
    except NoRate as none:
        assert none.code == "too_high"
        return Decimal("Infinity")


@settings(max_examples=15, deadline=None)
@given(loans())
def test_the_compound_rate_discounts_all_flows_to_nothing_within_half_a_unit_of_its_last_place(flows):
    half = Decimal(1) / (2 * PARTS)

    rate = or_beyond(compound_rate, flows)
    assume(rate.is_finite())

    assert worth(flows, rate - half) <= 0 < worth(flows, rate + half)


@settings(max_examples=15, deadline=None)
@given(loans())
def test_at_the_simple_rate_the_last_payment_leaves_nothing_within_half_a_unit_of_its_last_place(flows):
    half = Fraction(1, 2 * PARTS)

    found = or_beyond(simple_rate, flows)
    assume(found.is_finite())
    rate = Fraction(found)

    def left(rate):
        balance, since = Fraction(0), Fraction(0)
        for flow in sorted(flows, key=lambda flow: flow.at):
            balance, since = balance * (1 + rate * (flow.at - since)) + flow.minor, flow.at
        return balance

    assert left(rate - half) <= 0 < left(rate + half)


@settings(max_examples=10, deadline=None)
@given(loans(), st.integers(2, 1000))
def test_in_another_unit_of_money_the_rates_are_the_same(flows, times):
    larger = [Flow(flow.at, flow.minor * times) for flow in flows]

    assert [or_beyond(rate, larger) for rate in RATES] == [or_beyond(rate, flows) for rate in RATES]


@settings(max_examples=10, deadline=None)
@given(loans(), st.data())
def test_a_payment_made_in_two_parts_on_one_day_changes_no_rate(flows, data):
    whole = data.draw(st.sampled_from(flows[1:]))
    part = data.draw(st.integers(1, -whole.minor))
    apart = [flow for flow in flows if flow is not whole] + [
        Flow(whole.at, -part),
        Flow(whole.at, whole.minor + part),
    ]

    assert [or_beyond(rate, apart) for rate in RATES] == [or_beyond(rate, flows) for rate in RATES]


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 3000), st.integers(1, 10), st.integers(1, 10**6))
def test_a_loan_at_a_nominal_rate_paid_once_a_year_without_fees_has_that_rate(thousandths, years, thousands):
    lent, rate = thousands * 1000, Decimal(thousandths) / 1000
    interest = int(lent * rate)
    flows = [Flow(Fraction(0), lent), *(Flow(Fraction(year), -interest) for year in range(1, years + 1))]

    flows.append(Flow(Fraction(years), -lent))

    assert [found(flows) for found in RATES] == [rate, rate]


@settings(max_examples=10, deadline=None)
@given(st.integers(1, 60), st.integers(1, 300), st.integers(1, 10**6))
def test_with_months_between_payments_the_simple_rate_is_twelve_monthly_rates_and_the_compound_one_is_their_power(
    months, tenths, thousands
):
    lent, monthly = thousands * 1000, Decimal(tenths) / 1000
    interest = int(lent * monthly)
    flows = [Flow(Fraction(0), lent), *(Flow(Fraction(month, 12), -interest) for month in range(1, months + 1))]

    flows.append(Flow(Fraction(months, 12), -lent))

    assert simple_rate(flows) == 12 * monthly
    assert abs(compound_rate(flows) - ((1 + monthly) ** 12 - 1)) <= Decimal(1) / (2 * PARTS)


@settings(max_examples=10, deadline=None)
@given(loans(), st.integers(1, 10**6))
def test_a_fee_kept_back_at_the_start_makes_a_loan_dearer(flows, fee):
    assume(fee < flows[0].minor)

    dearer = [*flows, Flow(Fraction(0), -fee)]

    assert all(or_beyond(rate, dearer) > rate(flows) for rate in RATES if abs(rate(flows)) < 1)


@pytest.mark.parametrize(
    "flows, code",
    [
        ([], "no_credit"),
        ([(0, 0), (1, 0)], "no_credit"),
        ([(0, -100), (1, 200)], "no_credit"),
        ([(0, 100), (1, -99)], "paid_less"),
        ([(0, 100), (1, -230), (2, 132)], "paid_less"),
        ([(0, 100), (1, -230), (2, 131), (3, -2)], "several"),
        ([(0, 1), (1, -20_000)], "too_high"),
    ],
)
@pytest.mark.parametrize("rate", RATES)
def test_flows_without_one_rate_are_refused_with_the_reason(rate, flows, code):
    told = [Flow(Fraction(at), minor) for at, minor in flows]

    with pytest.raises(NoRate) as refused:
        rate(told)

    assert refused.value.code == code


def test_money_lent_again_while_nothing_is_overpaid_has_one_compound_rate_and_no_simple_one():
    flows = [Flow(Fraction(0), 100), Flow(Fraction(1), -60), Flow(Fraction(2), 50), Flow(Fraction(3), -110)]

    found = compound_rate(flows)

    assert worth(flows, found - Decimal(1) / PARTS) < 0 < worth(flows, found + Decimal(1) / PARTS)
    with pytest.raises(NoRate, match="more than one rate"):
        simple_rate(flows)


@pytest.mark.parametrize(
    "first, on, months, days",
    [
        ("2025-01-10", "2025-02-10", Fraction(1, 12), Fraction(31, 366)),
        ("2025-01-31", "2025-02-28", Fraction(1, 12), Fraction(28, 366)),
        (
            "2025-01-15",
            "2025-02-10",
            Fraction(26, 366),
            Fraction(26, 366),
        ),  # 11 February 2024 to 10 February 2025: 366 days
        ("2025-01-15", "2025-03-10", Fraction(1, 12) + Fraction(26, 366), Fraction(54, 365)),
        ("1994-01-01", "1995-07-01", Fraction(18, 12), Fraction(546, 365)),
        ("2023-03-01", "2024-03-01", Fraction(1), Fraction(1)),
        ("2024-01-01", "2024-07-01", Fraction(6, 12), Fraction(182, 366)),
        ("2024-02-29", "2025-02-28", Fraction(1), Fraction(1)),
        ("2025-01-10", "2025-01-10", Fraction(0), Fraction(0)),
    ],
)
def test_time_counts_in_whole_months_or_years_back_from_the_day_and_then_in_days(first, on, months, days):
    first, on = date.fromisoformat(first), date.fromisoformat(on)

    assert (years_by_months(first, on), years_by_days(first, on)) == (months, days)


@pytest.mark.parametrize(
    "rate, decimals, text",
    [("0.1296203771", 1, "13.0%"), ("0.1296203771", 2, "12.96%"), ("0.24005", 2, "24.01%"), ("0", 2, "0.00%")],
)
def test_a_rate_in_words_is_rounded_half_up(rate, decimals, text):
    assert percent_text(Decimal(rate), decimals) == text
