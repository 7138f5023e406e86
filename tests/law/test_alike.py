"""Rows that are alike share a number, however many columns tell them apart."""

import polars as pl
import pytest

from arrears.law.alike import MOST, numbered

ROWS = 300
BITS = [pl.Series([row >> place & 1 == 1 for row in range(ROWS)]) for place in range(9)]
COLUMNS = {
    "no rows": [pl.Series([], dtype=pl.Int32)],
    "one kind": [pl.Series([0] * ROWS)],
    "some alike": [pl.Series([row % 7 for row in range(ROWS)]), *BITS[:3]],
    "each its own": BITS,
    "codes past the table": [pl.Series([row % 5 * MOST for row in range(ROWS)]), *BITS[:6], *BITS[:6]],
}


@pytest.mark.parametrize("columns", COLUMNS.values(), ids=COLUMNS)
def test_rows_share_a_number_exactly_where_all_their_columns_are_alike(columns):
    rows = list(zip(*(column.to_list() for column in columns), strict=True))

    kinds, first = numbered(columns)

    assert len(set(rows)) == len(first) and sorted(set(kinds.tolist())) == list(range(len(first)))
    assert all(rows[first[kind]] == row for kind, row in zip(kinds.tolist(), rows, strict=True))
    assert [rows.index(rows[row]) for row in first.tolist()] == first.tolist()
