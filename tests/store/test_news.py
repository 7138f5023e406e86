"""A fact and its news are one transaction: whoever wants its kind has it to be told, and nobody else; a book that comes in is no news."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from arrears.facts.book import BookChange, create_book
from arrears.store.backup import backup, restore
from arrears.store.connect import open_store
from arrears.store.erasure import Erasure, erase
from arrears.store.facts import record, record_event
from arrears.store.moving import import_book
from arrears.store.news import register
from arrears.store.tables import News, Subscriber
from tests.store.facts import NOON, account, event


@pytest.fixture
def told(store, personal):
    """The store with account A1, and two subscribers from then on: one of everything, one of promises and payments."""
    with store.begin() as connection:
        record(connection, account("A1"), personal)
        register(connection, {"all": None, "crm": ["promise", "payment"]}, NOON)
    return store


def news(store):
    with store.read() as connection:
        wanted = sa.select(News.subscriber, News.event_id).order_by(News.subscriber, News.number)
        return [f"{subscriber} {event_id}" for subscriber, event_id in connection.execute(wanted)]


def test_a_fact_is_news_once_to_whoever_wants_its_kind(told, personal):
    rows = [event("A1", "E8", "promise", amount=1, data='{"by": "2026-10-20"}'), event("A1", "E9", "cease")]
    for row in (*rows, *rows):
        with told.begin() as connection:
            record_event(connection, row, personal)

    assert news(told) == ["all E8", "all E9", "crm E8"]


def test_a_fact_that_is_taken_back_with_its_transaction_is_no_news(told, personal):
    with pytest.raises(ZeroDivisionError), told.begin() as connection:
        record_event(connection, event("A1", "E8", "payment", amount=100), personal)
        raise ZeroDivisionError

    assert news(told) == []


def test_where_nobody_is_told_there_is_no_news(store, personal):
    with store.begin() as connection:
        record(connection, account("A1"), personal)

    assert news(store) == []


def test_a_book_that_comes_in_is_no_news(told, personal, tmp_path):
    folder = create_book(tmp_path / "book", 1)
    with BookChange(folder) as change:
        change.write_part(0, account("A2"))
        book = change.commit()

    new = import_book(told, book, personal, NOON)

    assert new == 7 and news(told) == []


def test_that_a_person_was_erased_is_news_of_each_account(told):
    erase(told, Erasure("P-A1", NOON, "request 17"))

    [one] = news(told)
    assert one.startswith("all erased-")


def test_who_is_no_longer_named_ends_and_the_others_go_on_with_their_kinds(told, personal):
    with told.begin() as connection:
        record_event(connection, event("A1", "E8", "payment", amount=100), personal)

    with told.begin() as connection:
        registered = register(connection, {"crm": ["cease"], "new": None}, NOON + timedelta(days=1))
        record_event(connection, event("A1", "E9", "cease"), personal)

    with told.read() as connection:
        since = dict(connection.execute(sa.select(Subscriber.name, Subscriber.since)).all())
    assert (registered.began, registered.ended) == (("new",), ("all",))
    assert news(told) == ["crm E8", "crm E9", "new E9"]
    assert since == {"crm": NOON, "new": NOON + timedelta(days=1)}


def test_what_was_not_told_is_in_a_backup(told, personal, tmp_path):
    with told.begin() as connection:
        record_event(connection, event("A1", "E8", "cease"), personal)

    backup(told, tmp_path / "store.backup", NOON)
    restore(tmp_path / "store.backup", f"sqlite:///{tmp_path / 'restored.db'}")

    copy = open_store(f"sqlite:///{tmp_path / 'restored.db'}")
    assert news(copy) == ["all E8"]
    copy.close()
