"""The migrations make exactly the declared tables, and the database itself keeps facts from being changed."""

from dataclasses import replace

import psycopg
import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from arrears.errors import Refusal
from arrears.facts import schema
from arrears.store import migrations
from arrears.store.connect import open_store
from arrears.store.facts import facts_of, record
from arrears.store.moving import note_import, put_terms
from arrears.store.news import register
from arrears.store.roles import grant
from arrears.store.tables import PROMISES, Event, News, PromisedBy, Seal, Table, View
from tests.store.facts import NOON, account, event

#: Of SQLite no index over an expression can be looked at; what it is good for has a test of its own.
pytestmark = pytest.mark.filterwarnings("ignore:.*expression-based index")

FACTS = ("accounts", "instalments", "people", "events", "terms", "imports", "seals", "views")
CHANGES = ("UPDATE {} SET {} = NULL", "DELETE FROM {}", "INSERT OR REPLACE INTO {0} SELECT * FROM {0}", "TRUNCATE {}")
A_COLUMN = {"terms": "product", "imports": "digest", "seals": "chain", "views": "subject"}


#: Declared for PostgreSQL alone, which Alembic does not look at.
NOT_ON_SQLITE = {"instalments_by_slot", "people_by_slot", "events_by_slot", "outbox_by_gain"}


def differences(store):
    with store.begin() as connection:
        found = compare_metadata(MigrationContext.configure(connection, opts={"compare_type": True}), Table.metadata)
    return [
        (change, thing)
        for change, thing, *_ in found
        if not (store.dialect == "sqlite" and change == "add_index" and thing.name in NOT_ON_SQLITE)
    ]


def test_the_migrations_make_exactly_the_declared_tables(store):
    with store.read() as connection:
        indexes = {
            index["name"]
            for table in (*FACTS, "outbox")
            for index in sa.inspect(connection).get_indexes(table)
            if index["name"]
        }

    assert differences(store) == []
    assert indexes & NOT_ON_SQLITE == (set() if store.dialect == "sqlite" else NOT_ON_SQLITE)


def test_the_version_that_is_opened_is_the_last_of_the_migrations():
    with sa.create_engine("sqlite://").connect() as connection:
        script = ScriptDirectory.from_config(migrations.settings(connection))

    assert script.get_current_head() == migrations.HEAD


def test_down_and_up_again_leaves_the_same_tables(store):
    with store.begin() as connection:
        migrations.downgrade(connection)
        left = set(sa.inspect(connection).get_table_names())
        migrations.upgrade(connection)

    assert left == {"alembic_version"}
    assert differences(store) == []


def test_an_older_store_is_brought_up_and_the_facts_that_open_cases_are_found_by_their_index(store, personal):
    with store.begin() as connection:
        record(connection, account("A1"), personal)
        migrations.downgrade(connection, "0005")

    with store.begin() as connection:
        migrations.upgrade(connection)

    with store.begin() as connection:
        if store.dialect == "postgresql":
            connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
        explain = {"sqlite": "EXPLAIN QUERY PLAN", "postgresql": "EXPLAIN"}[store.dialect]
        plan = connection.exec_driver_sql(f"{explain} SELECT at FROM events WHERE kind = 'dispute_opened' ORDER BY at")
        assert "events_of_cases" in str(plan.all())
    assert differences(store) == []


def test_promises_are_read_by_their_day_along_an_index_whatever_else_their_data_holds(store, personal):
    told = ('{"note": "\\u0000", "by": "2026-10-20"}', '{"by":"2026-10-19"}', '{"note": "\\"by\\": \\"2026-10-01\\""}')
    promises = [event("A1", f"P{at}", "promise", amount=1, data=data) for at, data in enumerate(told)]

    with store.begin() as connection:
        record(connection, replace(account("A1"), events=schema.frame("events", promises)), personal)
        if store.dialect == "postgresql":
            connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
        day = PromisedBy(Event.data).label("day")
        by_day = sa.select(day).where(sa.text(PROMISES), day >= "2026-10-01").order_by(day)
        explained = {"sqlite": "EXPLAIN QUERY PLAN ", "postgresql": "EXPLAIN "}[store.dialect]
        words = by_day.compile(store.engine, compile_kwargs={"literal_binds": True})

        plan = str(connection.exec_driver_sql(explained + str(words).replace("%", "%%")).all())
        days = connection.execute(by_day).scalars().all()

    assert "promises_by_day" in plan and "sort" not in plan.lower()
    assert days == ["2026-10-19", "2026-10-20"]


@pytest.fixture
def filled(store, personal):
    """The store with a row in every table of facts."""
    with store.begin() as connection:
        record(connection, account("A1"), personal)
        put_terms(connection, "small", "product: small", NOON)
        note_import(connection, {"digest": "d"}, NOON)
        seal = {"sealed_at": NOON, "upto": "{}", "rows": 0, "digest": "", "previous": "", "chain": "c"}
        connection.execute(sa.insert(Seal), seal)
        view = {"at": NOON, "who_kind": "staff", "who": "a", "subject": "A1", "page": "account", "session_hash": "s"}
        connection.execute(sa.insert(View), view)
    return store


@pytest.mark.parametrize("table", FACTS)
def test_no_row_of_facts_or_seals_can_be_changed_or_taken_away(filled, table):
    other = {"sqlite": "TRUNCATE", "postgresql": "INSERT OR REPLACE"}[filled.dialect]
    for change in CHANGES:
        if change.startswith(other):
            continue
        statement = change.format(table, A_COLUMN.get(table, "account_id"))
        with pytest.raises(Refusal, match="only added, never changed"), filled.begin() as connection:
            connection.exec_driver_sql(statement)

    with filled.read() as connection:
        assert connection.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar_one() > 0


@pytest.fixture
def writer_url(postgres_url):
    """The URL by which the role of the service connects, after the owner has made the tables and granted."""
    owner = open_store(postgres_url, create=True)
    with owner.begin() as connection:
        if connection.exec_driver_sql("SELECT 1 FROM pg_roles WHERE rolname = 'arrears_writer'").first() is None:
            connection.exec_driver_sql("CREATE ROLE arrears_writer LOGIN")
    grant(owner, "arrears_writer")
    owner.close()
    return sa.make_url(postgres_url).set(username="arrears_writer").render_as_string(hide_password=False)


def test_the_role_of_the_service_adds_facts_and_reads_them_and_works_their_news(writer_url, tmp_path):
    from arrears.store.personal import open_personal

    store = open_store(writer_url)
    personal = open_personal(store, tmp_path / "keys")

    with store.hold(["A1"]), store.begin() as connection:
        register(connection, {"crm": None}, NOON)
        assert record(connection, account("A1"), personal) == 7

    with store.read() as connection:
        assert facts_of(connection, ["A1"], personal).events.height == 3
    with store.begin() as connection:
        assert connection.execute(sa.update(News).values(tries=1)).rowcount == 3
        assert register(connection, {}, NOON).ended == ("crm",)
    store.close()


FORBIDDEN = (
    "UPDATE events SET amount = 0", "DELETE FROM accounts", "TRUNCATE instalments", "DELETE FROM outbox",
    "UPDATE person_keys SET wrapped = NULL", "INSERT INTO seals SELECT * FROM seals", "ALTER TABLE events DISABLE TRIGGER ALL", "DROP TABLE events",
    "DROP TRIGGER events_append_only ON events", "UPDATE alembic_version SET version_num = ''",
)  # fmt: skip


@pytest.mark.parametrize("statement", FORBIDDEN)
def test_the_role_of_the_service_is_refused_what_it_does_not_need(writer_url, statement):
    store = open_store(writer_url)

    with pytest.raises(Refusal, match="may not do that"), store.begin() as connection:
        connection.exec_driver_sql(statement)

    store.close()


def test_a_grant_takes_every_other_right_away(writer_url, postgres_url):
    owner = open_store(postgres_url)
    with owner.begin() as connection:
        connection.exec_driver_sql("GRANT ALL ON events TO arrears_writer")

    grant(owner, "arrears_writer")

    owner.close()
    plain = writer_url.replace("postgresql+psycopg", "postgresql")
    with pytest.raises(psycopg.errors.InsufficientPrivilege), psycopg.connect(plain) as connection:
        connection.execute("DELETE FROM events")
