"""A worker process of `bench/dispatch.py`: `python bench/dispatch_worker.py JSON`.

JSON: url, keys (folder), port (of the tests' provider) or sms (settings of the SMS channel), name, shift (microseconds that its clock is
moved by), until_empty, wait (warm up, then wait for a line before work begins), and settings of `Settings`.
"""

import asyncio
import json
import logging
import random
import signal
import sys
import tempfile
from datetime import timedelta
from pathlib import Path

from tests.dispatch import debtors
from tests.soak.line_channel import LineChannel

from arrears.dispatch.answers import Retry
from arrears.dispatch.channels.sms import Sms
from arrears.dispatch.channels.sms_settings import read_settings
from arrears.dispatch.desk import Desk
from arrears.dispatch.inbox import Inbox
from arrears.dispatch.pace import Backoff
from arrears.dispatch.worker import Settings, Worker
from arrears.store.connect import open_store
from arrears.store.personal import open_personal


def sort(text):
    return "opt_out" if text.strip().upper() in ("T", "退订") else "other"


def channel_of(told):
    """The tests' own channel, or (`sms`: its settings) the one that speaks SMPP."""
    if "sms" in told:
        return Sms(read_settings(told["sms"], Path("bench")))
    return LineChannel(told["port"], per_second=20_000, window=told.get("window", 2000))


def warm_up():
    """Ask and write one message of a store of its own, so that code, law and templates are loaded before anything is measured."""
    with tempfile.TemporaryDirectory() as name:
        store = open_store(f"sqlite:///{name}/store.db", create=True)
        personal = open_personal(store, Path(name) / "keys")
        debtors.fill(store, personal, range(1))
        desk = Desk(
            store, personal, debtors.rules(), debtors.writer(), debtors.random, "warm", clock=debtors.morning_clock()
        )
        assert len(desk.prepare(desk.claim("sms", "warm#1", 1))) == 1
        desk.let_go()
        store.close()


async def work(told):
    store = open_store(told["url"])
    personal = open_personal(store, Path(told["keys"]))
    clock = debtors.shifted(timedelta(microseconds=told["shift"]))
    desk = Desk(
        store, personal, debtors.rules(), debtors.writer(), debtors.random, told["name"], told.get("lease", 5.0),
        Retry(8, Backoff(0.1, 1.0)), (0.5, 1.0, 2.0, 4.0, 8.0), clock,
    )  # fmt: skip
    inbox = Inbox(store, personal, sort, clock)
    channel = channel_of(told)
    worker = Worker(desk, channel, Settings(**told.get("settings", {})), random.random)
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, worker.stop)
    if told.get("wait"):
        warm_up()
    print("ready", flush=True)
    if told.get("wait"):
        await asyncio.get_running_loop().run_in_executor(None, sys.stdin.readline)
    await worker.run(inbox.record, told.get("until_empty", False))
    await inbox.close()
    store.close()


if __name__ == "__main__":
    logging.basicConfig(level=logging.WARNING)
    sys.setswitchinterval(0.0005)
    told = json.loads(sys.argv[1])
    if told.get("profile"):
        import cProfile

        profile = cProfile.Profile()
        profile.runcall(asyncio.run, work(told))
        profile.dump_stats(told["profile"])
    else:
        asyncio.run(work(told))
