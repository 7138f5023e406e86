"""Heads: chain values of seals kept in a file outside the database, one line each: `NUMBER CHAIN`.

The file only grows. Its worth lies in where it stands: a copy that whoever can write to the database cannot reach shows that the end
of the log was cut off, or that the whole log was written anew.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from arrears.errors import refuse

#: Where an installation keeps its heads, unless its file says otherwise (`log: {heads: PATH}`).
DEFAULT_FILE = "seals.heads"


class Head(NamedTuple):
    """A seal's number and its chain value, in hex."""

    number: int
    chain: str

    def __str__(self) -> str:
        return f"{self.number} {self.chain}"


def read_heads(file: Path) -> list[Head]:
    """The heads in a file; none if it is not there. Refusal if a line is not a head."""
    try:
        lines = file.read_text("ascii").splitlines()
    except FileNotFoundError:
        return []
    except (OSError, UnicodeDecodeError) as error:
        raise refuse("heads", f"cannot be read: {error}", file=str(file), exit_code=2) from None
    return [parse_head(line, str(file), number) for number, line in enumerate(lines, 1)]


def parse_head(text: str, file: str = "", line: int | None = None) -> Head:
    """`NUMBER CHAIN` as a head. Refusal if it is none."""
    number, _, chain = text.partition(" ")
    if not (number.isascii() and number.isdecimal() and len(chain) == 64 and set(chain) <= set("0123456789abcdef")):
        raise refuse(
            "heads", "is not a seal's number and chain value", file=file, line=line, value=text[:80], exit_code=2
        )
    return Head(int(number), chain)


def append_heads(file: Path, heads: Sequence[Head]) -> None:
    """Add heads at the end of the file, on the disk when this returns."""
    with file.open("a", encoding="ascii") as out:
        out.writelines(f"{head}\n" for head in heads)
        out.flush()
        os.fsync(out.fileno())
