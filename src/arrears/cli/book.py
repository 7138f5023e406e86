"""`book import|export|migrate|grant`: a book in a database."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime
from pathlib import Path

from arrears.cli.books import database_of, opened_store
from arrears.cli.out import print_json
from arrears.facts.book import open_book


def import_(arguments: argparse.Namespace) -> int:
    """`arrears book import`: a folder into the database."""
    from arrears.store.moving import import_book

    folder = open_book(Path(arguments.folder))
    with opened_store(arguments, create=True) as (store, personal):
        new = import_book(store, folder, personal, datetime.now(UTC))
        return _told(
            arguments, {"book": store.name, "from": folder.name, "new": new}, f"{new:,} new facts in {store.name}"
        )


def export(arguments: argparse.Namespace) -> int:
    """`arrears book export`: the database into a folder."""
    from arrears.store.book import open_database_book
    from arrears.store.moving import export_book

    with opened_store(arguments) as (store, personal), open_database_book(store, personal) as book:
        folder = export_book(book, Path(arguments.folder))
        rows = {"book": folder.name, "from": store.name, "accounts": folder.accounts}
        return _told(arguments, rows, f"{folder.accounts:,} accounts in {folder.name}")


def migrate(arguments: argparse.Namespace) -> int:
    """`arrears book migrate`: make the tables, or bring them up to this version."""
    from arrears.store.connect import open_store
    from arrears.store.migrations import HEAD

    store = open_store(database_of(arguments), create=True)
    store.close()
    return _told(arguments, {"book": store.name, "version": HEAD}, f"{store.name} is of schema version {HEAD}")


def grant(arguments: argparse.Namespace) -> int:
    """`arrears book grant`: what a role of PostgreSQL needs to write facts and work the outbox, and nothing more."""
    from arrears.store.connect import open_store
    from arrears.store.roles import grant as grant_to
    from arrears.store.roles import statements

    if arguments.show:
        print(";\n".join(statements(arguments.role)) + ";")
        return 0
    store = open_store(database_of(arguments))
    try:
        grant_to(store, arguments.role)
    finally:
        store.close()
    return _told(arguments, {"book": store.name, "role": arguments.role}, f"{arguments.role} may write to {store.name}")


def _told(arguments: argparse.Namespace, answer: dict[str, object], text: str) -> int:
    if arguments.json:
        print_json(answer)
    else:
        print(text)
    return 0
