"""What a print house or a post office says of letters, from CSV files that it puts into the spool.

A file `returned/<name>.csv` has the columns `attempt_id`, `outcome` and `date` (a day, or an instant with offset), and may have `detail`.
Once all its lines are recorded it moves to `returned/done/`; what could not be read of it stands beside it there, line by line.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Literal

import yaml

from arrears.dispatch.channel import Returned
from arrears.errors import Finding

_NEEDED = ("attempt_id", "outcome", "date")
_DETAIL = re.compile(r"[\w .,/-]{0,40}")


@dataclass(frozen=True)
class Read:
    """What a file said: receipts to be recorded, lines passed over (printed, posted), and faults."""

    receipts: tuple[Returned, ...]
    passed_over: int
    faults: tuple[Finding, ...]


@cache
def outcomes() -> Mapping[str, str]:
    """Each known word, in lower case → delivered, failed or passed_over."""
    content = yaml.safe_load(files(__package__ or "").joinpath("letter_outcomes.yaml").read_text("utf-8"))
    return {str(word).lower(): outcome for outcome, words in content.items() for word in words}


def waiting(folder: Path) -> list[Path]:
    """The files that wait to be read, in order of name. A file is to be put there by renaming, whole."""
    return sorted((folder / "returned").glob("*.csv"))


def read_returned(path: Path, took: Callable[[str], bool]) -> Read:
    """Read one file. `took`: whether the spool took an attempt of this id."""
    try:
        text = path.read_text("utf-8-sig")
    except UnicodeDecodeError as error:
        return Read((), 0, (Finding("encoding", f"is not UTF-8: {error.reason}", file=path.name),))
    reader = csv.DictReader(text.splitlines())
    lacking = [name for name in _NEEDED if name not in (reader.fieldnames or ())]
    if lacking:
        return Read((), 0, (Finding("column", f"lacks {', '.join(lacking)}", file=path.name, line=1),))
    receipts, faults, passed = [], [], 0
    for read in _lines(reader, path.name, took):
        if isinstance(read, Finding):
            faults.append(read)
        elif read is None:
            passed += 1
        else:
            receipts.append(read)
    return Read(tuple(receipts), passed, tuple(faults))


def _lines(reader: csv.DictReader[str], file: str, took: Callable[[str], bool]) -> Iterator[Returned | Finding | None]:
    for row in reader:
        line = reader.line_num
        attempt, word, on = ((row.get(name) or "").strip() for name in _NEEDED)
        outcome, at = outcomes().get(word.lower()), _instant(on)
        if outcome is None:
            yield Finding("outcome", "is not a known word", file=file, line=line, field="outcome",
                          todo=f"known words: {', '.join(outcomes())}")  # fmt: skip
        elif at is None:
            yield Finding(
                "date", "is neither YYYY-MM-DD nor an instant with offset", file=file, line=line, field="date"
            )
        elif not took(attempt):
            yield Finding("attempt_id", "is not a letter of this spool", file=file, line=line, field="attempt_id")
        else:
            yield None if outcome == "passed_over" else _receipt(attempt, outcome, at, row.get("detail"))


def _receipt(attempt: str, outcome: str, at: datetime, detail: str | None) -> Returned:
    told: Literal["delivered", "failed"] = "delivered" if outcome == "delivered" else "failed"
    shown = (detail or "").strip()
    return Returned("receipt", "letter", at, attempt_id=attempt, outcome=told,
                    detail=shown if _DETAIL.fullmatch(shown) else "")  # fmt: skip


def _instant(text: str) -> datetime | None:
    """A day means its beginning in UTC."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    if at.tzinfo is None:
        return at.replace(tzinfo=UTC) if len(text) == 10 else None
    return at.astimezone(UTC)


def put_away(path: Path, read: Read) -> None:
    """Move a file that was read to `done/`, with its faults beside it."""
    done = path.parent / "done"
    done.mkdir(exist_ok=True)
    place, number = done / path.name, 2
    while place.exists():
        place, number = done / f"{path.stem}-{number}.csv", number + 1
    if read.faults:
        place.with_suffix(".faults.txt").write_text("".join(f"{fault}\n" for fault in read.faults), "utf-8")
    path.rename(place)
