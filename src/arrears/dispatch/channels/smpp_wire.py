"""SMPP 3.4 on the wire: whole PDUs out of a stream of bytes, and the few PDUs that smpp34's Python face leaves raw.

`submit_sm` and `deliver_sm` (addresses, text, optional parameters) are read and written by smpp34's codec, and every PDU is taken
apart by it. What it hands out as header and body (bind, query, enquire_link, unbind, and all answers) is a header and at most a few
C strings: those are written and read here, by SMPP 3.4 issue 1.2, chapter 4.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass

import smpp34
from smpp34 import DeliverSm, RawPdu, SubmitSm

GENERIC_NACK = 0x8000_0000
BIND_RECEIVER = 0x0000_0001
BIND_TRANSMITTER = 0x0000_0002
BIND_TRANSCEIVER = 0x0000_0009
QUERY_SM = 0x0000_0003
SUBMIT_SM = 0x0000_0004
DELIVER_SM = 0x0000_0005
UNBIND = 0x0000_0006
ENQUIRE_LINK = 0x0000_0015
#: An answer has the command of its request with this bit.
ANSWER = 0x8000_0000

ROK = 0x00
RINVCMDLEN = 0x02
RINVCMDID = 0x03
#: "Temporary application error" of a receiver: the SMSC keeps the PDU and offers it again.
RX_T_APPN = 0x64

#: Tags of optional parameters (5.3.2).
TAG_MESSAGE_PAYLOAD = 0x0424
TAG_SAR_REFERENCE = 0x020C
TAG_SAR_COUNT = 0x020E
TAG_SAR_NUMBER = 0x020F

INTERFACE_VERSION = 0x34
#: Numbers of requests run from 1 to here (SMPP 3.4, 3.2).
LAST_SEQUENCE = 0x7FFF_FFFF
#: A PDU is never longer than a message_payload of 64 KiB and its envelope; a greater length is a broken stream.
LONGEST_PDU = 70_000
_HEADER = struct.Struct("!IIII")


class BrokenStream(Exception):
    """What came in cannot be SMPP: the connection is of no more use."""


@dataclass(frozen=True)
class Credentials:
    """What a bind says of us. `system_id` at most 15 characters, `password` 8, `system_type` 12, all ASCII."""

    system_id: str
    password: str
    system_type: str = ""

    def __repr__(self) -> str:
        return f"Credentials({self.system_id!r}, password hidden)"


@dataclass(frozen=True)
class Unreadable:
    """A PDU that came whole, but whose body cannot be read."""

    command_id: int
    sequence_number: int


Pdu = SubmitSm | DeliverSm | RawPdu | Unreadable


class Stream:
    """Cuts bytes as they come into PDUs."""

    def __init__(self) -> None:
        self._left = b""

    def feed(self, data: bytes) -> Iterator[Pdu]:
        """The PDUs that are whole now. BrokenStream where a length is impossible."""
        self._left += data
        at, end = 0, len(self._left)
        try:
            while end - at >= 16:
                length = int.from_bytes(self._left[at : at + 4], "big")
                if not 16 <= length <= LONGEST_PDU:
                    raise BrokenStream(f"a PDU of {length} bytes")
                if end - at < length:
                    return
                whole = self._left[at : at + length]
                at += length
                yield _decoded(whole)
        finally:
            self._left = self._left[at:]


def _decoded(whole: bytes) -> Pdu:
    try:
        return smpp34.decode(whole)
    except smpp34.SmppError:
        _, command, _, sequence = _HEADER.unpack_from(whole)
        return Unreadable(command, sequence)


def bind(command: int, sequence: int, who: Credentials) -> bytes:
    """A bind of one of the three kinds; the address range is left to the SMSC."""
    body = _strings(who.system_id, who.password, who.system_type) + bytes((INTERFACE_VERSION, 0, 0)) + b"\0"
    return _pdu(command, sequence, body)


def query_sm(sequence: int, message_id: str, ton: int, npi: int, source: str) -> bytes:
    """Asks what became of a message; `ton`, `npi` and `source` must be those of its submit_sm."""
    return _pdu(QUERY_SM, sequence, _strings(message_id) + bytes((ton, npi)) + _strings(source))


def plain(command: int, sequence: int, status: int = ROK) -> bytes:
    """A PDU without a body: enquire_link, unbind, generic_nack, and their answers."""
    return _pdu(command, sequence, b"", status)


def deliver_answer(sequence: int, status: int) -> bytes:
    """A deliver_sm_resp; its message_id is not used and empty."""
    return _pdu(DELIVER_SM | ANSWER, sequence, b"\0", status)


def first_string(body: bytes) -> str:
    """The C string that a body begins with (message_id, system_id); empty where there is none."""
    return body.partition(b"\0")[0].decode("ascii", "replace")


def queried_state(body: bytes) -> int | None:
    """message_state of a query_sm_resp (after message_id and final_date), None where it is cut short."""
    rest = body.partition(b"\0")[2].partition(b"\0")[2]
    return rest[0] if rest else None


def _strings(*values: str) -> bytes:
    return b"".join(value.encode("ascii") + b"\0" for value in values)


def _pdu(command: int, sequence: int, body: bytes, status: int = ROK) -> bytes:
    return _HEADER.pack(16 + len(body), command, status, sequence) + body
