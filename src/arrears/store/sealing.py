"""The form of a sealed value: AES-256-GCM over UTF-8 JSON, under the key of one person, bound to the person and the table it stands in.

0x01 | nonce (12 bytes) | ciphertext and tag        associated data: "arrears sealed 1" NUL table NUL person
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from arrears.errors import Refusal, refuse

NONCE_BYTES = 12
#: Rows worked on at once, which bounds the ciphers in memory.
BATCH = 10_000
#: The key of each person; None: erased.
Keys = Mapping[str, bytes | None]
_FORM = b"\x01"


def sealed_under(keys: Keys, table: str, person_ids: Sequence[str], texts: Sequence[str | None]) -> list[bytes | None]:
    """JSON texts sealed for rows of a table, each under its person's key; None stays None, and so does what is an erased person's."""
    sealed: list[bytes | None] = []
    for start in range(0, len(texts), BATCH):
        rows = slice(start, start + BATCH)
        sealed += _seal_batch(keys, _bound(table), person_ids[rows], texts[rows])
    return sealed


def opened_under(keys: Keys, table: str, person_ids: Sequence[str], sealed: Sequence[bytes | None]) -> list[str | None]:
    """The JSON texts that were sealed; None where nothing was, or the person is erased. Refusal if one was altered."""
    texts: list[str | None] = []
    for start in range(0, len(sealed), BATCH):
        rows = slice(start, start + BATCH)
        ids, blobs = person_ids[rows], sealed[rows]
        ciphers = _ciphers(keys, {name for name, blob in zip(ids, blobs, strict=True) if blob is not None})
        bound = _bound(table)
        texts += [
            None if blob is None else _opened(ciphers, bound, name, blob) for name, blob in zip(ids, blobs, strict=True)
        ]
    return texts


def pieces(content: bytes, size: int) -> Iterator[bytes]:
    """Bytes in pieces of `size`."""
    return (content[start : start + size] for start in range(0, len(content), size))


def _seal_batch(
    keys: Keys, bound: bytes, person_ids: Sequence[str], texts: Sequence[str | None]
) -> Iterator[bytes | None]:
    ciphers = _ciphers(keys, {name for name, text in zip(person_ids, texts, strict=True) if text is not None})
    nonces = pieces(os.urandom(NONCE_BYTES * len(texts)), NONCE_BYTES)
    for person_id, text, nonce in zip(person_ids, texts, nonces, strict=True):
        cipher = None if text is None else ciphers[person_id]
        if text is None or cipher is None:
            yield None
        else:
            yield _FORM + nonce + cipher.encrypt(nonce, text.encode(), bound + person_id.encode())


def _ciphers(keys: Keys, person_ids: set[str]) -> dict[str, AESGCM | None]:
    """The cipher of each person that has a key."""
    return {name: None if (key := keys[name]) is None else AESGCM(key) for name in person_ids if name in keys}


def _bound(table: str) -> bytes:
    return b"arrears sealed 1\0" + table.encode() + b"\0"


def _opened(keys: Mapping[str, AESGCM | None], bound: bytes, person_id: str, blob: bytes) -> str | None:
    if person_id not in keys:
        raise refuse("personal", "has sealed data but no key in the store", field=person_id,
                     todo="restore person_keys from a backup")  # fmt: skip
    cipher = keys[person_id]
    if cipher is None:
        return None
    if blob[:1] != _FORM:
        raise _altered(person_id)
    try:
        text = cipher.decrypt(blob[1 : 1 + NONCE_BYTES], blob[1 + NONCE_BYTES :], bound + person_id.encode())
    except (InvalidTag, ValueError):
        raise _altered(person_id) from None
    return text.decode()


def _altered(person_id: str) -> Refusal:
    return refuse("personal", "has sealed data that does not open: it was altered, or moved from another row or store",
                  field=person_id, todo="run `arrears verify-log`")  # fmt: skip
