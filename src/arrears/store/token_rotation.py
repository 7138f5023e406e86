"""Rotation of the token key: a newer key of the blind index, and every number and mailbox hashed under it.

The numbers are read from the sealed rows of `people`, in batches, each its own transaction. Until the older keys are destroyed a person who is
written is findable under all of them and whoever looks for a number asks under all of them: nobody is lost meanwhile, whichever process
has seen the newer key. What is left of an older key afterwards is found by hashing anew, so the older key is not needed for it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl
from sqlalchemy import Connection, delete, select, tuple_

from arrears.errors import refuse
from arrears.store.connect import Store
from arrears.store.many import among
from arrears.store.masters import Masters, destroy_key, make_next_token_key, token_files
from arrears.store.personal import Personal
from arrears.store.reach import REACHABLE, put_tokens, tokens_of
from arrears.store.tables import Account, Person, Reach

#: Rows of `people` in one transaction.
BATCH = 10_000
#: Rows in one statement that deletes by key: each is three parameters.
_ROWS = 5_000


@dataclass(frozen=True)
class TokensRotated:
    """What was done: rows hashed anew, rows of older keys taken out, the files of older keys destroyed, and whether an earlier rotation was
    finished."""

    hashed: int
    taken_out: int
    destroyed: tuple[str, ...]
    taken_up: bool


def rotate_tokens(store: Store, masters: Masters, destroy_old: bool = False) -> TokensRotated:
    """Hash every number and mailbox under a newer token key; if an earlier rotation was broken off, finish that one instead.

    With the keys in the environment no key is made: the last one there is the newest. `destroy_old`: afterwards nothing is findable under an
    older key, and its file is destroyed. Refusal where that is asked and the keys are in the environment.
    """
    if destroy_old and masters.in_environment:
        raise refuse("keys", "stand in the environment, not in files", exit_code=2,
                     todo="run it without --destroy-old, then take the older ones out there")  # fmt: skip
    personal = Personal(masters)
    hashed = _over_all(store, personal)[0]
    taken_up = hashed > 0
    if not (taken_up or masters.in_environment):
        make_next_token_key(masters)
        hashed = _over_all(store, personal)[0]
    if not destroy_old:
        return TokensRotated(hashed, 0, (), taken_up)
    taken_out = _over_all(store, personal, sweep=True)[1]
    old = token_files(masters.folder)[:-1]
    for file in old:
        destroy_key(file)
    # once more: until now a process that was writing somebody wrote under the older keys too
    taken_out += _over_all(store, personal, sweep=True)[1]
    return TokensRotated(hashed, taken_out, tuple(file.name for file in old), taken_up)


def _over_all(store: Store, personal: Personal, sweep: bool = False) -> tuple[int, int]:
    """Rows that the newest key lacked, put in; with `sweep` rows of any other key, taken out."""
    put, out, after = 0, 0, 0
    while True:
        with store.begin() as connection:
            people, last = _batch(connection, personal, after)
            wanted = tokens_of(personal.masters.token_keys[-1:], people)
            there = _there(connection, people)
            missing = wanted.join(there, on=wanted.columns, how="anti")
            put_tokens(connection, missing)
            put += missing.height
            if sweep:
                stale = there.join(wanted, on=wanted.columns, how="anti")
                _take_out(connection, stale)
                out += stale.height
        if last is None:
            return put, out
        after = last


def _batch(connection: Connection, personal: Personal, after: int) -> tuple[pl.DataFrame, int | None]:
    """The next people with their numbers and mailboxes, as `REACHABLE`; the erased have none. Where it ended, None at the end."""
    wanted = (
        select(Person.seq, Person.account_id, Person.person_id, Account.law, Person.sealed)
        .join(Account, Account.account_id == Person.account_id)
        .where(Person.seq > after)
        .order_by(Person.seq)
        .limit(BATCH)
    )
    rows = connection.execute(wanted).all()
    opened = personal.unseal_many(connection, "people", [row.person_id for row in rows], [row.sealed for row in rows])
    people = [
        (row.account_id, row.person_id, row.law, (known or {}).get("phones") or [], (known or {}).get("emails") or [])
        for row, known in zip(rows, opened, strict=True)
    ]
    return pl.DataFrame(people, schema=REACHABLE, orient="row"), rows[-1].seq if len(rows) == BATCH else None


def _there(connection: Connection, people: pl.DataFrame) -> pl.DataFrame:
    """The rows of `reach` of just these people at just these accounts."""
    wanted = select(Reach.token, Reach.account_id, Reach.person_id, Reach.kind).where(
        among(connection, Reach.person_id, people["person_id"].unique().to_list())
    )
    schema = dict.fromkeys(("token", "account_id", "person_id", "kind"), pl.String)
    found = pl.DataFrame([tuple(row) for row in connection.execute(wanted)], schema=schema, orient="row")
    return found.join(people.select("account_id", "person_id"), on=["account_id", "person_id"], how="semi")


def _take_out(connection: Connection, stale: pl.DataFrame) -> None:
    key = tuple_(Reach.token, Reach.account_id, Reach.person_id)
    for rows in _slices(stale.select("token", "account_id", "person_id")):
        connection.execute(delete(Reach).where(key.in_(rows)))


def _slices(frame: pl.DataFrame) -> Iterator[list[tuple[str, ...]]]:
    for part in frame.iter_slices(_ROWS):
        yield part.rows()
