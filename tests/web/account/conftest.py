"""The borrower of the founding story, signed in at the running service: one loan that is late, another that is not, and a stranger's loan."""

import base64
import html
import re
import shutil
import sqlite3
from contextlib import closing
from dataclasses import replace

import polars as pl
import pytest

from arrears.store.facts import facts_of
from tests.conftest import STORY
from tests.web import signed_in
from tests.web.conftest import NOW

LATE, EVEN, STRANGE, BRITISH = "STORY-1", "STORY-2", "OTHER-9", "UK-3"
PERSON = "P1"


def renamed(facts, account_id, person_id, law="cn"):
    """The facts of the story under another account's and person's id."""
    frames = {
        name: getattr(facts, name).with_columns(account_id=pl.lit(account_id))
        for name in ("accounts", "instalments", "events", "people")
    }
    frames["accounts"] = frames["accounts"].with_columns(law=pl.lit(law).cast(frames["accounts"].schema["law"]))
    frames["people"] = frames["people"].with_columns(person_id=pl.lit(person_id))
    return replace(facts, **frames)


@pytest.fixture(scope="session")
def told_once(_with_tables, tmp_path_factory):
    """A folder with an SQLite store of the loans and its keys: what each test is given a copy of."""
    from arrears.store.connect import open_store
    from arrears.store.personal import open_personal

    folder = tmp_path_factory.mktemp("told")
    url = f"sqlite:///{folder / 'store.db'}"
    _with_tables(url)
    store = open_store(url)
    tell(store, open_personal(store, folder / "keys"))
    store.close()
    return folder


@pytest.fixture
def personal(store, store_url, keys_folder, request):
    """Personal data of `store`; on SQLite with the loans already, sealed under the keys of the copy."""
    from arrears.store.personal import open_personal

    if store_url.startswith("sqlite"):
        told = request.getfixturevalue("told_once")
        shutil.copytree(told / "keys", keys_folder)
        with closing(sqlite3.connect(told / "store.db")) as made, closing(sqlite3.connect(store_url[10:])) as own:
            made.backup(own)
    return open_personal(store, keys_folder)


@pytest.fixture
def lender(store, store_url, personal):
    """A store with the story's loan and another of the same person, and the same story of a stranger."""
    if not store_url.startswith("sqlite"):
        tell(store, personal)
    return store


def tell(store, personal):
    """Record the loans."""
    from arrears.cli.account import case_at
    from arrears.store.facts import record
    from arrears.store.moving import put_terms

    facts = case_at(STORY).facts
    terms = STORY.parents[1].joinpath("consumer-12.yaml").read_text("utf-8")
    with store.begin() as connection:
        put_terms(connection, "consumer-12", terms, NOW)
        record(connection, replace(facts, terms={}), personal)
        record(connection, renamed(facts, EVEN, PERSON), personal)
        record(connection, renamed(facts, STRANGE, "P9"), personal)
        record(connection, renamed(facts, BRITISH, "P3", "uk"), personal)


SECRET = "whsec_" + base64.b64encode(b"a-secret-of-the-tests-0123456789").decode()


@pytest.fixture
def installation(installation, monkeypatch):
    """The installation with the test provider of payments, which needs a rehearsal."""
    from arrears.installation import load_installation

    monkeypatch.setenv("PAY_SECRET", SECRET)
    text = installation.path.read_text("utf-8")
    text = text.replace("payments: {", "rehearsal: true\npayments: {provider: {kind: test, secret_env: PAY_SECRET}, ")
    installation.path.write_text(text, "utf-8")
    return load_installation(installation.path)


@pytest.fixture
def csrf(client, lender):
    """The borrower is signed in; gives the `csrf` value of their forms."""
    return signed_in.as_borrower(client, lender, PERSON)


def pressed(client, csrf, path, /, shown="en", **fields):
    """Send a form of a page as a browser does: with what the page holds hidden."""
    page = client.get(path, params={"lang": shown})
    once = re.search(r'name="once" value="([^"]+)"', page.text)
    hidden = {"csrf": csrf, **({"once": once[1]} if once else {})}
    return client.post(path, params={"lang": shown}, data={**hidden, **fields}, follow_redirects=True)


def facts(store, personal, account_id=LATE, *kinds):
    """The borrower's own statements of these kinds about an account, with their data opened."""
    with store.read() as connection:
        rows = facts_of(connection, [account_id], personal).events.to_dicts()
    return [row for row in rows if row["event_id"].startswith(("own-", "pay-")) and (not kinds or row["kind"] in kinds)]


def words_of(page):
    """The text of a page without its marks."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page)).split())
