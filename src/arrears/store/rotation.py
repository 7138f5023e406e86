"""Rotation: a new master key, and every person's key wrapped under it.

Person by person nothing changes but the wrapping: sealed data stays as it is. It goes in batches, each its own transaction, and a
rotation that was broken off is taken up by the next one. Afterwards no row needs an older master key; what else still holds keys
wrapped under it (old backups, old disk blocks) is unreadable once the older key is destroyed, and so are persons erased since.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, bindparam, func, select, update

from arrears.errors import refuse
from arrears.store.connect import Store
from arrears.store.masters import MasterKey, Masters, destroy_key, make_next
from arrears.store.person_keys import unwrap, wrap
from arrears.store.sealing import NONCE_BYTES
from arrears.store.tables import PersonKey, Table

BATCH = 10_000


@dataclass(frozen=True)
class Rotated:
    """What was done: the master key that wraps now, how many keys were wrapped anew, and whether an earlier rotation was finished."""

    master: str
    rewrapped: int
    taken_up: bool


def rotate(store: Store, masters: Masters) -> Rotated:
    """Wrap all keys of persons under a new master key; if an earlier rotation was broken off, finish that one instead.

    With the keys in the environment no key is made: the last one there wraps. Refusal if a key that wraps is not there.
    """
    with store.read() as connection:
        taken_up = _left(connection, masters.current()) > 0
    if not (taken_up or masters.in_environment):
        make_next(masters)
    master, rewrapped = masters.current(), 0
    while True:
        with store.begin() as connection:
            batch = _rewrap(connection, masters, master)
        rewrapped += batch
        if batch < BATCH:
            break
    with store.begin() as connection:
        # waits for whoever read the older key before the new one was there, and lets nobody in until all is wrapped
        if store.dialect == "postgresql":
            connection.exec_driver_sql("LOCK TABLE person_keys IN SHARE ROW EXCLUSIVE MODE")
        while batch := _rewrap(connection, masters, master):
            rewrapped += batch
    return Rotated(master.id, rewrapped, taken_up)


def destroy_old(store: Store, masters: Masters) -> list[str]:
    """Destroy the files of all master keys but the newest; gives their names.

    Refusal if one of them still wraps the key of a person, or the keys are not in the folder.
    """
    if masters.in_environment:
        raise refuse(
            "keys", "stand in the environment, not in files", exit_code=2, todo="take the older ones out there"
        )
    current = masters.current()
    with store.read() as connection:
        if _left(connection, current):
            raise refuse("keys", "still wrap keys of persons", file=str(masters.folder), exit_code=2,
                         todo="run `arrears rotate-keys` to its end first")  # fmt: skip
    old = [key for key in masters.all() if key.id != current.id]
    for key in old:
        destroy_key(Path(key.source))
    return [Path(key.source).name for key in old]


def _left(connection: Connection, master: MasterKey) -> int:
    """Keys that another master key wraps."""
    query = select(func.count()).where(PersonKey.master != master.id, PersonKey.wrapped.is_not(None))
    return int(connection.execute(query).scalar_one())


def _rewrap(connection: Connection, masters: Masters, master: MasterKey) -> int:
    """Wrap one batch anew; how many there were. The rows are locked, so that a person who is being erased stays erased."""
    query = (
        select(PersonKey.person_id, PersonKey.master, PersonKey.wrapped)
        .where(PersonKey.master != master.id, PersonKey.wrapped.is_not(None))
        .order_by(PersonKey.person_id)
        .limit(BATCH)
        .with_for_update()
    )
    changed = []
    for person_id, old, wrapped in connection.execute(query):
        secret = unwrap(masters.named(old), person_id, wrapped or b"")
        changed.append({"person": person_id, "wrapped_anew": wrap(master, person_id, secret, os.urandom(NONCE_BYTES))})
    if changed:
        statement = update(Table.metadata.tables[PersonKey.__tablename__]).where(
            PersonKey.person_id == bindparam("person")
        )
        connection.execute(statement.values(master=master.id, wrapped=bindparam("wrapped_anew")), changed)
    return len(changed)
