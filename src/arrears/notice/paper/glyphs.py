"""Which characters a font can print, read from its own `cmap` table, so that no letter leaves with an empty box for a character."""

from __future__ import annotations

import struct
from functools import cache
from importlib.resources import files

#: As in fonts/README.md: what each weight is set from.
_FONTS = {
    False: ("NotoSansCJKsc-Regular.otf", "NotoSans-Regular.ttf"),
    True: ("NotoSansCJKsc-Bold.otf", "NotoSans-Bold.ttf"),
}


@cache
def printable(bold: bool) -> frozenset[int]:
    """The code points that letters can be printed in, in regular or bold."""
    folder = files("arrears.notice.paper").joinpath("fonts")
    return frozenset().union(*(characters(folder.joinpath(name).read_bytes()) for name in _FONTS[bold]))


def missing(text: str, bold: bool) -> list[str]:
    """Characters of a text that cannot be printed, as code points such as U+20BB7, each once."""
    have = printable(bold)
    return [f"U+{ord(letter):04X}" for letter in dict.fromkeys(text) if ord(letter) not in have]


def characters(font: bytes) -> frozenset[int]:
    """The code points of an OpenType font (file format of OpenType 1.9, table `cmap`, subtables of format 4 and 12)."""
    tables = struct.unpack_from(">H", font, 4)[0]
    records = (struct.unpack_from(">4sLLL", font, 12 + 16 * number) for number in range(tables))
    start = next(offset for tag, _, offset, _ in records if tag == b"cmap")
    subtables = struct.unpack_from(">H", font, start + 2)[0]
    found: set[int] = set()
    for number in range(subtables):
        _, _, offset = struct.unpack_from(">HHL", font, start + 4 + 8 * number)
        subtable = start + offset
        form = struct.unpack_from(">H", font, subtable)[0]
        if form == 12:
            found |= _format_12(font, subtable)
        elif form == 4:
            found |= _format_4(font, subtable)
    return frozenset(found)


def _format_12(font: bytes, at: int) -> set[int]:
    groups = struct.unpack_from(">L", font, at + 12)[0]
    triples = (struct.unpack_from(">LLL", font, at + 16 + 12 * number) for number in range(groups))
    return {code for first, last, _ in triples for code in range(first, last + 1)}


def _format_4(font: bytes, at: int) -> set[int]:
    doubled = struct.unpack_from(">H", font, at + 6)[0]
    count = doubled // 2
    ends, starts, deltas, offsets = (
        struct.unpack_from(f">{count}H", font, at + 14 + begin)
        for begin in (0, doubled + 2, 2 * doubled + 2, 3 * doubled + 2)
    )
    found = set()
    for number in range(count):
        for code in range(starts[number], ends[number] + 1):
            if code == 0xFFFF:
                continue
            glyph = code
            if offsets[number]:
                place = at + 16 + 3 * doubled + 2 * number + offsets[number] + 2 * (code - starts[number])
                glyph = struct.unpack_from(">H", font, place)[0]
                if glyph == 0:
                    continue
            if (glyph + deltas[number]) & 0xFFFF:
                found.add(code)
    return found
