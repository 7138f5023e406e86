"""The lender's signing keys in the installation's keys folder, and the public set that it publishes on its site.

`signing/<id>.key` holds a private key (PKCS 8, PEM, for its owner's eyes only), `signing/codes.key` the key of the code hashes,
`signing/public.json` every public key there ever was, in the form of a JSON Web Key Set (RFC 7517, RFC 8037). A retired key stays in the
set, so that what it signed can still be verified; a revoked one (stolen) stays marked and verifies nothing.
"""

from __future__ import annotations

import base64
import binascii
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from arrears.errors import refuse
from arrears.installation import Lender
from arrears.notice.signing import PublicKey, Signer, key_id_of

FOLDER = "signing"
PUBLIC = "public.json"
CODES = "codes.key"
#: Random bytes that a new signing key and the key of the code hashes take.
KEY_BYTES = 32


@dataclass(frozen=True)
class PublicKeys:
    """The published set: whose keys, and the keys by id. `lender`: how to reach it, in a set as it stands on the lender's site."""

    lender_id: str
    keys: Mapping[str, PublicKey]
    lender: Lender | None = None

    @property
    def in_use(self) -> PublicKey | None:
        """The key that signs now."""
        return next((key for key in self.keys.values() if key.valid_until is None and not key.revoked), None)


def make_keys(keys: Path, lender_id: str, now: datetime, random: bytes) -> PublicKey:
    """The first signing key and the key of the code hashes. `random`: 64 bytes from the caller. Refusal if keys are there already."""
    folder = keys / FOLDER
    if (folder / PUBLIC).exists():
        raise refuse("keys", "are there already", file=str(folder), exit_code=2, todo="arrears keys rotate")
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not (folder / CODES).exists():  # of a make that was interrupted: hashes may have been made with it
        _write_private(folder / CODES, random[KEY_BYTES : 2 * KEY_BYTES].hex().encode() + b"\n")
    key = _new_key(folder, now, random[:KEY_BYTES])
    _write_public(folder, PublicKeys(lender_id, {key.id: key}))
    return key


def rotate_keys(keys: Path, lender_id: str, now: datetime, random: bytes, revoke: bool = False) -> PublicKey:
    """A new key in place of the one in use, which stays for verification (or, with `revoke`, verifies nothing any more).

    The retired private key is deleted: nothing is ever signed with it again.
    """
    folder, known = keys / FOLDER, public_keys(keys, lender_id)
    old = known.in_use
    key = _new_key(folder, now, random[:KEY_BYTES])
    kept = dict(known.keys)
    if old is not None:
        kept[old.id] = replace(old, valid_until=now, revoked=revoke)
    _write_public(folder, PublicKeys(lender_id, {**kept, key.id: key}))
    if old is not None:
        (folder / f"{old.id}.key").unlink(missing_ok=True)
    return key


def signer(keys: Path, lender_id: str) -> Signer:
    """The key in use. Refusal if there is none, or if others than its owner may read it."""
    key = public_keys(keys, lender_id).in_use
    if key is None:
        raise refuse("keys", "has no key in use", file=str(keys / FOLDER), exit_code=2, todo="arrears keys rotate")
    path = keys / FOLDER / f"{key.id}.key"
    try:
        private = load_pem_private_key(_read_private(path), None)
    except ValueError:
        private = None
    if not isinstance(private, Ed25519PrivateKey) or _raw(private) != key.raw:
        raise refuse("keys", "is not the private key of this id", file=str(path), exit_code=2)
    return Signer(lender_id, key.id, private)


def code_key(keys: Path) -> bytes:
    """The key of the hashes of codes and texts (32 bytes). Refusal if it is not there or others may read it."""
    path = keys / FOLDER / CODES
    try:
        found = bytes.fromhex(_read_private(path).decode("ascii", "replace").strip())
    except ValueError:
        found = b""
    if len(found) != KEY_BYTES:
        raise refuse("keys", "is not a key of 32 bytes in hex", file=str(path), exit_code=2)
    return found


def public_keys(keys: Path, lender_id: str) -> PublicKeys:
    """The public set of this installation. Refusal if there is none, or if it is another lender's."""
    found = read_public(keys / FOLDER / PUBLIC)
    if found.lender_id != lender_id:
        what = f"is the set of {found.lender_id}, not of {lender_id}"
        raise refuse("keys", what, file=str(keys / FOLDER / PUBLIC), exit_code=2)
    return found


def read_public(path: Path) -> PublicKeys:
    """A published set of public keys. Refusal if it cannot be read or is not one."""
    try:
        content = json.loads(path.read_text("utf-8"))
        keys = [_public_key(entry) for entry in content["keys"]]
        return PublicKeys(str(content["lender"]), {key.id: key for key in keys}, _lender(content))
    except FileNotFoundError:
        raise refuse("keys", "is not there", file=str(path), exit_code=2, todo="arrears keys make") from None
    except OSError as error:
        raise refuse("keys", f"cannot be read: {error.strerror}", file=str(path), exit_code=2) from None
    except (ValueError, KeyError, TypeError, AttributeError, binascii.Error) as error:
        what = f"is not a set of public keys ({type(error).__name__}: {error})"
        raise refuse("keys", what, file=str(path), exit_code=2) from None


def published(known: PublicKeys) -> str:
    """The public set as it stands on the lender's site: a JSON Web Key Set with each key's time, the lender's id and how to reach it."""
    keys = [
        {
            "kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "use": "sig", "kid": key.id,
            "x": base64.urlsafe_b64encode(key.raw).decode().rstrip("="), "valid_from": key.valid_from.isoformat(),
            "valid_until": key.valid_until.isoformat() if key.valid_until else None, "revoked": key.revoked,
        }
        for key in known.keys.values()
    ]  # fmt: skip
    told = known.lender
    reach = {"name": dict(told.name), "phone": told.phone, "site": told.site} if told else {}
    return json.dumps({"lender": known.lender_id, **reach, "keys": keys}, ensure_ascii=False, indent=2) + "\n"


def _lender(content: Mapping[str, Any]) -> Lender | None:
    if not {"name", "phone", "site"} <= set(content):
        return None
    names = {str(language): str(name) for language, name in content["name"].items()}
    return Lender(str(content["lender"]), names, str(content["phone"]), str(content["site"]))


def _public_key(entry: Mapping[str, Any]) -> PublicKey:
    raw = base64.urlsafe_b64decode(str(entry["x"]) + "=")
    if (entry["kty"], entry["crv"], len(raw)) != ("OKP", "Ed25519", KEY_BYTES) or key_id_of(raw) != entry["kid"]:
        raise ValueError(f"{entry['kid']} is no Ed25519 key of that id")
    until = entry["valid_until"]
    return PublicKey(
        str(entry["kid"]), raw, datetime.fromisoformat(entry["valid_from"]).astimezone(UTC),
        datetime.fromisoformat(until).astimezone(UTC) if until else None, entry["revoked"] is True,
    )  # fmt: skip


def _new_key(folder: Path, now: datetime, random: bytes) -> PublicKey:
    if len(random) != KEY_BYTES:
        raise ValueError(f"a key is made of {KEY_BYTES} random bytes")
    private = Ed25519PrivateKey.from_private_bytes(random)
    key = PublicKey(key_id_of(_raw(private)), _raw(private), now)
    _write_private(folder / f"{key.id}.key", private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return key


def _raw(private: Ed25519PrivateKey) -> bytes:
    return private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)


def _write_private(path: Path, content: bytes) -> None:
    """A file that only its owner may read, from its first byte on."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _write_public(folder: Path, known: PublicKeys) -> None:
    temporary = folder / f"{PUBLIC}.new"
    temporary.write_text(published(known), "utf-8")
    temporary.replace(folder / PUBLIC)


def _read_private(path: Path) -> bytes:
    try:
        if path.stat().st_mode & 0o077:
            raise refuse("keys", "may be read by others than its owner", file=str(path), exit_code=2,
                         todo=f"chmod 600 {path.name}")  # fmt: skip
        return path.read_bytes()
    except OSError as error:
        raise refuse(
            "keys", f"cannot be read: {error.strerror}", file=str(path), exit_code=2, todo="arrears keys make"
        ) from None
