"""The stand-in SMSC for load: the same sessions, but messages and receipts go by smpp34's codec.

smpp.twisted3 takes 0.3 ms for each message and as much for each receipt, which on two busy cores is less than 1,000 a second. The tests of
the channel use the library's own codec (`smsc`), which shares nothing with ours.
"""

from __future__ import annotations

import struct
from collections import deque
from dataclasses import dataclass, field
from typing import Any, ClassVar

import smpp34
from smpp.pdu.constants import command_status_name_map
from twisted.internet import reactor

from tests.peers.smsc import AGAIN_S, Protocol, Smsc, Submitted, receipt_text

_HEADER = struct.Struct("!IIII")
_SUBMIT, _DELIVERED = b"\0\0\0\4", b"\x80\0\0\5"
#: Receipts that wait for their answer at once, on one session.
RECEIPTS_OPEN = 100


class QuickProtocol(Protocol):
    """Takes submit_sm and deliver_sm_resp before the library decodes them."""

    def rawMessageReceived(self, message: bytes) -> None:
        if message[4:8] == _SUBMIT and self.isBound():
            self.factory.smsc.quick(self, message)
        elif message[4:8] == _DELIVERED:
            self.factory.smsc.receipt_answered(self, *_HEADER.unpack_from(message)[2:])
        else:
            super().rawMessageReceived(message)

    def connectionLost(self, reason: Any) -> None:
        self.factory.smsc.receipts_lost(self)
        super().connectionLost(reason)


@dataclass
class QuickSmsc(Smsc):
    """`Smsc`, quicker. A receipt that is not taken, or whose session breaks, is sent again."""

    protocol: ClassVar[type[Protocol]] = QuickProtocol
    _open: dict[tuple[Any, int], Submitted] = field(default_factory=dict)
    _queue: deque[Submitted] = field(default_factory=deque)
    _waiting: bool = False

    def quick(self, smpp: Any, octets: bytes) -> None:
        """Take a submit_sm as it came."""
        pdu = smpp34.decode(octets)

        def answer(status: str, message_id: str) -> None:
            code = command_status_name_map[status]
            body = message_id.encode() + b"\0" if not code else b""
            smpp.transport.write(_HEADER.pack(16 + len(body), 0x8000_0004, code, pdu.sequence_number) + body)

        self.count += 1
        payload = next((tlv.value for tlv in pdu.tlvs if tlv.tag == smpp34.TLV_MESSAGE_PAYLOAD), None)
        submitted = Submitted(
            self.count, f"{self.started}{self.count:x}", pdu.source_addr, pdu.destination_addr, pdu.short_message or payload or b"",
            pdu.data_coding, pdu.esm_class, pdu.registered_delivery, pdu.validity_period, payload is not None,
        )  # fmt: skip
        self.take(smpp, submitted, 0, answer)

    def receipt(self, submitted: Submitted) -> None:
        self._queue.append(submitted)
        self._send()

    def receipt_answered(self, smpp: Any, status: int, sequence: int) -> None:
        """The answer to a receipt."""
        submitted = self._open.pop((smpp, sequence), None)
        if submitted is None:
            return
        if status:
            reactor.callLater(AGAIN_S, self.receipt, submitted)
        else:
            self.states[submitted.message_id] = "DELIVERED"
        self._send()

    def receipts_lost(self, smpp: Any) -> None:
        """A session broke: what was not answered goes by another."""
        lost = [key for key in self._open if key[0] is smpp]
        self._queue.extendleft(self._open.pop(key) for key in lost)

    def _retry(self) -> None:
        self._waiting = False
        self._send()

    def _send(self) -> None:
        while self._queue and len(self._open) < RECEIPTS_OPEN:
            session = self.receiver()
            if session is None:
                if not self._waiting:
                    self._waiting = True
                    reactor.callLater(AGAIN_S, self._retry)
                return
            submitted, number = self._queue.popleft(), session.claimSeqNum()
            self._open[session, number] = submitted
            session.transport.write(
                smpp34.DeliverSm(
                    submitted.to, submitted.source, receipt_text(submitted), source_addr_ton=1, source_addr_npi=1,
                    esm_class=0x04, sequence_number=number,
                ).encode()
            )  # fmt: skip
