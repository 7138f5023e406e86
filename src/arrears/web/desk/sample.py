"""A sample of the book for previews: some thousand accounts as they stood at an instant, drawn as whole slots.

An account's slot is a hash of its id, so whole slots are a fair draw of any book, and the database finds them by an index. To draw takes
longer than to compare, so a sample is kept for some minutes, and says of what instant it is. A large book is not counted either: some of
its slots are, and they say about how many accounts there are.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from datetime import datetime, timedelta

from fastapi import Request
from sqlalchemy import Connection, func, select

from arrears.facts.typed import Typed, type_facts
from arrears.store.connect import Store
from arrears.store.facts import facts_in_slots
from arrears.store.tables import SLOTS, Account
from arrears.web.served import served_by

#: So many accounts are drawn, about: a share of them is right to three in a hundred.
DRAWN = 1_000
#: So many slots are counted; where they hold fewer than `MANY` accounts, all are. Then the number told is right to two in a hundred.
COUNTED, MANY = 16, 4_000
KEPT = timedelta(minutes=10)


@dataclass(frozen=True)
class Sample:
    """Accounts ready for the replay, as they stood `at` an instant; `accounts`: how many the whole book has, or `about` how many."""

    at: datetime
    typed: Typed
    accounts: int
    about: bool


class Sampler:
    """Draws from a store, and keeps what it drew for `KEPT`. Any number of threads may ask."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self._lock = threading.Lock()
        self._kept: Sample | None = None

    def sample(self, now: datetime) -> Sample:
        """A sample that is no older than `KEPT`."""
        with self._lock:
            if self._kept is None or not timedelta() <= now - self._kept.at < KEPT:
                self._kept = draw(self.store, now)
            return self._kept


def draw(store: Store, now: datetime) -> Sample:
    """What is recorded of the accounts of the first slots now."""
    with store.read() as connection:
        accounts, about = _size(connection)
        facts = facts_in_slots(connection, range(slots_for(accounts)), None)
    typed = type_facts(facts.accounts, facts.instalments, facts.events, facts.people)
    return Sample(now, typed, accounts, about)


def _size(connection: Connection) -> tuple[int, bool]:
    """How many accounts there are, and whether that is only about so."""
    counted = select(func.count()).select_from(Account)
    some = int(connection.execute(counted.where(Account.slot < COUNTED)).scalar_one())
    if some >= MANY:
        return some * SLOTS // COUNTED, True
    return int(connection.execute(counted).scalar_one()), False


def slots_for(accounts: int) -> int:
    """How many slots of a book of so many accounts hold about `DRAWN` of them."""
    return min(SLOTS, max(1, round(DRAWN * SLOTS / max(accounts, 1))))


def sample_here(request: Request) -> Sample:
    """The sample of this process."""
    served, state = served_by(request), request.app.state
    if not hasattr(state, "desk_sampler"):
        state.desk_sampler = Sampler(served.store)
    sampler: Sampler = state.desk_sampler
    return sampler.sample(served.now())
