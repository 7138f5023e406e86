"""How many parts a text message takes: GSM 03.38 seven-bit where every character is in its alphabet, else UCS-2."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

_BASIC = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§"
    "¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENDED = "^{}\\[~]|€\f"
_GSM = frozenset(_BASIC + _EXTENDED)
_EXTENDED_CHAR = re.compile("[" + re.escape(_EXTENDED) + "]")
_ASTRAL_CHAR = re.compile("[\U00010000-\U0010ffff]")
#: Units of one message alone and of each part of several (the rest is the header that joins them).
_UNITS = {"gsm7": (160, 153), "ucs2": (70, 67)}


@dataclass(frozen=True)
class Length:
    """`units` are septets or 16-bit units; `parts` what the network sends, and mostly charges, as messages."""

    encoding: Literal["gsm7", "ucs2"]
    units: int
    parts: int


def sms_length(text: str) -> Length:
    """Encoding, units and parts of a text. A character of two units is never split between parts, which may take a part more."""
    encoding: Literal["gsm7", "ucs2"] = "gsm7" if _GSM.issuperset(text) else "ucs2"
    wide = [match.start() for match in (_EXTENDED_CHAR if encoding == "gsm7" else _ASTRAL_CHAR).finditer(text)]
    alone, each = _UNITS[encoding]
    units = len(text) + len(wide)
    if units <= alone:
        return Length(encoding, units, 1)
    return Length(encoding, units, _parts(len(text), wide, each))


def _parts(characters: int, wide: list[int], each: int) -> int:
    """How many parts, where the characters at `wide` (in order) take two units."""
    parts, begins, used = 1, 0, 0
    for at in wide:
        full, used = divmod(used + at - begins, each)
        parts, used, begins = parts + full, used + 2, at + 1
        if used > each:
            parts, used = parts + 1, 2
    return parts + max(0, used + characters - begins - 1) // each
