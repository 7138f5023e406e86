"""What a database may answer instead of doing its work, as refusals for people: locked, full, gone, not allowed, append-only.

What the driver says is not repeated where it may hold values of rows or a password.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from arrears.errors import Refusal, refuse

#: By what an SQLite error says: what it means, and what to do.
_SQLITE = (
    ("locked", "is locked by another program", "end what holds it, then try again"),
    ("busy", "is locked by another program", "end what holds it, then try again"),
    ("full", "cannot be written: the disk is full", "make room, then try again; nothing was changed"),
    ("append-only", "refuses: facts are only added, never changed", "record another fact"),
    ("readonly", "may not be written", "give this user the right to write the file and its folder"),
    ("unable to open", "cannot be opened", "look at the rights of the file and its folder"),
    ("not a database", "is not an SQLite file, or was damaged", "restore a backup"),
    ("malformed", "was damaged", "restore a backup"),
    ("disk I/O", "cannot be read or written: the disk fails", "look at the disk, then restore a backup if need be"),
)
#: By SQLSTATE, or the beginning of one.
_POSTGRESQL = (
    ("28", "does not let this user in", "look at user and password (PGPASSWORD, ~/.pgpass)"),
    ("3D000", "is not there", "make the database first: createdb NAME"),
    ("42501", "refuses: this role may not do that", "see `arrears book grant`"),
    ("42P01", "lacks a table", "run `arrears book migrate`"),
    ("53100", "cannot be written: the disk is full", "make room, then try again; nothing was changed"),
    ("53200", "is out of memory for locks or sorting", "raise max_locks_per_transaction, or work in smaller steps"),
    ("53300", "has too many connections", "raise max_connections, or run fewer workers"),
    ("55P03", "is held by another for too long", "try again"),
    ("57", "is shutting down or was restarted", "try again when it is up; what was not committed was not done"),
    ("08", "was lost in the middle", "try again; what was not committed was not done"),
    ("25006", "is read-only", "connect to the primary server"),
    ("23000", "refuses: facts are only added, never changed", "record another fact"),
)


def masked(url: URL) -> str:
    """A URL for people: without the password, wherever in the URL it stands."""
    hidden = {name: "***" for name in url.query if "pass" in name.lower()}
    return (
        url.update_query_dict(hidden).render_as_string(hide_password=True)
        if hidden
        else (url.render_as_string(hide_password=True))
    )


@contextmanager
def failing(name: str) -> Iterator[None]:
    """Turn what a database answers instead of doing its work into a Refusal; other faults pass."""
    try:
        yield
    except PoolTimeout:
        raise refuse("store", "has no free connection", file=name, todo="run fewer workers in one process") from None
    except Exception as error:
        refusal = refusal_of(error, name)
        if refusal is None:
            raise
        raise refusal from None


def refusal_of(error: Exception, name: str) -> Refusal | None:
    """The refusal that says what an error of SQLAlchemy or of a driver means; None for a fault of the program itself."""
    lost = isinstance(error, DBAPIError) and error.connection_invalidated
    told = error.orig if isinstance(error, DBAPIError) else error
    if not isinstance(told, sqlite3.Error) and not hasattr(told, "sqlstate"):
        return None
    state, text = getattr(told, "sqlstate", None), str(told)
    if state is not None:
        found = next(((what, todo) for begins, what, todo in _POSTGRESQL if state.startswith(begins)), None)
    else:
        found = next(((what, todo) for part, what, todo in _SQLITE if part in text), None)
        if found is None and (lost or "connection" in text):
            found = ("cannot be reached", "look at host, port and whether the server runs")
    return refuse("store", found[0], file=name, exit_code=2, todo=found[1]) if found else None
