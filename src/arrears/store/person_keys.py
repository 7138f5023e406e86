"""The rows of `person_keys`: made in bulk, looked up in bulk, wrapped under a master key.

A wrapped key is `nonce (12 bytes) | AES-256-GCM of the 32 bytes of the key`, bound to the person: it cannot be put into another row.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

import polars as pl
from cryptography.exceptions import InvalidTag
from sqlalchemy import Connection

from arrears.errors import refuse
from arrears.store.bulk import insert_values
from arrears.store.masters import KEY_BYTES, MasterKey, Masters
from arrears.store.sealing import NONCE_BYTES, pieces

#: Persons in one statement.
BATCH = 20_000
_BOUND = b"arrears person key 1\0"

_LOOK_UP = {
    "postgresql": "SELECT person_id, master, wrapped FROM person_keys WHERE person_id = ANY(%s::text[])",
    "sqlite": "SELECT person_id, master, wrapped FROM person_keys WHERE person_id IN (SELECT value FROM json_each(?))",
}
_ERASED = {dialect: f"{statement} AND wrapped IS NULL" for dialect, statement in _LOOK_UP.items()}
_INSERT = (  # as binary: text takes the driver five times as long
    "INSERT INTO person_keys (person_id, master, wrapped)"
    " SELECT t.id, %s, t.wrapped FROM unnest(%b::text[], %b::bytea[]) AS t (id, wrapped) ON CONFLICT DO NOTHING"
)


def wrapped_of(connection: Connection, person_ids: Collection[str]) -> dict[str, tuple[str, bytes | None]]:
    """Master id and wrapped key (None: erased) of those persons that have a row."""
    rows = _looked_up(connection, _LOOK_UP, person_ids)
    return {person_id: (master_id, wrapped) for person_id, master_id, wrapped in rows}


def erased_of(connection: Connection, person_ids: Collection[str]) -> set[str]:
    """Those of the persons that are erased."""
    return {row[0] for row in _looked_up(connection, _ERASED, person_ids)}


def make(
    connection: Connection, masters: Masters, person_ids: Sequence[str], secrets: bytes, nonces: bytes
) -> dict[str, bytes | None]:
    """New keys of persons that have none; the key of each (None: erased), for another transaction may have been first.

    `secrets` and `nonces` are random bytes, KEY_BYTES and NONCE_BYTES a person. `person_ids` are sorted, so that two transactions
    that make the same keys wait for each other instead of for ever.
    """
    # a rotation takes the table's lock before its last look: whoever reads the newest master after this is seen by it
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("LOCK TABLE person_keys IN ROW EXCLUSIVE MODE")
    master = masters.current()
    keys = dict(zip(person_ids, pieces(secrets, KEY_BYTES), strict=True))
    wrapped = [
        wrap(master, person_id, secret, nonce)
        for (person_id, secret), nonce in zip(keys.items(), pieces(nonces, NONCE_BYTES), strict=True)
    ]
    made = 0
    for start in range(0, len(person_ids), BATCH):
        made += _insert(connection, master.id, person_ids[start : start + BATCH], wrapped[start : start + BATCH])
    if made < len(person_ids):
        return unwrapped(masters, wrapped_of(connection, person_ids))
    return dict(keys)


def unwrapped(masters: Masters, found: Mapping[str, tuple[str, bytes | None]]) -> dict[str, bytes | None]:
    """The keys of what `wrapped_of` found; None: erased. Refusal if a row was altered."""
    known = {master_id: masters.named(master_id) for master_id, wrapped in found.values() if wrapped is not None}
    return {
        person_id: None if wrapped is None else unwrap(known[master_id], person_id, wrapped)
        for person_id, (master_id, wrapped) in found.items()
    }


def wrap(master: MasterKey, person_id: str, secret: bytes, nonce: bytes) -> bytes:
    """A person's key under a master key."""
    return nonce + master.cipher.encrypt(nonce, secret, _BOUND + person_id.encode())


def unwrap(master: MasterKey, person_id: str, wrapped: bytes) -> bytes:
    """A person's key. Refusal if the row was altered."""
    try:
        return master.cipher.decrypt(wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:], _BOUND + person_id.encode())
    except (InvalidTag, ValueError):
        raise refuse("personal", "has a key that does not open: its row was altered", field=person_id,
                     todo="restore person_keys from a backup") from None  # fmt: skip


def _looked_up(connection: Connection, statements: Mapping[str, str], person_ids: Collection[str]) -> Iterator[Any]:
    ids = list(person_ids)
    for start in range(0, len(ids), BATCH):
        batch: Any = ids[start : start + BATCH]
        if connection.dialect.name == "sqlite":
            batch = json.dumps(batch)
        yield from connection.exec_driver_sql(statements[connection.dialect.name], (batch,)).all()


def _insert(connection: Connection, master_id: str, ids: Sequence[str], wrapped: Sequence[bytes]) -> int:
    """How many of them had none before."""
    if connection.dialect.name == "postgresql":
        return connection.exec_driver_sql(_INSERT, (master_id, list(ids), list(wrapped))).rowcount
    rows = pl.DataFrame({"person_id": ids, "wrapped": wrapped}).with_columns(pl.lit(master_id).alias("master"))
    return insert_values(connection, "person_keys", rows, "ON CONFLICT DO NOTHING")
