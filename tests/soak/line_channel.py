"""The channel to the tests' provider: a real one over TCP, small enough to be read at once."""

import asyncio
import json
import time
from contextlib import suppress
from datetime import UTC, datetime

from arrears.dispatch.channel import Answer, NotHandedOver, Returned


class LineChannel:
    """Speaks the line protocol of `provider`. Connects again when the link is gone."""

    def __init__(self, port, name="sms", per_second=5000.0, window=1000):
        self.name, self.port, self.per_second, self.window = name, port, per_second, window
        self.link = None
        self.reading = None
        self.waiting = {}
        self.looking = {}
        self.tasks = set()

    async def open(self, record):
        self.record = record
        with suppress(OSError):
            await self._connect()

    async def _connect(self):
        reader, self.link = await asyncio.open_connection("127.0.0.1", self.port, limit=1 << 20)
        self.reading = asyncio.create_task(self._read(reader))

    async def close(self):
        if self.tasks:
            await asyncio.wait(self.tasks, timeout=5)
        if self.link is not None:
            self.link.close()
        if self.reading is not None:
            self.reading.cancel()

    async def hand_over(self, message):
        if self.link is None or self.link.is_closing():
            try:
                await self._connect()
            except OSError as error:
                raise NotHandedOver(type(error).__name__) from None
        answer = self.waiting[message.attempt_id] = asyncio.get_running_loop().create_future()
        line = {"op": "submit", "id": message.attempt_id, "key": message.key, "to": message.to,
                "text": message.words.text, "account": message.account_id, "sent_at": time.monotonic_ns()}  # fmt: skip
        self.link.write(json.dumps(line).encode() + b"\n")
        try:
            await self.link.drain()
        except ConnectionError:
            self._lost()
        return answer

    async def look_up(self, sent):
        if self.link is None or self.link.is_closing():
            try:
                await self._connect()
            except OSError:
                return Answer("unknown", detail="no link")
        found = self.looking[sent.attempt_id] = asyncio.get_running_loop().create_future()
        self.link.write(json.dumps({"op": "look_up", "id": sent.attempt_id}).encode() + b"\n")
        return await found

    async def _read(self, reader):
        try:
            while line := await reader.readline():
                told = json.loads(line)
                if "returned" in told:
                    task = asyncio.create_task(self.record(returned(told["returned"])))
                    self.tasks.add(task)
                    task.add_done_callback(self.tasks.discard)
                    continue
                waiting = self.looking if told.get("looked_up") else self.waiting
                future = waiting.pop(told["id"], None)
                if future is not None and not future.done():
                    future.set_result(Answer(told["answer"], told.get("ref")))
        except ConnectionError:
            pass
        self._lost()

    def _lost(self):
        """The link is gone: nobody knows of what was on it."""
        if self.link is not None:
            self.link.close()
        for future in (*self.waiting.values(), *self.looking.values()):
            if not future.done():
                future.set_result(Answer("unknown", detail="link lost"))
        self.waiting.clear()
        self.looking.clear()


def returned(told):
    """What the provider hands in, as channels do."""
    at = datetime.fromisoformat(told["at"]) if "at" in told else datetime.now(UTC)
    return Returned(**{**told, "channel": "sms", "at": at})
