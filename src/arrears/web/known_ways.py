"""Whom somebody means who types an account number, a phone number or a mailbox, and by which known way that person is reached.

A code goes only to a number or mailbox that stands in the facts, never to one that was typed; and never to one that was found wrong,
for it may belong to somebody else today.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl
from sqlalchemy import Connection, select

from arrears.calendar import BUSINESS_ZONES
from arrears.dispatch.recipients import Recipient, candidates, without_bad
from arrears.law.history import event_of
from arrears.store.facts import facts_of
from arrears.store.personal import Personal
from arrears.store.reach import who_has
from arrears.store.tables import Account, Person
from arrears.web.sessions import accounts_of_person

#: The channels that carry a code, the first that is set up and reaches the person before the others.
CHANNELS = ("sms", "email")
LONGEST = 254
_TOLD = ("account_id", "person_id", "at", "kind", "channel", "direction", "outcome", "data")
#: Facts that say of a number or mailbox whether it is good.
_MARKS = ("contact", "contact_invalid")


@dataclass(frozen=True)
class Known:
    """A person who may sign in. `ways`: channel and recipient, in the order in which they are tried; `language`: zh-CN or en."""

    person_id: str
    account_id: str
    language: str
    ways: tuple[tuple[str, Recipient], ...]


def known_by(connection: Connection, personal: Personal, typed: str, channels: Sequence[str]) -> Known | None:
    """The one borrower that is meant, if a way to reach them is known. None for nobody, and where it could be several people."""
    typed = typed.strip()[:LONGEST]
    kind = "email" if "@" in typed else "phone"
    owners = _of_account(connection, typed)
    tokens = set[str]()
    if not owners:
        owners, tokens = _of_reach(connection, personal, kind, typed)
    found = [person_id for person_id in owners if accounts_of_person(connection, person_id) is not None]
    if len(found) != 1:
        return None
    ways = _ways(connection, personal, found[0], channels, kind, tokens)
    own = accounts_of_person(connection, found[0])
    return Known(found[0], own[0][0], own[1], ways) if ways and own else None


def _of_account(connection: Connection, typed: str) -> set[str]:
    """The borrower of an account; of several the one whom the account names."""
    theirs = (
        select(Person.person_id, Account.borrower_id)
        .join(Account, Account.account_id == Person.account_id)
        .where(Person.account_id == typed, Person.role == "borrower")
    )
    rows = connection.execute(theirs).all()
    named = {row.person_id for row in rows if row.person_id == row.borrower_id}
    return named or {row.person_id for row in rows}


def _of_reach(connection: Connection, personal: Personal, kind: str, typed: str) -> tuple[set[str], set[str]]:
    """Who has a number or mailbox, however its country is left out; and the tokens under which it was found."""
    owners, tokens = set[str](), set[str]()
    for country in (None, *BUSINESS_ZONES):
        token = personal.token(kind, typed, country)
        if token is None or token in tokens:
            continue
        tokens.add(token)
        owners |= {row.person_id for row in who_has(connection, personal, kind, typed, country)}
    return owners, tokens


def _ways(
    connection: Connection, personal: Personal, person_id: str, channels: Sequence[str], kind: str, tokens: set[str]
) -> tuple[tuple[str, Recipient], ...]:
    """The ways to a person on these channels; where a number or mailbox was typed, that one alone."""
    own, _ = accounts_of_person(connection, person_id) or ((), "")
    facts = facts_of(connection, own, personal)
    rows = facts.people.filter(pl.col("person_id") == person_id).to_dicts()
    laws = dict(facts.accounts.select("account_id", "law").iter_rows())
    told = facts.events.filter(pl.col("kind").is_in(_MARKS)).sort("at").select(_TOLD)
    events = [event_of(row, {}) for row in told.to_dicts()]
    found: dict[tuple[str, str], tuple[str, Recipient]] = {}
    for channel in channels:
        wanted = "email" if channel == "email" else "phone"
        if tokens and wanted != kind:
            continue
        for row in rows:
            law = str(laws[row["account_id"]])
            for one in without_bad(candidates(row, channel, BUSINESS_ZONES.get(law, "UTC")), events):
                if not tokens or personal.token(wanted, one.to, law) in tokens:
                    found.setdefault((channel, one.to), (channel, one))
    return tuple(found.values())
