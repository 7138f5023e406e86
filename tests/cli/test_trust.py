"""`seal`, `verify-log`, `erase`, `rotate-keys`, `backup` and `restore` as a person runs them."""

import json

import pytest
import sqlalchemy as sa

from arrears.cli import main
from arrears.store.connect import open_store
from arrears.store.facts import facts_of, record
from arrears.store.personal import open_personal
from tests.store.facts import account

INSTALLATION = """
lender: {id: bank, name: {zh: 长河银行, en: Changhe Bank}, phone: "95000", site: https://example.org}
database: sqlite:///store.db
keys: keys
"""


@pytest.fixture
def here(tmp_path, monkeypatch):
    """A folder with an installation whose store has one account; commands run in it."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "arrears.yaml").write_text(INSTALLATION, "utf-8")
    opened = open_store(f"sqlite:///{tmp_path / 'store.db'}", create=True)
    with opened.begin() as connection:
        record(connection, account("A1"), open_personal(opened, tmp_path / "keys"))
    opened.close()
    return tmp_path


def run(capsys, *arguments):
    """Exit code, what was printed (the object, with --json), and what was said on standard error."""
    code = main(list(arguments))
    told = capsys.readouterr()
    return code, json.loads(told.out) if "--json" in arguments and told.out else told.out, told.err


def name_of_the_borrower(folder, database):
    store = open_store(f"sqlite:///{folder / database}")
    with store.read() as connection:
        (name,) = facts_of(connection, ["A1"], open_personal(store, folder / "keys")).people["name"]
    store.close()
    return name


def change_an_amount(folder):
    engine = sa.create_engine(f"sqlite:///{folder / 'store.db'}")
    with engine.begin() as connection:
        connection.exec_driver_sql("DROP TRIGGER events_no_update")
        connection.exec_driver_sql("UPDATE events SET amount = 1 WHERE event_id = 'E1'")
    engine.dispose()


def test_a_sealed_log_is_intact_and_its_head_stands_in_a_file(here, capsys):
    code, sealed, _ = run(capsys, "seal", "--json")
    verified, log, _ = run(capsys, "verify-log", "--json")
    _, again, _ = run(capsys, "seal", "--json")

    assert (code, sealed["sealed"], sealed["number"]) == (0, True, 1)
    assert (verified, log["intact"], log["rows"], log["unsealed"]) == (0, True, 7, 0)
    assert again == {"sealed": False, "number": None, "chain": None}
    assert (here / "seals.heads").read_text() == f"1 {sealed['chain']}\n"


def test_a_seal_is_signed_where_the_lender_has_keys_and_a_forged_signature_is_found(here, capsys):
    assert run(capsys, "keys", "make")[0] == 0
    run(capsys, "seal")
    _, good, _ = run(capsys, "verify-log", "--json")
    run(capsys, "keys", "rotate")
    _, retired, _ = run(capsys, "verify-log", "--json")
    engine = sa.create_engine(f"sqlite:///{here / 'store.db'}")
    with engine.begin() as connection:
        connection.exec_driver_sql("DROP TRIGGER seals_no_update")
        connection.exec_driver_sql(
            "UPDATE seals SET signature = substr(signature, 1, 9) || 'AAAA' || substr(signature, 14)"
        )
    engine.dispose()
    code, forged, _ = run(capsys, "verify-log", "--json")

    assert (good["intact"], good["signed"]) == (True, 1)
    assert (retired["intact"], retired["signed"]) == (True, 1)
    assert (code, forged["seal"]) == (1, 1) and "signature" in forged["fault"]


def test_what_a_stolen_key_signed_proves_nothing_and_does_not_break_the_log(here, capsys):
    run(capsys, "keys", "make")
    run(capsys, "seal")

    assert run(capsys, "keys", "rotate", "--revoke")[0] == 0
    code, log, _ = run(capsys, "verify-log", "--json")

    assert (code, log["intact"], log["signed"]) == (0, True, 0)


def test_a_log_that_was_tampered_with_exits_with_one_and_says_where(here, capsys):
    run(capsys, "seal")
    change_an_amount(here)

    code, told, _ = run(capsys, "verify-log")

    assert code == 1
    assert told.startswith(
        "the log does NOT hold: seal 1, events seq 1 to 3 does not agree with its rows, which were changed\n"
    )


def test_a_log_whose_end_was_cut_off_is_found_by_the_file_of_heads(here, capsys):
    run(capsys, "seal")
    engine = sa.create_engine(f"sqlite:///{here / 'store.db'}")
    with engine.begin() as connection:
        connection.exec_driver_sql("DROP TRIGGER seals_no_delete")
        connection.exec_driver_sql("DELETE FROM seals")
    engine.dispose()

    code, log, _ = run(capsys, "verify-log", "--json")

    assert (code, log["seal"], log["head"]) == (1, 1, None)
    assert "cut off" in log["fault"]


def test_a_head_that_was_not_written_in_time_is_written_by_the_next_seal(here, capsys):
    run(capsys, "seal")
    heads = (here / "seals.heads").read_text()
    (here / "seals.heads").unlink()

    run(capsys, "seal")

    assert (here / "seals.heads").read_text() == heads


def test_a_person_is_erased_and_stays_erased_in_a_restored_backup(here, capsys):
    run(capsys, "seal")
    run(capsys, "backup", "before.backup")
    code, erased, _ = run(capsys, "erase", "P-A1", "--why", "request 2026-118", "--json")
    again, told, _ = run(capsys, "erase", "P-A1", "--why", "request 2026-118")
    restored, found, said = run(
        capsys, "restore", "before.backup", "--to", "sqlite:///restored.db", "--erasures", "erasures.jsonl",
        "--heads", "seals.heads", "--json",
    )  # fmt: skip

    assert (code, erased) == (0, {"person_id": "P-A1", "accounts": ["A1"], "destroyed": True})
    assert again == 0 and "was erased before" in told
    assert len((here / "erasures.jsonl").read_text().splitlines()) == 1
    assert (restored, found["intact"], found["erased_again"], said) == (0, True, 1, "")
    assert name_of_the_borrower(here, "store.db") is None
    assert name_of_the_borrower(here, "restored.db") is None


def test_a_restore_without_the_list_of_erasures_says_what_that_means(here, capsys):
    run(capsys, "backup", "all.backup")

    code, _, said = run(capsys, "restore", "all.backup", "--to", "sqlite:///restored.db")

    assert code == 0
    assert "is readable again" in said
    assert name_of_the_borrower(here, "restored.db") == "示例甲"


def test_after_a_rotation_the_store_opens_with_the_new_key_alone(here, capsys):
    code, told, _ = run(capsys, "rotate-keys", "--destroy-old", "--json")

    assert (code, told["rewrapped"], told["taken_up"], told["destroyed"]) == (0, 1, False, ["master-0001.key"])
    assert name_of_the_borrower(here, "store.db") == "示例甲"


def test_the_token_key_is_rotated_by_the_same_command(here, capsys):
    first = run(capsys, "rotate-keys", "--tokens", "--json")
    last = run(capsys, "rotate-keys", "--tokens", "--destroy-old", "--json")

    assert first[:2] == (0, {"hashed": 2, "taken_out": 0, "taken_up": False, "destroyed": []})
    assert last[:2] == (
        0,
        {"hashed": 2, "taken_out": 4, "taken_up": False, "destroyed": ["token.key", "token-0002.key"]},
    )


@pytest.mark.parametrize(("arguments", "said"), [
    (("erase", "P9", "--why", "x"), "P9: is nobody in the store"),
    (("verify-log", "--heads", "none"), "none: is not there"),
    (("backup", "arrears.yaml"), "stands there already"),
    (("backup", "nowhere/all.backup"), "cannot be written"),
    (("restore", "none", "--to", "sqlite:///restored.db"), "none: cannot be read"),
    (("restore", "arrears.yaml", "--to", "sqlite:///restored.db"), "is not a backup"),
    (("restore", "none", "--to", "mysql://x"), "none: cannot be read"),
    (("restore", "none", "--to", "sqlite:///r.db", "--erasures", "none"), "none: cannot be read"),
    (("seal", "--config", "other.yaml"), "other.yaml: is not there"),
])  # fmt: skip
def test_what_cannot_be_done_is_said_in_one_line_and_nothing_is_changed(here, capsys, arguments, said):
    before = sorted(path.name for path in here.iterdir() if not path.name.startswith("store.db"))

    code, told, error = run(capsys, *arguments)

    assert code in (1, 2) and told == ""
    assert said in error and len(error.strip().splitlines()) == 1
    assert sorted(path.name for path in here.iterdir() if not path.name.startswith("store.db")) == before
