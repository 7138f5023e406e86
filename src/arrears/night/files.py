"""The files of a night: names, and writing so that a file is there whole or not at all."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path
from typing import Any

import polars as pl


def judged(out: Path, part: int) -> Path:
    """Accounts of a part that compete for capacity; written last of its judging, so it also says that the part is judged.

    Read again the same night only, so an Arrow file, which costs little to write.
    """
    return out / "judged" / f"part-{part:04d}.arrow"


def decisions(out: Path, part: int, limited: bool = False) -> Path:
    """Decisions of a part; `limited`: of the accounts that competed for capacity."""
    return out / "decisions" / f"part-{part:04d}{'-limited' if limited else ''}.parquet"


def work(out: Path, part: int, limited: bool = False) -> Path:
    """The work of a part, to be joined to the work list; the one that is `limited` is written last, so it also says that the part is finished."""
    return out / "judged" / f"work-{part:04d}{'-limited' if limited else ''}.arrow"


def counts(out: Path, part: int, limited: bool) -> Path:
    """What the decisions of a part come to, to be added up in the summary; `limited` as in `decisions`."""
    return out / "judged" / f"counts-{part:04d}{'-limited' if limited else ''}.arrow"


def unfinished(path: Path) -> Path:
    """Where a file is written before it takes its name."""
    return path.with_name(path.name + ".new")


def write_parquet(frame: pl.DataFrame, path: Path) -> None:
    """Write a frame atomically."""
    temporary = unfinished(path)
    frame.write_parquet(temporary, compression="lz4", statistics=False)
    _put(temporary, path)


def write_judged(frame: pl.DataFrame, path: Path) -> None:
    """Write a frame that the night itself reads again, atomically."""
    temporary = unfinished(path)
    frame.write_ipc(temporary, compression="uncompressed")
    _put(temporary, path)


def write_json(path: Path, content: Any) -> None:
    """Write JSON atomically, keys in order."""
    temporary = unfinished(path)
    temporary.write_text(json.dumps(content, indent=1, ensure_ascii=False, default=str) + "\n", "utf-8")
    _put(temporary, path)


def _put(temporary: Path, path: Path) -> None:
    with temporary.open("rb") as file:
        os.fsync(file.fileno())
    temporary.replace(path)


def hashes(out: Path) -> dict[str, str]:
    """sha256 of every result of a night, by relative name."""
    found = {}
    for path in sorted((out / "decisions").iterdir()) + sorted(out.glob("worklist.*")) + [out / "summary.json"]:
        with path.open("rb") as file:
            found[path.relative_to(out).as_posix()] = hashlib.file_digest(file, "sha256").hexdigest()
    return found
