"""Which book a command works on: the folder or database that --book names, else the database of the installation."""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from arrears.errors import refuse
from arrears.facts.book import Book, open_book
from arrears.installation import DEFAULT_FILE, Installation, load_installation
from arrears.store.urls import is_url

if TYPE_CHECKING:
    from arrears.store.connect import Store
    from arrears.store.personal import Personal


@contextmanager
def opened_book(arguments: argparse.Namespace) -> Iterator[Book]:
    """The book that the arguments name, open until the block ends. Refusal if they name none."""
    if not in_database(arguments):
        yield open_book(Path(arguments.book))
        return
    from arrears.store.book import open_database_book

    with opened_store(arguments) as (store, personal), open_database_book(store, personal) as book:
        yield book


@contextmanager
def opened_store(arguments: argparse.Namespace, create: bool = False) -> Iterator[tuple[Store, Personal]]:
    """The store that the arguments name, with its keys, open until the block ends; made, or brought up, with `create`."""
    from arrears.store.connect import open_store
    from arrears.store.personal import open_personal

    store = open_store(database_of(arguments), create)
    try:
        yield store, open_personal(store, keys_of(arguments))
    finally:
        store.close()


def in_database(arguments: argparse.Namespace) -> bool:
    """Whether the book is in a database: --book is a URL, or is left out."""
    return arguments.book is None or is_url(arguments.book)


def database_of(arguments: argparse.Namespace) -> str:
    """The URL that --book gives, else the installation's."""
    if is_url(arguments.book):
        return str(arguments.book)
    if not _has_installation(arguments):
        raise refuse("book", "is not named", field="--book", exit_code=2,
                     todo="give --book FOLDER or a URL, or --config FILE of an installation")  # fmt: skip
    return load_installation(_config(arguments)).database


def keys_of(arguments: argparse.Namespace) -> Path:
    """The folder of keys of the installation; keys in the environment (ARREARS_MASTER_KEYS) need none."""
    if _has_installation(arguments):
        return load_installation(_config(arguments)).keys
    if "ARREARS_MASTER_KEYS" in os.environ:
        return Path("keys")
    raise refuse("keys", "of the database are not known", exit_code=2,
                 todo="give --config FILE of the installation, or set ARREARS_MASTER_KEYS and ARREARS_TOKEN_KEY")  # fmt: skip


def installation_named(arguments: argparse.Namespace) -> Installation | None:
    """The installation of the arguments or the environment; None where there is none."""
    return load_installation(_config(arguments)) if _has_installation(arguments) else None


def _config(arguments: argparse.Namespace) -> Path | None:
    return Path(arguments.config) if arguments.config else None


def _has_installation(arguments: argparse.Namespace) -> bool:
    return bool(arguments.config or os.environ.get("ARREARS_CONFIG") or Path(DEFAULT_FILE).is_file())
