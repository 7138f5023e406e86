"""Signing and verifying a webhook in the way of Standard Webhooks (https://www.standardwebhooks.com): HMAC-SHA256 over id, time and body.

Pure; the instant is handed in. A receiver may use `verify_webhook` as it stands: it needs nothing but the standard library.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

#: A signature older or newer than this proves nothing: a recorded call could be played again.
TOLERANCE = timedelta(minutes=5)
LEAST_KEY_BYTES = 24
PREFIX = "whsec_"


def key_of(secret: str) -> bytes:
    """The key in a secret `whsec_<base64>`. ValueError where it is not one, or shorter than 24 bytes."""
    try:
        key = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except binascii.Error:
        raise ValueError("is not whsec_ and base64") from None
    if not secret.startswith(PREFIX) or len(key) < LEAST_KEY_BYTES:
        raise ValueError(f"is not whsec_ and the base64 of {LEAST_KEY_BYTES} bytes or more")
    return key


def signed_headers(keys: Sequence[bytes], webhook_id: str, body: bytes, now: datetime) -> dict[str, str]:
    """The three headers of a call. One signature for each key, so that a receiver may still hold the old one."""
    timestamp = str(int(now.timestamp()))
    signatures = " ".join(f"v1,{_signature(key, webhook_id, timestamp, body)}" for key in keys)
    return {"webhook-id": webhook_id, "webhook-timestamp": timestamp, "webhook-signature": signatures}


def verify_webhook(secret: str, headers: Mapping[str, str], body: bytes, now: datetime) -> bool:
    """Whether `body` was signed with `secret` within five minutes of `now` (aware).

    `headers`: of the request, in any case of letters. `body`: the bytes as they came, before any parsing. ValueError for a bad secret.
    """
    key = key_of(secret)
    found = {name.lower(): value for name, value in headers.items()}
    webhook_id, timestamp = found.get("webhook-id", ""), found.get("webhook-timestamp", "")
    if not webhook_id or not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 12):
        return False
    if abs(now.timestamp() - int(timestamp)) > TOLERANCE.total_seconds():
        return False
    expected = _signature(key, webhook_id, timestamp, body).encode()
    given = [one.removeprefix("v1,").encode() for one in found.get("webhook-signature", "").split() if one[:3] == "v1,"]
    # every one is compared, so that the time taken does not tell which was near
    return sum(hmac.compare_digest(expected, one) for one in given) > 0


def _signature(key: bytes, webhook_id: str, timestamp: str, body: bytes) -> str:
    signed = f"{webhook_id}.{timestamp}.".encode() + body
    return base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()
