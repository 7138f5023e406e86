"""The book: all facts of a lender's accounts as a folder of Parquet files.

`manifest.json` names the schema version, the parts, their row counts and the hash of every file. An account's part follows from a hash
of its id, so it is the same on every machine. In a part accounts are sorted by id, the other tables by account and time. Beside the
facts stand the columns that `facts.typed` derives from them, so that a night parses no text.

Writing is all or nothing: new files are written beside the old ones, and the manifest that names them is put in place last.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import polars as pl

from arrears.errors import Finding, Refusal, refuse
from arrears.facts.parts import EVENTS_FOLDED, PEOPLE_FOLDED, part_of, schema_faults, stored_columns
from arrears.facts.schema import TABLES, Facts
from arrears.facts.typed import Typed, type_facts

SCHEMA_VERSION = 3
#: Of a new book: what each query of a night costs is paid once a part, and two parts at a time must fit into memory.
ACCOUNTS_A_PART = 170_000
FILES = ("accounts", "instalments", "events", "plans", "people")


class Book(Protocol):
    """What a book can tell, wherever it is kept: in a folder (`FolderBook`) or a database (`arrears.store.book`)."""

    @property
    def name(self) -> str:
        """Where it is, for people."""

    @property
    def parts(self) -> int:
        """Number of parts."""

    @property
    def accounts(self) -> int:
        """Number of accounts."""

    @property
    def digest(self) -> str:
        """A name for the whole content: while it is the same, so is everything else that the book tells."""

    def read(self, part: int, table: str, columns: Collection[str] | None = None) -> pl.DataFrame:
        """A table of a part (typed columns included), or only some of its columns. Empty if the part is."""

    def typed(
        self, part: int, events: Collection[str] | None = None, people: Collection[str] | None = None,
        accounts: Collection[str] | None = None,
    ) -> Typed:  # fmt: skip
        """A part ready for the fold, without the columns that the fold does not read."""

    def facts(self, part: int) -> Facts:
        """A part as plain facts, without terms."""

    def account(self, account_id: str) -> Facts | None:
        """The facts of one account, without terms; None if it is not in the book."""

    def terms(self) -> dict[str, str]:
        """The terms of each product, as the text of their YAML file."""

    def verify(self) -> list[Finding]:
        """What is missing, altered, or not in the declared schema."""


@dataclass(frozen=True)
class FolderBook:
    """A book in a folder that was opened: where it is and what its manifest says."""

    path: Path
    manifest: Mapping[str, Any]

    @property
    def name(self) -> str:
        """Its folder."""
        return str(self.path)

    @property
    def parts(self) -> int:
        """Number of parts."""
        return int(self.manifest["parts"])

    @property
    def accounts(self) -> int:
        """Number of accounts."""
        return sum(int(part["accounts"]["rows"]) for part in self.manifest["tables"] if "accounts" in part)

    @property
    def digest(self) -> str:
        """A name for the whole content, from the hashes of all files."""
        text = json.dumps([self.manifest["tables"], self.manifest["terms"]], sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()

    def file(self, part: int, table: str) -> Path | None:
        """The Parquet file of a table of a part; None where the part has no rows of any kind."""
        entry = self.manifest["tables"][part].get(table)
        return self.path / entry["file"] if entry else None

    def read(self, part: int, table: str, columns: Collection[str] | None = None) -> pl.DataFrame:
        """A table of a part (typed columns included), or only some of its columns. Empty if the part is."""
        file = self.file(part, table)
        wanted = None if columns is None else list(columns)
        if file is None:
            frame = pl.DataFrame(schema=stored_columns(table))
            return frame if wanted is None else frame.select(*wanted)
        try:
            return pl.read_parquet(file, columns=wanted)
        except (OSError, pl.exceptions.PolarsError) as error:
            raise refuse("book", f"cannot be read: {error}", file=str(file)) from None

    def typed(
        self, part: int, events: Collection[str] | None = None, people: Collection[str] | None = None,
        accounts: Collection[str] | None = None,
    ) -> Typed:  # fmt: skip
        """A part ready for the fold, without the columns that the fold does not read."""
        return Typed(
            accounts=self.read(part, "accounts", accounts),
            instalments=self.read(part, "instalments", ("account_ix", "due_on", "principal", "interest", "fee")),
            events=self.read(part, "events", events or EVENTS_FOLDED),
            plans=self.read(part, "plans"),
            people=self.read(part, "people", people or PEOPLE_FOLDED),
        )

    def facts(self, part: int) -> Facts:
        """A part as plain facts, without terms."""
        tables = {table: self.read(part, table, list(TABLES[table])) for table in TABLES}
        return Facts(tables["accounts"], tables["instalments"], tables["events"], tables["people"])

    def account(self, account_id: str) -> Facts | None:
        """The facts of one account, without terms; None if it is not in the book."""
        part = int(part_of(pl.Series([account_id]), self.parts)[0])
        facts = self.facts(part)
        own = pl.col("account_id") == account_id
        found = [frame.filter(own) for frame in (facts.accounts, facts.instalments, facts.events, facts.people)]
        return Facts(found[0], found[1], found[2], found[3]) if found[0].height else None

    def terms(self) -> dict[str, str]:
        """The terms of each product, as the text of their YAML file. Refusal if a file cannot be read."""
        return {product: _text(self.path / entry["file"]) for product, entry in self.manifest["terms"].items()}

    def verify(self) -> list[Finding]:
        """Files that are missing, altered, or not in the declared schema."""
        found = []
        for part, tables in enumerate(self.manifest["tables"]):
            for table, entry in tables.items():
                path = self.path / entry["file"]
                if not path.exists() or _sha256(path) != entry["sha256"]:
                    found.append(Finding("book", "is missing or was altered", file=str(path)))
                elif table in TABLES:
                    found += schema_faults(table, self.read(part, table, list(TABLES[table])), str(path))
        return found


def open_book(path: Path) -> FolderBook:
    """The book in a folder. Refusal if there is none or it is of another schema version."""
    try:
        manifest = json.loads((path / "manifest.json").read_text("utf-8"))
    except FileNotFoundError:
        raise refuse("book", "is not a book: it has no manifest.json", file=str(path), exit_code=2,
                     todo="make one with `arrears import TAPE… --book FOLDER`") from None  # fmt: skip
    except (OSError, json.JSONDecodeError) as error:
        raise refuse("book", f"has a manifest that cannot be read: {error}", file=str(path)) from None
    version = manifest.get("schema_version", "") if isinstance(manifest, dict) else ""
    if version not in ("", SCHEMA_VERSION):
        what = f"is of schema version {version}, this arrears reads {SCHEMA_VERSION}"
        raise refuse("book", what, file=str(path))
    if version == "" or not {"parts", "tables", "terms", "imports"} <= set(manifest):
        raise refuse("book", "has a manifest that is not one of a book", file=str(path))
    return FolderBook(path, manifest)


def create_book(path: Path, parts: int) -> FolderBook:
    """An empty book of so many parts. Refusal if something stands there already."""
    if path.exists() and not path.is_dir():
        raise refuse("book", "is a file, not a folder", file=str(path), exit_code=2)
    # a manifest that was being written when the power went is no book yet
    if path.exists() and any(entry.name != "manifest.json.new" for entry in path.iterdir()):
        raise refuse("book", "stands there already, or the folder is not empty", file=str(path))
    path.mkdir(parents=True, exist_ok=True)
    manifest = {"schema_version": SCHEMA_VERSION, "parts": parts, "tables": [{} for _ in range(parts)], "terms": {},
                "imports": []}  # fmt: skip
    return _put_manifest(path, manifest)


def parts_for(accounts: int) -> int:
    """How many parts suit a book of that size."""
    return max(1, -(-accounts // ACCOUNTS_A_PART))


class BookChange:
    """A change to a book: parts and terms are written beside what stands, `commit` puts them all in place at once.

    Left without `commit`, nothing has happened. Use as a context manager.
    """

    def __init__(self, book: FolderBook) -> None:
        self.book = book
        self.generation = 1 + max((int(entry["generation"]) for entry in _entries(book.manifest)), default=0)
        self.tables: list[dict[str, Any]] = [dict(tables) for tables in book.manifest["tables"]]
        self.terms: dict[str, Any] = dict(book.manifest["terms"])
        self.imports: list[dict[str, Any]] = list(book.manifest["imports"])
        self.done = False

    def __enter__(self) -> BookChange:
        return self

    def __exit__(self, *error: object) -> None:
        if not self.done:
            for entry in (*_entries({"tables": self.tables}), *self.terms.values()):
                if entry["generation"] == self.generation:
                    (self.book.path / entry["file"]).unlink(missing_ok=True)

    def write_part(self, part: int, facts: Facts) -> None:
        """Replace all facts of a part. Refusal if they are not in the declared schema."""
        typed = type_facts(facts.accounts, facts.instalments, facts.events, facts.people)
        frames = {
            "accounts": typed.accounts, "instalments": typed.instalments, "events": typed.events,
            "plans": typed.plans, "people": typed.people,
        }  # fmt: skip
        folder = self.book.path / f"part-{part:04d}"
        folder.mkdir(exist_ok=True)
        for table, frame in frames.items():
            frame = frame.select(list(stored_columns(table))).cast(pl.Schema(stored_columns(table)))
            if table in TABLES:
                faults = schema_faults(table, frame.select(list(TABLES[table])), f"{folder.name}/{table}")
                if faults:
                    raise Refusal(*faults)
            name = f"{folder.name}/{table}-{self.generation}.parquet"
            _write_parquet(frame, self.book.path / name)
            self.tables[part][table] = {
                "file": name, "rows": frame.height, "sha256": _sha256(self.book.path / name), "generation": self.generation,
            }  # fmt: skip

    def put_terms(self, product: str, text: str) -> None:
        """Put a product's terms, the text of their YAML file, into the book."""
        (self.book.path / "terms").mkdir(exist_ok=True)
        name = f"terms/{product}-{self.generation}.yaml"
        (self.book.path / name).write_bytes(text.encode())
        _sync(self.book.path / name)
        self.terms[product] = {"file": name, "sha256": _sha256(self.book.path / name), "generation": self.generation}

    def note_import(self, entry: Mapping[str, Any]) -> None:
        """Remember what was imported."""
        self.imports.append(dict(entry))

    def commit(self) -> FolderBook:
        """Put everything in place; old files go. Returns the book as it is now."""
        manifest = {**self.book.manifest, "tables": self.tables, "terms": self.terms, "imports": self.imports}
        old = {entry["file"] for entry in (*_entries(self.book.manifest), *self.book.manifest["terms"].values())}
        kept = {entry["file"] for entry in (*_entries(manifest), *self.terms.values())}
        book = _put_manifest(self.book.path, manifest)
        self.done = True
        for file in old - kept:
            (self.book.path / file).unlink(missing_ok=True)
        return book


def _entries(manifest: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [entry for tables in manifest["tables"] for entry in tables.values()]


def _text(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise refuse("book", f"cannot be read: {error}", file=str(path)) from None


def _write_parquet(frame: pl.DataFrame, path: Path) -> None:
    """In one row group: a column is read into one piece, which the fold takes as it is."""
    frame.write_parquet(path, compression="lz4", statistics=True, row_group_size=max(1, frame.height))
    _sync(path)


def _put_manifest(path: Path, manifest: Mapping[str, Any]) -> FolderBook:
    temporary = path / "manifest.json.new"
    temporary.write_text(json.dumps(manifest, indent=1, sort_keys=True, ensure_ascii=False) + "\n", "utf-8")
    _sync(temporary)
    temporary.replace(path / "manifest.json")
    return FolderBook(path, json.loads((path / "manifest.json").read_text("utf-8")))


def _sync(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
