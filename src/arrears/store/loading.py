"""The first load of a store: indexes are made when the rows are in, which on PostgreSQL costs a third of keeping them row by row.

Only where the store has no facts yet, and within the transaction of the load: whoever else opens the store sees it with all indexes, before
and after, and a load that fails leaves them as they were.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Index

from arrears.store.rows import ORDER
from arrears.store.tables import Table

_OWNED = "SELECT bool_and(pg_has_role(relowner, 'USAGE')) FROM pg_class WHERE oid = ANY(%s::regclass[])"


@contextmanager
def first_load(connection: Connection) -> Iterator[None]:
    """Around the recording of a whole book, holding every account. Does nothing where there are facts already, or the role may not."""
    if not _without_facts(connection) or not _may_index(connection):
        yield
        return
    waiting = _indexes(connection)
    for index in waiting:
        index.drop(connection)
    yield
    for index in waiting:
        index.create(connection)


def _without_facts(connection: Connection) -> bool:
    return not any(connection.exec_driver_sql(f"SELECT 1 FROM {table} LIMIT 1").first() for table in ORDER)


def _may_index(connection: Connection) -> bool:
    """Only the owner of a table may drop its indexes; the role that works day and night is not."""
    if connection.dialect.name == "sqlite":
        return True
    return bool(connection.exec_driver_sql(_OWNED, (list(ORDER),)).scalar_one())


def _indexes(connection: Connection) -> list[Index]:
    """On SQLite those alone that are not filled in the order of the rows: the others cost nothing more as they grow."""
    indexes = [index for table in ORDER for index in Table.metadata.tables[table].indexes]
    return sorted(
        (index for index in indexes if connection.dialect.name == "postgresql" or not index.unique),
        key=lambda index: str(index.name),
    )
