"""Codes that sign a borrower in: made, tried, used once. A code is kept as a keyed hash only, bound to the browser that asked for it.

The row is written before anybody is looked up, and looks the same whoever was meant: what a request answers, and how long that takes,
tells nothing of who is known. A row without a code, whose person is not known, is tried like any other and never met.
"""

from __future__ import annotations

import hmac
import secrets
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, func, insert, select, update

from arrears.store.tables import OneTimeCode
from arrears.web.session_rows import TOKEN_BYTES, hash_of

KIND = "sign_in"
DIGITS = 6
GOOD_FOR = timedelta(minutes=10)
MOST_TRIES = 5
#: Codes of one person: not two within `APART`, and not more than so many within each time. 25 tries an hour meet one of 10^6 codes.
APART = timedelta(seconds=60)
MOST_OF_ONE = ((timedelta(hours=1), 5), (timedelta(days=1), 10))
KEPT = timedelta(days=30)


def new_handle() -> str:
    """What the browser holds until the code is typed: 256 random bits."""
    return secrets.token_urlsafe(TOKEN_BYTES)


def new_code() -> str:
    """Six digits, each as likely as the others."""
    return f"{secrets.randbelow(10**DIGITS):0{DIGITS}}"


def open_row(connection: Connection, handle: str, now: datetime) -> None:
    """Write down that somebody asked for a code, whoever it is."""
    connection.execute(delete(OneTimeCode).where(OneTimeCode.kind == KIND, OneTimeCode.expires_at < now - KEPT))
    row = {"handle_hash": hash_of(handle), "kind": KIND, "tries": 0, "made_at": now, "expires_at": now + GOOD_FOR}
    connection.execute(insert(OneTimeCode).values(**row))


def may_have_code(connection: Connection, person_id: str, now: datetime) -> bool:
    """Whether a person may be sent another code yet."""
    theirs = (OneTimeCode.kind == KIND, OneTimeCode.subject == person_id, OneTimeCode.code_hash.is_not(None))
    for within, most in ((APART, 1), *MOST_OF_ONE):
        count = select(func.count()).where(*theirs, OneTimeCode.made_at > now - within)
        if connection.execute(count).scalar_one() >= most:
            return False
    return True


def put_code(connection: Connection, handle: str, person_id: str, channel: str, code: str, key: bytes) -> None:
    """Put the code of a person into the row of a handle."""
    values = {"subject": person_id, "channel": channel, "code_hash": _hash(handle, code, key)}
    connection.execute(update(OneTimeCode).where(OneTimeCode.handle_hash == hash_of(handle)).values(**values))


def note_answer(connection: Connection, handle: str, channel: str, answer: str) -> None:
    """Keep what the channel said."""
    values = {"channel": channel, "answer": answer}
    connection.execute(update(OneTimeCode).where(OneTimeCode.handle_hash == hash_of(handle)).values(**values))


def use_code(connection: Connection, handle: str, typed: str, key: bytes, now: datetime) -> str | None:
    """The person whose code was typed; it is used up. None if it is wrong, over, tried too often, or nobody's. The try counts first."""
    row = (OneTimeCode.handle_hash == hash_of(handle), OneTimeCode.kind == KIND)
    open_still = (*row, OneTimeCode.used_at.is_(None), OneTimeCode.expires_at > now, OneTimeCode.tries < MOST_TRIES)
    counted = update(OneTimeCode).where(*open_still).values(tries=OneTimeCode.tries + 1)
    is_open = connection.execute(counted).rowcount == 1
    found = connection.execute(select(OneTimeCode.subject, OneTimeCode.code_hash).where(*row)).first()
    kept = (found.code_hash if found else None) or "-" * 64
    is_met = hmac.compare_digest(kept, _hash(handle, typed, key))
    if not (is_open and is_met and found):
        return None
    connection.execute(update(OneTimeCode).where(*row).values(used_at=now))
    return str(found.subject)


def _hash(handle: str, code: str, key: bytes) -> str:
    return hmac.digest(key, f"{hash_of(handle)}\0{code}".encode(), "sha256").hex()
