"""One bound SMPP session over one connection: requests and their answers, the window, and what the SMSC sends by itself.

Nothing is repeated here. A request whose answer does not come in time, or whose connection breaks, ends as None: whoever asked knows
that the SMSC may have it. An answer that comes after its time is still told to whoever asked.
"""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from smpp34 import DeliverSm, RawPdu

from arrears.dispatch.channels import smpp_wire as wire
from arrears.dispatch.channels.smpp_window import Window

log = logging.getLogger(__name__)

#: Answers to requests that were given up are still listened for, for so many requests.
LATE_KEPT = 10_000
#: The most deliver_sm that wait for their record at once; the SMSC is asked to send others again.
DELIVERIES_AT_ONCE = 200


#: What an answer is told to: the answer, or None where none came in time or the connection broke. After None, a late answer may follow.
Told = Callable[[RawPdu | None], None]
#: Makes a deliver_sm durable; the status to answer it with.
Deliver = Callable[[DeliverSm], Awaitable[int]]


@dataclass(frozen=True)
class Times:
    """Seconds: until a request is given up, between two enquire_link on a silent line, and for the end of a session."""

    answer: float = 30.0
    enquire: float = 30.0
    closing: float = 5.0


class Session(asyncio.Protocol):
    """A connection to an SMSC, from its first byte to its last. `ended` is done when it is over."""

    def __init__(self, window: int, times: Times, deliver: Deliver) -> None:
        loop = asyncio.get_running_loop()
        self.ended: asyncio.Future[None] = loop.create_future()
        self.window = Window(window)
        self.bound = False
        self._loop, self._times, self._deliver = loop, times, deliver
        self._stream = wire.Stream()
        self._sequence = 0
        self._outgoing: list[bytes] = []
        self._pending: OrderedDict[int, tuple[float, Told, bool]] = OrderedDict()
        self._late: OrderedDict[int, Told] = OrderedDict()
        self._deliveries: set[asyncio.Task[None]] = set()
        self._flow = asyncio.Event()
        self._flow.set()
        self._clock: asyncio.TimerHandle | None = None
        self._heard_at = loop.time()
        self._enquired = False
        self._transport: asyncio.Transport | None = None

    # --- asking ---------------------------------------------------------------------------------------------

    async def bind(self, command: int, who: wire.Credentials) -> RawPdu | None:
        """Bind; the answer, or None if none came. The session is bound if its status is zero."""
        answer = await self.ask(lambda sequence: wire.bind(command, sequence, who))
        self.bound = answer is not None and answer.command_status == wire.ROK
        return answer

    async def ask(self, pdu: Callable[[int], bytes]) -> RawPdu | None:
        """Send one request outside the window and wait for its answer; None if none came."""
        future: asyncio.Future[RawPdu | None] = self._loop.create_future()

        def told(answer: RawPdu | None) -> None:
            if not future.done():
                future.set_result(answer)

        self._write([(pdu, told)], windowed=False)
        return await future

    async def submit(self, requests: Sequence[tuple[Callable[[int], bytes], Told]]) -> None:
        """Send requests together as soon as the window holds all of them. ConnectionError: none of them left."""
        if not self.bound or len(requests) > self.window.size:
            raise ConnectionError("not bound")
        await self._flow.wait()
        await self.window.take(len(requests))
        if not self.bound:
            raise ConnectionError("the session has ended")
        try:
            self._write(requests, windowed=True)
        except BaseException:
            self.window.give(len(requests))
            raise

    def _write(self, requests: Sequence[tuple[Callable[[int], bytes], Told]], windowed: bool) -> None:
        if self._transport is None or self._transport.is_closing():
            raise ConnectionError("not connected")
        numbers = [(self._sequence + step) % wire.LAST_SEQUENCE + 1 for step in range(len(requests))]
        octets = b"".join(pdu(number) for number, (pdu, _) in zip(numbers, requests, strict=True))
        until = self._loop.time() + self._times.answer
        for number, (_, told) in zip(numbers, requests, strict=True):
            self._pending[number] = (until, told, windowed)
        self._sequence = numbers[-1]
        if not self._outgoing:
            # What is asked in one turn of the loop leaves in one call of the system.
            self._loop.call_soon(self._flush)
        self._outgoing.append(octets)

    def _flush(self) -> None:
        octets, self._outgoing = b"".join(self._outgoing), []
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(octets)

    # --- the end --------------------------------------------------------------------------------------------

    async def close(self) -> None:
        """Take nothing more, wait shortly for answers and records under way, unbind, disconnect."""
        self.bound = False
        self.window.end()
        until = self._loop.time() + self._times.closing
        while (self._pending or self._deliveries) and self._loop.time() < until and not self.ended.done():
            await asyncio.wait([self.ended], timeout=0.01)
        if not self.ended.done():
            try:
                await asyncio.wait_for(
                    self.ask(lambda sequence: wire.plain(wire.UNBIND, sequence)), self._times.closing
                )
            except (TimeoutError, ConnectionError):
                log.info("the SMSC did not answer unbind")
        self.drop()
        await self.ended

    def drop(self) -> None:
        """Disconnect at once: what waits for an answer ends without one."""
        if self._transport is not None:
            self._transport.abort()

    # --- asyncio's calls ------------------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Start the clock that gives up requests and asks whether the line is alive."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._tick()

    def connection_lost(self, exc: Exception | None) -> None:
        """All that waits ends without an answer."""
        self.bound = False
        self._flow.set()
        if self._clock is not None:
            self._clock.cancel()
        self.window.end()
        pending, self._pending = self._pending, OrderedDict()
        for _, told, _ in pending.values():
            told(None)
        if not self.ended.done():
            self.ended.set_result(None)

    def pause_writing(self) -> None:
        """The network takes no more for now."""
        self._flow.clear()

    def resume_writing(self) -> None:
        """The network takes more again."""
        self._flow.set()

    def data_received(self, data: bytes) -> None:
        """Answers are told; requests of the SMSC are answered."""
        self._heard_at = self._loop.time()
        try:
            for pdu in self._stream.feed(data):
                self._received(pdu)
        except wire.BrokenStream as error:
            log.warning("the connection is dropped: %s", error)
            self.drop()

    def _received(self, pdu: wire.Pdu) -> None:
        if isinstance(pdu, DeliverSm):
            self._delivered(pdu)
        elif isinstance(pdu, RawPdu) and pdu.command_id & wire.ANSWER:
            self._answered(pdu)
        elif isinstance(pdu, RawPdu) and pdu.command_id == wire.ENQUIRE_LINK:
            self._reply(wire.plain(wire.ENQUIRE_LINK | wire.ANSWER, pdu.sequence_number))
        elif isinstance(pdu, RawPdu) and pdu.command_id == wire.UNBIND:
            self._reply(wire.plain(wire.UNBIND | wire.ANSWER, pdu.sequence_number))
            if self._transport is not None:
                self._transport.close()
        elif pdu.command_id == wire.DELIVER_SM:
            self._reply(wire.deliver_answer(pdu.sequence_number, wire.RINVCMDLEN))
        elif not pdu.command_id & wire.ANSWER:
            self._reply(wire.plain(wire.GENERIC_NACK, pdu.sequence_number, wire.RINVCMDID))

    def _answered(self, pdu: RawPdu) -> None:
        found = self._pending.pop(pdu.sequence_number, None)
        if found is None:
            told = self._late.pop(pdu.sequence_number, None)
            if told is not None:
                told(pdu)
            return
        _, told, windowed = found
        if windowed and self.bound:
            self.window.give(1)
        told(pdu)

    def _reply(self, octets: bytes) -> None:
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(octets)

    # --- what the SMSC sends by itself ----------------------------------------------------------------------

    def _delivered(self, pdu: DeliverSm) -> None:
        if len(self._deliveries) >= DELIVERIES_AT_ONCE:
            self._reply(wire.deliver_answer(pdu.sequence_number, wire.RX_T_APPN))
            return
        task = self._loop.create_task(self._record(pdu))
        self._deliveries.add(task)
        task.add_done_callback(self._deliveries.discard)

    async def _record(self, pdu: DeliverSm) -> None:
        try:
            status = await self._deliver(pdu)
        except Exception as error:
            # Whatever kept it from being durable: the SMSC keeps it and sends it again.
            log.warning("a deliver_sm was not recorded (%s); the SMSC is asked to send it again", type(error).__name__)
            status = wire.RX_T_APPN
        self._reply(wire.deliver_answer(pdu.sequence_number, status))

    # --- time -----------------------------------------------------------------------------------------------

    def _tick(self) -> None:
        now = self._loop.time()
        while self._pending and next(iter(self._pending.values()))[0] <= now:
            sequence, (_, told, windowed) = self._pending.popitem(last=False)
            self._late[sequence] = told
            if len(self._late) > LATE_KEPT:
                self._late.popitem(last=False)
            if windowed and self.bound:
                self.window.give(1)
            told(None)
        connected = self._transport is not None and not self._transport.is_closing()
        if self.bound and connected and not self._enquired and now - self._heard_at >= self._times.enquire:
            self._enquired = True
            self._write([(lambda sequence: wire.plain(wire.ENQUIRE_LINK, sequence), self._alive)], windowed=False)
        pause = min(self._times.answer, self._times.enquire) / 8
        self._clock = self._loop.call_later(min(pause, 1.0), self._tick)

    def _alive(self, answer: RawPdu | None) -> None:
        self._enquired = False
        if answer is None and self._transport is not None and not self._transport.is_closing():
            log.warning("the SMSC did not answer enquire_link; the connection is dropped")
            self.drop()
