"""A service with a desk: three accounts with calls ready, on each backend; and a made night to take onto the desk."""

from datetime import date

import pytest

from tests.dispatch.field import put_accounts, put_work
from tests.web.conftest import *  # noqa: F403
from tests.web.conftest import NOW
from tests.web.signed_in import as_staff

AS_OF = date(2026, 11, 23)
CONFIG = """
lender: {id: demo, name: {zh: 示例银行, en: Example Bank}, phone: "95500", site: bank.example}
database: "DATABASE"
keys: keys
channels: {call: {}}
"""
TERMS = """
product: small
currency: CNY
versions:
  - effective_from: 2020-01-01
    penalty: {rate: "0.156", basis: actual/360, on: principal, from: due}
"""


@pytest.fixture
def installation(store, personal, store_url, tmp_path):
    """The installation of a store with accounts A1 to A3, 45 days past due, and a call ready for each."""
    from arrears.installation import load_installation
    from arrears.notice.keys import make_keys
    from arrears.store.moving import put_terms

    put_accounts(store, personal, ["A1", "A2", "A3"])
    put_work(store, ["A1", "A2", "A3"])
    with store.begin() as connection:
        put_terms(connection, "small", TERMS, NOW)
    path = tmp_path / "arrears.yaml"
    path.write_text(CONFIG.replace("DATABASE", store_url), "utf-8")
    found = load_installation(path)
    make_keys(found.keys, "demo", NOW, bytes(range(64)))
    return found


@pytest.fixture(scope="session")
def nights(tmp_path_factory):
    """The folders of two nights over made books, the later one last, and the later book."""
    from arrears import night
    from arrears.lab.made import make_book

    root = tmp_path_factory.mktemp("nights")
    for name, as_of in (("before", date(2026, 11, 22)), ("after", AS_OF)):
        book = make_book(root / f"{name}-book", 1500, 7, as_of)
        night.run(night.prepare(book, as_of), root / name)
    return root


@pytest.fixture
def on_desk(installation, store, nights):
    """The later night is on the desk; gives the folder of nights."""
    from arrears.dispatch.rules import ladders_of
    from arrears.web.desk.taking import take_night

    take_night(store, nights / "after", ladders_of([]), NOW, nights / "before")
    return nights


@pytest.fixture
def supervisor(client, store):
    """A supervisor who also answers for compliance and audit is signed in; gives the csrf value."""
    return as_staff(client, store, "collector", "field", "supervisor", "compliance", "auditor")
