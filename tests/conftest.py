"""Shared facts: a small made book, built once, and the command line as a person runs it."""

import os
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

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
def arrears(tmp_path):
    """Run the command line in a folder of its own; gives the finished process."""

    def run(*arguments, cwd=tmp_path, **environment):
        return subprocess.run(
            [sys.executable, "-m", "arrears", *map(str, arguments)],
            cwd=cwd, capture_output=True, text=True, encoding="utf-8", check=False,
            env={**os.environ, "LANG": "C.UTF-8", **environment},
        )  # fmt: skip

    return run
