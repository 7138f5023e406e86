"""What a stand-in has accepted, as JSON lines in a file, each on the disk before it is acknowledged.

Lines that come while the disk is busy go out together with the next fsync. A line cut off by a crash was never acknowledged: it is
dropped when the file is opened again.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from twisted.internet import threads


class Journal:
    """Appends to `path`; `add` calls back when the line is durable. All calls come from the reactor's thread."""

    def __init__(self, path: Path) -> None:
        self._path = path
        whole = path.read_bytes().rpartition(b"\n") if path.exists() else (b"", b"", b"")
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT, 0o600)
        os.ftruncate(self._file, len(whole[0]) + len(whole[1]))
        os.lseek(self._file, 0, os.SEEK_END)
        self._waiting: list[tuple[bytes, Callable[[], None]]] = []
        self._busy = False

    def lines(self) -> Iterator[dict[str, Any]]:
        """What the file holds."""
        with self._path.open("rb") as file:
            yield from map(json.loads, file)

    def add(self, line: dict[str, Any], durable: Callable[[], None]) -> None:
        """Append a line; `durable` is called once it is on the disk."""
        self._waiting.append((json.dumps(line, ensure_ascii=False).encode() + b"\n", durable))
        if not self._busy:
            self._write()

    def _write(self) -> None:
        self._busy = True
        batch, self._waiting = self._waiting, []
        done = threads.deferToThread(self._to_disk, b"".join(line for line, _ in batch))
        done.addCallback(lambda _: self._written(batch))

    def _to_disk(self, octets: bytes) -> None:
        os.write(self._file, octets)
        os.fsync(self._file)

    def _written(self, batch: list[tuple[bytes, Callable[[], None]]]) -> None:
        for _, durable in batch:
            durable()
        self._busy = False
        if self._waiting:
            self._write()
