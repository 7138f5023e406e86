"""The borrower of the founding story, signed in at the running service: one loan that is late, another that is not, and a stranger's loan."""

import base64
import html
import re
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


@pytest.fixture
def lender(store, personal):
    """A store with the story's loan and another of the same person, and the same story of a stranger."""
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
    return store


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
