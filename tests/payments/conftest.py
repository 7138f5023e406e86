"""A store with a few accounts, on each backend in turn."""

from datetime import date

import pytest

from tests.store.facts import account


@pytest.fixture
def lender(store, personal):
    """The store with two accounts, LN-000123 (EUR) and LN-000124 (CNY), opened on 2026-07-01."""
    from arrears.store.facts import record

    with store.begin() as connection:
        record(connection, account("LN-000123", currency="EUR", law="none"), personal)
        record(connection, account("LN-000124", opened_on=date(2026, 7, 1)), personal)
    return store
