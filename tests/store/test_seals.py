"""The log: sealed in a chain, and every later change of it found."""

import hashlib
import json
import shutil
import threading
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa
from sqlalchemy import select

from arrears.errors import Refusal
from arrears.store import canon
from arrears.store.connect import open_store
from arrears.store.heads import append_heads, read_heads
from arrears.store.migrations.versions.m0001_facts import APPEND_ONLY
from arrears.store.seals import chain_value, seal, settled_bounds, signed_bytes, verify_log
from arrears.store.tables import Event, Instant, Seal, Table
from tests.store.rows import add_account, add_event, add_terms

NIGHT = datetime(2026, 11, 24, 18, 0, tzinfo=UTC)


@pytest.fixture(scope="module", params=("sqlite", "postgresql"))
def first(request, tmp_path_factory):
    """A log on each backend in turn: the URL of its store, and the heads of its seals. Tests work on copies of it."""
    sqlite = f"sqlite:///{tmp_path_factory.mktemp('first') / 'store.db'}"
    url = sqlite if request.param == "sqlite" else request.getfixturevalue("_template")()
    store = open_store(url, create=True)
    heads = made_log(store)
    store.close()
    return url, heads


@pytest.fixture
def store(first, tmp_path, request):
    """A copy of the first log."""
    url, _ = first
    if url.startswith("sqlite"):
        copy = f"sqlite:///{tmp_path / 'store.db'}"
        shutil.copy(sa.make_url(url).database, tmp_path / "store.db")
    else:
        copy = request.getfixturevalue("_template")()
        name, fresh = sa.make_url(url).database, sa.make_url(copy).database
        admin = sa.create_engine(sa.make_url(url).set(database="postgres"), isolation_level="AUTOCOMMIT")
        with admin.connect() as connection:
            connection.exec_driver_sql(f"DROP DATABASE {fresh}")
            connection.exec_driver_sql(f"CREATE DATABASE {fresh} TEMPLATE {name} STRATEGY FILE_COPY")
        admin.dispose()
    opened = open_store(copy)
    yield opened
    opened.close()


@pytest.fixture
def log(first):
    """The heads of the log that `store` is a copy of."""
    return first[1]


def made_log(store):
    """Three seals over 8 payments, an account and terms, and two payments that are not sealed yet. Gives the heads."""
    with store.begin() as connection:
        add_account(connection, "A1", "P1", b"\x01\x02\xff")
        add_terms(connection)
    heads = []
    for day, events in enumerate((range(1, 4), range(4, 7), range(7, 9))):
        with store.begin() as connection:
            for number in events:
                add_event(connection, f"E{number}", data=f'{{"note":"第{number}笔"}}')
        heads.append(seal(store, NIGHT.replace(day=10 + day)))
    with store.begin() as connection:
        add_event(connection, "E9")
        add_event(connection, "E10")
    return heads


@pytest.fixture
def unguarded(store):
    """A function that changes rows behind the triggers, as who owns the database can."""

    def change(*statements):
        with store.begin() as connection:
            for table in APPEND_ONLY:
                if store.dialect == "postgresql":
                    connection.exec_driver_sql(f"ALTER TABLE {table} DISABLE TRIGGER ALL")
                else:
                    for verb in ("update", "delete"):
                        connection.exec_driver_sql(f"DROP TRIGGER {table}_no_{verb}")
            for statement in statements:
                assert connection.exec_driver_sql(statement).rowcount > 0

    return change


def test_a_log_that_nobody_touched_is_intact_up_to_its_last_seal(store, log):
    result = verify_log(store, log)

    assert result.fault is None
    assert (result.seals, result.rows, result.unsealed) == (3, 13, 2)
    assert result.head == log[-1]


def test_a_seal_of_nothing_new_is_not_made(store, log):
    seal(store, NIGHT)

    assert seal(store, NIGHT) is None
    assert verify_log(store).seals == 4


COPY = "INSERT INTO events (seq, event_id, account_id, slot, at, recorded_at, kind, amount) "
TAMPERED = {
    "an amount was changed": (["UPDATE events SET amount = amount + 1 WHERE event_id = 'E5'"], 2, "events"),
    "an amount was cleared": (["UPDATE events SET amount = NULL WHERE event_id = 'E5'"], 2, "events"),
    "a text was changed": (["UPDATE events SET data = NULL WHERE event_id = 'E2'"], 1, "events"),
    "an instant was moved by a microsecond": (["UPDATE events SET at = (SELECT at FROM events WHERE event_id = 'E1') WHERE event_id = 'E8'"], 3, "events"),
    "sealed data was exchanged": (["UPDATE people SET sealed = NULL"], 1, "people"),
    "a principal was changed": (["UPDATE accounts SET principal = 1"], 1, "accounts"),
    "a due date was moved": (["UPDATE instalments SET due_on = '2027-01-01' WHERE number = 1"], 1, "instalments"),
    "terms were changed": (["UPDATE terms SET text = ''"], 1, "terms"),
    "a row was deleted": (["DELETE FROM events WHERE event_id = 'E4'"], 2, "events"),
    "the first row was deleted": (["DELETE FROM events WHERE event_id = 'E1'"], 1, "events"),
    "all rows of a table were deleted": (["DELETE FROM instalments"], 1, "instalments"),
    "a row was put before the first": ([COPY + "SELECT -7, 'X', 'A1', 1, at, at, 'payment', 1 FROM events WHERE event_id = 'E1'"], 1, "events"),
    "a row was put into a table that was empty": (["INSERT INTO imports (seq, digest, note, recorded_at) SELECT -1, 'd', '{}', at FROM events WHERE seq = 1"], 1, "imports"),
    "a row was put into a gap": (["DELETE FROM events WHERE event_id = 'E6'", COPY + "SELECT 6, 'E6', 'A1', 1, at, at, 'payment', 10000 FROM events WHERE event_id = 'E1'"], 2, "events"),
    "two rows were swapped": (["UPDATE events SET seq = 1000 WHERE seq = 2", "UPDATE events SET seq = 2 WHERE seq = 3", "UPDATE events SET seq = 3 WHERE seq = 1000"], 1, "events"),
    "a reference was put in": (["UPDATE events SET ref = 'x' WHERE seq = 1"], 1, "events"),
    "a seal was changed": (["UPDATE seals SET \"rows\" = \"rows\" + 1 WHERE number = 2"], 2, None),
    "the instant of a seal was changed": (["UPDATE seals SET sealed_at = (SELECT sealed_at FROM seals WHERE number = 1) WHERE number = 3"], 3, None),
    "a seal in the middle was taken out": (["DELETE FROM seals WHERE number = 2"], 3, None),
    "the first seal was taken out": (["DELETE FROM seals WHERE number = 1"], 2, None),
    "the last seal was taken out": (["DELETE FROM seals WHERE number = 3"], 3, None),
    "the last seal and its rows were taken out": (["DELETE FROM seals WHERE number = 3", "DELETE FROM events WHERE seq > 6"], 3, None),
    "all seals were taken out": (["DELETE FROM seals"], 1, None),
}  # fmt: skip


@pytest.mark.parametrize("how", TAMPERED)
def test_whatever_was_tampered_with_is_found_with_its_seal_and_table(store, log, unguarded, how):
    statements, number, table = TAMPERED[how]

    unguarded(*statements)
    result = verify_log(store, log)

    assert result.fault is not None
    assert (result.seal, result.table) == (number, table)


def test_a_value_of_another_type_is_found_where_sqlite_lets_it_through(tmp_path):
    store = open_store(f"sqlite:///{tmp_path / 'store.db'}", create=True)
    with store.begin() as connection:
        add_event(connection, "E1", amount=None)
    seal(store, NIGHT)

    with store.begin() as connection:
        connection.exec_driver_sql("DROP TRIGGER events_no_update")
        connection.exec_driver_sql("UPDATE events SET amount = 'much'")
    result = verify_log(store)
    store.close()

    assert (result.seal, result.table) == (1, "events")
    assert "type" in result.fault


def test_a_log_sealed_anew_after_a_change_is_found_by_a_head_known_from_outside(store, log, unguarded):
    unguarded("UPDATE events SET amount = 1 WHERE event_id = 'E1'", "DELETE FROM seals")
    for day in range(3):
        with store.begin() as connection:
            add_event(connection, f"E{20 + day}")
        seal(store, NIGHT.replace(day=10 + day))

    assert verify_log(store).fault is None  # from the inside nothing is to be seen
    assert verify_log(store, log).seal == 1


def test_a_signature_of_another_key_is_found(store, log):
    keyed = {}

    def sign(message):
        keyed[message] = f"mine:{hashlib.sha256(message).hexdigest()}"
        return keyed[message]

    head = seal(store, NIGHT, sign)
    good = verify_log(store, log, lambda message, text: keyed.get(message) == text)
    bad = verify_log(store, log, lambda message, text: False)

    assert signed_bytes(head.chain) in keyed
    assert (good.fault, good.signed) == (None, 1)
    assert bad.seal == 4 and "signature" in bad.fault


def test_the_canonical_bytes_are_those_that_the_documentation_describes(store, log):
    """Written here a second time from the words of the page alone: a third party can recompute a seal."""

    def field(value, kind):
        if value is None:
            return b"-"
        if isinstance(kind, Instant):
            value = str((value - datetime(1970, 1, 1, tzinfo=UTC)).days * 86_400_000_000
                        + (value - datetime(1970, 1, 1, tzinfo=UTC)).seconds * 1_000_000 + value.microsecond)  # fmt: skip
        elif isinstance(value, bytes):
            value = value.hex()
        content = str(value).encode()
        return b"%d:%s" % (len(content), content)

    with store.read() as connection:
        sealed = connection.execute(select(Seal.__table__).where(Seal.number == 1)).one()
        upto = json.loads(sealed.upto)
        for table, last in upto.items():
            columns = Table.metadata.tables[table].columns
            rows = connection.execute(select(*columns).where(columns["seq"] <= last).order_by(columns["seq"])).all()
            lines = [
                b"".join(field(value, column.type) for value, column in zip(row, columns, strict=True)) for row in rows
            ]
            expected = [len(rows), hashlib.sha256(b"".join(line + b"\n" for line in lines)).hexdigest()]
            assert json.loads(sealed.digest)[table] == expected


def test_every_column_of_every_fact_is_covered():
    for table, columns in canon.COLUMNS.items():
        assert list(columns) == list(Table.metadata.tables[table].columns.keys())


def test_both_databases_have_the_same_canonical_bytes(tmp_path, postgres_url):
    found = []
    for url in (f"sqlite:///{tmp_path / 'twin.db'}", postgres_url):
        store = open_store(url, create=True)
        with store.begin() as connection:
            add_account(connection, "A1", "李雷", bytes(range(256)))
            add_event(connection, "E1", data='{"note":"a:b\\n-3:\U0001f600"}', amount=-(2**62), outcome="")
            add_terms(connection, text="a\nb\r\n\t'\"%s\\")
        head = seal(store, NIGHT)
        assert verify_log(store, [head]).fault is None
        found.append(head)
        store.close()

    assert found[0] == found[1]


def test_a_row_in_flight_cannot_land_under_a_seal(postgres_url):
    """Two connections: one has taken a lower seq and not committed; the seal waits for it and covers it."""
    store = open_store(postgres_url, create=True)
    begun, go_on = threading.Event(), threading.Event()

    def slow_writer():
        with store.begin() as connection:
            add_event(connection, "E1")
            begun.set()
            assert go_on.wait(30)

    writer = threading.Thread(target=slow_writer)
    writer.start()
    assert begun.wait(30)
    with store.begin() as connection:
        add_event(connection, "E2")  # a higher seq, committed first
    found = []
    sealer = threading.Thread(target=lambda: found.append(seal(store, NIGHT)))
    sealer.start()
    _wait_for_lock(store)
    early = verify_log(store)
    go_on.set()
    writer.join()
    sealer.join()
    late = verify_log(store, found)
    store.close()

    assert early.seals == 0
    assert (late.fault, late.rows, late.unsealed) == (None, 2, 0)


def _wait_for_lock(store):
    """Until the sealer waits for the writer's lock."""
    waiting = sa.text("SELECT count(*) FROM pg_locks WHERE NOT granted AND mode = 'ShareLock'")
    while True:
        with store.read() as connection:
            if connection.execute(waiting).scalar_one():
                return


def test_bounds_leave_no_lock_behind(store, log):
    assert settled_bounds(store)["events"] == 10

    with store.begin() as connection:
        add_event(connection, "E11")
    with store.read() as connection:
        assert connection.execute(select(sa.func.count()).select_from(Event)).scalar_one() == 11


def test_two_that_seal_at_once_make_one_chain(store, log):
    """The second one begins when the first has read everything and not yet written; the first gives way."""
    second = []

    def meanwhile(message):
        second.append(seal(store, NIGHT))
        return "signature"

    with pytest.raises(Refusal, match="another process"):
        seal(store, NIGHT, meanwhile)

    assert verify_log(store, [*log, *second]).seals == 4


@pytest.mark.parametrize("upto", ["[]", "{", "{}", "1", '{"events": "many"}'])
def test_a_seal_that_was_written_to_break_the_reader_is_a_seal_that_does_not_hold(store, log, unguarded, upto):
    with store.read() as connection:
        row = connection.execute(select(Seal.__table__).where(Seal.number == 3)).one()
    chain = chain_value({**row._asdict(), "upto": upto})

    unguarded(f"UPDATE seals SET upto = '{upto}', chain = '{chain}' WHERE number = 3")

    assert verify_log(store).seal == 3


def test_heads_are_kept_in_a_file_that_only_grows(tmp_path, store, log):
    file = tmp_path / "seals.heads"

    append_heads(file, log[:2])
    append_heads(file, log[2:])

    assert read_heads(file) == log
    assert read_heads(tmp_path / "none") == []


@pytest.mark.parametrize("line", ["3", "x " + "a" * 64, "1 " + "g" * 64, "1  " + "a" * 64, "-1 " + "a" * 64])
def test_a_line_that_is_no_head_is_refused_with_its_place(tmp_path, line):
    file = tmp_path / "seals.heads"
    file.write_text(f"1 {'a' * 64}\n{line}\n")

    with pytest.raises(Refusal) as refusal:
        read_heads(file)

    assert refusal.value.findings[0].line == 2


def test_the_seal_itself_is_guarded_like_the_facts(store, log):
    with pytest.raises(Refusal, match="only added"), store.begin() as connection:
        connection.execute(sa.update(Seal).values(rows=0))
