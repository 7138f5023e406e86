"""The short code that every message carries, under which the borrower can ask whether it is genuine.

Eleven characters of 5 bits (55 bits, beyond guessing at any rate that the look-up allows) and a check character, in three groups of
four: `K7Q2-9XWD-4TN5`. The alphabet is Crockford's base 32, which leaves out I, L, O and U. The check is a weighted sum over GF(32) with
twelve different weights other than zero, so one wrong character and any two characters that changed places are always detected.
"""

from __future__ import annotations

import hmac
import re
from functools import cache

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
#: Characters of a code without its check character; bits that cannot be guessed; bytes of randomness that `new_code` takes.
LENGTH = 11
BITS = 5 * LENGTH
RANDOM_BYTES = 8
_GROUP = 4
_REDUCTION = 0b100101  # x^5 + x^2 + 1, primitive over GF(2): powers of x are 31 different weights
_READ_AS = str.maketrans({"O": "0", "I": "1", "L": "1"})
_VALUE_OF = {char: value for value, char in enumerate(ALPHABET)}
_SEPARATORS = re.compile(r"[\s\-‐‑‒–—−_.·]+")
#: A code as it stands in a text that we sent: with dashes, so that words of four letters are none.
_IN_TEXT = re.compile(r"(?<![0-9A-Za-z])[0-9A-Za-z]{4}[-‐‑–][0-9A-Za-z]{4}[-‐‑–][0-9A-Za-z]{4}(?![0-9A-Za-z])")


def new_code(random: bytes) -> str:
    """A code out of `RANDOM_BYTES` random bytes (from the caller: this room draws none). ValueError for another number of bytes."""
    if len(random) != RANDOM_BYTES:
        raise ValueError(f"a code is made of {RANDOM_BYTES} random bytes, not {len(random)}")
    number = int.from_bytes(random, "big") >> (8 * RANDOM_BYTES - BITS)
    values = [(number >> (5 * at)) & 31 for at in reversed(range(LENGTH))]
    return grouped("".join(ALPHABET[value] for value in [*values, _check(values)]))


def normal_code(typed: str) -> str | None:
    """The code as it is kept (twelve characters, no separators) of what a person typed; None if it is none.

    Small letters, O for 0, I and L for 1, full-width characters, spaces and dashes are read as meant.
    """
    half = typed if typed.isascii() else "".join(map(_half_width, typed))
    plain = _SEPARATORS.sub("", half).upper().translate(_READ_AS)
    if len(plain) != LENGTH + 1 or not _VALUE_OF.keys() >= set(plain):
        return None
    values = [_VALUE_OF[char] for char in plain]
    return plain if _check(values[:LENGTH]) == values[LENGTH] else None


def grouped(code: str) -> str:
    """A kept code in groups for reading."""
    return "-".join(code[at : at + _GROUP] for at in range(0, len(code), _GROUP))


def codes_in(text: str) -> tuple[str, ...]:
    """The codes that stand in a text, as they are kept, each once; what fails its check is none."""
    half = "".join(map(_half_width, text))
    found = (normal_code(match.group()) for match in _IN_TEXT.finditer(half))
    return tuple(dict.fromkeys(code for code in found if code is not None))


def code_hash(code: str, key: bytes) -> str:
    """The keyed hash under which what was sent is found (64 hex digits): the store never holds a code. ValueError if `code` is none."""
    kept = normal_code(code)
    if kept is None:
        raise ValueError("is not a code")
    return hmac.digest(key, b"arrears code 1\n" + kept.encode(), "sha256").hex()


def _check(values: list[int]) -> int:
    """The last character: sum of value times x^position, positions from 1; the check itself has weight x^0 = 1."""
    total = 0
    for products, value in zip(_products(), values, strict=True):
        total ^= products[value]
    return total


@cache
def _products() -> tuple[tuple[int, ...], ...]:
    """For each position, its weight times every value."""
    weights = [2]
    while len(weights) < LENGTH:
        weights.append(_times(weights[-1], 2))
    return tuple(tuple(_times(weight, value) for value in range(32)) for weight in weights)


def _times(one: int, other: int) -> int:
    """Multiplication in GF(32)."""
    product = 0
    while other:
        if other & 1:
            product ^= one
        one <<= 1
        if one & 32:
            one ^= _REDUCTION
        other >>= 1
    return product


def _half_width(char: str) -> str:
    return chr(ord(char) - 0xFEE0) if "！" <= char <= "～" else char
