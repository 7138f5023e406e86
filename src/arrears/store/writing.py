"""New rows of all tables into the store, two things at a time: while one table is being written, a thread prepares the next.

Preparing (sealing, text for COPY, staging files) uses no connection; writing is the caller's transaction, in the caller's thread.
Few rows are prepared where they are written, for a thread costs more than they do.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import polars as pl
from sqlalchemy import Connection

from arrears.store import reach
from arrears.store.bulk import preparer, put, write_rows
from arrears.store.news import note_news
from arrears.store.rows import Apart, plain_of, taken_apart, to_plain
from arrears.store.staging import Staged

if TYPE_CHECKING:
    from arrears.store.personal import Personal
    from arrears.store.sealing import Keys

#: Rows below which no thread is started.
FEW = 20_000


def write(
    connection: Connection, new: Mapping[str, pl.DataFrame], countries: pl.DataFrame, personal: Personal, news: bool = True
) -> None:  # fmt: skip
    """Append rows of `facts.schema` tables, seal what is personal, and make people findable; new events are news unless `news` says no.

    `new` has only tables with rows. `countries` has `account_id` and `country` of each account of the people.
    """
    with _Ahead(sum(frame.height for frame in new.values()) >= FEW) as ahead:
        apart = {table: taken_apart(table, frame) for table, frame in new.items()}
        public = {
            table: _begin(ahead, connection, table, new[table], apart[table], {})
            for table in new
            if not apart[table].owners
        }
        owners = {owner for table in apart for owner in apart[table].owners}
        keys = personal.keys_of(connection, owners) if owners else {}
        sealed = {
            table: _begin(ahead, connection, table, new[table], apart[table], keys)
            for table in new
            if table not in public
        }
        if "people" in new:  # first, since the thread has nothing ready yet
            reach.put_tokens(connection, _tokens(new["people"], countries, keys, personal))
        for table, ready in (public | sealed).items():
            put(connection, table, ready())
    if news and "events" in new:
        note_news(connection, new["events"])


def append_events(connection: Connection, events: pl.DataFrame, personal: Personal) -> None:
    """Append events of `facts.schema` whose ids are known to be new, so that nothing needs to be compared, and the news of them."""
    write_rows(connection, "events", to_plain(connection, "events", events, personal))
    note_news(connection, events)


class _Ahead:
    """Work in one thread, in the order in which it is given; without `threaded` it is done when its result is asked for."""

    def __init__(self, threaded: bool) -> None:
        self._pool = ThreadPoolExecutor(1, "arrears-import") if threaded else None
        self._begun: list[Future[Any]] = []

    def begin(self, work: Callable[[], Any]) -> Callable[[], Any]:
        """Take work on; gives what waits for its result."""
        if self._pool is None:
            return work
        self._begun.append(self._pool.submit(work))
        return self._begun[-1].result

    def __enter__(self) -> _Ahead:
        return self

    def __exit__(self, *failure: object) -> None:
        """The thread ends before the transaction does; what was staged and never written goes."""
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)
        for future in self._begun:
            if not future.cancelled() and future.exception() is None and isinstance(future.result(), Staged):
                future.result().drop()


def _begin(
    ahead: _Ahead, connection: Connection, table: str, frame: pl.DataFrame, apart: Apart, keys: Keys
) -> Callable[[], Any]:
    prepare = preparer(connection, table, frame.height)
    return ahead.begin(lambda: prepare(plain_of(table, frame, apart, keys)))


def _tokens(people: pl.DataFrame, countries: pl.DataFrame, keys: Keys, personal: Personal) -> pl.DataFrame:
    """An erased person is not findable again."""
    erased = [name for name, key in keys.items() if key is None]
    reachable = people.filter(~pl.col("person_id").is_in(erased)).join(countries, on="account_id")
    return reach.tokens_of(personal.masters.token_keys, reachable.select(list(reach.REACHABLE)))
