"""Four eyes: what waives money or law is asked for by one person and agreed to by another with a right role (`roles.yaml`).

The caller does what was agreed in the transaction in which `agree` is called, so that an approval is used once or not at all.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select, update

from arrears.errors import Refusal, refuse
from arrears.store.tables import Approval as Row
from arrears.web.roles import two_people
from arrears.web.sessions import Staff

#: Who asked where it was the borrower: no name of staff has brackets.
BORROWER = "(borrower)"


@dataclass(frozen=True)
class Approval:
    """What was asked for (`kind` of roles.yaml, `subject`: the account or person, `content` without personal data) and what became of it.

    `decision`: agreed, declined, withdrawn, or None while it is open. Instants are UTC.
    """

    number: int
    kind: str
    subject: str
    content: Mapping[str, Any]
    asked_by: str
    asked_at: datetime
    why: str
    decided_by: str | None
    decided_at: datetime | None
    decision: str | None
    decided_why: str | None


def ask(
    connection: Connection, who: Staff, kind: str, subject: str, content: Mapping[str, Any], why: str, now: datetime
) -> int:
    """Ask for something; gives its number. Refusal for a kind that is unknown or not this role's to ask for, or without a reason."""
    known = two_people().get(kind)
    if known is None:
        raise refuse("approval", "is nothing that takes two people", field=kind, exit_code=2)
    if not who.roles & known.ask:
        raise refuse("approval", "is not for this role to ask for", field=kind)
    if not why.strip():
        raise refuse("approval", "needs a reason", field="why")
    row = {"kind": kind, "subject": subject, "content": json.dumps(content, ensure_ascii=False, sort_keys=True),
           "asked_by": who.name, "asked_at": now, "why": why.strip()}  # fmt: skip
    return int(connection.execute(insert(Row).values(**row).returning(Row.number)).scalar_one())


def ask_for_borrower(
    connection: Connection, kind: str, subject: str, content: Mapping[str, Any], why: str, now: datetime
) -> int:
    """Ask on behalf of a borrower who chose it in their own pages; gives its number. Anybody whose role may agree to the kind decides."""
    row = {"kind": kind, "subject": subject, "content": json.dumps(content, ensure_ascii=False, sort_keys=True),
           "asked_by": BORROWER, "asked_at": now, "why": why}  # fmt: skip
    return int(connection.execute(insert(Row).values(**row).returning(Row.number)).scalar_one())


def agree(connection: Connection, who: Staff, number: int, now: datetime, why: str = "") -> Approval:
    """Agree; gives what is now to be done. Refusal for whoever asked, for a role that may not, and for what was decided before."""
    return _decide(connection, who, number, "agreed", why, now)


def decline(connection: Connection, who: Staff, number: int, now: datetime, why: str) -> Approval:
    """Decline, with a reason. Refusal as `agree`."""
    if not why.strip():
        raise refuse("approval", "needs a reason", field="why")
    return _decide(connection, who, number, "declined", why, now)


def withdraw(connection: Connection, who: Staff, number: int, now: datetime) -> Approval:
    """Take back what one has asked for oneself. Refusal for anybody else, and for what was decided before."""
    found = approval(connection, number)
    if found.asked_by != who.name:
        raise refuse("approval", "was asked for by somebody else", field=str(number))
    return _settle(connection, who, found, "withdrawn", "", now)


def may_decide(who: Staff, found: Approval) -> bool:
    """Whether this member may agree to or decline it: for pages that show a button only where it would work."""
    return found.decision is None and found.asked_by != who.name and bool(who.roles & two_people()[found.kind].agree)


def approval(connection: Connection, number: int) -> Approval:
    """One approval. Refusal if there is none of that number."""
    row = connection.execute(select(*_columns()).where(Row.number == number)).first()
    if row is None:
        raise refuse("approval", "is not there", field=str(number))
    return _approval(row)


def approvals(
    connection: Connection, open_only: bool = True, subject: str | None = None, most: int = 200
) -> list[Approval]:
    """Approvals, those still open first, then the latest: the open ones alone, or all; of one account or person where `subject` names it."""
    wanted = select(*_columns()).order_by(Row.decided_at.is_not(None), Row.number.desc()).limit(most)
    if open_only:
        wanted = wanted.where(Row.decided_at.is_(None))
    if subject is not None:
        wanted = wanted.where(Row.subject == subject)
    return [_approval(row) for row in connection.execute(wanted)]


def waiting_one(connection: Connection, kind: str, subject: str) -> Approval | None:
    """The latest of a kind that waits about an account or person; None if there is none."""
    return next((one for one in approvals(connection, subject=subject) if one.kind == kind), None)


def _decide(connection: Connection, who: Staff, number: int, decision: str, why: str, now: datetime) -> Approval:
    found = approval(connection, number)
    if found.asked_by == who.name:
        raise refuse("approval", "cannot be decided by whoever asked for it", field=str(number),
                     todo="a second person decides")  # fmt: skip
    if not who.roles & two_people()[found.kind].agree:
        raise refuse("approval", "is not for this role to decide", field=found.kind)
    return _settle(connection, who, found, decision, why, now)


def _settle(connection: Connection, who: Staff, found: Approval, decision: str, why: str, now: datetime) -> Approval:
    """Write the decision down if there is none yet; of two at once the first holds."""
    values = {"decided_by": who.name, "decided_at": now, "decision": decision, "decided_why": why.strip() or None}
    open_still = update(Row).where(Row.number == found.number, Row.decided_at.is_(None)).values(**values)
    if connection.execute(open_still).rowcount != 1:
        raise _decided(found)
    return approval(connection, found.number)


def _decided(found: Approval) -> Refusal:
    return refuse("approval", "was decided already", field=str(found.number))


def _columns() -> tuple[Any, ...]:
    return tuple(getattr(Row, name) for name in Approval.__dataclass_fields__)


def _approval(row: Any) -> Approval:
    fields = dict(row._mapping)
    return Approval(**{**fields, "content": json.loads(fields["content"])})
