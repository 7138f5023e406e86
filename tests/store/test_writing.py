"""Many rows at once: one table is prepared while another is written, and nothing of it shows in what stands there afterwards."""

from pathlib import Path

import polars as pl
import pytest
import sqlalchemy as sa
from polars.testing import assert_frame_equal

from arrears.errors import Refusal
from arrears.facts.schema import Facts
from arrears.store import bulk
from arrears.store.connect import open_store
from arrears.store.facts import facts_of, record
from arrears.store.loading import first_load
from arrears.store.personal import open_personal
from arrears.store.reach import REACHABLE, token_of, tokens_of, who_has
from arrears.store.rows import ORDER
from tests.store.facts import account

MANY = 3_000


def copies(names):
    """The facts of `account` under each of the names; every third one has no zone, no number and no amounts in its events."""
    one = account("A")
    every = pl.Series("account_id", list(names), dtype=pl.String)
    frames = {table: every.to_frame().join(getattr(one, table).drop("account_id"), how="cross") for table in ORDER}
    third = pl.col("account_id").str.slice(-1).is_in(["0", "3", "6", "9"])
    emptied = {"accounts": ("time_zone",), "people": ("time_zone", "phones"), "events": ("amount", "channel", "data")}
    for table, columns in emptied.items():
        frames[table] = frames[table].with_columns(pl.when(~third).then(pl.col(name)).alias(name) for name in columns)
    frames["people"] = frames["people"].with_columns(person_id="P-" + pl.col("account_id"))
    events = frames["events"].with_columns(
        person_id=pl.when(pl.col("person_id").is_not_null()).then("P-" + pl.col("account_id"))
    )
    told = {table: frames[table].select(getattr(one, table).columns) for table in ORDER}
    return Facts(told["accounts"], told["instalments"], events.select(one.events.columns), told["people"])


def assert_stands(store, personal, facts):
    with store.read() as connection:
        found = facts_of(connection, facts.accounts["account_id"].to_list(), personal)
    for table in ORDER:
        assert_frame_equal(getattr(found, table), getattr(facts, table), check_row_order=False)


def test_many_facts_of_a_first_load_come_back_as_they_were_told(store, personal):
    facts = copies(f"A{number}" for number in range(MANY))

    with store.begin() as connection, first_load(connection):
        new = record(connection, facts, personal)

    assert new == 7 * MANY
    assert_stands(store, personal, facts)
    with store.read() as connection:
        assert len(who_has(connection, personal, "phone", "100 0000 0001", "cn")) == MANY * 6 // 10


def test_the_same_many_facts_again_change_nothing(store, personal):
    facts = copies(f"A{number}" for number in range(MANY))
    with store.begin() as connection:
        record(connection, facts, personal)

    with store.begin() as connection:
        new = record(connection, facts, personal)

    assert new == 0
    assert_stands(store, personal, facts)


def test_a_book_of_more_parts_than_sqlite_attaches_files_goes_in_whole(tmp_path, monkeypatch):
    monkeypatch.setattr(bulk, "STAGED_FROM", 100)
    store = open_store(f"sqlite:///{tmp_path / 'store.db'}", create=True)
    personal = open_personal(store, tmp_path / "keys")
    parts = [copies(f"A{part}-{number}" for number in range(MANY)) for part in range(4)]

    with store.begin() as connection, first_load(connection):
        for facts in parts:
            record(connection, facts, personal)

    for facts in parts:
        assert_stands(store, personal, facts)
    assert not list(tmp_path.glob(".arrears-*"))
    store.close()


def test_a_load_that_cannot_be_written_leaves_no_staging_file(tmp_path, monkeypatch):
    monkeypatch.setattr(bulk, "STAGED_FROM", 100)
    store = open_store(f"sqlite:///{tmp_path / 'store.db'}", create=True)
    personal = open_personal(store, tmp_path / "keys")

    with pytest.raises(Refusal), store.read() as connection:
        record(connection, copies(f"A{number}" for number in range(MANY)), personal)

    assert not list(Path(tmp_path).glob(".arrears-*"))
    store.close()


def test_an_erased_person_is_neither_sealed_nor_findable_again(store, personal):
    facts = copies(f"A{number}" for number in range(MANY))
    with store.begin() as connection:
        personal.keys_of(connection, ["P-A1"])
        connection.execute(sa.text("UPDATE person_keys SET wrapped = NULL WHERE person_id = 'P-A1'"))

    with store.begin() as connection:
        record(connection, facts, personal)

    with store.read() as connection:
        reached = {row.person_id for row in who_has(connection, personal, "email", "a@example.org")}
        found = facts_of(connection, ["A1", "A2"], personal)
    assert len(reached) == MANY - 1
    assert "P-A1" not in reached
    assert dict(found.people.select("account_id", "name").iter_rows()) == {"A1": None, "A2": "示例甲"}


@pytest.mark.parametrize(
    ("kind", "value", "country"),
    [
        ("phone", "+8613800000000", "cn"), ("phone", "138 0000 0000", "cn"), ("phone", "+123", None),
        ("phone", "+12", None), ("phone", "(415) 555-0100 ext 3", "us"), ("phone", "none", "cn"),
        ("phone", "+86１３８00000000", "cn"), ("phone", "02079460000", "uk"),
        ("email", "Li@Example.CN ", None), ("email", "+8613800000000", None), ("email", "李@例子.中国", None),
    ],
)  # fmt: skip
def test_tokens_of_many_are_the_token_of_each(kind, value, country):
    key = bytes(range(32))
    values = {"phones": [value] if kind == "phone" else [], "emails": [value, value] if kind == "email" else []}

    found = tokens_of(
        [key], pl.DataFrame([{"account_id": "A", "person_id": "P", "country": country, **values}], schema=REACHABLE)
    )

    expected = token_of(key, kind, value, country)
    assert found.rows() == ([(expected, "A", "P", kind)] if expected else [])
