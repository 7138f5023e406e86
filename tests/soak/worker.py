"""The worker of the soak: the product's own worker, desk and inbox, on a channel to a provider of the tests."""

import asyncio
import logging
import os
import random
import signal
import sys
from contextlib import suppress
from pathlib import Path

from arrears.dispatch.answers import Retry
from arrears.dispatch.desk import Desk
from arrears.dispatch.faults import StoreAway, away
from arrears.dispatch.inbox import Inbox
from arrears.dispatch.pace import Backoff
from arrears.dispatch.sorting import sort_text
from arrears.dispatch.worker import Settings, Worker
from arrears.store.connect import open_store
from arrears.store.personal import open_personal
from tests.soak import borrowers
from tests.soak.clocks import clock
from tests.soak.line_channel import LineChannel
from tests.soak.smpp import NotedSms

LOOK_UPS = (0.5, 1.0, 2.0, 4.0, 8.0)


class SlowChannel(LineChannel):
    """Takes its time for each hand-over, so that kills and stops hit a worker in the middle of one. `linger`: seconds at most."""

    def __init__(self, port, linger):
        super().__init__(port, per_second=20_000, window=400)
        self.linger = linger

    async def hand_over(self, message):
        if self.linger:
            await asyncio.sleep(self.linger * random.random())
        return await super().hand_over(message)


def open_channel(provider, port, linger, noted):
    """The channel to the provider of a plan."""
    return NotedSms(port, linger, noted) if provider == "smpp" else SlowChannel(port, linger)


async def opened(url, keys):
    """The store, as soon as it is there: a worker that is born while the database is away would be started again until it is back."""
    while True:
        with suppress(StoreAway):
            return away(_opened)(url, keys)
        await asyncio.sleep(0.05)


def _opened(url, keys):
    store = open_store(url)
    return store, open_personal(store, Path(keys))


async def work(url, keys, port, name, shift_us, *, provider, linger, noted, lease, batch, steps=()):
    store, personal = await opened(url, keys)
    now = clock(shift_us, steps)
    desk = Desk(
        store, personal, borrowers.rules(), borrowers.writer(), os.urandom, name, lease,
        Retry(8, Backoff(0.1, 1.0)), LOOK_UPS, now,
    )  # fmt: skip
    inbox = Inbox(store, personal, lambda text: sort_text(text).kind, now)
    settings = Settings(
        batch=batch, idle=0.05, answer_timeout=2.0, on_the_way=0.5, trouble=Backoff(0.05, 0.5), stop_within=5.0
    )
    worker = Worker(desk, open_channel(provider, port, linger, noted), settings, random.random)
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, worker.stop)
    await worker.run(inbox.record)
    await inbox.close()
    store.close()


def live(**told):
    logging.basicConfig(level=logging.ERROR)
    sys.setswitchinterval(0.0005)
    asyncio.run(work(**told))
