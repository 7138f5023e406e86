"""Telling one subscriber its news: claimed with a lease, posted signed, and gone when told; what fails is told again later, or parked.

Any number of tellers run beside each other, in one process or many: what one has leased no other tells. A teller that is stopped finishes the
calls under way; one that is killed leaves its leases to run out, and what it had posted is told again under the same `webhook-id`.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, TypeVar

import httpx

from arrears.dispatch.channel import Answer, NotHandedOver
from arrears.dispatch.channels.webhook_body import event_body
from arrears.dispatch.channels.webhook_call import Progress, open_client, post
from arrears.dispatch.claim import Clock
from arrears.dispatch.faults import StoreAway, away
from arrears.dispatch.news import Failed, Piece, claim_news, events_of, forget_told, put_off
from arrears.dispatch.pace import Backoff, Pace
from arrears.dispatch.subscribers import Subscription
from arrears.store.connect import Store

log = logging.getLogger("arrears.dispatch.teller")
Result = TypeVar("Result")
#: A lease outlasts the longest call by so much, seconds.
LEASE_BEYOND = 60.0
#: After so many batches of which nothing arrived, a run that is to end ends.
GIVE_UP = 3


@dataclass(frozen=True)
class Pauses:
    """Seconds, but for `park_after`. `again`: of one piece; `trouble`: of all, while receiver or store is away."""

    idle: float = 1.0
    again: Backoff = field(default_factory=lambda: Backoff(2.0, 300.0))
    trouble: Backoff = field(default_factory=lambda: Backoff(0.5, 60.0))
    park_after: timedelta = timedelta(days=1)


class Teller:
    """Tells one subscriber. `lease`: a name that no other process has. `draw`: from [0, 1), for the jitter. `told`: how many so far."""

    def __init__(
        self, store: Store, subscription: Subscription, lease: str, clock: Clock, draw: Callable[[], float], pauses: Pauses | None = None
    ) -> None:  # fmt: skip
        self.store, self.to, self.lease, self.clock, self.draw = store, subscription, lease, clock, draw
        self.pauses = pauses or Pauses()
        self.stopping = asyncio.Event()
        self.told = 0
        self._troubles = 0
        self._pace = Pace(self.to.webhook.per_second, self.to.webhook.window, time.monotonic)

    def stop(self) -> None:
        """Claim no more; `run` returns when the calls under way are answered and recorded."""
        self.stopping.set()

    async def run(self, until_empty: bool = False) -> None:
        """Tell until stopped. `until_empty`: until nothing may be told now, or the receiver is away; what failed is for the next run."""
        client = open_client(self.to.webhook)
        try:
            while not self.stopping.is_set():
                most = 1 if self._troubles else self.to.webhook.window
                room = await self._unless_stopped(self._pace.room(most, at_least=most))
                if not room:
                    return
                told = await self._tell_some(client, room)
                if until_empty and (told == 0 or self._troubles >= GIVE_UP):
                    return
                if self._troubles:
                    await self._pause(self.pauses.trouble.seconds(self._troubles, self.draw()))
                elif told == 0:
                    await self._pause(self.pauses.idle)
        finally:
            await client.aclose()

    async def _tell_some(self, client: httpx.AsyncClient, room: int) -> int:
        """Claim and tell up to `room` pieces; gives how many were tried."""
        bodies = await self._at_store(self._claim, room)
        self._pace.give_back(room - len(bodies))
        answers = await asyncio.gather(*(self._call(client, piece, body) for piece, body in bodies))
        self._pace.answered(len(bodies))
        if answers:
            nowhere = all(answer.kind == "later" for answer in answers)
            self._troubles = self._troubles + 1 if nowhere else 0
            await self._at_store(
                self._record, [(piece, answer) for (piece, _), answer in zip(bodies, answers, strict=True)]
            )
        return len(answers)

    async def _call(self, client: httpx.AsyncClient, piece: Piece, body: bytes) -> Answer:
        try:
            return await post(client, self.to.webhook, piece, body, Progress())
        except NotHandedOver as fault:
            return Answer("later", detail=str(fault))

    def _claim(self, room: int) -> list[tuple[Piece, bytes]]:
        webhook = self.to.webhook
        with self.store.begin() as connection:
            lasts = webhook.seconds + LEASE_BEYOND
            pieces = claim_news(connection, self.to.name, self.lease, room, self.clock(connection), lasts)
            events = events_of(connection, pieces) if pieces else {}
        return [(piece, event_body(*events[piece.account_id, piece.event_id])) for piece in pieces]

    def _record(self, answers: Sequence[tuple[Piece, Answer]]) -> None:
        with self.store.begin() as connection:
            now = self.clock(connection)
            told = [piece for piece, answer in answers if answer.kind == "accepted"]
            failed = [self._failed(piece, answer, now) for piece, answer in answers if answer.kind != "accepted"]
            recorded = forget_told(connection, self.lease, told)
            put_off(connection, self.lease, failed)
        self.told += recorded
        for one in failed:
            if one.parked:
                log.warning("%s: news of an account is parked: %s", self.to.name, one.reason)

    def _failed(self, piece: Piece, answer: Answer, now: datetime) -> Failed:
        since = piece.failing_since or now
        wait = max(self.pauses.again.seconds(piece.tries + 1, self.draw()), answer.retry_after or 0.0)
        parked = now - since >= self.pauses.park_after
        return Failed(piece, now + timedelta(seconds=wait), since, parked, answer.detail)

    async def _at_store(self, step: Callable[..., Result], *given: Any) -> Result:
        """A step with the store, in a thread; when the database is away, again until it is back."""
        failures = 0
        while True:
            try:
                return await asyncio.to_thread(away(step), *given)
            except StoreAway as fault:
                log.warning("the store: %s", fault)
                failures += 1
                await asyncio.sleep(self.pauses.trouble.seconds(failures, self.draw()))

    async def _unless_stopped(self, waiting: Coroutine[Any, Any, int]) -> int:
        """What is waited for, or 0 when the teller is stopped before."""
        wanted, stopped = asyncio.ensure_future(waiting), asyncio.ensure_future(self.stopping.wait())
        await asyncio.wait((wanted, stopped), return_when=asyncio.FIRST_COMPLETED)
        stopped.cancel()
        if not wanted.done():
            wanted.cancel()
            return 0
        return wanted.result()

    async def _pause(self, seconds: float) -> None:
        """Wait, unless stopped before."""
        try:
            await asyncio.wait_for(self.stopping.wait(), seconds)
        except TimeoutError:
            return
