"""The book and its door: a change is there whole or not at all, and what is damaged or foreign is said to be."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import polars as pl
import pytest

from arrears.errors import Refusal
from arrears.facts.book import BookChange, FolderBook, create_book, open_book
from arrears.facts.door import import_tape
from arrears.facts.findings import Report
from arrears.facts.mapping import TapeMapping
from arrears.facts.parts import part_of
from tests.facts.tapes import write_tape


def let_in(
    folder: Path, changes: dict[str, tuple[str, str]] | None = None, book: str = "book", parts: int = 3
) -> Report:
    paths = write_tape(folder, changes)
    return import_tape(paths, TapeMapping(), folder / book, [("small", folder / "small.yaml")], parts)


def content(book: Path) -> dict[str, bytes]:
    return {path.relative_to(book).as_posix(): path.read_bytes() for path in sorted(book.rglob("*")) if path.is_file()}


def test_what_goes_in_comes_out(tmp_path: Path) -> None:
    report = let_in(tmp_path)

    book = open_book(tmp_path / "book")

    assert report.imported == {"accounts": 4, "instalments": 6, "people": 2, "events": 4}
    assert (book.parts, book.accounts, book.verify()) == (3, 4, [])
    facts = book.account("L1")
    assert facts is not None
    assert facts.people["name"].to_list() == ["张三丰"] and facts.events["event_id"].to_list() == ["E1", "E2", "E3"]
    assert book.account("nobody") is None


def test_each_part_is_sorted_by_account_and_time(tmp_path: Path) -> None:
    let_in(tmp_path, parts=1)

    book = open_book(tmp_path / "book")

    assert book.read(0, "accounts")["account_id"].is_sorted()
    events = book.read(0, "events", ("account_id", "at"))
    assert events.equals(events.sort("account_id", "at"))


def test_a_part_tells_how_many_ways_there_are_to_reach_each_person(tmp_path: Path) -> None:
    let_in(tmp_path, parts=1)

    people = open_book(tmp_path / "book").read(0, "people")

    for count, told in (("phone_count", "phones"), ("email_count", "emails"), ("address_count", "addresses")):
        assert people[count].to_list() == [0 if ways is None else len(ways) for ways in people[told]]
    assert people["phone_count"].sum() > 0


def test_the_same_tape_twice_changes_nothing(tmp_path: Path) -> None:
    let_in(tmp_path)
    before = content(tmp_path / "book")

    report = let_in(tmp_path)

    assert "nothing changed" in report.note and content(tmp_path / "book") == before


def test_facts_that_the_book_has_are_passed_over_in_a_larger_tape(tmp_path: Path) -> None:
    let_in(tmp_path)

    report = let_in(tmp_path, {"events": ("", "E9,L1,2026-08-09,2026-08-09,payment,,,,1.00,,\n")})

    assert report.imported == {"accounts": 0, "instalments": 0, "people": 0, "events": 1}


#: The same id with other content than the book has.
CONFLICTS = {
    "accounts": ("L1,small,cn,CNY,2000.00,2026-07-01", "L1,small,cn,CNY,2000.00,2026-07-02", "account_id"),
    "instalments": ("L1,1,2026-08-01", "L1,1,2026-08-02", "number"),
    "events": ("500.00", "501.00", "event_id"),
    "people": ("Asia/Urumqi", "Asia/Shanghai", "person_id"),
    "people, only the phones": ("+8613800000003", "+8613800000004", "person_id"),
}


@pytest.mark.parametrize("table", CONFLICTS)
def test_the_same_id_with_other_content_is_a_fault_and_nothing_goes_in(table: str, tmp_path: Path) -> None:
    old, new, field = CONFLICTS[table]
    let_in(tmp_path)
    before = content(tmp_path / "book")

    report = let_in(tmp_path, {table.partition(",")[0]: (old, new)})

    assert [(finding.code, finding.field) for finding in report.first()] == [("conflict", field)]
    assert report.imported == {} and content(tmp_path / "book") == before


def test_a_fault_in_one_file_keeps_the_whole_tape_out(tmp_path: Path) -> None:
    let_in(tmp_path)
    before = content(tmp_path / "book")
    new = {
        "accounts": ("", "N1,small,cn,CNY,5.00,2026-07-01\n"),
        "instalments": ("", "N1,1,2026-08-01,5.00,0\n"),
        "events": ("500.00", "-1"),
    }

    report = let_in(tmp_path, new)

    assert report.counts() == {"negative": 1} and content(tmp_path / "book") == before


def test_a_change_that_is_left_without_commit_leaves_the_book_as_it_was(tmp_path: Path) -> None:
    let_in(tmp_path)
    book = open_book(tmp_path / "book")
    before = content(book.path)

    with pytest.raises(RuntimeError), BookChange(book) as change:
        change.write_part(0, book.facts(1))
        change.put_terms("small", (tmp_path / "small.yaml").read_text("utf-8"))
        raise RuntimeError

    assert content(book.path) == before and open_book(book.path).verify() == []


def test_an_import_that_is_killed_leaves_the_old_book_or_the_new_one_and_can_be_done_again(tmp_path: Path) -> None:
    let_in(tmp_path)
    many = "".join(f"M{n},L1,2026-08-09,2026-08-09,payment,,,,1.00,,\n" for n in range(20_000))
    paths = write_tape(tmp_path, {"events": ("", many)})
    code = (
        "import sys; from pathlib import Path; from arrears.facts.door import import_tape; from arrears.facts.mapping import TapeMapping;"
        "print('go', flush=True); import_tape([Path(p) for p in sys.argv[2:]], TapeMapping(), Path(sys.argv[1]), [])"
    )
    book = tmp_path / "book"
    events = set()
    for wait in (0.0, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4):
        process = subprocess.Popen([sys.executable, "-c", code, str(book), *map(str, paths)], stdout=subprocess.PIPE)
        assert process.stdout is not None and process.stdout.readline() == b"go\n"
        time.sleep(wait)
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        process.stdout.close()
        opened = open_book(book)
        assert opened.verify() == []
        events.add(sum(opened.read(part, "events").height for part in range(opened.parts)))

    import_tape(paths, TapeMapping(), book, [])

    assert events <= {4, 20_004}
    opened = open_book(book)
    assert sum(opened.read(part, "events").height for part in range(opened.parts)) == 20_004 and opened.verify() == []


def test_an_account_is_in_the_same_part_on_every_machine() -> None:
    ids = pl.Series(["L1", "L2", "借款-7", "A" * 40, ""])

    assert part_of(ids, 16).tolist() == PARTS_OF_16
    assert part_of(pl.Series([], dtype=pl.String), 16).tolist() == []


# FNV-1a of 64 bits, high half folded in, modulo 16: computed once in plain Python and kept
def _part(text: str) -> int:
    value = 0xCBF29CE484222325
    for byte in text.encode():
        value = ((value ^ byte) * 0x100000001B3) % 2**64
    return (value ^ (value >> 32)) % 16


PARTS_OF_16 = [_part(text) for text in ("L1", "L2", "借款-7", "A" * 40, "")]


def test_a_file_that_was_altered_or_is_gone_is_found(tmp_path: Path) -> None:
    let_in(tmp_path, parts=1)
    book = open_book(tmp_path / "book")
    files = {table: book.file(0, table) for table in ("events", "people")}
    assert files["events"] is not None and files["people"] is not None
    files["events"].write_bytes(files["events"].read_bytes()[:-1] + b"x")
    files["people"].unlink()

    found = book.verify()

    assert {finding.file for finding in found} == {str(files["events"]), str(files["people"])}
    assert all("is missing or was altered" in finding.what for finding in found)
    with pytest.raises(Refusal, match=r"people-1\.parquet: cannot be read"):
        book.facts(0)


def test_the_digest_names_the_content_and_not_the_place(tmp_path: Path) -> None:
    let_in(tmp_path, book="one")
    let_in(tmp_path, book="two")
    let_in(tmp_path, {"events": ("500.00", "501.00")}, book="three")

    one, two, three = (open_book(tmp_path / name) for name in ("one", "two", "three"))

    assert one.digest == two.digest != three.digest


#: What stands in the folder, and what is said of it.
FOREIGN = {
    "nothing": (None, "is not a book: it has no manifest.json"),
    "no JSON": ("{", "has a manifest that cannot be read"),
    "a list": ("[]", "has a manifest that is not one of a book"),
    "another version": ('{"schema_version": 99}', "is of schema version 99, this arrears reads 3"),
    "a version and nothing else": ('{"schema_version": 3}', "has a manifest that is not one of a book"),
}


@pytest.mark.parametrize("title", FOREIGN)
def test_a_folder_that_is_no_book_is_said_to_be_none(title: str, tmp_path: Path) -> None:
    manifest, told = FOREIGN[title]
    if manifest is not None:
        (tmp_path / "manifest.json").write_text(manifest, "utf-8")

    with pytest.raises(Refusal, match=told):
        open_book(tmp_path)


def test_a_book_is_not_made_where_something_stands(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").touch()

    with pytest.raises(Refusal, match="the folder is not empty"):
        create_book(tmp_path, 1)


def test_an_empty_book_has_no_accounts(tmp_path: Path) -> None:
    book: FolderBook = create_book(tmp_path / "book", 2)

    assert (book.accounts, book.facts(0).accounts.height, book.account("L1")) == (0, 0, None)
    assert json.loads((book.path / "manifest.json").read_text("utf-8"))["schema_version"] == 3
