"""Rows of facts for tests of the store: a few accounts, their people and events, written as any process would write them."""

from datetime import UTC, date, datetime, timedelta

from sqlalchemy import insert

from arrears.store.tables import Account, Event, Instalment, Person, TermsFile

START = datetime(2026, 3, 1, 2, 0, 0, 123456, tzinfo=UTC)


def add_account(connection, account_id, person_id=None, sealed=None):
    """An account with two instalments and, if named, its borrower."""
    account = {"account_id": account_id, "slot": 1, "borrower_id": person_id, "product": "cash", "law": "cn", "currency": "CNY",
               "principal": 120_000, "opened_on": date(2026, 1, 10)}  # fmt: skip
    instalment = {"account_id": account_id, "slot": 1, "principal": 60_000, "interest": 700, "fee": 0}
    connection.execute(insert(Account), [account])
    connection.execute(
        insert(Instalment), [instalment | {"number": n, "due_on": date(2026, 1 + n, 10)} for n in (1, 2)]
    )
    if person_id is not None:
        person = {"account_id": account_id, "person_id": person_id, "slot": 1, "role": "borrower", "language": "zh-CN"}
        connection.execute(insert(Person), [person | {"sealed": sealed}])


def add_event(connection, event_id, account_id="A1", **columns):
    """An event; a payment of 100.00 if nothing else is said."""
    at = START + timedelta(minutes=int("".join(letter for letter in event_id if letter.isdigit()) or 0))
    event = {"event_id": event_id, "account_id": account_id, "slot": 1, "at": at, "recorded_at": at, "kind": "payment",
             "amount": 10_000}  # fmt: skip
    connection.execute(insert(Event), [event | columns])


def add_terms(connection, product="cash", text="product: cash\n"):
    """The terms of a product."""
    row = {"product": product, "sha256": "0" * 64, "text": text, "recorded_at": START}
    connection.execute(insert(TermsFile), [row])
