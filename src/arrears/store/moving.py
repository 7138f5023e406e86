"""Books in and out of a store, whole or not at all: from a folder, from a tape, into a folder. What comes in so is no news to anybody."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, insert, select

from arrears.facts.book import BookChange, FolderBook, create_book
from arrears.facts.door import Tape, check_tape, digest_of, terms_text, without_terms
from arrears.facts.findings import Report
from arrears.facts.mapping import TapeMapping
from arrears.facts.schema import TABLES
from arrears.store.book import DatabaseBook, open_database_book
from arrears.store.facts import record
from arrears.store.loading import first_load
from arrears.store.tables import Import, TermsFile

if TYPE_CHECKING:
    from arrears.store.connect import Store
    from arrears.store.personal import Personal


def import_book(store: Store, book: FolderBook, personal: Personal, now: datetime) -> int:
    """Let a folder's book into the store: facts, terms and the notes of its imports. Gives the number of facts that are new.

    In one transaction, and holding every account. Refusal, and nothing is changed, if the store has a fact with other content.
    """
    new = 0
    with store.hold_all(), store.begin() as connection:
        with first_load(connection):
            for part in range(book.parts):
                new += record(connection, book.facts(part), personal, news=False)
        new += sum(put_terms(connection, product, text, now) for product, text in book.terms().items())
        for entry in (*book.manifest["imports"], {"digest": f"book {book.digest}", "book": book.path.name}):
            note_import(connection, entry, now)
    return new


def export_book(book: DatabaseBook, path: Path) -> FolderBook:
    """The store's book as a folder, with as many parts. Refusal if something stands there already."""
    folder = create_book(path, book.parts)
    with BookChange(folder) as change:
        for part in range(book.parts):
            facts = book.facts(part)
            if facts.accounts.height:
                change.write_part(part, facts)
        for product, text in book.terms().items():
            change.put_terms(product, text)
        with book.snapshot.reading() as connection:
            for entry in imports(connection):
                change.note_import(entry)
        return change.commit()


def import_tape(
    store: Store,
    paths: list[Path],
    mapping: TapeMapping,
    personal: Personal,
    terms: Sequence[tuple[str, Path]],
    now: datetime,
) -> Report:
    """Let a tape into the store by the checks of the door. Whole or not at all; the same tape again changes nothing.

    A fact that the store has with other content is a Refusal that names account and field.
    """
    digest = digest_of(paths, mapping, list(terms))
    with store.read() as connection:
        if any(entry.get("digest") == digest for entry in imports(connection)):
            return Report(note="this tape is in the book already; nothing changed")
    with open_database_book(store, personal) as book:
        tape = check_tape(paths, mapping, book)
        products = {product for product, _ in terms} | set(book.terms())
    if tape.report.clean:
        tape.report.note = without_terms(tape, products)
        _let_in(store, tape, personal, terms, {"digest": digest, "files": [path.name for path in paths]}, now)
    return tape.report


def _let_in(
    store: Store,
    tape: Tape,
    personal: Personal,
    terms: Sequence[tuple[str, Path]],
    entry: Mapping[str, Any],
    now: datetime,
) -> None:
    with store.hold_all(), store.begin() as connection:
        before = _counts(connection)
        with first_load(connection):
            record(connection, tape.facts(), personal, news=False)
        added = {table: rows - before[table] for table, rows in _counts(connection).items()}
        for product, path in terms:
            put_terms(connection, product, terms_text(path), now)
        note_import(connection, {**entry, "rows": added}, now)
    tape.report.imported = added


def _counts(connection: Connection) -> dict[str, int]:
    return {table: int(connection.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar_one()) for table in TABLES}


def put_terms(connection: Connection, product: str, text: str, now: datetime) -> int:
    """Put a product's terms in, from now on the ones that hold. Gives 1, or 0 if they hold already."""
    sha256 = hashlib.sha256(text.encode()).hexdigest()
    last = select(TermsFile.sha256).where(TermsFile.product == product).order_by(TermsFile.seq.desc()).limit(1)
    if connection.execute(last).scalar_one_or_none() == sha256:
        return 0
    connection.execute(insert(TermsFile).values(product=product, sha256=sha256, text=text, recorded_at=now))
    return 1


def note_import(connection: Connection, entry: Mapping[str, Any], now: datetime) -> None:
    """Remember what came in, once."""
    note = json.dumps(dict(entry), sort_keys=True, ensure_ascii=False)
    digest = str(entry.get("digest") or hashlib.sha256(note.encode()).hexdigest())
    if connection.execute(select(Import.seq).where(Import.digest == digest)).first() is None:
        connection.execute(insert(Import).values(digest=digest, note=note, recorded_at=now))


def imports(connection: Connection) -> list[dict[str, Any]]:
    """What came in, in order."""
    return [json.loads(note) for note in connection.execute(select(Import.note).order_by(Import.seq)).scalars()]
