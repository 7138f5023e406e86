"""The inbox of a process: makes what channels hand in durable, many at once, and only then lets them acknowledge it.

It has a thread of its own: while a batch is handed over with its accounts held, what comes in for them waits for just that long.
"""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field

from arrears.dispatch.channel import Returned
from arrears.dispatch.claim import Clock, database_clock
from arrears.dispatch.faults import StoreAway, away
from arrears.dispatch.inbound import Sort, concerned, record_inbound
from arrears.dispatch.pace import Backoff
from arrears.dispatch.parking import put
from arrears.dispatch.receipts_in import match, record_receipts
from arrears.store.connect import Store
from arrears.store.personal import Personal

log = logging.getLogger("arrears.dispatch.inbox")
BATCH = 500
#: How long a receipt may be ahead of the answer that names its message, seconds.
AHEAD_SECONDS = 5.0


@dataclass(eq=False)
class _Waiting:
    returned: Returned
    done: asyncio.Future[None]
    since: float = field(default_factory=time.monotonic)


class Inbox:
    """`record` is what a channel is opened with. Runs in one event loop; `close` when the channels are closed."""

    def __init__(self, store: Store, personal: Personal, sort: Sort, clock: Clock = database_clock) -> None:
        self.store, self.personal, self.sort, self.clock = store, personal, sort, clock
        self.thread = ThreadPoolExecutor(1, thread_name_prefix="inbox")
        self.waiting: list[_Waiting] = []
        self.come = asyncio.Event()
        self.trouble = Backoff(0.5, 10.0)
        self.task: asyncio.Task[None] | None = None

    async def record(self, returned: Returned) -> None:
        """Returns when it is durable."""
        if self.task is None:
            self.task = asyncio.create_task(self._run())
        entry = _Waiting(returned, asyncio.get_running_loop().create_future())
        self.waiting.append(entry)
        self.come.set()
        await entry.done

    async def close(self) -> None:
        """Wait for what was handed in, then stop."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._drained(), AHEAD_SECONDS * 2)
        if self.task is not None:
            self.task.cancel()
            with suppress(asyncio.CancelledError):
                await self.task
        self.thread.shutdown()

    async def _drained(self) -> None:
        while self.waiting:
            await asyncio.sleep(0.02)

    async def _run(self) -> None:
        tries = 0
        while True:
            await self.come.wait()
            self.come.clear()
            batch = self.waiting[:BATCH]
            try:
                left = await asyncio.get_running_loop().run_in_executor(self.thread, self._write, [one.returned for one in batch],
                                                                        [time.monotonic() - one.since for one in batch])  # fmt: skip
                tries = 0
            except StoreAway as fault:
                log.warning("the store: %s", fault)
                tries += 1
                await asyncio.sleep(self.trouble.seconds(tries, 0.5))
                self.come.set()
                continue
            except Exception:
                left = await self._one_by_one(batch)
            self._acknowledge(batch, left)
            if self.waiting:
                await asyncio.sleep(0.05 if left and len(left) == len(self.waiting) else 0)
                self.come.set()

    async def _one_by_one(self, batch: Sequence[_Waiting]) -> list[int]:
        """A batch that fails is done again one by one; what fails alone is logged by kind, and not acknowledged to the provider."""
        loop, left = asyncio.get_running_loop(), []
        for index, one in enumerate(batch):
            try:
                if await loop.run_in_executor(self.thread, self._write, [one.returned], [time.monotonic() - one.since]):
                    left.append(index)
            except StoreAway:
                left.append(index)
            except Exception as error:
                log.exception("a %s on %s cannot be recorded", one.returned.kind, one.returned.channel)
                if not one.done.done():
                    one.done.set_exception(error)
        return left

    def _acknowledge(self, batch: Sequence[_Waiting], left: Sequence[int]) -> None:
        stay = [batch[index] for index in left]
        self.waiting = self.waiting[len(batch) :] + stay
        for one in batch:
            if one not in stay and not one.done.done():
                one.done.set_result(None)

    @away
    def _write(self, batch: Sequence[Returned], ages: Sequence[float]) -> list[int]:
        """Make a batch durable; gives the places of receipts that no attempt fits yet and that may be ahead of their answer."""
        receipts = [index for index, one in enumerate(batch) if one.kind == "receipt"]
        left = self._receipts(batch, receipts, ages) if receipts else []
        for one in batch:
            if one.kind != "receipt":
                self._inbound(one)
        return left

    def _receipts(self, batch: Sequence[Returned], places: Sequence[int], ages: Sequence[float]) -> list[int]:
        with self.store.read() as connection:
            rows = match(connection, self.personal, [batch[place] for place in places])
        fit = [(batch[place], row) for place, row in zip(places, rows, strict=True) if row is not None]
        none = [place for place, row in zip(places, rows, strict=True) if row is None]
        old = [batch[place] for place in none if ages[place] >= AHEAD_SECONDS]
        with self.store.hold({row[2] for _, row in fit}), self.store.begin() as connection:
            now = self.clock(connection)
            record_receipts(connection, self.personal, fit, now)
            put(connection, [
                {"queue": "receipts", "key": f"receipt:{one.channel}:{one.provider_ref}:{one.outcome}", "sort": "no_attempt",
                 "queued_at": now, "content": json.dumps({"channel": one.channel, "provider_ref": one.provider_ref,
                                                          "outcome": one.outcome})}
                for one in old
            ])  # fmt: skip
        return [place for place in none if ages[place] < AHEAD_SECONDS]

    def _inbound(self, one: Returned) -> None:
        with self.store.read() as connection:
            whom = concerned(connection, self.personal, one)
        with self.store.hold({reached.account_id for reached in whom}), self.store.begin() as connection:
            record_inbound(connection, self.personal, one, whom, self.clock(connection), self.sort)
