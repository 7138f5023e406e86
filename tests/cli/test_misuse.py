"""Whatever is handed in, a command ends with its exit code and clear words, never with a traceback."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from arrears.cli import main
from tests.conftest import STORY
from tests.facts.tapes import write_tape

#: Files that stand in the folder of each command.
FILES = {
    "bad.yaml": b"account: {id: [}\n",
    "list.yaml": b"- a\n",
    "empty.yaml": b"",
    "control.yaml": b"\x00\x01",
    "latin.yaml": b"title: caf\xe9\n",
    "bad.parquet": b"PAR1 and nothing more",
    "events-none.csv": b"",
    "wide.yaml": b"form: wide\nwide: {}\n",
    "terms.yaml": b"product: x\n",
    "no-terms.csv": b"account_id\n",
}
#: A command, its exit code, and what it says.
SAYS = [
    ("explain bad.yaml", 1, "bad.yaml:1: is not YAML"),
    ("explain list.yaml", 1, "list.yaml:1: is not a case file"),
    ("explain empty.yaml", 1, "empty.yaml:1: is empty"),
    ("explain control.yaml", 1, "control.yaml:1: has a control character"),
    ("explain latin.yaml", 1, "latin.yaml:1: is not UTF-8"),
    ("explain folder", 2, "is neither a case file nor, without --book, an account (here: folder)"),
    ("explain STORY --as-of 2026-03-09", 2, "is before the loan, which was opened on 2026-03-10"),
    ("explain STORY --as-of 2026-03-09T23:00:00+08:00", 2, "is before the loan"),
    ("explain STORY --as-of 2026-02-30", 2, "is neither YYYY-MM-DD nor an instant"),
    ("explain STORY --as-of 2026-02-03T10:00:00", 2, "has no offset from UTC"),
    ("explain STORY --ladder none-such", 2, "there is no such ladder (here: none-such)"),
    ("explain STORY --ladder list.yaml", 1, "list.yaml:1: is not a ladder"),
    ("explain STORY --svg no/such/folder.svg", 2, "no/such/folder.svg: No such file or directory"),
    ("explain L1 --book folder", 2, "folder: is not a book"),
    ("explain L1 --book list.yaml", 1, "list.yaml: has a manifest that cannot be read"),
    ("explain L9 --book book", 1, "is not in the book (here: L9)"),
    ("explain L1 --book book --as-of 2026-06-30", 2, "is before the loan"),
    ("why-not fly STORY", 2, "is no action of the ladder (here: fly); cn-consumer has:"),
    ("test folder", 2, "folder: is a folder without case files"),
    ("test bad.yaml", 1, ""),
    ("check folder", 2, "folder: is a folder; name the files in it"),
    ("check none.csv", 2, "none.csv: is not there"),
    ("check bad.parquet", 2, "bad.parquet: cannot be read"),
    ("check events-none.csv", 1, "events-none.csv:1: is empty"),
    ("check accounts.csv --mapping wide.yaml", 1, "wide.yaml:2: wide: is incomplete"),
    ("check accounts.csv --mapping none.yaml", 2, "none.yaml: cannot be read: No such file or directory"),
    ("check accounts.csv --book folder", 2, "folder: is not a book"),
    ("check accounts.csv --report no/such/faults.csv", 2, "no/such/faults.csv: cannot be written"),
    ("import accounts.csv --book b --terms terms.yaml", 1, "terms.yaml: is not a terms file"),
    ("import accounts.csv --book list.yaml", 2, "list.yaml: is a file, not a folder"),
    ("import accounts.csv --book .", 1, "the folder is not empty"),
    ("import accounts.csv --book b --parts 0", 2, "'0' is not a whole number of 1 or more"),
    ("night --book folder", 2, "folder: is not a book"),
    ("night --book book --ladder empty.yaml", 1, "empty.yaml:1: is not a ladder"),
    ("rolls folder folder", 2, "folder: holds no night"),
    ("strategy show folder", 2, "folder: cannot be read: Is a directory"),
    ("strategy show bad.yaml", 1, "bad.yaml:1: is not YAML"),
    ("strategy diff cn-consumer uk-consumer --book folder", 2, "folder: is not a book"),
    ("demo --accounts 0", 2, "'0' is not a whole number of 1 or more"),
    ("fly", 2, "invalid choice: 'fly'"),
]  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the files, a tape, and a book of it."""
    path = tmp_path_factory.mktemp("misuse")
    (path / "folder").mkdir()
    for name, content in FILES.items():
        (path / name).write_bytes(content)
    tape = [str(file) for file in write_tape(path)]
    assert main(["import", *tape, "--book", str(path / "book"), "--terms", str(path / "small.yaml")]) == 0
    return path


@pytest.mark.parametrize(("command", "code", "told"), SAYS)
def test_misuse_ends_with_its_exit_code_and_clear_words(
    command: str,
    code: int,
    told: str,
    folder: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(folder)
    monkeypatch.delenv("ARREARS_TRACEBACK", raising=False)

    try:
        found = main([str(STORY) if word == "STORY" else word for word in command.split()])
    except SystemExit as end:  # argparse ends the program itself
        found = int(end.code or 0)

    said = capsys.readouterr()
    assert found == code
    assert told in said.err and "unexpected fault" not in said.err and "Traceback" not in said.err


def test_a_tape_with_headers_only_has_no_faults_and_no_rows(
    folder: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    for path in write_tape(tmp_path):
        path.write_text(path.read_text("utf-8").splitlines()[0] + "\n", "utf-8")

    code = main(["check", *map(str, sorted(tmp_path.glob("*.csv")))])

    assert code == 0 and "accounts: 0 rows" in capsys.readouterr().out


def test_accounts_of_a_product_without_terms_go_in_with_a_remark(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    paths = [str(path) for path in write_tape(tmp_path)]

    code = main(["import", *paths, "--book", str(tmp_path / "book")])
    told = capsys.readouterr().out
    again = main(["explain", "L1", "--book", str(tmp_path / "book"), "--as-of", "2026-09-01"])

    assert code == 0 and "there are no terms yet for: small; give them with --terms" in told
    assert again == 1 and "there are no terms for this product (here: small)" in capsys.readouterr().err


def test_output_into_a_closed_pipe_is_no_fault(tmp_path: Path) -> None:
    import subprocess
    import sys

    command = f"{sys.executable} -m arrears explain {STORY} {STORY} {STORY} --json | head -c 10"
    done = subprocess.run(
        ["bash", "-c", f"set -o pipefail; {command}"], capture_output=True, text=True, env=dict(os.environ), check=False
    )

    assert done.returncode == 0 and done.stderr == ""
