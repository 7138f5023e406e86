"""Who works on what: claims with a lease, renewal, release, and what becomes of leases that ran out.

A lease is named by worker and claim. Every change of a leased row asks for that name, so a worker whose lease ran out changes nothing any
more, whatever its clock says: time decides only how soon work is taken up again, never whether it may be sent twice.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Collection, Iterable
from datetime import UTC, datetime, timedelta

from sqlalchemy import ColumnElement, Connection, Update, exists, func, nulls_last, or_, select, update

from arrears.dispatch.channel import CARRIED_BY_PEOPLE
from arrears.dispatch.reasons import Why, to_json
from arrears.dispatch.works import Claimed, claimed, columns
from arrears.store.many import among
from arrears.store.tables import Attempt, News, Work

#: The time by which leases, windows and the law are asked.
Clock = Callable[[Connection], datetime]
#: No worker leases for longer at a time; people do (`carried`).
LONGEST_LEASE = timedelta(minutes=15)


def database_clock(connection: Connection) -> datetime:
    """The server's clock on PostgreSQL, one for all machines; this machine's on SQLite, which has one machine."""
    if connection.dialect.name != "postgresql":
        return datetime.now(UTC)
    found: datetime = connection.execute(select(func.clock_timestamp())).scalar_one()
    return found


def worker_name(of: str) -> str:
    """The name of a worker of a channel, or of a teller of a subscriber, in this process and moment: a lease of an earlier process of the
    same number is not ours."""
    return f"{socket.gethostname()}-{os.getpid()}-{of}-{os.urandom(4).hex()}"


def claim(
    connection: Connection, channels: Collection[str], lease: str, most: int, now: datetime, lease_seconds: float
) -> list[Claimed]:  # fmt: skip
    """Up to `most` pieces of ready work, leased: those whose window closes first, then those with the largest expected gain."""
    ready = (
        select(Work.key)
        .where(Work.channel.in_(channels), Work.state == "ready", Work.available_at <= now, Work.not_after > now)
        .order_by(Work.not_after, nulls_last(Work.gain.desc()), Work.key)
        .limit(most)
    )
    take = (
        update(Work)
        .where(Work.key.in_(ready.with_for_update(skip_locked=True).scalar_subquery()))
        .values(state="leased", lease_by=lease, lease_until=now + timedelta(seconds=lease_seconds), changed_at=now)
        .returning(*columns())
    )
    found = [claimed(row) for row in connection.execute(take)]
    return sorted(found, key=lambda work: (work.not_after, -(work.gain or 0.0), work.key))


def under(lease: Collection[str] | str) -> ColumnElement[bool]:
    """That a row is leased under one of these names."""
    named = [lease] if isinstance(lease, str) else list(lease)
    return (Work.state == "leased") & Work.lease_by.in_(named)


def renew(connection: Connection, leases: Collection[str], now: datetime, lease_seconds: float) -> int:
    """Leases run on; gives how many rows they still hold."""
    if not leases:
        return 0
    return connection.execute(
        update(Work).where(under(leases)).values(lease_until=now + timedelta(seconds=lease_seconds))
    ).rowcount


def release(
    connection: Connection, leases: Collection[str] | str, keys: Iterable[str], now: datetime, available_at: datetime | None = None
) -> int:  # fmt: skip
    """Work that was claimed and not attempted may be claimed again, at once or from `available_at` on."""
    values = {"state": "ready", "lease_by": None, "lease_until": None, "changed_at": now}
    if available_at is not None:
        values["available_at"] = available_at
    return connection.execute(update(Work).where(Work.key.in_(list(keys)), under(leases)).values(**values)).rowcount


def run_out(leased: type[Work] | type[News], now: datetime) -> ColumnElement[bool]:
    """That the lease of a row ran out.

    One that would run for longer than any lease does was given by a clock that has been set back since: it has run out, too.
    """
    return (leased.state == "leased") & or_(leased.lease_until < now, leased.lease_until > now + LONGEST_LEASE)


def reap(connection: Connection, now: datetime) -> dict[str, int]:
    """Leases that ran out: with an unanswered attempt the end is unknown, else the work is ready again. Windows that closed: expired.

    What people carry is left to `carried.lapse`: there a person may still tell.
    """
    over = run_out(Work, now) & Work.channel.not_in(CARRIED_BY_PEOPLE)
    # locked before anything is asked of the attempts: a worker may be writing one this moment, and a single statement that waited for it
    # would know the row as it became, but not the attempt that came with it
    locked = connection.execute(select(Work.key).where(over).with_for_update(skip_locked=True)).scalars().all()
    unanswered = exists().where(Attempt.key == Work.key, Attempt.answer.is_(None))
    own = among(connection, Work.key, locked) & (Work.state == "leased")
    freed = {"lease_by": None, "lease_until": None, "changed_at": now}
    closed = (Work.state == "ready") & (Work.not_after <= now)
    steps: dict[str, Update] = {
        "unknown": update(Work).where(own, unanswered).values(state="unknown", **freed),
        "ready": update(Work).where(own, ~unanswered).values(state="ready", **freed),
        "expired": update(Work)
        .where(closed)
        .values(state="expired", changed_at=now, reason=to_json([Why("window_over")])),
    }
    return {name: connection.execute(step).rowcount for name, step in steps.items()}
