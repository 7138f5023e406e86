"""Who tells which news: claims with a lease, what became of them, and what waits. In the caller's transactions.

Delivery is at least once: a piece of news goes when its telling was recorded, and one whose lease ran out is told again, under the same
name. An account's news are told in their order: a later one waits for every earlier one of the same subscriber, also for one that is parked.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from sqlalchemy import Connection, case, delete, func, or_, select, update
from sqlalchemy.orm import aliased

from arrears.dispatch.claim import run_out
from arrears.store.bulk import one_of, read_rows
from arrears.store.rows import from_plain
from arrears.store.tables import News


@dataclass(frozen=True)
class Piece:
    """One piece of news under a lease: which event, how often its telling has failed, and since when."""

    number: int
    subscriber: str
    account_id: str
    event_id: str
    tries: int
    failing_since: datetime | None

    @cached_property
    def key(self) -> str:
        """Its name before the receiver (`webhook-id`): the same whenever and by whomever it is told."""
        return hashlib.sha256("\n".join((self.subscriber, self.account_id, self.event_id)).encode()).hexdigest()

    @property
    def attempt_id(self) -> str:
        """As `key`: a telling has no other name."""
        return self.key


@dataclass(frozen=True)
class Failed:
    """A telling that failed: again from `available_at` on, or not before a person says so (`parked`). `reason`: short, nothing personal."""

    piece: Piece
    available_at: datetime
    failing_since: datetime
    parked: bool
    reason: str


@dataclass(frozen=True)
class Waiting:
    """What a subscriber is still to be told: pieces, those parked among them, when the oldest was recorded, and why one failed last."""

    waiting: int = 0
    parked: int = 0
    oldest: datetime | None = None
    reason: str | None = None


def claim_news(
    connection: Connection, subscriber: str, lease: str, most: int, now: datetime, lease_seconds: float
) -> list[Piece]:  # fmt: skip
    """Up to `most` pieces that may be told now, leased, one of an account. Leases that ran out are ready again before."""
    freed = {"state": "ready", "lease_by": None, "lease_until": None}
    connection.execute(update(News).where(News.subscriber == subscriber, run_out(News, now)).values(**freed))
    one, every = aliased(News), aliased(News)
    # the first of each account, by one pass over what waits: asked row by row (NOT EXISTS an earlier one), a planner with old statistics of a
    # table that fills and empties looks at all rows for each row
    firsts = select(func.min(every.number)).where(every.subscriber == subscriber).group_by(every.account_id)
    ready = (
        select(one.number)
        .where(one.number.in_(firsts), one.state == "ready", or_(one.available_at.is_(None), one.available_at <= now))
        .order_by(one.number)
        .limit(most)
        .with_for_update(skip_locked=True, of=one)
    )
    take = (
        update(News)
        .where(News.number.in_(ready.scalar_subquery()))
        .values(state="leased", lease_by=lease, lease_until=now + timedelta(seconds=lease_seconds))
        .returning(News.number, News.subscriber, News.account_id, News.event_id, News.tries, News.failing_since)
    )
    return sorted((Piece(*row) for row in connection.execute(take)), key=lambda piece: piece.number)


def events_of(connection: Connection, pieces: Sequence[Piece]) -> dict[tuple[str, str], tuple[Mapping[str, Any], str]]:
    """By account and event: the event's row without what is sealed, and the account's currency."""
    accounts = sorted({piece.account_id for piece in pieces})
    in_accounts, named = one_of(connection, "account_id", accounts)
    in_events, events = one_of(connection, "event_id", sorted({piece.event_id for piece in pieces}))
    plain = read_rows(connection, "events", f"{in_accounts} AND {in_events}", (named, events))
    currency = dict(read_rows(connection, "accounts", in_accounts, (named,), ("account_id", "currency")).iter_rows())
    rows = from_plain(connection, "events", plain, None).iter_rows(named=True)
    return {(row["account_id"], row["event_id"]): (row, currency[row["account_id"]]) for row in rows}


def forget_told(connection: Connection, lease: str, told: Collection[Piece]) -> int:
    """News that was told goes, as far as its lease still holds; gives how many."""
    if not told:
        return 0
    numbers = [piece.number for piece in told]
    return connection.execute(delete(News).where(News.lease_by == lease, News.number.in_(numbers))).rowcount


def put_off(connection: Connection, lease: str, failed: Collection[Failed]) -> None:
    """News whose telling failed, as far as its lease still holds."""
    for one in failed:
        connection.execute(
            update(News)
            .where(News.lease_by == lease, News.number == one.piece.number)
            .values(
                state="parked" if one.parked else "ready", tries=one.piece.tries + 1, available_at=one.available_at,
                failing_since=one.failing_since, reason=one.reason, lease_by=None, lease_until=None,
            )
        )  # fmt: skip


def tell_again(connection: Connection, subscribers: Collection[str]) -> int:
    """What is parked of these may be told again, as if it had never failed; gives how many."""
    parked = update(News).where(News.subscriber.in_(subscribers), News.state == "parked")
    return connection.execute(parked.values(state="ready", tries=0, available_at=None, failing_since=None)).rowcount


def what_waits(connection: Connection, subscriber: str) -> Waiting:
    """What a subscriber is still to be told."""
    parked = func.coalesce(func.sum(case((News.state == "parked", 1), else_=0)), 0)
    wanted = select(func.count(), parked, func.min(News.recorded_at)).where(News.subscriber == subscriber)
    waiting, parked_of, oldest = connection.execute(wanted).one()
    failed = select(News.reason).where(News.subscriber == subscriber, News.reason.is_not(None))
    reason = connection.execute(failed.order_by(News.state != "parked", News.number).limit(1)).scalar()
    return Waiting(int(waiting), int(parked_of), oldest, reason)
