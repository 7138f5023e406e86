"""What waits for a person: parked work, attempts whose end stays unknown, inbound messages, receipts that match nothing."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select, update
from sqlalchemy.dialects import postgresql, sqlite

from arrears.dispatch.reasons import from_json
from arrears.errors import refuse
from arrears.store.tables import Queued, Work

QUEUES = ("inbound", "unmatched", "parked", "unknown", "receipts")


def put(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> int:
    """Put things into the queues, each key once; gives how many are new. Columns of `store.tables.Queued` but for number and done."""
    if not rows:
        return 0
    names = ("account_id", "person_id", "content", "sealed")
    whole = [{**dict.fromkeys(names), **row} for row in rows]
    own = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    new = 0
    for row in whole:
        new += connection.execute(own(Queued).on_conflict_do_nothing(index_elements=["key"]).values(**row)).rowcount
    return new


def queue_parked(connection: Connection, keys: Sequence[str], now: datetime) -> None:
    """Parked work, for a person to look at."""
    if not keys:
        return
    columns = (Work.key, Work.account_id, Work.person_id, Work.reason, Work.channel, Work.action)
    rows = connection.execute(select(*columns).where(Work.key.in_(keys), Work.state == "parked"))
    put(connection, [
        {"queue": "parked", "key": f"parked:{key}", "account_id": account, "person_id": person,
         "sort": next((why.id for why in from_json(reason)), "other"), "queued_at": now,
         "content": json.dumps({"work": key, "channel": channel, "action": action})}
        for key, account, person, reason, channel, action in rows
    ])  # fmt: skip


def waiting(connection: Connection, queue: str | None = None, most: int = 1000) -> list[Queued]:
    """What waits, oldest first."""
    wanted = select(Queued.__table__).where(Queued.done_at.is_(None)).order_by(Queued.number).limit(most)
    rows = connection.execute(wanted if queue is None else wanted.where(Queued.queue == queue))
    return list(rows)  # type: ignore[arg-type]


def finish(connection: Connection, number: int, by: str, how: str, now: datetime) -> None:
    """A person has dealt with it. Refusal if there is none of that number, or it was done before."""
    change = update(Queued).where(Queued.number == number, Queued.done_at.is_(None))
    if connection.execute(change.values(done_at=now, done_by=by, done_how=how)).rowcount != 1:
        raise refuse("queue", "names nothing that waits", field="NUMBER", value=str(number), exit_code=2,
                     todo="see `arrears queue list`")  # fmt: skip
