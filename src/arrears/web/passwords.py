"""Passwords of staff: argon2id, and what a password must be. Long is what counts; no signs are demanded, none are forbidden."""

from __future__ import annotations

import itertools
import unicodedata

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.profiles import RFC_9106_LOW_MEMORY

SHORTEST, LONGEST = 12, 128
#: Fewer different characters than this is a pattern, not a password.
DIFFERENT = 6
_hasher = PasswordHasher.from_parameters(RFC_9106_LOW_MEMORY)
#: What a password of nobody is held against, so that a name that is not known takes as long as one that is.
_NOBODY = _hasher.hash("of nobody at all")


def fault_of(password: str, name: str) -> str:
    """What is wrong with a new password: short, long, plain; or nothing ("")."""
    text = _normal(password)
    if len(text) < SHORTEST:
        return "short"
    if len(text) > LONGEST:
        return "long"
    steps = {ord(after) - ord(before) for before, after in itertools.pairwise(text)}
    is_plain = len(set(text.lower())) < DIFFERENT or len(steps) == 1 or name.lower() in text.lower()
    return "plain" if is_plain else ""


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
