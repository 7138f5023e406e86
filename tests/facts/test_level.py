"""Equal instalments: each is what was typed, together their principal is what was lent."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arrears.calendar import month_later
from arrears.facts.level import level_instalments

FIRST = date(2026, 1, 31)


def test_a_loan_at_one_and_a_half_percent_a_month():
    # 12,000.00 at 1.5% a month over 12 instalments is 1,100.16 each by the formula of the annuity
    rows = level_instalments(1_200_000, 110_016, 12, date(2026, 2, 10))

    assert rows[0] == (date(2026, 2, 10), 92_016, 18_000)
    assert rows[1] == (date(2026, 3, 10), 93_396, 16_620)
    assert rows[-1][2] == pytest.approx(1_626, abs=2)


@given(principal=st.integers(1, 10**12), count=st.integers(1, 60), more=st.integers(0, 10**12))
def test_each_is_what_was_typed_and_the_principal_adds_up(principal, count, more):
    each = -(-principal // count) + more

    rows = level_instalments(principal, each, count, FIRST)

    assert sum(part for _, part, _ in rows) == principal
    assert all(part >= 0 and interest >= 0 and part + interest == each for _, part, interest in rows)


def test_without_interest_every_cent_is_principal():
    rows = level_instalments(1_200_00, 100_00, 12, FIRST)

    assert [interest for _, _, interest in rows] == [0] * 12


def test_too_little_is_refused():
    with pytest.raises(ValueError, match="do not pay"):
        level_instalments(1000, 99, 10, FIRST)


@pytest.mark.parametrize(
    ("months", "day"), [(0, "2026-01-31"), (1, "2026-02-28"), (2, "2026-03-31"), (25, "2028-02-29"), (11, "2026-12-31")]
)
def test_a_day_that_a_month_does_not_have_is_its_last(months, day):
    assert month_later(FIRST, months).isoformat() == day
