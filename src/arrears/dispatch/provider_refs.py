"""A provider's id of a message in its many forms: receipts name it in hexadecimal where the answer had decimal, with zeros or without."""

from __future__ import annotations

#: Widths to which providers fill ids with zeros.
WIDTHS = (8, 10, 12, 16, 20)
_HEX = frozenset("0123456789abcdefABCDEF")


def forms(ref: str) -> tuple[str, ...]:
    """All forms in which the id may stand in the store, the exact one first."""
    plain = ref.strip()
    found = dict.fromkeys((ref, plain, plain.lower(), plain.upper()))
    if plain and set(plain) <= _HEX and len(plain) <= max(WIDTHS) + 4:
        bare = plain.lstrip("0") or "0"
        values = [bare.lower(), bare.upper()]
        if bare.isdecimal():
            values += [f"{int(bare):x}", f"{int(bare):X}"]
        values.append(str(int(bare, 16)))
        for value in values:
            found.update(dict.fromkeys((value, *(value.zfill(width) for width in WIDTHS))))
    return tuple(name for name in found if name)
