"""Personal data at rest: sealed under one key a person, which can be destroyed.

Every person has a random 256-bit key; it stands in `person_keys`, wrapped under a master key (`store.masters`). A sealed value is
AES-256-GCM over UTF-8 JSON, bound to the person and the table it stands in, so that it opens nowhere else:

    0x01 | nonce (12 bytes) | ciphertext and tag        associated data: "arrears sealed 1" NUL table NUL person

Keys are looked up in the caller's transaction on every call and never remembered (unwrapping costs microseconds). So an erasure holds at
once in every process, and a key whose transaction was rolled back is never used. Erased stays erased: for an erased person nothing is sealed (None)
and nothing opens (None).
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import Connection, select

from arrears.errors import Refusal, refuse
from arrears.store import person_keys
from arrears.store.masters import KEY_BYTES, Masters, make_first
from arrears.store.reach import token_of
from arrears.store.tables import PersonKey

NONCE_BYTES = 12
#: Rows worked on at once, which bounds the ciphers in memory.
BATCH = 10_000
_FORM = b"\x01"


class Readable(Protocol):
    """What `open_personal` needs of a store."""

    def read(self) -> AbstractContextManager[Connection]:
        """A read-only connection."""


class Personal:
    """Seals and unseals what is personal. One object a process, shared by its threads."""

    def __init__(self, masters: Masters) -> None:
        self.masters = masters

    def seal(self, connection: Connection, table: str, person_id: str, content: Mapping[str, Any]) -> bytes | None:
        """`content` (JSON-ready) sealed for a row of `table`, the person's key made if there is none. None: the person is erased."""
        return self.seal_many(connection, table, [person_id], [content])[0]

    def unseal(self, connection: Connection, table: str, person_id: str, sealed: bytes | None) -> dict[str, Any] | None:
        """What was sealed; {} where nothing was (NULL); None: the person is erased. Refusal if it was altered."""
        return self.unseal_many(connection, table, [person_id], [sealed])[0]

    def seal_many(
        self,
        connection: Connection,
        table: str,
        person_ids: Sequence[str],
        contents: Sequence[Mapping[str, Any] | None],
    ) -> list[bytes | None]:
        """`seal` of many rows; None or {} in `contents` has nothing to seal and stays None."""
        return self.seal_texts(connection, table, person_ids, [_text(content) for content in contents])

    def unseal_many(
        self, connection: Connection, table: str, person_ids: Sequence[str], sealed: Sequence[bytes | None]
    ) -> list[dict[str, Any] | None]:
        """`unseal` of many rows."""
        erased = self.erased(
            connection, [person_id for person_id, blob in zip(person_ids, sealed, strict=True) if blob is None]
        )
        texts = self.unseal_texts(connection, table, person_ids, sealed)
        return [
            json.loads(text) if text is not None else None if blob is not None or person_id in erased else {}
            for person_id, blob, text in zip(person_ids, sealed, texts, strict=True)
        ]

    def seal_texts(
        self, connection: Connection, table: str, person_ids: Sequence[str], texts: Sequence[str | None]
    ) -> list[bytes | None]:
        """As `seal_many`, of JSON texts that are ready: for bulk imports."""
        sealed: list[bytes | None] = []
        for start in range(0, len(texts), BATCH):
            rows = slice(start, start + BATCH)
            sealed += self._seal_batch(connection, table, person_ids[rows], texts[rows])
        return sealed

    def unseal_texts(
        self, connection: Connection, table: str, person_ids: Sequence[str], sealed: Sequence[bytes | None]
    ) -> list[str | None]:
        """The JSON texts that were sealed; None where nothing was, or the person is erased. Refusal if one was altered."""
        texts: list[str | None] = []
        for start in range(0, len(sealed), BATCH):
            rows = slice(start, start + BATCH)
            texts += self._unseal_batch(connection, table, person_ids[rows], sealed[rows])
        return texts

    def erased(self, connection: Connection, person_ids: Iterable[str]) -> set[str]:
        """Which of the persons are erased."""
        return person_keys.erased_of(connection, set(person_ids))

    def token(self, kind: str, value: str, country: str | None = None) -> str | None:
        """The blind index of a number or mailbox (`store.reach`); None if it is no number or mailbox at all."""
        return token_of(self.masters.token_key, kind, value, country)

    def _seal_batch(
        self, connection: Connection, table: str, person_ids: Sequence[str], texts: Sequence[str | None]
    ) -> list[bytes | None]:
        wanted = {person_id for person_id, text in zip(person_ids, texts, strict=True) if text is not None}
        keys = self._ciphers_of(connection, wanted, make=True)
        nonces = os.urandom(NONCE_BYTES * len(texts))
        bound = _bound(table)
        sealed: list[bytes | None] = []
        for row, (person_id, text) in enumerate(zip(person_ids, texts, strict=True)):
            cipher = keys[person_id] if text is not None else None
            if text is None or cipher is None:
                sealed.append(None)
                continue
            nonce = nonces[NONCE_BYTES * row : NONCE_BYTES * (row + 1)]
            sealed.append(_FORM + nonce + cipher.encrypt(nonce, text.encode(), bound + person_id.encode()))
        return sealed

    def _unseal_batch(
        self, connection: Connection, table: str, person_ids: Sequence[str], sealed: Sequence[bytes | None]
    ) -> list[str | None]:
        wanted = {person_id for person_id, blob in zip(person_ids, sealed, strict=True) if blob is not None}
        keys = self._ciphers_of(connection, wanted, make=False)
        bound = _bound(table)
        return [
            None if blob is None else _opened(keys, bound, person_id, blob)
            for person_id, blob in zip(person_ids, sealed, strict=True)
        ]

    def _ciphers_of(self, connection: Connection, person_ids: set[str], make: bool) -> dict[str, AESGCM | None]:
        """The ciphers of the persons; None: erased."""
        found = person_keys.wrapped_of(connection, person_ids)
        keys = person_keys.unwrapped(self.masters, found)
        missing = person_ids - found.keys()
        if missing and make:
            secrets = os.urandom(KEY_BYTES * len(missing)), os.urandom(NONCE_BYTES * len(missing))
            keys |= person_keys.make(connection, self.masters, sorted(missing), *secrets)
        return {person_id: None if key is None else AESGCM(key) for person_id, key in keys.items()}


def open_personal(store: Readable, keys_folder: Path) -> Personal:
    """Personal data of a store, with the keys in `keys_folder` (or the environment).

    Where neither the folder nor the store has any key, the first ones are made. Refusal if the store has keys and the folder has not.
    """
    masters = Masters(keys_folder)
    if not masters.all():
        with store.read() as connection:
            master_id = connection.scalar(select(PersonKey.master).limit(1))
        if master_id is not None:
            masters.named(master_id)
        make_first(masters)
    return Personal(masters)


def _text(content: Mapping[str, Any] | None) -> str | None:
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")) if content else None


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
