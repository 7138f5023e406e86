"""A database that cannot do its work says so in one clear refusal, and nothing was half done."""

import sqlite3

import psycopg
import pytest

from arrears.errors import Refusal
from arrears.store import bulk, connect
from arrears.store.connect import open_store
from arrears.store.facts import facts_of, record
from arrears.store.personal import open_personal
from arrears.store.writing import FEW
from tests.store.facts import account, event, facts


@pytest.fixture
def sqlite(tmp_path, monkeypatch):
    """An SQLite store that waits only for a moment, with one account."""
    monkeypatch.setattr(connect, "BUSY_SECONDS", 0.1)
    store = open_store(f"sqlite:///{tmp_path / 'store.db'}", create=True)
    with store.begin() as connection:
        record(connection, account("A1"), open_personal(store, tmp_path / "keys"))
    yield store
    store.close()


def payments(many):
    return facts(events=[event("A1", f"P{n}", "payment", amount=n) for n in range(many)])


def test_a_store_that_another_program_writes_is_said_to_be_locked(sqlite):
    other = sqlite3.connect(sqlite.file, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")

    with pytest.raises(Refusal, match="is locked by another program"), sqlite.begin():
        pass

    other.close()


@pytest.mark.parametrize("many", [10, FEW + 1], ids=["few", "many"])
def test_a_full_disk_is_said_and_leaves_the_store_as_it_was(sqlite, tmp_path, monkeypatch, many):
    monkeypatch.setattr(bulk, "STAGED_FROM", FEW)
    personal = open_personal(sqlite, tmp_path / "keys")

    with pytest.raises(Refusal, match="the disk is full"), sqlite.begin() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
        while True:
            record(connection, payments(many), personal)
            many *= 2

    with sqlite.read() as connection:
        assert facts_of(connection, ["A1"], personal).events.height == 3
    assert list(tmp_path.glob(".arrears-*")) == []


def test_a_connection_that_is_cut_in_the_middle_is_said_and_nothing_was_recorded(postgres_url, tmp_path):
    store = open_store(postgres_url, create=True)
    personal = open_personal(store, tmp_path / "keys")

    with pytest.raises(Refusal, match=r"was lost|shutting down|cannot be reached"), store.begin() as connection:
        record(connection, account("A1"), personal)
        mine = connection.exec_driver_sql("SELECT pg_backend_pid()").scalar_one()
        with store.begin() as other:
            other.exec_driver_sql(f"SELECT pg_terminate_backend({mine})")
        record(connection, payments(10), personal)

    with store.begin() as connection:
        assert facts_of(connection, ["A1"], personal).accounts.height == 0
    store.close()


def test_a_hold_whose_session_was_cut_is_told_at_its_end(postgres_url):
    store = open_store(postgres_url, create=True)

    cut = "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND pid <> pg_backend_pid()"

    with pytest.raises(Refusal, match="lost the hold"), store.hold(["A1"]), store.begin() as connection:
        connection.exec_driver_sql(cut)

    with store.hold(["A1"], 5):
        pass
    store.close()


def test_another_databases_tables_are_left_alone(postgres_url, tmp_path):
    with psycopg.connect(postgres_url.replace("+psycopg", "")) as connection:
        connection.execute("CREATE TABLE loans (id int)")

    with pytest.raises(Refusal, match="not of arrears"):
        open_store(postgres_url, create=True)


@pytest.mark.parametrize(
    ("version", "says"), [("9999", "newer than this arrears"), ("0001", "run `arrears book migrate`")]
)
def test_a_store_of_another_version_is_not_opened(store, store_url, version, says):
    with store.begin() as connection:
        connection.exec_driver_sql(f"UPDATE alembic_version SET version_num = '{version}'")

    with pytest.raises(Refusal, match=says):
        open_store(store_url)
