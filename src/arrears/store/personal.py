"""Personal data at rest: sealed under one key a person, which can be destroyed.

Every person has a random 256-bit key; it stands in `person_keys`, wrapped under a master key (`store.masters`). A sealed value opens
nowhere else than in its table, for its person (`store.sealing`).

Keys are looked up in the caller's transaction on every call and never remembered (unwrapping costs microseconds). So an erasure holds at
once in every process, and a key whose transaction was rolled back is never used. Erased stays erased: for an erased person nothing is sealed (None)
and nothing opens (None).
"""

from __future__ import annotations

import json
import os
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Protocol

from sqlalchemy import Connection, select

from arrears.store import person_keys
from arrears.store.masters import KEY_BYTES, Masters, make_first
from arrears.store.reach import token_of
from arrears.store.sealing import NONCE_BYTES, Keys, opened_under, sealed_under
from arrears.store.tables import PersonKey


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
        """As `seal_many`, of JSON texts that are ready."""
        wanted = {person_id for person_id, text in zip(person_ids, texts, strict=True) if text is not None}
        return sealed_under(self.keys_of(connection, wanted), table, person_ids, texts)

    def keys_of(self, connection: Connection, person_ids: Collection[str]) -> Keys:
        """The keys of persons, made for those that have none; None: erased. For this transaction only."""
        return self._keys(connection, set(person_ids), make=True)

    def unseal_texts(
        self, connection: Connection, table: str, person_ids: Sequence[str], sealed: Sequence[bytes | None]
    ) -> list[str | None]:
        """The JSON texts that were sealed; None where nothing was, or the person is erased. Refusal if one was altered."""
        wanted = {person_id for person_id, blob in zip(person_ids, sealed, strict=True) if blob is not None}
        return opened_under(self._keys(connection, wanted, make=False), table, person_ids, sealed)

    def erased(self, connection: Connection, person_ids: Iterable[str]) -> set[str]:
        """Which of the persons are erased."""
        return person_keys.erased_of(connection, set(person_ids))

    def token(self, kind: str, value: str, country: str | None = None) -> str | None:
        """The blind index of a number or mailbox (`store.reach`) under the newest key; None if it is no number or mailbox at all."""
        return token_of(self.masters.token_key, kind, value, country)

    def tokens(self, kind: str, value: str, country: str | None = None) -> list[str]:
        """As `token`, under every key of the blind index; empty if it is no number or mailbox at all."""
        found = (token_of(key, kind, value, country) for key in self.masters.token_keys)
        return [token for token in found if token is not None]

    def _keys(self, connection: Connection, person_ids: set[str], make: bool) -> dict[str, bytes | None]:
        found = person_keys.wrapped_of(connection, person_ids)
        keys = person_keys.unwrapped(self.masters, found)
        missing = person_ids - found.keys()
        if missing and make:
            secrets = os.urandom(KEY_BYTES * len(missing)), os.urandom(NONCE_BYTES * len(missing))
            keys |= person_keys.make(connection, self.masters, sorted(missing), *secrets)
        return keys


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
