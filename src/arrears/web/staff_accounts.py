"""Accounts of staff: added, reset, disabled, and their two factors tried. After five failures each further one makes the next try wait."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, insert, select, update

from arrears.errors import refuse
from arrears.installation import Lender
from arrears.store.connect import Store
from arrears.store.personal import Personal
from arrears.store.tables import StaffMember
from arrears.web import second_factor, session_rows
from arrears.web.passwords import fault_of, hashed, is_password
from arrears.web.roles import roles as all_roles

#: So many failures are free; the next waits 30 seconds, then a minute, two, up to 15 minutes. A success forgets them.
FREE_FAILURES = 5
FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=30), timedelta(minutes=15)
KINDS = ("staff", "enrolling")
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{1,63}")


@dataclass(frozen=True)
class Member:
    """A member of staff. `has_password`: a local account; `has_totp`: its second factor is set up; `issuer`: of a provider, else None."""

    name: str
    shown_name: str
    roles: tuple[str, ...]
    has_password: bool
    has_totp: bool
    issuer: str | None
    added_at: datetime
    disabled_at: datetime | None


def add_member(
    connection: Connection,
    name: str,
    shown_name: str,
    roles: Sequence[str],
    password: str,
    now: datetime,
    lender: Lender | None = None,
) -> None:
    """Add a local account; its second factor is set up at the first sign-in. Refusal for what is unfit, or there already.

    `lender`: whose names are no password either.
    """
    if not _NAME.fullmatch(name):
        raise refuse(
            "staff", "must be 2 to 64 of a-z, 0-9, dot, dash and underscore", field="NAME", value=name, exit_code=2
        )
    if not roles or not set(roles) <= set(all_roles()):
        raise refuse("staff", f"must be of {', '.join(all_roles())}", field="--role", exit_code=2)
    _check(password, name, lender)
    if row_of(connection, name) is not None:
        raise refuse("staff", "is there already", field="NAME", value=name, exit_code=2, todo="arrears staff reset")
    row = {"name": name, "shown_name": shown_name or name, "roles": json.dumps(sorted(set(roles))), "added_at": now,
           "password_hash": hashed(password), "failures": 0}  # fmt: skip
    connection.execute(insert(StaffMember).values(**row))


def reset_member(connection: Connection, name: str, password: str, now: datetime, lender: Lender | None = None) -> None:
    """A new password; the second factor is set up anew, a disabled account is open again, all sessions end. Refusal for a provider's."""
    found = _local(connection, name)
    _check(password, found.name, lender)
    second_factor.drop_recovery_codes(connection, name)
    _set(
        connection,
        name,
        password_hash=hashed(password),
        sealed=None,
        totp_step=None,
        failures=0,
        wait_until=None,
        disabled_at=None,
    )
    session_rows.end_all(connection, KINDS, name, now)


def disable_member(connection: Connection, name: str, now: datetime) -> None:
    """Nobody signs in by this account any more, and its sessions end. Refusal if there is none."""
    if row_of(connection, name) is None:
        raise refuse("staff", "is not there", field="NAME", value=name, exit_code=2)
    _set(connection, name, disabled_at=now)
    session_rows.end_all(connection, KINDS, name, now)


def members(connection: Connection) -> list[Member]:
    """All accounts, by name."""
    return [
        Member(
            row.name, row.shown_name, tuple(json.loads(row.roles)), row.password_hash is not None, row.sealed is not None,
            row.issuer, row.added_at, row.disabled_at,
        )
        for row in connection.execute(select(*StaffMember.__table__.columns).order_by(StaffMember.name))
    ]  # fmt: skip


def row_of(connection: Connection, name: str) -> Any:
    """The row of a name, disabled or not; None if there is none."""
    return connection.execute(select(*StaffMember.__table__.columns).where(StaffMember.name == name)).first()


# --- trying -----------------------------------------------------------------------------------------------------


def try_password(store: Store, name: str, password: str, now: datetime) -> bool:
    """Whether this account signs in by this password now. A failure counts; why it failed is not told.

    The password is tried before the transaction: it takes longer than others should wait for the database.
    """
    with store.read() as connection:
        before = row_of(connection, name)
    is_right = is_password(before.password_hash if before is not None else None, password)
    with store.begin() as connection:
        row = row_of(connection, name)
        if row is None or row.disabled_at is not None or _waits(row, now) or row.password_hash != before.password_hash:
            return False
        if not is_right:
            _failed(connection, row, now)
    return is_right


def try_second(connection: Connection, personal: Personal, name: str, typed: str, now: datetime) -> bool:
    """Whether the second factor is right now: a code of the app, each step once, or a recovery code. A failure counts."""
    row = row_of(connection, name)
    if row is None or row.disabled_at is not None or row.sealed is None or _waits(row, now):
        return False
    told = personal.unseal(connection, "staff", key_name(name), row.sealed) or {}
    step = second_factor.step_of(str(told["totp"]), typed, now, row.totp_step) if "totp" in told else None
    if step is not None:
        _set(connection, name, totp_step=step, failures=0, wait_until=None)
        return True
    if second_factor.use_recovery_code(connection, name, typed, now):
        _set(connection, name, failures=0, wait_until=None)
        return True
    _failed(connection, row, now)
    return False


def set_up_second(
    connection: Connection, personal: Personal, name: str, secret: str, typed: str, now: datetime
) -> list[str] | None:
    """Set the second factor up once its first code was typed; gives the recovery codes, to be shown once. None: the code is wrong."""
    row = row_of(connection, name)
    if row is None or row.disabled_at is not None or row.sealed is not None or _waits(row, now):
        return None
    step = second_factor.step_of(secret, typed, now, None)
    if step is None:
        _failed(connection, row, now)
        return None
    sealed = personal.seal(connection, "staff", key_name(name), {"totp": secret})
    _set(connection, name, sealed=sealed, totp_step=step, failures=0, wait_until=None)
    return second_factor.new_recovery_codes(connection, name, now)


def change_password(
    store: Store, name: str, old: str, new: str, now: datetime, session_id: str, lender: Lender | None = None
) -> str:
    """Change one's own password; all other sessions end. What is wrong: wrong, short, long, plain; or nothing ("")."""
    if not try_password(store, name, old, now):
        return "wrong"
    fault = fault_of(new, name, lender)
    if not fault:
        kept = hashed(new)
        with store.begin() as connection:
            _set(connection, name, password_hash=kept, failures=0, wait_until=None)
            session_rows.end_all(connection, KINDS, name, now, but=session_id)
    return fault


def wait_after(failures: int) -> timedelta:
    """How long nobody may try after so many failures one after another; zero for the first few."""
    over = failures - FREE_FAILURES
    return min(FIRST_WAIT * 2 ** min(over - 1, 10), LONGEST_WAIT) if over > 0 else timedelta()


def key_name(name: str) -> str:
    """Under whose key what is secret of a member is sealed."""
    return f"staff:{name}"


def _waits(row: Any, now: datetime) -> bool:
    return row.wait_until is not None and row.wait_until > now


def _failed(connection: Connection, row: Any, now: datetime) -> None:
    """Count a failure in the database itself, so that tries at once are all counted."""
    wait = wait_after(row.failures + 1)
    _set(connection, row.name, failures=StaffMember.failures + 1, wait_until=now + wait if wait else None)


def _set(connection: Connection, name: str, **values: Any) -> None:
    connection.execute(update(StaffMember).where(StaffMember.name == name).values(**values))


def _local(connection: Connection, name: str) -> Any:
    row = row_of(connection, name)
    if row is None:
        raise refuse("staff", "is not there", field="NAME", value=name, exit_code=2, todo="arrears staff add")
    if row.issuer is not None:
        raise refuse("staff", "signs in by a provider and has no password here", field="NAME", value=name, exit_code=2)
    return row


def _check(password: str, name: str, lender: Lender | None) -> None:
    fault = fault_of(password, name, lender)
    if fault:
        raise refuse("staff", f"is too {'easy to guess' if fault == 'plain' else fault}", field="password", exit_code=2,
                     todo="give 12 to 128 characters; a sentence is easiest to remember")  # fmt: skip
