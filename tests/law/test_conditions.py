"""A condition computed for one row and for a frame is the same condition; what it cannot read it refuses."""

from datetime import date

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from arrears.law.conditions import column_type, read_condition
from tests.examples import examples

SQL = [
    "disputed AND NOT hardship", "NOT (disputed OR hardship) OR vulnerable", "days_past_due > 90",
    "days_past_due BETWEEN 1 AND 30", "days_past_due NOT BETWEEN 1 AND 30", "role IN ('borrower', 'guarantor')",
    "role NOT IN ('borrower')", "role IS NULL OR role <> 'borrower'", "paused_until IS NOT NULL AND NOT disputed",
    "paused_until >= DATE '2026-01-01'", "COALESCE(days_since_cease, 99) < 14", "days_past_due - 2 * count_demand >= 3",
    "CASE WHEN disputed THEN hardship WHEN vulnerable THEN true ELSE days_past_due = 0 END", "-days_past_due < -5",
    "(days_past_due + 1) / 2 > 3.5", "role = 'it''s'", "days_since_notice_validation <= 30",
]  # fmt: skip
VALUES = {
    pl.Boolean: st.booleans(), pl.Int64: st.integers(-3, 120), pl.String: st.sampled_from(["borrower", "it's", "x"]),
    pl.Date: st.dates(date(2025, 12, 30), date(2026, 1, 3)),
}  # fmt: skip


@given(sql=st.sampled_from(SQL), data=st.data())
@examples(100)
def test_one_row_and_a_frame_give_the_same_answer(sql, data):
    condition = read_condition(sql)
    kinds = {name: column_type(name) for name in condition.names}
    row = {
        name: data.draw(st.one_of(st.none(), VALUES[pl.Int64 if kind.is_integer() else kind]))
        for name, kind in kinds.items()
    }

    frame = pl.DataFrame([row], schema=kinds, orient="row")

    assert condition.holds(row.get) == frame.select(condition.of_frame).item()


UNREAD = [
    ("upper(role) = 'X'", "not read here"),
    ("role LIKE 'b%'", "LIKE"),
    ("days_past_due >", "SQL"),
    ("colour = 1", "colour"),
]


@pytest.mark.parametrize(("sql", "said"), UNREAD)
def test_what_is_not_read_here_is_refused(sql, said):
    with pytest.raises(ValueError, match=said):
        read_condition(sql)
