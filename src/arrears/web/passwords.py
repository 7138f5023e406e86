"""Passwords of staff: argon2id, and what a password must be. Long is what counts; no signs are demanded, none are forbidden.

No list of breached passwords is shipped. What such lists are made of is looked for instead: words that everybody thinks of, rows of keys,
years and runs of figures, signs that repeat, the person's own name and the lender's. What is left without them must still be enough.
"""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.profiles import RFC_9106_LOW_MEMORY

from arrears.facts.beside import yaml_beside
from arrears.installation import Lender

SHORTEST, LONGEST = 12, 128
#: So many characters, and so many different ones, must be left without what everybody thinks of.
LEFT, DIFFERENT = 6, 5
#: A stretch of this many keys of a row, or of signs that follow each other, is no choice.
ROW = 4
#: Letters for which a figure or a sign is often put.
_DISGUISES = str.maketrans({"0": "o", "1": "i", "3": "e", "4": "a", "5": "s", "7": "t", "@": "a", "$": "s", "!": "i"})
_FIGURES = re.compile(r"[0-9]{4,}|(?:19|20)[0-9]{2}")
_REPEATED = re.compile(r"(.+?)\1+")
_hasher = PasswordHasher.from_parameters(RFC_9106_LOW_MEMORY)
#: What a password of nobody is held against, so that a name that is not known takes as long as one that is.
_NOBODY = _hasher.hash("of nobody at all")


def fault_of(password: str, name: str, lender: Lender | None = None) -> str:
    """What is wrong with a new password: short, long, plain (easy to guess); or nothing ("").

    `name`: the user name. `lender`: whose names, phone and site are no secret either.
    """
    text = _normal(password)
    if len(text) < SHORTEST:
        return "short"
    if len(text) > LONGEST:
        return "long"
    own = {name, *_names(lender)}
    found = any(_signs(one) in _signs(text) for one in own)
    left = _without(text.lower(), own)
    return "plain" if found or len(left) < LEFT or len(set(left)) < DIFFERENT else ""


def _names(lender: Lender | None) -> Iterator[str]:
    """What the lender is called; nothing shorter than four signs, or two Chinese ones."""
    if lender is not None:
        told = (lender.id, lender.phone, lender.site.removeprefix("www."), *lender.name.values())
        yield from (one for one in told if len(one) >= (4 if one.isascii() else 2))


def _without(text: str, own: Iterable[str]) -> str:
    """A password without what everybody thinks of, once as it is and once with its disguises taken off; the shorter rest."""
    words = sorted({*_weak()["words"], *(one.lower() for one in own if len(one) >= 3)}, key=len, reverse=True)
    weak = re.compile("|".join(map(re.escape, [*_rows(), *words])))
    plain = _FIGURES.sub("", weak.sub("", text))
    undone = weak.sub("", text.translate(_DISGUISES))
    return min((_REPEATED.sub(r"\1", _signs(one)) for one in (plain, undone)), key=len)


def _signs(text: str) -> str:
    """Letters and figures alone, in small letters."""
    return re.sub(r"[\W_]+", "", text.lower())


@cache
def _rows() -> list[str]:
    """Stretches of rows of keys and of the alphabet, forwards and backwards, the longest first."""
    rows = [way for row in _weak()["rows"] for way in (row, row[::-1])]
    ends = itertools.product(rows, range(ROW, max(map(len, rows)) + 1))
    found = {row[at : at + length] for row, length in ends for at in range(len(row) - length + 1)}
    return sorted(found, key=lambda one: (-len(one), one))


def _weak() -> dict[str, list[str]]:
    return dict(yaml_beside("arrears.web", "weak_passwords.yaml"))


def hashed(password: str) -> str:
    """The argon2id hash, with its salt and parameters (RFC 9106, second choice: 64 MiB, 3 passes, 4 lanes)."""
    return _hasher.hash(_normal(password))


def is_password(kept: str | None, password: str) -> bool:
    """Whether a password is the one that was hashed; False for nobody's, after as long a time."""
    try:
        _hasher.verify(kept or _NOBODY, _normal(password[: LONGEST + 1]))
    except (VerificationError, InvalidHashError):
        return False
    return kept is not None


def _normal(password: str) -> str:
    """The same signs typed on another keyboard are the same password."""
    return unicodedata.normalize("NFKC", password)
