"""What an SMSC sends by itself: receipts and texts out of deliver_sm, and long texts put together from their parts.

The parts of a long text are acknowledged together, when the whole is recorded. An SMSC that sends the next part only after the answer
to the one before would wait for ever: after `HOLD_S` seconds what is there is recorded as it is and acknowledged; should the rest come
within `KEEP_S` seconds, the whole text is recorded as well, for a word may lie across two parts.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from smpp34 import DeliverSm

from arrears.dispatch.channel import Record, Returned
from arrears.dispatch.channels import smpp_wire as wire
from arrears.dispatch.channels import sms_text
from arrears.dispatch.receipts import TAG_MESSAGE_ID, Receipt, read_receipt

#: Long texts that are put together at once; the oldest gives way, after it was recorded as it is.
LONG_AT_ONCE = 1_000
HOLD_S = 3.0
KEEP_S = 600.0

_RECEIPT = 0x04
_TYPE = 0x3C
_HEADED = 0x40
_SAR = (wire.TAG_SAR_REFERENCE, wire.TAG_SAR_COUNT, wire.TAG_SAR_NUMBER)


def receipt_of(pdu: DeliverSm) -> Receipt | None:
    """The receipt in a deliver_sm, by its esm_class or, where an SMSC leaves that out, by its receipted_message_id. None: it is a text."""
    tlvs = {tlv.tag: tlv.value for tlv in pdu.tlvs}
    if not (pdu.esm_class & _TYPE == _RECEIPT or TAG_MESSAGE_ID in tlvs):
        return None
    return read_receipt(_octets(pdu, tlvs).decode("latin-1"), tlvs)


def text_of(pdu: DeliverSm) -> tuple[sms_text.Place | None, str | None]:
    """A text and its place among the parts of a long one (None: it is whole). The text is None where the octets are not text."""
    tlvs = {tlv.tag: tlv.value for tlv in pdu.tlvs}
    octets = _octets(pdu, tlvs)
    place: sms_text.Place | None = None
    if pdu.esm_class & _HEADED:
        place, octets = sms_text.unheaded(octets)
    elif set(_SAR) <= set(tlvs):
        sar = sms_text.Place(*(int.from_bytes(tlvs[tag], "big") for tag in _SAR))
        place = sar if 1 <= sar.number <= sar.count <= sms_text.MOST_PARTS else None
    if place is not None and place.count == 1:
        place = None
    return place, sms_text.decode(octets, pdu.data_coding)


def _octets(pdu: DeliverSm, tlvs: dict[int, bytes]) -> bytes:
    return pdu.short_message or tlvs.get(wire.TAG_MESSAGE_PAYLOAD, b"")


@dataclass
class _Long:
    """A long text on its way: its parts, and who waits for the record of it."""

    sender: str
    count: int
    parts: dict[int, str] = field(default_factory=dict)
    waiting: list[asyncio.Future[None]] = field(default_factory=list)
    clock: asyncio.TimerHandle | None = None

    @property
    def whole(self) -> bool:
        return len(self.parts) == self.count

    @property
    def text(self) -> str:
        """The parts that are there, in order, a gap shown as […]."""
        found: list[str] = []
        for number in range(1, self.count + 1):
            part = self.parts.get(number)
            if part is not None or (found and found[-1] != "[…]") or not found:
                found.append("[…]" if part is None else part)
        return "".join(found)


class LongTexts:
    """Puts long texts together, at most `most` at once, and records them. `hold_s` and `keep_s`: see the module."""

    def __init__(
        self, now: Callable[[], datetime], hold_s: float = HOLD_S, keep_s: float = KEEP_S, most: int = LONG_AT_ONCE
    ) -> None:
        self._now, self._hold_s, self._keep_s, self._most = now, hold_s, keep_s, most
        self._under_way: OrderedDict[tuple[str, str, int, int], _Long] = OrderedDict()
        self._tasks: set[asyncio.Task[None]] = set()

    async def take(self, pdu: DeliverSm, place: sms_text.Place, text: str, record: Record) -> None:
        """Take one part; returns when it is recorded, alone or with the others. Raises what the record raised."""
        key = (pdu.source_addr, pdu.destination_addr, place.reference, place.count)
        long = self._under_way.get(key)
        if long is None:
            long = self._under_way[key] = _Long(sender_of(pdu), place.count)
            self._make_room(record)
        long.parts[place.number] = text
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        long.waiting.append(future)
        if long.whole:
            self._under_way.pop(key, None)
            await self._as_it_is(long, record, None)
        elif len(long.waiting) == 1:
            self._after(long, self._hold_s, lambda: self._start(long, record, key))
        await future

    def close(self) -> None:
        """Forget what is under way: its parts were not acknowledged, and the SMSC sends them again."""
        for long in self._under_way.values():
            _stop(long)
            for future in long.waiting:
                future.cancel()
        self._under_way.clear()

    def _make_room(self, record: Record) -> None:
        while len(self._under_way) > self._most:
            _, oldest = self._under_way.popitem(last=False)
            _stop(oldest)
            if oldest.waiting:
                self._start(oldest, record, None)

    def _start(self, long: _Long, record: Record, key: tuple[str, str, int, int] | None) -> None:
        task = asyncio.get_running_loop().create_task(self._as_it_is(long, record, key))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _as_it_is(self, long: _Long, record: Record, key: tuple[str, str, int, int] | None) -> None:
        with contextlib.suppress(Exception):  # told to those who wait
            await self._record(long, record)
        if key is not None and self._under_way.get(key) is long and not long.waiting:
            self._after(long, self._keep_s, lambda: self._forget(key, long))

    def _forget(self, key: tuple[str, str, int, int], long: _Long) -> None:
        if self._under_way.get(key) is long and not long.waiting:
            del self._under_way[key]

    async def _record(self, long: _Long, record: Record) -> None:
        _stop(long)
        waiting, long.waiting = long.waiting, []
        detail = "" if long.whole else f"parts {','.join(map(str, sorted(long.parts)))} of {long.count}"
        back = Returned("inbound", "sms", self._now(), sender=long.sender, text=long.text, detail=detail)
        try:
            await record(back)
        except BaseException as error:
            for future in waiting:
                if not future.done():
                    future.set_exception(error if isinstance(error, Exception) else ConnectionError("closed"))
            raise
        for future in waiting:
            if not future.done():
                future.set_result(None)

    def _after(self, long: _Long, seconds: float, act: Callable[[], None]) -> None:
        _stop(long)
        long.clock = asyncio.get_running_loop().call_later(seconds, act)


def _stop(long: _Long) -> None:
    if long.clock is not None:
        long.clock.cancel()
        long.clock = None


def sender_of(pdu: DeliverSm) -> str:
    """The number that a deliver_sm comes from, in E.164 where the SMSC says that it is international."""
    number = pdu.source_addr
    return f"+{number}" if pdu.source_addr_ton == 1 and not number.startswith("+") else number
