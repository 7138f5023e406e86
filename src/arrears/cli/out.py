"""What commands print: JSON lines, and tables that line up for Chinese and English."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

from arrears.errors import refuse
from arrears.show import pad, wide


def print_json(content: Any) -> None:
    """One JSON object on one line."""
    print(json.dumps(content, ensure_ascii=False, default=str))


def print_table(head: Sequence[str], rows: Sequence[Sequence[object]], right: Sequence[int] = ()) -> None:
    """A table; the columns numbered in `right` are set to the right."""
    cells = [[str(cell) for cell in row] for row in rows]
    widths = [max([wide(head[i]), *(wide(row[i]) for row in cells)]) for i in range(len(head))]
    for row in [list(head), *cells]:
        parts = [
            " " * (widths[i] - wide(text)) + text if i in right else pad(text, widths[i]) for i, text in enumerate(row)
        ]
        print("  " + "  ".join(parts).rstrip())


def tell(text: str) -> None:
    """A remark for the person at the terminal, on standard error."""
    print(text, file=sys.stderr)


def today() -> date:
    """The clock's day: the only place where commands look at the clock for a date."""
    return date.today()


def write_file(path: Path, content: bytes, folders: bool = False) -> None:
    """Write a file, and with `folders` the folders that it stands in. Refusal if it cannot be written."""
    try:
        if folders:
            path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    except OSError as fault:
        raise refuse("file", f"cannot be written: {fault.strerror}", file=str(path), exit_code=2) from fault
