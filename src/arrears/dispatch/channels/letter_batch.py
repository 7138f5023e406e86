"""A batch for a print house: its letters, an index a line a letter, and a manifest; whole the moment its folder is there."""

from __future__ import annotations

import csv
import errno
import hashlib
import io
import json
import os
import shutil
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from arrears.facts.spreadsheet import harmless_text

#: The columns of index.csv.
COLUMNS = ("sequence", "attempt_id", "file", "first_page", "pages", "paper", "country", "postcode", "sha256")
#: The most letters in one file of a merged batch; more take too much memory to set at once.
MERGED_LETTERS = 100


@dataclass(frozen=True)
class Row:
    """A letter in a batch. `sequence` counts from 1 in the order in which letters were taken; `sha256` is of its own PDF."""

    sequence: int
    attempt_id: str
    pages: int
    paper: str
    country: str
    postcode: str
    sha256: str


#: Makes one file of some letters, in their order.
Merge = Callable[[Sequence[Row]], bytes]


def close_batch(gathered: Path, target: Path, rows: Sequence[Row], merge: Merge | None, now: datetime) -> Path:
    """Make the closed batch at `target` out of a gathered one, and remove that one.

    `merge`: letters go into files of many (at most MERGED_LETTERS); None: each letter stays a file. The closed folder is built aside,
    made durable, and renamed into place: after a crash at any point the same call finishes the work, and never makes a second batch.
    """
    if target.exists():
        _must_hold(target, rows)
    else:
        aside = gathered / "closed"
        shutil.rmtree(aside, ignore_errors=True)
        aside.mkdir()
        placed = _merge(aside, rows, merge) if merge else _link(aside, gathered / "letters", rows)
        _describe(aside, placed, now)
        target.parent.mkdir(parents=True, exist_ok=True)
        sync_folder(target.parent.parent)
        aside.rename(target)
        sync_folder(target.parent)
    shutil.rmtree(gathered)
    sync_folder(gathered.parent)
    return target


def _must_hold(closed: Path, rows: Sequence[Row]) -> None:
    """Nothing is cleared away that is not in the closed batch. OSError if a letter is missing there."""
    with (closed / "index.csv").open(encoding="utf-8", newline="") as file:
        held = {line["attempt_id"] for line in csv.DictReader(file)}
    if not {row.attempt_id for row in rows} <= held:
        raise FileExistsError(errno.EEXIST, "another batch has this name", str(closed))


@dataclass(frozen=True)
class _Placed:
    """A letter's place in a closed batch: file, hash of that file, and page on which it begins."""

    row: Row
    file: str
    sha256: str
    first_page: int = 1


def _link(aside: Path, letters: Path, rows: Sequence[Row]) -> list[_Placed]:
    (aside / "letters").mkdir()
    for row in rows:
        os.link(letters / f"{row.attempt_id}.pdf", aside / "letters" / f"{row.attempt_id}.pdf")
    sync_folder(aside / "letters")
    return [_Placed(row, f"letters/{row.attempt_id}.pdf", row.sha256) for row in rows]


def _merge(aside: Path, rows: Sequence[Row], merge: Merge) -> list[_Placed]:
    placed = []
    for number, begin in enumerate(range(0, len(rows), MERGED_LETTERS), 1):
        part = rows[begin : begin + MERGED_LETTERS]
        content, name = merge(part), f"letters-{number:03d}.pdf"
        durable(aside / name, content)
        page, digest = 1, hashlib.sha256(content).hexdigest()
        for row in part:
            placed.append(_Placed(row, name, digest, page))
            page += row.pages
    return placed


def _describe(aside: Path, placed: Sequence[_Placed], now: datetime) -> None:
    index = _index(placed)
    durable(aside / "index.csv", index)
    manifest = {
        "letters": len(placed),
        "pages": sum(each.row.pages for each in placed),
        "closed_at": now.isoformat(),
        "index_sha256": hashlib.sha256(index).hexdigest(),
        "files": dict(sorted((each.file, each.sha256) for each in placed)),
    }
    durable(aside / "manifest.json", (json.dumps(manifest, indent=1) + "\n").encode())
    sync_folder(aside)


def _index(placed: Sequence[_Placed]) -> bytes:
    out = io.StringIO()
    writer = csv.DictWriter(out, COLUMNS, lineterminator="\r\n")
    writer.writeheader()
    for number, each in enumerate(placed, 1):
        of_batch = {"sequence": number, "file": each.file, "first_page": each.first_page, "sha256": each.sha256}
        writer.writerow({name: harmless_text(str(value)) for name, value in (asdict(each.row) | of_batch).items()})
    return out.getvalue().encode("utf-8")


def durable(path: Path, content: bytes) -> None:
    """Write a file through to the disk; its folder still has to be synced."""
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def sync_folder(path: Path) -> None:
    """Make the names in a folder durable."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
