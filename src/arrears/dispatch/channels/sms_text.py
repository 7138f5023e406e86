"""A text as an SMSC takes it: its alphabet, its octets, and the parts of a long one; and back.

GSM 7-bit (3GPP TS 23.038, default alphabet and extension table) travels as one octet a septet, as SMSCs take it over SMPP; what it
cannot say goes as UCS-2 (big-endian UTF-16, so that what lies beyond the basic plane survives). A part of a long message begins with
a user data header (3GPP TS 23.040, 9.2.3.24.1 and .8).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Alphabet = Literal["gsm7", "ucs2"]

_BASIC = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENSION = {
    0x0A: "\f",
    0x14: "^",
    0x28: "{",
    0x29: "}",
    0x2F: "\\",
    0x3C: "[",
    0x3D: "~",
    0x3E: "]",
    0x40: "|",
    0x65: "€",
}
_ESCAPE = 0x1B
_OCTETS = {char: bytes([code]) for code, char in enumerate(_BASIC) if code != _ESCAPE}
_OCTETS |= {char: bytes([_ESCAPE, code]) for code, char in _EXTENSION.items()}

#: Octets of the message field in one SMS, and in one part of several (a header of 6 octets takes 7 septets).
ROOM: dict[Alphabet, tuple[int, int]] = {"gsm7": (160, 153), "ucs2": (140, 134)}
#: A part's number is one octet.
MOST_PARTS = 255


def alphabet_of(text: str) -> Alphabet:
    """The alphabet that holds a text: GSM 7-bit where it can, else UCS-2."""
    return "gsm7" if _OCTETS.keys() >= set(text) else "ucs2"


def encode(text: str, alphabet: Alphabet) -> bytes:
    """The octets of a text. UnicodeError where the alphabet lacks a character (gsm7) or half a pair stands alone (ucs2)."""
    if alphabet == "ucs2":
        return text.encode("utf-16-be")
    try:
        return b"".join(map(_OCTETS.__getitem__, text))
    except KeyError as lacking:
        at = text.index(lacking.args[0])
        raise UnicodeEncodeError("gsm7", text, at, at + 1, "not in the alphabet") from None


def decode_gsm7(octets: bytes) -> str:
    """The text of unpacked GSM 7-bit octets; what the tables lack is U+FFFD, an unknown extension its basic letter (23.038, 6.2.1.1)."""
    found: list[str] = []
    escaped = False
    for octet in octets:
        if octet == _ESCAPE and not escaped:
            escaped = True
            continue
        basic = _BASIC[octet] if octet < 0x80 else "�"
        found.append(_EXTENSION.get(octet, basic) if escaped else basic)
        escaped = False
    return "".join(found)


def decode(octets: bytes, data_coding: int) -> str | None:
    """The text of octets under a data_coding of SMPP 3.4 (5.2.19) or, from 0x10 on, of GSM (23.038, 4). None: it is not text."""
    if data_coding in (1, 3):
        return octets.decode("ascii" if data_coding == 1 else "latin-1", "replace")
    if data_coding in (2, 4):
        return None
    if data_coding == 0 or data_coding >= 0xF0:
        return None if data_coding & 0x04 else decode_gsm7(octets)
    kind = data_coding & 0x0C
    if kind == 0x08:
        return octets.decode("utf-16-be", "replace")
    return decode_gsm7(octets) if kind == 0 else None


def split(text: str, alphabet: Alphabet) -> list[bytes]:
    """The octets of each SMS that a text needs, without headers. No escape and no surrogate pair is cut."""
    single, part = ROOM[alphabet]
    whole = encode(text, alphabet)
    if len(whole) <= single:
        return [whole]
    parts: list[bytes] = []
    at = 0
    while at < len(whole):
        end = at + part
        if end < len(whole):
            end -= _torn(whole, end, alphabet)
        parts.append(whole[at:end])
        at = end
    return parts


def _torn(whole: bytes, end: int, alphabet: Alphabet) -> int:
    """The octets before `end` that belong to what comes after it: an escape, or the first half of a surrogate pair."""
    if alphabet == "gsm7":
        return 1 if whole[end - 1] == _ESCAPE else 0
    return 2 if 0xD8 <= whole[end - 2] <= 0xDB else 0


def headed(parts: list[bytes], reference: int) -> list[bytes]:
    """Parts with their user data header; `reference` (0 to 255) is the same in all parts of one message."""
    count = len(parts)
    return [bytes((5, 0, 3, reference, count, number)) + part for number, part in enumerate(parts, 1)]


@dataclass(frozen=True)
class Place:
    """Where a part stands: `number` of `count` (from 1) of the message `reference`."""

    reference: int
    count: int
    number: int


def unheaded(octets: bytes) -> tuple[Place | None, bytes]:
    """A message field that begins with a user data header: the part's place, if the header says one, and the octets after it."""
    end = octets[0] + 1 if octets else 0
    place: Place | None = None
    at = 1
    while at + 2 <= end <= len(octets):
        kind, length = octets[at], octets[at + 1]
        value = octets[at + 2 : at + 2 + length]
        if (kind, length) in ((0x00, 3), (0x08, 4)) and len(value) == length:
            place = Place(int.from_bytes(value[:-2], "big"), value[-2], value[-1])
        at += 2 + length
    if place is not None and not 1 <= place.number <= place.count:
        place = None
    return place, octets[end:]
