"""The made book that every row reads: kept under bench-out/ and made anew only when what makes it has changed."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from arrears.replay import Terms

SEED = 1
AS_OF = date(2026, 11, 1)


def book_folder(out: Path, accounts: int) -> Path:
    """Where the book of that many accounts stands: the name holds a hash of the code that makes it."""
    return out / f"book-{accounts}-{_maker_digest()}"


def _maker_digest() -> str:
    import arrears

    room = Path(arrears.__file__).parent
    makers = (
        "lab/made.py",
        "lab/consumer-12.yaml",
        "facts/book.py",
        "facts/parts.py",
        "facts/schema.py",
        "facts/typed.py",
    )
    content = b"".join((room / name).read_bytes() for name in makers)
    return hashlib.sha256(content).hexdigest()[:8]


def make(folder: Path, accounts: int) -> None:
    """Make the book if it does not stand; earlier books of that size go. A book that was begun and not finished is no book."""
    if (folder / "manifest.json").exists():
        return
    from arrears.lab.made import make_book

    for old in folder.parent.glob(f"book-{accounts}-*"):
        shutil.rmtree(old)
    begun = folder.with_name(folder.name + ".begun")
    shutil.rmtree(begun, ignore_errors=True)
    make_book(begun, accounts, SEED, AS_OF)
    begun.rename(folder)


def make_apart(folder: Path, accounts: int) -> None:
    """As `make`, in a process of its own: a process counts the memory of the one that started it as its own peak."""
    subprocess.run([sys.executable, __file__, str(folder), str(accounts)], check=True)


def part_files(folder: Path) -> Iterator[dict[str, Path]]:
    """The Parquet files of each part by table: all that a peer is told about the book."""
    from arrears.facts.book import open_book

    book = open_book(folder)
    for part in range(book.parts):
        files = {table: book.file(part, table) for table in ("accounts", "instalments", "events", "plans")}
        yield {table: file for table, file in files.items() if file is not None}


def penalty_rate_ppm(folder: Path) -> int:
    """Penalty rate of the one product of the book, parts per million a year of 360 days."""
    return int(_terms(folder).penalty_rate_ppm)


def simpler_terms(folder: Path) -> dict[str, tuple[Terms, ...]]:
    """The book's terms without penalty interest and allocated instalment by instalment: what cumulative sums can do."""
    from dataclasses import replace

    terms = _terms(folder)
    return {"consumer-12": (replace(terms, penalty_rate_ppm=0, allocate_by="instalment"),)}


def _terms(folder: Path) -> Terms:
    from arrears import night
    from arrears.facts.book import open_book

    return night.terms_of(open_book(folder))["consumer-12"][0]


if __name__ == "__main__":
    make(Path(sys.argv[1]), int(sys.argv[2]))
