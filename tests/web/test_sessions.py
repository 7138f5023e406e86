"""Sessions: found by their cookie alone, ended by time and by signing out, and of one person only."""

from datetime import timedelta

import pytest
from fastapi import HTTPException

from arrears.web import session_rows
from arrears.web.sessions import Borrower, own_account
from tests.web.conftest import NOW


def begun(store, kind="borrower", subject="P-LN-000123", **other):
    with store.begin() as connection:
        return session_rows.begin(connection, kind, subject, NOW, **other)


def test_a_session_is_found_by_its_cookie_of_its_own_kind(store):
    token = begun(store)

    found = session_rows.find(store, "borrower", token, NOW)

    assert (found.subject, found.id) == ("P-LN-000123", session_rows.hash_of(token))
    assert session_rows.find(store, "staff", token, NOW) is None
    assert session_rows.find(store, "borrower", token + "x", NOW) is None


def test_the_cookie_stands_nowhere_in_the_database(store):
    token = begun(store)

    with store.read() as connection:
        rows = connection.exec_driver_sql("SELECT * FROM sessions").all()

    assert token not in str(rows) and session_rows.csrf_of(token) not in str(rows)


def test_a_session_ends_when_it_stands_idle_and_lives_on_when_it_is_used(store):
    idle = session_rows.LIFETIMES["borrower"].idle
    used, left = begun(store), begun(store)

    again = session_rows.find(store, "borrower", used, NOW + idle - timedelta(seconds=1))
    later = NOW + idle + timedelta(seconds=1)

    assert again is not None
    assert session_rows.find(store, "borrower", used, later) is not None
    assert session_rows.find(store, "borrower", left, later) is None


def test_a_page_that_is_left_open_keeps_nobody_signed_in(store):
    idle = session_rows.LIFETIMES["staff"].idle
    token = begun(store, "staff", "zhang.wei")

    for minutes in range(1, int(idle.total_seconds() / 60)):
        at = NOW + timedelta(minutes=minutes)
        assert session_rows.find(store, "staff", token, at, by_person=False) is not None

    assert session_rows.find(store, "staff", token, NOW + idle, by_person=False) is None


def test_a_session_ends_at_last_however_much_it_is_used(store):
    life = session_rows.LIFETIMES["borrower"]
    token, at = begun(store), NOW

    while at < NOW + life.absolute - life.idle:
        at += life.idle / 2
        assert session_rows.find(store, "borrower", token, at) is not None

    assert session_rows.find(store, "borrower", token, NOW + life.absolute) is None


def test_a_new_session_takes_the_place_of_the_one_before(store):
    before = begun(store)

    after = begun(store, in_place_of=before)

    assert after != before
    assert session_rows.find(store, "borrower", before, NOW) is None
    assert session_rows.find(store, "borrower", after, NOW) is not None


def test_all_sessions_of_one_person_can_be_ended_and_nobody_elses(store):
    mine, other = begun(store), begun(store, subject="P-LN-000124")

    with store.begin() as connection:
        ended = session_rows.end_all(connection, ("borrower",), "P-LN-000123", NOW)

    assert ended == 1
    assert session_rows.find(store, "borrower", mine, NOW) is None
    assert session_rows.find(store, "borrower", other, NOW) is not None


def test_rows_of_sessions_do_not_stay_for_good(store):
    begun(store)

    with store.begin() as connection:
        gone = session_rows.sweep(connection, NOW + session_rows.KEPT + timedelta(days=1))

    assert gone == 1


def test_an_account_that_is_not_ones_own_is_as_one_that_is_not_there():
    who = Borrower("P1", ("A1",), "zh-CN", "s", "c")

    assert own_account(who, "A1") == "A1"
    for other in ("A2", "no-such-account"):
        with pytest.raises(HTTPException) as refused:
            own_account(who, other)
        assert (refused.value.status_code, refused.value.detail) == (404, "Not here")
