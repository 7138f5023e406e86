"""Unsubscribing from e-mail: the token that names one sent message to the lender and cannot be made up by others.

The token is `<attempt id>.<tag>`, the tag being the first 80 bits of HMAC-SHA256 over `unsubscribe:<attempt id>`. It stands in the
one-click address (RFC 8058) and in the subject of a mail to unsubscribe (RFC 2369).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re

TAG_BYTES = 10
ATTEMPT_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,35}")
_TOKEN = re.compile(rf"(?<![A-Za-z0-9_-])({ATTEMPT_ID.pattern})\.([A-Za-z2-7]{{16}})(?![A-Za-z0-9_-])")


def unsubscribe_token(attempt_id: str, key: bytes) -> str:
    """The token of one attempt. `key`: the installation's own, at least 16 bytes."""
    tag = hmac.digest(key, f"unsubscribe:{attempt_id}".encode(), hashlib.sha256)[:TAG_BYTES]
    return f"{attempt_id}.{base64.b32encode(tag).decode().lower()}"


def unsubscribed(text: str, key: bytes) -> str | None:
    """The attempt whose genuine token stands in `text` (a token, an address, a subject line), else None."""
    for found in _TOKEN.finditer(text):
        attempt_id = found[1]
        if hmac.compare_digest(unsubscribe_token(attempt_id, key), f"{attempt_id}.{found[2].lower()}"):
            return attempt_id
    return None
