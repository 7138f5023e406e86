"""News of facts: what subscribers are still to be told, written in the transaction that makes the fact, so that neither is without the other.

Why not a cursor over `events.seq`: on PostgreSQL rows become visible out of the order of `seq`, and whoever read past one would never tell it.
Books and tapes that come in whole are no news.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import polars as pl
from sqlalchemy import Connection, delete, select
from sqlalchemy.dialects import postgresql, sqlite

from arrears.store.many import insert_many
from arrears.store.tables import News, Subscriber


@dataclass(frozen=True)
class Registered:
    """Names of subscribers that are new, and of those that ended."""

    began: tuple[str, ...]
    ended: tuple[str, ...]


def register(connection: Connection, wanted: Mapping[str, Sequence[str] | None], now: datetime) -> Registered:
    """Let these be the subscribers: name → kinds of events, None for every kind. What is recorded from the commit on is news to them.

    One that is there goes on with its kinds. Whoever is not named ends, and the news of it with it.
    """
    there = set(connection.execute(select(Subscriber.name)).scalars())
    own = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    for name, kinds in wanted.items():
        told = None if kinds is None else json.dumps(sorted(kinds))
        row = own(Subscriber).values(name=name, kinds=told, since=now)
        connection.execute(row.on_conflict_do_update(index_elements=["name"], set_={"kinds": told}))
    connection.execute(delete(Subscriber).where(Subscriber.name.not_in(list(wanted))))
    # also what a transaction wrote that began before its subscriber ended
    connection.execute(delete(News).where(News.subscriber.not_in(list(wanted))))
    return Registered(tuple(sorted(set(wanted) - there)), tuple(sorted(there - set(wanted))))


def note_news(connection: Connection, events: pl.DataFrame) -> None:
    """Events that became facts in this transaction are news to whoever wants their kind. Columns of `facts.schema` events, in their order.

    Where there is nobody to tell it costs one question about an empty table. The accounts are held by the caller, as for the facts themselves:
    so the numbers of an account's news are in the order of their commits.
    """
    wanted = connection.exec_driver_sql("SELECT name, kinds FROM subscribers ORDER BY name").all()
    if not wanted:
        return
    kinds_of = {name: None if kinds is None else frozenset(json.loads(kinds)) for name, kinds in wanted}
    told = list(events.select("account_id", "event_id", "recorded_at", "kind").iter_rows())
    insert_many(connection, News, [
        {"subscriber": name, "account_id": account_id, "event_id": event_id, "recorded_at": recorded_at, "state": "ready", "tries": 0}
        for name, kinds in kinds_of.items()
        for account_id, event_id, recorded_at, kind in told
        if kinds is None or kind in kinds
    ])  # fmt: skip
