"""A first load makes the indexes at its end; whoever looks from outside never sees a store without them."""

import pytest
import sqlalchemy as sa

from arrears.store.connect import open_store
from arrears.store.facts import record
from arrears.store.loading import first_load
from arrears.store.roles import grant
from arrears.store.tables import Table
from tests.store.facts import account

TABLES = ("accounts", "instalments", "people", "events", "reach")


def indexes(connection):
    """Name, columns and uniqueness of every index of the facts, their keys among them."""
    inspector = sa.inspect(connection)
    keys = {
        (f"key of {table}", tuple(columns), True)
        for table in TABLES
        if (columns := inspector.get_pk_constraint(table)["constrained_columns"])
    }
    return {one for table in TABLES for one in indexes_of(connection, inspector, table)} | keys


def indexes_of(connection, inspector, table):
    """Name, columns (without expressions) and uniqueness. Of SQLite they are asked for here: SQLAlchemy passes over those with expressions."""
    if connection.dialect.name == "postgresql":
        for index in inspector.get_indexes(table):
            yield index["name"], tuple(name for name in index["column_names"] if name), bool(index["unique"])
        return
    for _, name, unique, origin, _ in connection.exec_driver_sql(f"PRAGMA index_list({table})").all():
        if origin == "c":
            columns = [row[2] for row in connection.exec_driver_sql(f"PRAGMA index_info({name})")]
            yield name, tuple(column for column in columns if column), bool(unique)


def declared(dialect):
    """The same of the declared indexes; those on slots are PostgreSQL's alone."""
    return {
        (index.name, tuple(one.name for one in index.expressions if isinstance(one, sa.Column)), bool(index.unique))
        for table in TABLES
        for index in Table.metadata.tables[table].indexes
        if dialect == "postgresql" or index.columns.keys() != ["slot"]
    }


def test_after_a_first_load_every_index_stands_as_it_was(store, personal):
    with store.read() as connection:
        before = indexes(connection)

    with store.begin() as connection, first_load(connection):
        assert indexes(connection) < before
        assert record(connection, account("A1"), personal) == 7

    with store.read() as connection:
        assert declared(store.dialect) <= indexes(connection) == before


def test_a_first_load_that_fails_leaves_the_store_empty_and_indexed(store, personal):
    with store.read() as connection:
        before = indexes(connection)

    with pytest.raises(ZeroDivisionError), store.begin() as connection, first_load(connection):
        record(connection, account("A1"), personal)
        1 / 0  # noqa: B018

    with store.read() as connection:
        assert indexes(connection) == before
        assert connection.exec_driver_sql("SELECT count(*) FROM accounts").scalar_one() == 0


def test_a_later_load_keeps_the_indexes_throughout(store, personal):
    with store.begin() as connection:
        record(connection, account("A1"), personal)

    with store.begin() as connection, first_load(connection):
        during = indexes(connection)
        assert record(connection, account("A2"), personal) == 7

    assert declared(store.dialect) <= during


def test_a_role_that_may_not_index_loads_with_the_indexes_as_they_are(postgres_url, personal):
    owner = open_store(postgres_url, create=True)
    with owner.begin() as connection:
        if connection.exec_driver_sql("SELECT 1 FROM pg_roles WHERE rolname = 'arrears_loader'").first() is None:
            connection.exec_driver_sql("CREATE ROLE arrears_loader LOGIN")
    grant(owner, "arrears_loader")

    with owner.begin() as connection:
        connection.exec_driver_sql("SET LOCAL ROLE arrears_loader")
        with first_load(connection):
            assert record(connection, account("A1"), personal) == 7
            during = indexes(connection)

    assert declared("postgresql") <= during
    owner.close()
