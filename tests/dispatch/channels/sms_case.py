"""What the tests of the SMS channel share: a channel bound to a stand-in, messages, and a record that remembers."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

import pytest

from arrears.dispatch.channel import Answer, Message, Returned
from arrears.dispatch.channels.sms import Sms
from arrears.dispatch.channels.sms_settings import read_settings
from arrears.notice.words import Words

NUMBER = "+8613800000001"
Result = TypeVar("Result")
_numbers = itertools.count(1)


def run(act: Coroutine[Any, Any, Result]) -> Result:
    """Run one test's act; what hangs fails."""
    return asyncio.run(asyncio.wait_for(act, 30))


class Recorded:
    """A record of what came back. `fail` times it cannot make anything durable."""

    def __init__(self, fail: int = 0) -> None:
        self.returned: list[Returned] = []
        self.fail = fail
        self._more = asyncio.Event()

    async def __call__(self, returned: Returned) -> None:
        if self.fail:
            self.fail -= 1
            raise OSError("the database is gone")
        self.returned.append(returned)
        self._more.set()

    async def first(self, count: int = 1) -> list[Returned]:
        """The first `count` of what came back, as soon as they are there."""
        async with asyncio.timeout(20):
            while len(self.returned) < count:
                self._more.clear()
                await self._more.wait()
        return self.returned[:count]


def message(text: str = "Hello", to: str = NUMBER, not_after: datetime | None = None) -> Message:
    """A message of its own."""
    number = next(_numbers)
    return Message(
        f"k{number}", f"a{number}", "sms", to, Words("t", "zh-CN", text, "K7QF"), "A1", "P1", not_after=not_after
    )


def settings(port: int, **more: Any) -> dict[str, Any]:
    """Settings that fit the stand-in; the password is in SMSC_PASSWORD."""
    return {"host": "127.0.0.1", "port": port, "system_id": "arrears", "password_env": "SMSC_PASSWORD", "source": "10690000",
            "closing_seconds": 0.2} | more  # fmt: skip


def unconnected(port: int, password: str = "secret", **more: Any) -> Sms:
    """A channel that is not open."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SMSC_PASSWORD", password)
        return Sms(read_settings(settings(port, **more), Path("arrears.yaml")))


@asynccontextmanager
async def bound(port: int, record: Recorded | None = None, password: str = "secret", **more: Any) -> AsyncIterator[Sms]:
    """A channel, bound; closed at the end."""
    channel = unconnected(port, password, **more)
    await channel.open(record or Recorded())
    try:
        await channel.bound()
        yield channel
    finally:
        await channel.close()


async def answered(channel: Sms, sent: Message) -> Answer:
    """Hand one message over and wait for its answer."""
    async with asyncio.timeout(20):
        return await (await channel.hand_over(sent))
