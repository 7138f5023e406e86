"""A file of payments: ISO 20022 camt.053 or camt.054 by its content, else CSV. Which it is, is seen from the file, never guessed from a name."""

from __future__ import annotations

import hashlib
from pathlib import Path

from arrears.errors import refuse
from arrears.facts.mapping import TapeMapping
from arrears.payments.camt import read_camt
from arrears.payments.csv_list import read_csv_list
from arrears.payments.entries import Statement

LARGEST_BYTES = 512 * 1024 * 1024


def read_payments(path: Path, mapping: TapeMapping | None = None) -> Statement:
    """The entries of a file. Refusal if it cannot be read at all; faults of single entries stand in the statement."""
    try:
        size = path.stat().st_size
        content = path.read_bytes() if size <= LARGEST_BYTES else b""
    except OSError as error:
        raise refuse("payments", f"cannot be read: {error.strerror}", file=str(path), exit_code=2) from None
    if size > LARGEST_BYTES:
        raise refuse(
            "payments", f"is larger than {LARGEST_BYTES // 1024**2} MiB", file=str(path), todo="split it by day"
        )
    digest = hashlib.sha256(content).hexdigest()
    start = content[:200].removeprefix(b"\xef\xbb\xbf").lstrip()
    # UTF-16 begins with a mark of its order and is XML here: lists are UTF-8 or GB18030
    if start.startswith((b"<", b"\xff\xfe", b"\xfe\xff")):
        return read_camt(content, str(path), digest)
    return read_csv_list(path, mapping or TapeMapping(), digest)
