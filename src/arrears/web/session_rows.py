"""Sessions in the database: begun, found, ended. The cookie's value stands nowhere but in the browser; the row has its SHA-256.

A session ends by signing out, by standing idle, at its absolute end, when another is begun in its place, or when the staff member is
disabled. Instants are UTC.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, delete, insert, or_, select, update

from arrears.store.connect import Store
from arrears.store.tables import SignedIn

#: 256 random bits.
TOKEN_BYTES = 32
#: How often a session that is in use is written down as seen: a page costs no write more often than that.
SEEN_EVERY = timedelta(minutes=1)
#: Rows that ended so long ago are taken away when somebody signs in.
KEPT = timedelta(days=30)


@dataclass(frozen=True)
class Lifetime:
    """How long a session lasts without a page (`idle`), and at most (`absolute`)."""

    idle: timedelta
    absolute: timedelta


#: By kind of session. `enrolling`: the password was right, the second factor has still to be shown or set up.
LIFETIMES = {
    "borrower": Lifetime(timedelta(minutes=20), timedelta(hours=8)),
    "staff": Lifetime(timedelta(minutes=30), timedelta(hours=12)),
    "enrolling": Lifetime(timedelta(minutes=10), timedelta(minutes=10)),
}


@dataclass(frozen=True)
class Session:
    """A session that is open. `id`: its hash, which is safe to keep in an audit; `subject`: a person_id, or the name of a staff member."""

    id: str
    kind: str
    subject: str
    started_at: datetime


def hash_of(token: str) -> str:
    """Under what a cookie's value is found. It has 256 random bits, so a plain hash cannot be tried out."""
    return hashlib.sha256(token.encode()).hexdigest()


def csrf_of(token: str) -> str:
    """The value that each form of a session sends back; it follows from the cookie and does not lead to it."""
    return hmac.digest(token.encode(), b"arrears csrf", "sha256").hex()


def begin(connection: Connection, kind: str, subject: str, now: datetime, in_place_of: str | None = None) -> str:
    """Begin a session; gives the cookie's value, always a new one. `in_place_of`: the value of a session that ends with this."""
    if in_place_of:
        end(connection, in_place_of, now)
    sweep(connection, now)
    token = secrets.token_urlsafe(TOKEN_BYTES)
    row = {"session_hash": hash_of(token), "kind": kind, "subject": subject, "started_at": now, "seen_at": now,
           "ends_at": now + LIFETIMES[kind].absolute}  # fmt: skip
    connection.execute(insert(SignedIn).values(**row))
    return token


def find(store: Store, kind: str, token: str, now: datetime, by_person: bool = True) -> Session | None:
    """The open session of a cookie's value; None if there is none, or it has ended.

    It counts as seen, unless it is the page that asks and no person (`by_person`): a page left open keeps nobody signed in.
    """
    columns = (SignedIn.session_hash, SignedIn.kind, SignedIn.subject, SignedIn.started_at, SignedIn.seen_at)
    open_now = _open(kind, hash_of(token), now)
    with store.read() as connection:
        row = connection.execute(select(*columns).where(*open_now)).first()
    if row is None:
        return None
    if by_person and now - row.seen_at >= SEEN_EVERY:
        with store.begin() as connection:
            connection.execute(update(SignedIn).where(*open_now).values(seen_at=now))
    return Session(row.session_hash, row.kind, row.subject, row.started_at)


def is_open(store: Store, kind: str, session_id: str, now: datetime) -> bool:
    """Whether a session that was found is open still."""
    with store.read() as connection:
        return connection.execute(select(SignedIn.kind).where(*_open(kind, session_id, now))).first() is not None


def _open(kind: str, session_id: str, now: datetime) -> tuple[ColumnElement[bool], ...]:
    return (
        SignedIn.session_hash == session_id, SignedIn.kind == kind, SignedIn.ended_at.is_(None), SignedIn.ends_at > now,
        SignedIn.seen_at > now - LIFETIMES[kind].idle,
    )  # fmt: skip


def end(connection: Connection, token: str, now: datetime) -> None:
    """End a session, whichever kind; one that has ended stays ended."""
    ended = update(SignedIn).where(SignedIn.session_hash == hash_of(token), SignedIn.ended_at.is_(None))
    connection.execute(ended.values(ended_at=now))


def end_all(connection: Connection, kinds: tuple[str, ...], subject: str, now: datetime, but: str = "") -> int:
    """End all sessions of somebody, but for the one with the hash `but`; how many there were."""
    theirs = update(SignedIn).where(
        SignedIn.kind.in_(kinds), SignedIn.subject == subject, SignedIn.ended_at.is_(None), SignedIn.session_hash != but
    )
    return int(connection.execute(theirs.values(ended_at=now)).rowcount)


@dataclass(frozen=True)
class Open:
    """A session of somebody that is open: since when, and when it was last seen, to the minute."""

    id: str
    started_at: datetime
    seen_at: datetime


def open_sessions(connection: Connection, kind: str, subject: str, now: datetime) -> list[Open]:
    """The open sessions of somebody, the latest first."""
    theirs = (
        SignedIn.kind == kind, SignedIn.subject == subject, SignedIn.ended_at.is_(None), SignedIn.ends_at > now,
        SignedIn.seen_at > now - LIFETIMES[kind].idle,
    )  # fmt: skip
    columns = select(SignedIn.session_hash, SignedIn.started_at, SignedIn.seen_at)
    rows = connection.execute(columns.where(*theirs).order_by(SignedIn.started_at.desc(), SignedIn.session_hash))
    return [Open(row.session_hash, row.started_at, row.seen_at) for row in rows]


def end_one(connection: Connection, kind: str, subject: str, session_id: str, now: datetime) -> bool:
    """End one session of somebody by its hash; False where they have no such session that is open."""
    ended = update(SignedIn).where(
        SignedIn.session_hash == session_id, SignedIn.kind == kind, SignedIn.subject == subject, SignedIn.ended_at.is_(None)
    )  # fmt: skip
    return connection.execute(ended.values(ended_at=now)).rowcount > 0


def sweep(connection: Connection, now: datetime) -> int:
    """Take away rows of sessions that ended long ago; how many."""
    old = or_(SignedIn.ends_at < now - KEPT, SignedIn.ended_at < now - KEPT)
    return int(connection.execute(delete(SignedIn).where(old)).rowcount)
