"""The desk of a worker: everything that touches the database, step by step, in one thread of its own.

One step is one transaction. A batch that is about to leave keeps its accounts held from asking again until the hand-over is over, so no
fact that was acknowledged before can be overtaken; the hold begins and ends in this thread.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection, exists, or_, select
from sqlalchemy.exc import DBAPIError

from arrears.dispatch.answers import Answered, Retry, record_answers
from arrears.dispatch.ask import Asked, ask_again, held_for
from arrears.dispatch.attempts import begin, of_asked, settle
from arrears.dispatch.claim import Clock, claim, database_clock, reap, release, renew
from arrears.dispatch.compose import Composed, Random, Writing, compose
from arrears.dispatch.faults import away, is_away
from arrears.dispatch.reasons import Why
from arrears.dispatch.rules import Rules
from arrears.dispatch.stops import open_stops
from arrears.dispatch.unknown import LOOK_UPS, LookUp, due_look_ups
from arrears.dispatch.works import Claimed
from arrears.store.connect import Store
from arrears.store.locks import Hold
from arrears.store.personal import Personal
from arrears.store.tables import Work

log = logging.getLogger("arrears.dispatch.desk")
#: How long a look-up waits for an account that is held, seconds; then it is left to the next look-up.
LOOK_UP_WAITS = 5.0


@dataclass
class Desk:
    """Opened with the store once; `worker` names it in attempts and leases."""

    store: Store
    personal: Personal
    rules: Rules
    writer: Writing
    random: Random
    worker: str
    lease_seconds: float = 60.0
    retry: Retry = field(default_factory=Retry)
    look_up_after: Sequence[float] = LOOK_UPS
    clock: Clock = database_clock
    holding: ExitStack = field(default_factory=ExitStack)
    hold: Hold | None = None

    @away
    def claim(self, channel: str, lease: str, most: int) -> list[Claimed]:
        """Lease some ready work of a channel; none while a stop switch is on for all of it."""
        with self.store.begin() as connection:
            if open_stops(connection).everything_on(channel):
                return []
            return claim(connection, (channel,), lease, most, self.clock(connection), self.lease_seconds)

    @away
    def prepare(self, works: Sequence[Claimed]) -> list[Composed]:
        """Hold the accounts, ask again, write the attempts. What is given may leave at once; `let_go` when it has."""
        with self.store.read() as connection:
            accounts = held_for(connection, works)
        self.holding = ExitStack()
        self.hold = self.holding.enter_context(self.store.hold(accounts))
        try:
            with self.store.begin() as connection:
                return self._ask_and_write(connection, works, accounts)
        except BaseException:
            self.let_go()
            raise

    @away
    def let_go(self) -> None:
        """The hold ends."""
        self.holding.close()

    def still_holds(self) -> bool:
        """Whether the hold still stands: after a restart of the database a fact may have come in that nothing was asked about."""
        return self.hold is not None and self.hold.lasts()

    @away
    def wait_for_hand_overs(self, account_ids: Collection[str]) -> None:
        """Return when no hand-over for these accounts is going on that began before: whoever is in one holds them. In a thread of its own."""
        with self.store.hold(account_ids, LOOK_UP_WAITS):
            pass

    def _ask_and_write(
        self, connection: Connection, works: Sequence[Claimed], accounts: Collection[str]
    ) -> list[Composed]:  # fmt: skip
        now = self.clock(connection)
        if not held_for(connection, works) <= set(accounts):  # a person came to stand on one more account meanwhile
            release(connection, _leases(works), [work.key for work in works], now)
            return []
        composed: list[Composed] = []
        settled = []
        for asked in self._asked(connection, works, now):
            if asked.verdict != "send":
                settled.append(of_asked(asked))
                continue
            found = compose(asked, self.writer, self.rules, now, self.random)
            if isinstance(found, Why):
                settled.append((asked.work, "park", None, (found,)))
            else:
                composed.append(found)
        settle(connection, settled, now)
        return begin(connection, self.personal, composed, self.worker, self.rules.asking.binds, now, self.lease_seconds)

    def _asked(self, connection: Connection, works: Sequence[Claimed], now: datetime) -> list[Asked]:
        """The answers; work that cannot be asked about is parked alone."""
        try:
            return ask_again(connection, self.personal, works, now, self.rules)
        except Exception as error:
            if is_away(error) or isinstance(error, DBAPIError):
                raise
            if len(works) == 1:
                log.exception("work %s cannot be asked about", works[0].key[:12])
                return [Asked(works[0], "park", (Why("poison", note=type(error).__name__),))]
            half = len(works) // 2
            return [*self._asked(connection, works[:half], now), *self._asked(connection, works[half:], now)]

    @away
    def record(self, answered: Sequence[Answered]) -> int:
        """Record answers; gives how many were taken."""
        with self.store.begin() as connection:
            return len(record_answers(connection, self.personal, answered, self.clock(connection), self.retry))

    @away
    def give_back(self, works: Sequence[Claimed]) -> None:
        """Work that was claimed and not attempted may be claimed by others."""
        if works:
            with self.store.begin() as connection:
                release(connection, _leases(works), [work.key for work in works], self.clock(connection))

    @away
    def keep(self, leases: Collection[str]) -> None:
        """Leases run on; leases of others that ran out are taken up."""
        with self.store.begin() as connection:
            now = self.clock(connection)
            renew(connection, leases, now, self.lease_seconds)
            reap(connection, now)

    @away
    def look_ups(self, channel: str, most: int) -> list[LookUp]:
        """Attempts of unknown end whose next look-up is due; counted as looked up."""
        with self.store.begin() as connection:
            return due_look_ups(connection, self.personal, channel, self.clock(connection), most, self.look_up_after)

    @away
    def park(self, work: Claimed, why: Why) -> None:
        """Work that cannot be dealt with goes to a person."""
        with self.store.begin() as connection:
            settle(connection, [(work, "park", None, (why,))], self.clock(connection))

    @away
    def is_left(self, channel: str) -> bool:
        """Whether work of a channel is in somebody's hands, may be claimed now, or waits to be tried once more."""
        with self.store.read() as connection:
            if open_stops(connection).everything_on(channel):
                return False
            now = self.clock(connection)
            ready = (Work.state == "ready") & (Work.not_after > now) & or_(Work.available_at <= now, Work.attempts > 0)
            left = exists().where(Work.channel == channel, or_(Work.state == "leased", ready))
            return bool(connection.execute(select(left)).scalar())


def _leases(works: Sequence[Claimed]) -> set[str]:
    return {work.lease_by for work in works if work.lease_by is not None}
