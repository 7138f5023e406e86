"""Every command that reads a book reads a database as it reads a folder, and says clearly what is wrong with one."""

import json
import shlex
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal
from sqlalchemy import func, select

from arrears.cli import main
from arrears.facts.book import open_book
from arrears.lab.made import make_book
from arrears.store.connect import open_store
from arrears.store.tables import DeskAccount, DeskNight, Import
from tests.conftest import AS_OF
from tests.facts.tapes import write_tape

INSTALLATION = """
lender: {id: demo, name: {en: Demo Lending, zh: 示例消费金融}, phone: "+86 10 0000 0000", site: https://example.org}
database: URL
keys: keys
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder's book of 300 accounts."""
    return make_book(tmp_path_factory.mktemp("made") / "book", 300, 7, AS_OF)


@pytest.fixture
def here(store_url, tmp_path, monkeypatch):
    """A folder with an installation whose database is empty."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("ARREARS_CONFIG", raising=False)
    (tmp_path / "arrears.yaml").write_text(INSTALLATION.replace("URL", store_url), "utf-8")
    return tmp_path


@pytest.fixture
def run(here, capsys):
    """Run a command in that folder; gives exit code, output and errors."""

    def command(line):
        code = main(shlex.split(line))
        told = capsys.readouterr()
        return code, told.out, told.err

    return command


@pytest.fixture
def filled(run, folder):
    code, out, err = run(f"book import {folder.path}")
    assert (code, err) == (0, "") and "new facts" in out


ALIKE = (
    "explain M000000007 --as-of 2026-11-23 --json",
    "why-not visit M000000007 --as-of 2026-11-23 --json",
    "strategy diff cn-consumer uk-consumer --as-of 2026-11-23 --json",
    "night --as-of 2026-11-23 --json",
)


@pytest.mark.parametrize("command", ALIKE, ids=lambda command: command.split()[0])
def test_a_command_says_the_same_of_a_database_as_of_a_folder(run, filled, folder, store_url, command):
    out = " --out {}" if command.startswith("night") else ""

    of_folder = run(f"{command} --book {folder.path}" + out.format("of-folder"))
    of_database = run(f"{command} --book {store_url}" + out.format("of-database"))
    of_installation = run(f"{command} --config arrears.yaml" + out.format("of-installation"))

    assert of_folder[0] == 0 and of_folder[1]
    assert of_database == of_installation == of_folder


def test_an_audit_finds_the_same_in_a_database_as_in_a_folder(run, filled, folder, store_url):
    of_folder, of_database = run(f"audit {folder.path} --json"), run(f"audit {store_url} --json")

    mine, theirs = (json.loads(told) for _, told, _ in (of_database, of_folder))
    assert of_folder[0] == of_database[0] and theirs["contacts"]
    assert (mine["contacts"], mine["counts"]) == (theirs["contacts"], theirs["counts"])


def test_a_book_goes_out_into_a_folder_as_it_came(run, filled, folder, here):
    assert run("book export out")[0] == 0

    for table in ("accounts", "instalments", "people", "events"):
        assert_frame_equal(open_book(here / "out").read(0, table), folder.read(0, table))


def test_a_tape_comes_in_by_the_checks_of_the_door_and_a_second_time_changes_nothing(run, here):
    tape = " ".join(shlex.quote(path.name) for path in write_tape(here))

    first = run(f"import {tape} --terms small.yaml")
    again = run(f"import {tape} --terms small.yaml")
    exported = run("book export out")

    assert (first[0], again[0], exported[0]) == (0, 0, 0), (first, again, exported)
    assert "accounts: 4 rows, 4 new" in first[1] and "nothing changed" in again[1]
    assert open_book(here / "out").account("L1").people["name"].to_list() == ["张三丰"]


def test_a_faulty_tape_changes_nothing(run, here):
    tape = " ".join(shlex.quote(path.name) for path in write_tape(here))
    run(f"import {tape} --terms small.yaml")
    (here / "events.csv").write_text("event_id,account_id,at,kind,amount\nE9,L1,2026-03-01,payment,x\n", "utf-8")

    code, _, err = run("import events.csv accounts.csv")

    assert code == 1 and "nothing imported" in err
    run("book export out")
    assert "E9" not in pl.concat(open_book(here / "out").read(part, "events") for part in range(1))["event_id"]


MISUSE = {
    "night --book sqlite:///none.db --as-of 2026-11-23": "is not there",
    "night --book sqlite:///tape.csv --as-of 2026-11-23": "is not an SQLite file",
    "night --book sqlite:///empty.db --as-of 2026-11-23": "is not a store of arrears",
    "night --book postgresql+psycopg://lender:s3cret@127.0.0.1:1/x --as-of 2026-11-23": "cannot be reached",
    "night --book postgresql://127.0.0.1:1/x?user=lender&password=s3cret --as-of 2026-11-23": "cannot be reached",
    "book migrate --book sqlite:///": "names no file",
    "book migrate --book sqlite:///nowhere/x.db": "its folder is not there",
    "book grant --book sqlite:///other.db someone": "has no roles",
}


@pytest.mark.parametrize("command", MISUSE)
def test_what_is_wrong_with_a_database_is_said_in_one_line_without_its_password(tmp_path, monkeypatch, capsys, command):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "arrears.yaml").write_text(INSTALLATION.replace("URL", "sqlite:///arrears.db"), "utf-8")
    (tmp_path / "tape.csv").write_text("account_id,product\n", "utf-8")
    (tmp_path / "empty.db").touch()
    main(["book", "migrate", "--book", "sqlite:///other.db"])
    capsys.readouterr()

    code = main(shlex.split(command))

    err = capsys.readouterr().err
    assert code == 2 and MISUSE[command] in err
    assert err.count("\n") == 1 and "s3cret" not in err


def test_a_command_without_book_and_installation_says_what_to_give(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)

    assert main(["night", "--as-of", "2026-11-23"]) == 2
    assert "give --book FOLDER or a URL" in capsys.readouterr().err


def test_a_night_over_the_store_is_noted_in_the_log_and_sealed(run, filled, store_url):
    run("night --as-of 2026-11-23 --out first --config arrears.yaml")

    code, out, _ = run("verify-log --json --config arrears.yaml")

    found = json.loads(out)
    assert code == 0 and found["seals"] == 1 and found["unsealed"] == 0
    with open_store(store_url).read() as connection:
        notes = [json.loads(note) for note in connection.execute(select(Import.note)).scalars()]
    files = next(note["files"] for note in notes if "night" in note)
    assert files == json.loads((Path("first") / "night.json").read_text("utf-8"))["files"]


def test_a_night_over_the_store_of_an_installation_is_on_its_desk_unless_it_looks_back(run, filled, store_url):
    run("night --as-of 2026-10-23 --out before")
    _, _, said = run("night --as-of 2026-11-23 --out after --since before")
    _, _, refused = run("night --as-of 2026-11-01 --out between")
    run("night --as-of 2026-11-24 --out apart --no-desk")
    run("night --as-of 2026-11-25 --known-at 2026-11-20 --out back")

    with open_store(store_url).read() as connection:
        nights = connection.execute(select(DeskNight.planned_for, DeskNight.figures).order_by(DeskNight.number)).all()
        listed = connection.execute(select(func.count()).select_from(DeskAccount)).scalar_one()
    assert [night.planned_for.isoformat() for night in nights] == ["2026-10-24", "2026-11-24"]
    assert said.endswith(f"on the desk: {listed} accounts\nwork list: after/worklist.parquet\n") and listed > 0
    assert "desk: shows a later night already" in refused
    first, second = (json.loads(night.figures)["roll"] for night in nights)
    assert first == [] and sum(row["accounts"] for row in second) == 300
