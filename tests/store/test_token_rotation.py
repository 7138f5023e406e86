"""A newer token key: everybody stays findable by number and mailbox, at every moment and for every process."""

from datetime import UTC, datetime

import pytest
import sqlalchemy as sa

from arrears.store.erasure import Erasure, erase
from arrears.store.facts import record
from arrears.store.masters import Masters, make_next_token_key
from arrears.store.personal import Personal
from arrears.store.reach import token_of, who_has
from arrears.store.tables import Reach
from arrears.store.token_rotation import rotate_tokens
from tests.store.facts import account

PHONE = "+8610000000001"


@pytest.fixture(autouse=True)
def small_batches(monkeypatch):
    monkeypatch.setattr("arrears.store.token_rotation.BATCH", 2)


@pytest.fixture
def lent(store, personal):
    """Five accounts, whose borrowers have one number in common; one of them is erased."""
    lend(store, personal, *(f"A{number}" for number in range(1, 6)))
    erase(store, Erasure("P-A3", datetime(2026, 11, 24, tzinfo=UTC), "request 2026-118"))


def lend(store, personal, *names):
    with store.begin() as connection:
        for name in names:
            record(connection, account(name), personal)


def found(store, personal):
    with store.read() as connection:
        return [row.account_id for row in who_has(connection, personal, "phone", PHONE)]


def under(store, key):
    """The accounts that stand in the index under one key."""
    wanted = sa.select(Reach.account_id).where(Reach.token == token_of(key, "phone", PHONE)).order_by(Reach.account_id)
    with store.read() as connection:
        return connection.execute(wanted).scalars().all()


def test_after_a_rotation_all_but_the_erased_are_found_under_the_new_key_by_a_process_that_ran_on(
    store, personal, keys_folder, lent
):
    old = personal.masters.token_key

    done = rotate_tokens(store, Masters(keys_folder), destroy_old=True)

    assert (done.taken_up, done.destroyed) == (False, ("token.key",))
    assert found(store, personal) == found(store, Personal(Masters(keys_folder))) == ["A1", "A2", "A4", "A5"]
    assert under(store, old) == [] and personal.masters.token_keys == Masters(keys_folder).token_keys != (old,)


def test_until_the_old_key_is_destroyed_people_are_found_under_both(store, personal, keys_folder, lent):
    old = personal.masters.token_key

    rotate_tokens(store, Masters(keys_folder))
    lend(store, personal, "A6")

    everybody = ["A1", "A2", "A4", "A5", "A6"]
    assert under(store, old) == under(store, personal.masters.token_key) == found(store, personal) == everybody
    assert old != personal.masters.token_key


def test_in_the_middle_of_a_rotation_nobody_is_lost(store, personal, keys_folder, lent):
    make_next_token_key(Masters(keys_folder))

    assert found(store, personal) == ["A1", "A2", "A4", "A5"]


def test_a_rotation_that_was_broken_off_is_taken_up_and_no_further_key_is_made(store, personal, keys_folder, lent):
    make_next_token_key(Masters(keys_folder))

    done = rotate_tokens(store, Masters(keys_folder))

    assert done.taken_up and len(personal.masters.token_keys) == 2
    assert under(store, personal.masters.token_key) == ["A1", "A2", "A4", "A5"]


def test_keys_from_the_environment_rotate_to_the_last_one_there(store, personal, keys_folder, lent, monkeypatch):
    key = (keys_folder / "data/token.key").read_text().strip()
    monkeypatch.setenv("ARREARS_MASTER_KEYS", (keys_folder / "data/master-0001.key").read_text().strip())
    monkeypatch.setenv("ARREARS_TOKEN_KEY", f"{key},{'B' * 43}=")

    rotate_tokens(store, Masters(keys_folder))
    monkeypatch.setenv("ARREARS_TOKEN_KEY", f"{'B' * 43}=")

    assert found(store, Personal(Masters(keys_folder))) == ["A1", "A2", "A4", "A5"]
