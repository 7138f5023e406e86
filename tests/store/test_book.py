"""A store is a book like a folder: it tells the same, and moving between the two loses nothing."""

import json
from datetime import UTC, datetime

import polars as pl
import pytest
from polars.testing import assert_frame_equal
from sqlalchemy import insert

from arrears import night
from arrears.errors import Refusal
from arrears.facts.schema import TABLES
from arrears.lab.made import make_book
from arrears.store.book import open_database_book
from arrears.store.facts import record, record_event
from arrears.store.moving import export_book, import_book
from arrears.store.tables import Instalment
from tests.conftest import AS_OF
from tests.store.facts import account, event

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder's book of one part."""
    return make_book(tmp_path_factory.mktemp("made") / "book", 500, 7, AS_OF)


@pytest.fixture
def filled(store, personal, folder):
    """The store with the folder's book in it."""
    import_book(store, folder, personal, NOW)
    return store


def test_every_table_of_a_part_is_the_same_as_in_the_folder(filled, personal, folder):
    with open_database_book(filled, personal) as book:
        assert (book.parts, book.accounts, book.verify(), book.terms()) == (1, 500, [], folder.terms())
        for table in (*TABLES, "plans"):
            assert_frame_equal(book.read(0, table), folder.read(0, table))
        mine, theirs = vars(book.typed(0)), vars(folder.typed(0))
        assert mine.pop("passed_over") is theirs.pop("passed_over") is None
        assert mine.keys() == theirs.keys()
        for name, frame in mine.items():
            assert_frame_equal(frame, theirs[name])


def test_parts_are_whole_slots_and_hold_every_account_once(filled, personal, folder):
    with open_database_book(filled, personal, parts=8) as book:
        parts = [book.read(part, "accounts") for part in range(8)]

    assert all(part.height for part in parts)
    assert_frame_equal(pl.concat(parts).sort("account_id"), folder.read(0, "accounts"))


def test_a_book_goes_into_the_store_and_out_again_without_loss(filled, personal, folder, tmp_path):
    with open_database_book(filled, personal) as book:
        out = export_book(book, tmp_path / "out")

    assert out.verify() == [] and out.terms() == folder.terms()
    for table in TABLES:
        assert_frame_equal(out.read(0, table), folder.read(0, table))
    assert [entry for entry in out.manifest["imports"] if entry in folder.manifest["imports"]] == folder.manifest[
        "imports"
    ]


def test_the_night_over_a_store_writes_the_same_work_list_as_over_the_folder(filled, personal, folder, tmp_path):
    with open_database_book(filled, personal) as book:
        night.run(night.prepare(book, AS_OF), tmp_path / "of-store")
    night.run(night.prepare(folder, AS_OF), tmp_path / "of-folder")

    mine, theirs = (pl.read_parquet(tmp_path / name / "worklist.parquet") for name in ("of-store", "of-folder"))
    assert theirs.height
    assert_frame_equal(mine, theirs)


def test_a_book_imported_twice_changes_nothing(filled, personal, folder):
    with open_database_book(filled, personal) as before:
        pass

    assert import_book(filled, folder, personal, NOW) == 0

    with open_database_book(filled, personal) as after:
        assert after.digest == before.digest


def test_an_import_that_meets_a_contradiction_changes_nothing(store, personal, folder):
    other = event("M000000007", "M000000007-1", "payment", amount=1)
    with store.begin() as connection:
        record(connection, account("M000000007"), personal)
        record_event(connection, other, personal)

    with pytest.raises(Refusal) as refused:
        import_book(store, folder, personal, NOW)

    assert {finding.account for finding in refused.value.findings} == {"M000000007"}
    with open_database_book(store, personal) as book:
        assert (book.accounts, book.terms()) == (1, {})


def test_what_is_recorded_after_the_opening_is_not_in_the_book(filled, personal):
    with open_database_book(filled, personal) as book:
        before = book.read(0, "events").height
        with filled.begin() as connection:
            record(connection, account("A1"), personal)

        assert (book.read(0, "events").height, book.account("A1")) == (before, None)
    with open_database_book(filled, personal) as later:
        assert later.account("A1") is not None and later.digest != book.digest


def test_without_keys_the_book_tells_everything_but_what_is_personal(store, personal):
    with store.begin() as connection:
        record(connection, account("A1"), personal)

    with open_database_book(store, None) as book:
        facts = book.account("A1")

    assert facts.people.select("name", "phones", "emails", "addresses").row(0) == (None, None, None, None)
    assert facts.people["language"].item() == "zh-CN"
    (contact,) = facts.events.filter(pl.col("kind") == "contact")["data"]
    assert json.loads(contact) == {"purpose": "collection"}


def test_rows_of_an_account_that_is_not_there_are_found(filled, personal):
    row = {"account_id": "LOST", "slot": 1, "number": 1, "due_on": AS_OF, "principal": 1, "interest": 0, "fee": 0}
    with filled.begin() as connection:
        connection.execute(insert(Instalment), row)

    with open_database_book(filled, personal) as book:
        findings = book.verify()

    assert [(finding.account, finding.what) for finding in findings] == [
        ("LOST", "has instalments of an account that is not there")
    ]
