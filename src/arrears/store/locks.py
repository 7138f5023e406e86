"""Holding accounts against every other process: what was acknowledged before a send cannot be overtaken by it.

Whoever writes facts holds the accounts around its commit; whoever sends holds them from asking again until the provider has answered.
Import, stop switches and the sealing of the log hold everything. A hold is no transaction: it lasts over several, and ends with the
block, the connection or the process, whichever ends first.

PostgreSQL: advisory locks of one session on a connection of its own: one for each account in the order of their keys, and a shared one
for all, which `hold_all` takes for itself. SQLite, which has one writer anyway: one `flock` on the file `<database>.gate`.

Within a thread a hold of accounts that are held already passes at once; asking for others while holding is a fault of the program,
because two threads that do so may wait for each other for ever.
"""

from __future__ import annotations

import fcntl
import hashlib
import select
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from arrears.errors import refuse
from arrears.store.failures import failing

if TYPE_CHECKING:
    from arrears.store.connect import Store

#: Accounts that one hold takes one by one; with more it takes all, for a server has room for only so many locks.
ONE_BY_ONE = 1000
EVERYTHING = 0
_POLL_SECONDS = 0.002
_held = threading.local()


class Hold:
    """A hold that was taken. `socket`: of the session that has it on PostgreSQL; None on SQLite, where it ends with the process only."""

    def __init__(self, socket: int | None = None) -> None:
        self._ended = select.poll()
        if socket is not None:
            self._ended.register(socket, select.POLLIN)

    def lasts(self) -> bool:
        """Whether the hold still stands, as far as this machine knows: nothing is asked of the server, so it costs a microsecond.

        A server that goes down, or whose session is ended, closes or writes to the socket before another can have the lock. A server whose
        machine disappears without a word is noticed at the end of the hold only.
        """
        return not self._ended.poll(0)


@contextmanager
def hold(store: Store, account_ids: Iterable[str], wait_seconds: float = 60.0) -> Iterator[Hold]:
    """Hold accounts until the block ends. Refusal if another holds one of them for longer than `wait_seconds`, or the hold was lost."""
    keys = frozenset(lock_key(account) for account in account_ids)
    if len(keys) > ONE_BY_ONE:
        keys = frozenset({EVERYTHING})
    with _taken(store, keys, wait_seconds) as taken:
        yield taken


@contextmanager
def hold_all(store: Store, wait_seconds: float = 60.0) -> Iterator[Hold]:
    """Hold every account until the block ends. Refusal as `hold`."""
    with _taken(store, frozenset({EVERYTHING}), wait_seconds) as taken:
        yield taken


def lock_key(account_id: str) -> int:
    """The number under which an account is held: 63 bits of its hash, never the one for all."""
    return (int.from_bytes(hashlib.sha256(account_id.encode()).digest()[:8], "big") >> 1) or 1


@contextmanager
def _taken(store: Store, keys: frozenset[int], wait_seconds: float) -> Iterator[Hold]:
    mine: dict[str, tuple[frozenset[int], Hold]] = _held.__dict__.setdefault("by_store", {})
    already = mine.get(store.name)
    if already is not None:
        if EVERYTHING not in already[0] and not keys <= already[0]:
            raise RuntimeError("a thread that holds accounts must not ask for others")
        yield already[1]
        return
    taking = _flock(store, wait_seconds) if store.dialect == "sqlite" else _advisory(store, keys, wait_seconds)
    with taking as taken:
        mine[store.name] = keys, taken
        try:
            yield taken
        finally:
            del mine[store.name]


@contextmanager
def _flock(store: Store, wait_seconds: float) -> Iterator[Hold]:
    path = f"{store.file}.gate"
    until = time.monotonic() + wait_seconds
    with open(path, "ab") as gate:  # noqa: PTH123 - the name is the database's and one word more
        while True:
            try:
                fcntl.flock(gate, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() >= until:
                    raise _waited(store.name, wait_seconds) from None
                time.sleep(_POLL_SECONDS)
        try:
            yield Hold()
        finally:
            fcntl.flock(gate, fcntl.LOCK_UN)  # a child that was forked meanwhile has the file open as well


@contextmanager
def _advisory(store: Store, keys: frozenset[int], wait_seconds: float) -> Iterator[Hold]:
    with failing(store.name), store.engine.connect() as connection:
        connection = connection.execution_options(isolation_level="AUTOCOMMIT")
        try:
            _lock(connection, keys, wait_seconds)
            yield Hold(connection.connection.driver_connection.fileno())  # type: ignore[union-attr]
            _unlock(connection, store.name)
        except BaseException:
            connection.invalidate()  # closing the session is what surely lets go
            raise


def _lock(connection: Connection, keys: frozenset[int], wait_seconds: float) -> None:
    connection.execute(
        sa.text("SELECT set_config('lock_timeout', :wait, false)"), {"wait": f"{int(wait_seconds * 1000)}ms"}
    )
    if EVERYTHING in keys:
        connection.execute(sa.text("SELECT pg_advisory_lock(:key)"), {"key": EVERYTHING})
        return
    connection.execute(sa.text("SELECT pg_advisory_lock_shared(:key)"), {"key": EVERYTHING})
    # in the order of the keys, so that no two sessions wait for each other in a circle
    ordered = "SELECT pg_advisory_lock(key) FROM (SELECT key FROM unnest(CAST(:keys AS bigint[])) AS key ORDER BY key) AS keys"
    connection.execute(sa.text(ordered), {"keys": sorted(keys)})


def _unlock(connection: Connection, name: str) -> None:
    """Let go; that the session was lost in between is told, for then another may have worked on the accounts."""
    try:
        connection.execute(sa.text("SELECT pg_advisory_unlock_all()"))
        connection.execute(sa.text("RESET lock_timeout"))
    except DBAPIError:
        raise refuse("store", "lost the hold on accounts in the middle", file=name, exit_code=2,
                     todo="look at what was done last, then try again") from None  # fmt: skip


def _waited(name: str, seconds: float):  # type: ignore[no-untyped-def]
    what = f"is held by another for more than {seconds:g} seconds"
    return refuse("store", what, file=name, exit_code=2, todo="end what holds it, then try again")
