"""Shared facts: a small made book, built once, and the command line as a person runs it."""

import io
import subprocess
from contextlib import redirect_stderr, redirect_stdout
from datetime import date
from pathlib import Path

import pytest

from tests.stores import *  # noqa: F403

ROOT = Path(__file__).parents[1]
STORY = ROOT / "src/arrears/lab/stories/sms-but-no-visit.yaml"
AS_OF = date(2026, 11, 23)


@pytest.fixture(scope="session")
def book(tmp_path_factory):
    from arrears.facts import book as books
    from arrears.lab.made import make_book

    path = tmp_path_factory.mktemp("made") / "book"
    before, books.ACCOUNTS_A_PART = books.ACCOUNTS_A_PART, 500
    try:
        return make_book(path, 2000, 7, AS_OF)
    finally:
        books.ACCOUNTS_A_PART = before


@pytest.fixture
def arrears(tmp_path, monkeypatch):
    """Run the command line in a folder of its own; gives the finished process.

    It runs here, not in a process of its own, whose start costs more than most commands. What only a process shows has one: the pipe that
    is closed (`tests/cli/test_misuse.py`), standard input (`tests/cli/test_check_text.py`), what a command does not load (`test_commands.py`).
    """
    from arrears.cli import main

    def run(*arguments, cwd=tmp_path):
        monkeypatch.chdir(cwd)
        out, err = io.StringIO(), io.StringIO()
        with redirect_stdout(out), redirect_stderr(err):
            try:
                code = main([*map(str, arguments)])
            except SystemExit as end:  # the parser of arguments ends the program itself
                code = end.code
        return subprocess.CompletedProcess(arguments, code, out.getvalue(), err.getvalue())

    return run
