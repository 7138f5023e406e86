"""The door: check a tape, and let it into a book whole or not at all.

Importing the same file twice changes nothing: a fact that the book has already is passed over, and the same id with other content is a fault.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from arrears.facts import schema
from arrears.facts.book import Book, BookChange, FolderBook, create_book, open_book, parts_for
from arrears.facts.checks import check_accounts, check_events, check_instalments, check_people, check_schedules, zoned
from arrears.facts.findings import Report
from arrears.facts.mapping import TapeMapping
from arrears.facts.parts import by_part, together
from arrears.facts.schema import TABLES, Facts
from arrears.facts.tape import parse_table, read_tape

IDENTITY = {
    "accounts": ["account_id"], "instalments": ["account_id", "number"], "events": ["account_id", "event_id"],
    "people": ["account_id", "person_id"],
}  # fmt: skip


@dataclass(frozen=True)
class Tape:
    """A tape that was read: its facts with `file` and `line` of each row, and what was found."""

    tables: dict[str, pl.DataFrame]
    report: Report

    def facts(self) -> Facts:
        """The facts alone."""
        found = {name: self.tables[name].select(list(TABLES[name])) for name in TABLES}
        return Facts(found["accounts"], found["instalments"], found["events"], found["people"])


def check_tape(paths: list[Path], mapping: TapeMapping, book: Book | None = None) -> Tape:
    """Read a tape and find every fault in it, among its rows and against the book.

    Without ids and currencies of accounts nothing else can be judged: the header of their file is then the only fault told.
    """
    report = Report()
    raw = read_tape(paths, mapping, report)
    report.rows = {table: frame.height for table, frame in raw.items()}
    tables = {table: _none(table) for table in TABLES}
    unreadable = [table for table, needed in NEEDED.items() if table in raw and not needed <= set(raw[table].columns)]
    if "accounts" in unreadable:
        return Tape(tables, report)
    if "accounts" in raw:
        tables["accounts"] = parse_table(raw["accounts"], "accounts", mapping, _none("accounts"), report)
    accounts = tables["accounts"]
    known = zoned(_with_book(accounts, book))
    for table in ("instalments", "events", "people"):
        if table in raw and table not in unreadable:
            tables[table] = parse_table(raw[table], table, mapping, known, report)
    check_accounts(accounts, report)
    check_instalments(tables["instalments"], known, report)
    check_schedules(accounts, tables["instalments"], report)
    check_events(tables["events"], known, _payments(book, tables["events"]), report)
    check_people(tables["people"], report)
    return Tape(tables, report)


#: Columns without which the rows of a table cannot be judged at all.
NEEDED = {
    "accounts": {"account_id", "currency", "law"}, "instalments": {"account_id"}, "events": {"account_id", "at", "kind"},
    "people": {"account_id"},
}  # fmt: skip


def _none(table: str) -> pl.DataFrame:
    return schema.empty(table).with_columns(file=pl.lit(""), line=pl.lit(0, pl.Int64))


def _with_book(accounts: pl.DataFrame, book: Book | None) -> pl.DataFrame:
    """The tape's accounts and the book's."""
    own = accounts.select(list(TABLES["accounts"]))
    if book is None:
        return own
    frames = [book.read(part, "accounts", list(TABLES["accounts"])) for part in range(book.parts)]
    return pl.concat([own, *frames]).unique("account_id", keep="first", maintain_order=True)


def _payments(book: Book | None, events: pl.DataFrame) -> pl.DataFrame:
    """Payments in the book that events of the tape refer to."""
    none = pl.DataFrame(schema={"account_id": pl.String, "event_id": pl.String})
    wanted = events.filter(pl.col("ref").is_not_null())
    if book is None or not wanted.height:
        return none
    frames = [
        book.read(part, "events", ("account_id", "event_id", "kind"))
        .filter(pl.col("kind") == "payment")
        .select("account_id", "event_id")
        for part in range(book.parts)
    ]
    return pl.concat([none, *frames])


def import_tape(
    paths: list[Path], mapping: TapeMapping, book_path: Path, terms: list[tuple[str, Path]], parts: int | None = None
) -> Report:
    """Let a tape into the book at `book_path` (made if it is not there). `terms`: product and file of its terms.

    Whole or not at all: with any fault nothing changes, and the report says why.
    """
    exists = (book_path / "manifest.json").exists()
    book = open_book(book_path) if exists else None
    digest = digest_of(paths, mapping, terms)
    if book is not None and any(entry.get("digest") == digest for entry in book.manifest["imports"]):
        return Report(note="this tape is in the book already; nothing changed")
    tape = check_tape(paths, mapping, book)
    if not tape.report.clean:
        return tape.report
    products = {product for product, _ in terms} | set(book.manifest["terms"] if book is not None else ())
    tape.report.note = without_terms(tape, products)
    if book is None:
        book = create_book(book_path, parts or parts_for(tape.tables["accounts"].height))
    _let_in(tape, book, terms, {"digest": digest, "files": [path.name for path in paths]})
    return tape.report


def without_terms(tape: Tape, products: set[str]) -> str:
    """A remark if accounts come in whose product has no terms yet: no night can be computed over them."""
    lost = sorted(set(tape.tables["accounts"]["product"].unique()) - products)
    return f"there are no terms yet for: {', '.join(lost)}; give them with --terms" if lost else ""


def terms_text(path: Path) -> str:
    """The text of a terms file, as a book keeps it."""
    return path.read_bytes().decode("utf-8-sig")


def _let_in(tape: Tape, book: FolderBook, terms: list[tuple[str, Path]], entry: dict[str, object]) -> None:
    added = dict.fromkeys(TABLES, 0)
    with BookChange(book) as change:
        for part, facts in by_part(tape.facts(), book.parts):
            old = book.facts(part)
            new = _only_new(facts, old, tape)
            if not tape.report.clean:
                return
            for table in TABLES:
                added[table] += getattr(new, table).height
            if any(getattr(new, table).height for table in TABLES):
                change.write_part(part, together(old, new))
        for product, path in terms:
            change.put_terms(product, terms_text(path))
        change.note_import(entry | {"rows": added})
        change.commit()
    tape.report.imported = added


def _only_new(facts: Facts, old: Facts, tape: Tape) -> Facts:
    """Facts that the book has not; the same id with other content is a fault."""
    fresh = []
    for table in ("accounts", "instalments", "events", "people"):
        rows: pl.DataFrame = getattr(facts, table)
        there: pl.DataFrame = getattr(old, table)
        key = IDENTITY[table]
        again = rows.join(there.select(key), on=key, how="semi")
        if again.height:
            same = _comparable(again, table).join(
                _comparable(there, table), on=list(TABLES[table]), how="semi", nulls_equal=True
            )
            other = again.join(same.select(key), on=key, how="anti")
            lined = other.select(key).join(tape.tables[table].select("file", "line", *key), on=key, how="left")
            tape.report.add(
                lined, key[-1], "conflict", "is in the book with other content", "a correction is another fact", key[-1]
            )
        fresh.append(rows.join(there.select(key), on=key, how="anti"))
    return Facts(fresh[0], fresh[1], fresh[2], fresh[3])


def _comparable(rows: pl.DataFrame, table: str) -> pl.DataFrame:
    """Rows whose lists (phones, addresses) can be compared: as text."""
    nested = [name for name in TABLES[table] if rows.schema[name].is_nested()]
    return rows.with_columns(pl.struct(name).struct.json_encode().alias(name) for name in nested)


def digest_of(paths: list[Path], mapping: TapeMapping, terms: list[tuple[str, Path]]) -> str:
    """A name for the content of a tape with its mapping and terms."""
    whole = hashlib.sha256(mapping.digest.encode())
    for path in [*paths, *(path for _, path in terms)]:
        with path.open("rb") as file:
            whole.update(hashlib.file_digest(file, "sha256").digest())
    return whole.hexdigest()
