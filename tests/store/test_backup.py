"""Backup and restore: one state, one form for both databases, whole or not at all."""

import hashlib
import io
import json
import os
import subprocess
import sys
import threading
import zipfile
from datetime import UTC, datetime

import polars as pl
import pytest
import sqlalchemy as sa

from arrears.errors import Refusal
from arrears.store.backup import backup, restore
from arrears.store.connect import open_store
from arrears.store.personal import open_personal
from arrears.store.seals import seal, verify_log
from arrears.store.tables import Queued, Stop, Table, Work
from tests.store.rows import START, add_account, add_event, add_terms

NOW = datetime(2026, 11, 24, 20, 0, tzinfo=UTC)


@pytest.fixture
def filled(store, personal):
    """A store with rows of many kinds."""
    return fill(store, personal)


def fill(store, personal):
    """Rows of many kinds, among them what a form could lose: NULL beside '', line feeds, quotes, bytes, extremes."""
    with store.begin() as connection:
        sealed = personal.seal(connection, "people", "P1", {"name": "李雷"})
        add_account(connection, "A1", "P1", sealed)
        add_terms(connection, text="a\nb\r\n\t'\"%s\\ \\N \\.\n\\.\n")
        add_event(connection, "E1", outcome="", data='{"reason":"\\"\U0001f600,;"}')
        add_event(connection, "E2", amount=-(2**62), ref=None)
        add_event(connection, "E3", sealed=bytes(range(256)))
        add_event(connection, "E4", sealed=b"")
        connection.execute(sa.insert(Work), [{
            "key": "k" * 64, "night": "n", "night_as_of": START, "account_id": "A1", "person_id": "P1", "slot": 1, "law": "cn",
            "strategy": "s", "stage": "phone", "action": "call", "channel": "call", "gain": 0.1 + 0.2, "not_before": START,
            "not_after": NOW, "state": "ready", "available_at": START.replace(microsecond=0), "changed_at": START}])  # fmt: skip
        connection.execute(
            sa.insert(Stop), [{"scope": "all", "subject": "", "set_at": START, "set_by": "x", "reason": "y"}]
        )
        connection.execute(sa.insert(Queued), [{"queue": "inbound", "key": "q", "sort": "paid", "queued_at": START}])
    seal(store, NOW)
    with store.begin() as connection:
        add_event(connection, "E5")
    return store


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """A backup of such a store, as bytes. Its form is the same for both databases, which the first test proves."""
    folder = tmp_path_factory.mktemp("whole")
    store = open_store(f"sqlite:///{folder / 'store.db'}", create=True)
    backup(fill(store, open_personal(store, folder / "keys")), folder / "store.backup", NOW)
    store.close()
    return (folder / "store.backup").read_bytes()


@pytest.fixture
def archive(whole, tmp_path):
    """A copy of that backup for one test."""
    file = tmp_path / "store.backup"
    file.write_bytes(whole)
    return file


@pytest.fixture(params=("sqlite", "postgresql"))
def other_url(request, tmp_path):
    """An empty database to restore into, on each backend in turn."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'restored.db'}"
    return request.getfixturevalue("_template")()


def everything(store):
    """Every row of every table, in the order of its key."""
    with store.read() as connection:
        return {
            table.name: [
                tuple(row) for row in connection.execute(sa.select(table).order_by(*table.primary_key.columns))
            ]
            for table in Table.metadata.sorted_tables
        }


def test_what_is_restored_is_what_was_there_whichever_databases_they_are(filled, other_url, tmp_path):
    file = tmp_path / "store.backup"

    made = backup(filled, file, NOW)
    restored = restore(file, other_url)
    copy = open_store(other_url)

    assert everything(copy) == everything(filled)
    assert (restored.log.fault, restored.log.seals, restored.log.unsealed) == (None, 1, 1)
    assert restored.log.head == made.head
    assert made.rows["events"] == 5
    copy.close()


def test_a_restored_store_goes_on_numbering_where_the_first_one_stood(archive, other_url):
    restored = restore(archive, other_url)
    copy = open_store(other_url)

    with copy.begin() as connection:
        add_event(connection, "E6")
    head = seal(copy, NOW)
    with copy.read() as connection:
        numbers = connection.execute(sa.text("SELECT seq FROM events ORDER BY seq")).scalars().all()

    assert numbers == [1, 2, 3, 4, 5, 6]
    assert verify_log(copy, [restored.log.head, head]).fault is None
    copy.close()


def test_a_backup_of_an_older_version_is_restored_and_brought_up(archive, other_url):
    members = zipped_members(archive)
    manifest = json.loads(members["manifest.json"])
    later = ("subscribers", "news")
    older = {
        name: {table: told for table, told in manifest[name].items() if table not in later}
        for name in ("tables", "counters")
    }
    written_anew(archive, members | {"manifest.json": json.dumps(manifest | older | {"schema": "0006"})})

    restored = restore(archive, other_url)

    copy = open_store(other_url)
    assert (restored.log.fault, restored.rows["events"], restored.rows["news"]) == (None, 5, 0)
    copy.close()


def test_a_restored_store_is_append_only_as_well(archive, other_url):
    restore(archive, other_url)
    copy = open_store(other_url)

    with pytest.raises(Refusal, match="only added"), copy.begin() as connection:
        connection.execute(sa.text("UPDATE events SET amount = 0"))
    copy.close()


def test_a_backup_is_one_state_while_others_write(store, tmp_path):
    """A writer adds an event and an instalment in one transaction, again and again; the backup has as many of one as of the other."""
    with store.begin() as connection:
        add_account(connection, "A1")
    stop = threading.Event()
    written = []

    def write():
        while not stop.is_set():
            number = len(written) + 10
            with store.begin() as connection:
                add_event(connection, f"E{number}")
                add_account(connection, f"B{number}")
            written.append(number)

    writer = threading.Thread(target=write)
    writer.start()
    while len(written) < 3:
        assert writer.is_alive()
    made = [backup(store, tmp_path / f"{number}.backup", NOW).rows for number in range(3)]
    stop.set()
    writer.join()

    assert all(rows["events"] == rows["accounts"] - 1 for rows in made)
    assert made[0]["events"] >= 3


def test_a_backup_holds_no_master_key_and_nothing_personal_in_the_open(filled, personal, tmp_path):
    backup(filled, tmp_path / "store.backup", NOW)

    content = b"".join(zipped_members(tmp_path / "store.backup").values())

    assert personal.masters.current().secret not in content
    assert personal.masters.token_key not in content
    assert "李雷".encode() not in content


def zipped_members(file):
    with zipfile.ZipFile(file) as zipped:
        return {name: zipped.read(name) for name in zipped.namelist()}


def written_anew(file, members):
    with zipfile.ZipFile(file, "w") as zipped:
        for name, content in members.items():
            zipped.writestr(name, content)


def cut(file):
    file.write_bytes(file.read_bytes()[: file.stat().st_size * 2 // 3])


def flip_a_byte(file):
    content = bytearray(file.read_bytes())
    content[content.index(b"PAR1") + 40] ^= 1
    file.write_bytes(content)


def take_a_member_out(file):
    members = zipped_members(file)
    del members["events/000001.parquet"]
    written_anew(file, members)


def exchange_members(file):
    members = zipped_members(file)
    written_anew(file, members | {"events/000001.parquet": members["accounts/000001.parquet"]})


def say_another_count(file):
    members = zipped_members(file)
    manifest = json.loads(members["manifest.json"])
    manifest["tables"]["events"][0]["rows"] = 1
    written_anew(file, members | {"manifest.json": json.dumps(manifest)})


def put_rows_of_another_table(file):
    members = zipped_members(file)
    manifest = json.loads(members["manifest.json"])
    manifest["tables"]["events"] = manifest["tables"]["accounts"]
    written_anew(file, members | {"manifest.json": json.dumps(manifest)})


def take_the_manifest_out(file):
    members = zipped_members(file)
    del members["manifest.json"]
    written_anew(file, members)


def write_something_else(file):
    file.write_text("not a backup")


@pytest.mark.parametrize("damage", [
    cut, flip_a_byte, take_a_member_out, exchange_members, say_another_count, put_rows_of_another_table, take_the_manifest_out,
    write_something_else,
])  # fmt: skip
def test_a_damaged_backup_is_refused_with_nothing_half_done(archive, other_url, tmp_path, damage):
    damage(archive)
    before = sorted(path.name for path in tmp_path.iterdir())

    with pytest.raises(Refusal) as refusal:
        restore(archive, other_url)

    assert refusal.value.findings[0].code == "restore"
    assert sorted(path.name for path in tmp_path.iterdir()) == before
    engine = sa.create_engine(other_url)
    if engine.dialect.name == "postgresql":
        assert sa.inspect(engine).get_table_names() == []
    engine.dispose()


def test_a_backup_whose_rows_were_changed_with_their_hashes_is_found_by_the_log(archive, other_url):
    members = zipped_members(archive)
    manifest = json.loads(members["manifest.json"])
    changed = io.BytesIO()
    rows = pl.read_parquet(members["events/000001.parquet"]).with_columns(pl.col("amount") + 1)
    rows.write_parquet(changed)
    manifest["tables"]["events"][0]["sha256"] = hashlib.sha256(changed.getvalue()).hexdigest()
    written_anew(
        archive, members | {"events/000001.parquet": changed.getvalue(), "manifest.json": json.dumps(manifest)}
    )

    restored = restore(archive, other_url)

    assert (restored.log.seal, restored.log.table) == (1, "events")


def test_a_restore_goes_only_into_an_empty_database(archive, other_url):
    other = open_store(other_url, create=True)
    with other.begin() as connection:
        add_event(connection, "MINE")
    before = everything(other)

    with pytest.raises(Refusal) as refusal:
        restore(archive, other_url)

    assert refusal.value.exit_code == 2
    assert everything(other) == before
    other.close()


def test_an_older_backup_is_found_by_a_head_known_from_outside(store, tmp_path):
    for number in (1, 2):
        with store.begin() as connection:
            add_event(connection, f"E{number}")
        head = seal(store, NOW)
        backup(store, tmp_path / f"{number}.backup", NOW)

    restored = restore(tmp_path / "1.backup", f"sqlite:///{tmp_path / 'restored.db'}", heads=[head])

    assert (restored.log.seal, restored.log.head.number) == (2, 1)


def test_a_backup_never_replaces_a_file(filled, tmp_path):
    file = tmp_path / "store.backup"
    file.write_text("mine")

    with pytest.raises(Refusal):
        backup(filled, file, NOW)

    assert file.read_text() == "mine"


FULL = """
import resource, sys
from datetime import datetime, UTC
from pathlib import Path
import polars
from arrears.errors import Refusal
from arrears.store.backup import backup
from arrears.store.connect import open_store
import signal
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
store = open_store(sys.argv[1])
resource.setrlimit(resource.RLIMIT_FSIZE, (4000, 4000))
try:
    backup(store, Path(sys.argv[2]), datetime(2026, 11, 24, tzinfo=UTC))
except Refusal as refusal:
    print(refusal)
    sys.exit(3)
"""


def test_a_disk_that_takes_no_more_gives_a_clear_error_and_no_half_file(filled, tmp_path):
    """The limit is the system's own on the size of a file, which fails a write as a full disk does."""
    folder = tmp_path / "disk"
    folder.mkdir()

    url = filled.engine.url.render_as_string(hide_password=False)
    done = subprocess.run([sys.executable, "-c", FULL, url, str(folder / "store.backup")], capture_output=True, text=True,
                          env=os.environ, timeout=60)  # fmt: skip

    assert done.returncode == 3, done.stderr
    assert "cannot be written" in done.stdout
    assert list(folder.iterdir()) == []
