"""Signatures of seals with the lender's signing keys (`arrears keys`): `KEY_ID.SIGNATURE`, Ed25519 in base64url."""

from __future__ import annotations

import base64
import binascii

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from arrears.installation import Installation
from arrears.notice.keys import FOLDER, PUBLIC, public_keys, signer
from arrears.store.seals import Check, Sign


def sign_with(installation: Installation) -> Sign | None:
    """Signs with the key in use; None where the installation has no signing keys."""
    if not (installation.keys / FOLDER / PUBLIC).exists():
        return None
    own = signer(installation.keys, installation.lender.id)

    def sign(message: bytes) -> str:
        return f"{own.key_id}.{base64.urlsafe_b64encode(own.private.sign(message)).decode().rstrip('=')}"

    return sign


def check_with(installation: Installation) -> Check | None:
    """Checks against every key that the installation ever had; None where it has none. A revoked key proves nothing either way."""
    if not (installation.keys / FOLDER / PUBLIC).exists():
        return None
    known = public_keys(installation.keys, installation.lender.id).keys

    def check(message: bytes, signature: str) -> bool | None:
        key_id, _, text = signature.partition(".")
        key = known.get(key_id)
        if key is None:
            return False
        try:
            Ed25519PublicKey.from_public_bytes(key.raw).verify(base64.urlsafe_b64decode(text + "=="), message)
        except (InvalidSignature, binascii.Error):
            return False
        return None if key.revoked else True

    return check
