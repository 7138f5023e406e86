"""The first load of a store: indexes are made when the rows are in, which on PostgreSQL costs a third of keeping them row by row.

The keys on `seq` are among them: numbers come from a sequence, so nothing is looked for by them meanwhile.

Only where the store has no facts yet, and within the transaction of the load: whoever else opens the store sees it with all indexes, before
and after, and a load that fails leaves them as they were.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Index

from arrears.store.rows import ORDER
from arrears.store.tables import Table

#: The tables whose indexes wait for their rows.
_LOADED = (*ORDER, "reach")
_OWNED = "SELECT bool_and(pg_has_role(relowner, 'USAGE')) FROM pg_class WHERE oid = ANY(%s::regclass[])"
_KEYS = (
    "SELECT conrelid::regclass::text, quote_ident(conname), pg_get_constraintdef(oid) FROM pg_constraint"
    " WHERE conrelid = ANY(%s::regclass[]) AND contype = 'p' ORDER BY 1"
)
#: Memory for the sorting of one index on PostgreSQL.
_SORTING = "SET LOCAL maintenance_work_mem = '256MB'"


@contextmanager
def first_load(connection: Connection) -> Iterator[None]:
    """Around the recording of a whole book, holding every account. Does nothing where there are facts already, or the role may not."""
    if not _without_facts(connection) or not _may_index(connection):
        yield
        return
    waiting, keys = _indexes(connection), _keys(connection)
    for index in waiting:
        index.drop(connection)
    for table, name, _ in keys:
        connection.exec_driver_sql(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
    yield
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(_SORTING)
    for table, name, definition in keys:
        connection.exec_driver_sql(f"ALTER TABLE {table} ADD CONSTRAINT {name} {definition}")
    for index in waiting:
        index.create(connection)


def _keys(connection: Connection) -> list[tuple[str, str, str]]:
    """Table, name and definition of the keys on `seq`, which cost PostgreSQL as much as the rows themselves while those come in.

    That an account is there once stays guarded throughout: accounts are looked for by their ids before each part of a book.
    """
    if connection.dialect.name == "sqlite":
        return []
    return [(table, name, definition) for table, name, definition in connection.exec_driver_sql(_KEYS, (list(ORDER),))]


def _without_facts(connection: Connection) -> bool:
    return not any(connection.exec_driver_sql(f"SELECT 1 FROM {table} LIMIT 1").first() for table in ORDER)


def _may_index(connection: Connection) -> bool:
    """Only the owner of a table may drop its indexes; the role that works day and night is not."""
    if connection.dialect.name == "sqlite":
        return True
    return bool(connection.exec_driver_sql(_OWNED, (list(_LOADED),)).scalar_one())


def _indexes(connection: Connection) -> list[Index]:
    """On SQLite those alone that are not filled in the order of the rows: the others cost nothing more as they grow."""
    indexes = [index for table in _LOADED for index in Table.metadata.tables[table].indexes]
    return sorted(
        (index for index in indexes if connection.dialect.name == "postgresql" or not index.unique),
        key=lambda index: str(index.name),
    )
