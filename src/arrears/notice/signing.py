"""Ed25519 signatures of messages: made with the lender's key, checked by anybody with its published public keys, without a network.

Signed are the lender's id, the key's id, the code and the text in its normal form (`canonical`), without the signature line itself.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from arrears.notice.canonical import normal_text
from arrears.notice.codes import codes_in, normal_code

LABEL = "签名/Signature: "
_KEY_ID_LENGTH = 8
_SIGNATURE_BYTES = 64
#: A signature line: mail programs and paper break it, so white space inside the 86 characters is passed over.
_LINE = re.compile(r"签名/Signature[:：]\s*([A-Za-z0-9_-]{8})\s*[.．]\s*((?:[A-Za-z0-9_-]\s*){85}[A-Za-z0-9_-])")


@dataclass(frozen=True)
class PublicKey:
    """A published key: `raw` are its 32 bytes. It signs from `valid_from` to `valid_until` (UTC; None: still) and, where it was stolen, is `revoked`."""

    id: str
    raw: bytes
    valid_from: datetime
    valid_until: datetime | None = None
    revoked: bool = False


@dataclass(frozen=True)
class Signer:
    """Who signs: the lender's id and its key in use."""

    lender_id: str
    key_id: str
    private: Ed25519PrivateKey

    def sign(self, text: str, code: str) -> str:
        """The signature (base64url, 86 characters) over a text that does not yet carry its signature line."""
        return _encoded(self.private.sign(signed_bytes(self.lender_id, self.key_id, code, text)))

    def line(self, signature: str) -> str:
        """The line that carries a signature in a text."""
        return f"{LABEL}{self.key_id}.{signature}"


@dataclass(frozen=True)
class Signed:
    """What a signature line of a text says; `text` is the text without it."""

    key_id: str
    signature: str
    text: str


def key_id_of(raw: bytes) -> str:
    """The id of a public key: the first eight characters of its thumbprint (RFC 7638, RFC 8037)."""
    content = json.dumps({"crv": "Ed25519", "kty": "OKP", "x": _encoded(raw)}, separators=(",", ":"))
    return _encoded(hashlib.sha256(content.encode()).digest())[:_KEY_ID_LENGTH]


def signed_bytes(lender_id: str, key_id: str, code: str, text: str) -> bytes:
    """What is signed. No part but the last can hold a line break, and the last is of one line. ValueError for an unfit id or code."""
    kept = normal_code(code)
    if kept is None or not lender_id.isprintable() or not key_id.isprintable():
        raise ValueError("lender, key or code is not of one line")
    parts = ("arrears notice 1", lender_id, key_id, kept, normal_text(text))
    return "\n".join(parts).encode("utf-8", "surrogatepass")


def signature_in(text: str) -> Signed | None:
    """The one signature line of a text. None if there is none, or more than one: then nothing is signed for certain."""
    found = list(_LINE.finditer(text))
    if len(found) != 1:
        return None
    (match,) = found
    return Signed(match.group(1), "".join(match.group(2).split()), text[: match.start()] + "\n" + text[match.end() :])


def without_signature(text: str) -> str:
    """The text without its signature line, if it has one."""
    signed = signature_in(text)
    return text if signed is None else signed.text


def signed_by(text: str, lender_id: str, keys: Mapping[str, PublicKey]) -> PublicKey | None:
    """The key whose signature over exactly this text is valid; None if there is none, or the key was revoked."""
    signed = signature_in(text)
    key = keys.get(signed.key_id) if signed else None
    if signed is None or key is None or key.revoked:
        return None
    raw = _decoded(signed.signature)
    if raw is None:
        return None
    public = Ed25519PublicKey.from_public_bytes(key.raw)
    for code in codes_in(signed.text):
        try:
            public.verify(raw, signed_bytes(lender_id, key.id, code, signed.text))
        except InvalidSignature:
            continue
        return key
    return None


def _encoded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _decoded(text: str) -> bytes | None:
    """The bytes of a signature; None unless it is written in the one way in which it is made (no spare bits set)."""
    raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    return raw if len(raw) == _SIGNATURE_BYTES and _encoded(raw) == text else None
