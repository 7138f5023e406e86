"""One worker of the tests against the tests' provider, run until its outbox is empty."""

import asyncio
from contextlib import asynccontextmanager
from dataclasses import replace

from arrears.dispatch.answers import Retry
from arrears.dispatch.desk import Desk
from arrears.dispatch.inbox import Inbox
from arrears.dispatch.pace import Backoff
from arrears.dispatch.worker import Settings, Worker
from tests.dispatch import debtors
from tests.soak.line_channel import LineChannel
from tests.soak.provider import Provider

QUICK = Settings(batch=64, idle=0.02, answer_timeout=2.0, flush=0.01, on_the_way=0.05, trouble=Backoff(0.01, 0.1))


def desk_of(store, personal, worker="w1", **more):
    given = {
        "clock": debtors.morning_clock(),
        "retry": Retry(5, Backoff(0.02, 0.05)),
        "look_up_after": (0.0, 0.1, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0),
        **more,
    }
    return Desk(store, personal, debtors.rules(), debtors.writer(), debtors.random, worker, **given)


def sort(text):
    return "opt_out" if text.strip().upper() in ("T", "STOP", "退订") else "other"


@asynccontextmanager
async def provider_at(tmp_path, **more):
    provider = Provider(tmp_path / "provider.jsonl", **more)
    port = await provider.start()
    try:
        yield provider, port
    finally:
        await provider.stop()


async def run_until_empty(store, personal, port, settings=QUICK, channel=None, **more):
    """Run one worker until nothing is left; gives it. `linger`: seconds for which it stays for look-ups before it may end."""
    linger = more.pop("linger", 0.0)
    desk = desk_of(store, personal, **more)
    inbox = Inbox(store, personal, sort, desk.clock)
    worker = Worker(desk, channel or LineChannel(port), replace(settings), lambda: 0.5)
    if linger:
        asyncio.get_running_loop().call_later(linger, worker.stop)
    await asyncio.wait_for(worker.run(inbox.record, until_empty=not linger), 30)
    await inbox.close()
    return worker
