"""Arguments of `book`: a book in a database."""

from __future__ import annotations

from typing import Any

from arrears.cli.arguments import command, configured


def add(commands: Any) -> None:
    """Add the commands."""
    _book(commands)


def _book(commands: Any) -> None:
    book = commands.add_parser("book", help="a book in a database: move it in and out, make and migrate its tables")
    inner = book.add_subparsers(dest="what", required=True, metavar="WHAT")
    coming = command(inner, "import", "book:import_", "a folder's book into the database; all or nothing", worded=False)
    coming.add_argument("folder", metavar="FOLDER", help="the book to read")
    going = command(inner, "export", "book:export", "the database's book into a new folder", worded=False)
    going.add_argument("folder", metavar="FOLDER", help="the folder to make")
    migrate = command(
        inner, "migrate", "book:migrate", "make the tables, or bring them up to this version", worded=False
    )
    grant = command(inner, "grant", "book:grant", "let a PostgreSQL role add facts and work the outbox", worded=False)
    grant.add_argument("role", metavar="ROLE", help="a role that is there, such as arrears_writer")
    grant.add_argument("--show", action="store_true", help="print the statements, and run nothing")
    for parser in (coming, going, migrate, grant):
        parser.add_argument("--book", metavar="URL", help="the database (default: the installation's)")
        configured(parser)
