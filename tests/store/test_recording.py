"""Facts may come in any order, in any portions and any number of times: what stands in the store at the end is the same."""

from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from arrears.errors import Refusal
from arrears.facts.schema import Facts
from arrears.store.connect import open_store
from arrears.store.facts import facts_of, record
from arrears.store.personal import open_personal
from tests.examples import examples
from tests.store.facts import account

ACCOUNTS = ("A1", "A2", "A3")
TABLES = ("instalments", "people", "events")
#: Every row but the accounts themselves, as one portion each.
ROWS = [
    (name, table, row) for name in ACCOUNTS for table in TABLES for row in range(getattr(account(name), table).height)
]


@contextmanager
def empty_store():
    with TemporaryDirectory() as folder:
        store = open_store(f"sqlite:///{folder}/store.db", create=True)
        yield store, open_personal(store, Path(folder) / "keys")
        store.close()


def accounts_alone():
    every = [account(name) for name in ACCOUNTS]
    first = every[0]
    return Facts(pl.concat(facts.accounts for facts in every), first.instalments.clear(), first.events.clear(),
                 first.people.clear())  # fmt: skip


def portion(rows):
    """The facts of some rows."""
    whole = {name: account(name) for name in ACCOUNTS}
    empty = accounts_alone()
    frames = {table: [getattr(empty, table).clear()] for table in TABLES}
    for name, table, row in rows:
        frames[table].append(getattr(whole[name], table).slice(row, 1))
    found = {table: pl.concat(parts) for table, parts in frames.items()}
    return Facts(empty.accounts.clear(), found["instalments"], found["events"], found["people"])


@examples(6)
@given(
    st.permutations(ROWS),
    st.sets(st.integers(1, len(ROWS) - 1), max_size=4),
    st.lists(st.sampled_from(ROWS), max_size=6),
)
def test_neither_order_nor_portions_nor_repetition_change_what_is_kept(order, cuts, again):
    bounds = [0, *sorted(cuts), len(order)]
    with empty_store() as (store, personal):
        with store.begin() as connection:
            record(connection, accounts_alone(), personal)
        for begin, end in pairwise(bounds):
            with store.begin() as connection:
                record(connection, portion(order[begin:end]), personal)
        with store.begin() as connection:
            added = record(connection, portion(again), personal)

        with store.read() as connection:
            found = facts_of(connection, ACCOUNTS, personal)

    assert added == 0
    for table in ("accounts", *TABLES):
        expected = pl.concat(getattr(account(name), table) for name in ACCOUNTS)
        assert_frame_equal(getattr(found, table), expected, check_row_order=False)


def test_what_stands_twice_in_one_portion_goes_in_once_and_with_two_contents_not_at_all(store, personal):
    told = account("A1")
    twice = Facts(told.accounts, told.instalments, pl.concat([told.events, told.events]), told.people)
    other = told.events.with_columns(amount=pl.lit(1, pl.Int64))

    with pytest.raises(Refusal, match="stands twice"), store.begin() as connection:
        record(
            connection, Facts(told.accounts, told.instalments, pl.concat([told.events, other]), told.people), personal
        )
    with store.begin() as connection:
        assert record(connection, twice, personal) == 7


def test_an_empty_text_is_not_a_missing_one_and_every_letter_comes_back(store, personal):
    told = account("A1", borrower_id="", product='quote " comma , line\nbreak \\N', time_zone=None)

    with store.begin() as connection:
        record(connection, told, personal)

    with store.read() as connection:
        assert_frame_equal(facts_of(connection, ["A1"], personal).accounts, told.accounts)


def test_people_are_found_by_their_numbers_once_they_are_recorded(store, personal):
    from arrears.store.reach import who_has

    with store.begin() as connection:
        record(connection, account("A1"), personal)

    with store.read() as connection:
        (found,) = who_has(connection, personal, "phone", "+86 100 0000 0001")
    assert (found.account_id, found.person_id) == ("A1", "P-A1")
