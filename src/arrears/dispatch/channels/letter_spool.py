"""The spool of a print house: each letter durable before it is answered for, and taken once however often it is handed over.

    open/<batch>/            letters being gathered, by one process that holds its lock
    taken/<xx>/<attempt>.json    that an attempt was taken, into which batch; or `{"never": true}`, that it never will be
    <date>/<batch>/          closed: letters, index.csv, manifest.json; complete the moment the folder is there

An attempt is taken the moment its file under `taken` is linked into place; that file is made once, so a late writer and a look-up that
says "never had it" cannot both be right. One thread at a time may use a spool.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import re
import secrets
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

from arrears.dispatch.channels.letter_batch import Row, close_batch, durable, sync_folder
from arrears.notice.paper import Layout, Letter, letters_pdf, page_count

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,35}")


@dataclass(frozen=True)
class Entry:
    """What `taken` says of an attempt. `never`: it was looked up before it came, and will not be taken any more."""

    batch: str = ""
    never: bool = False


class Spool:
    """One folder, gathering into one open batch at a time. `merged`: a batch is closed as files of many letters."""

    def __init__(self, folder: Path, layout: Layout, country: str, *, merged: bool) -> None:
        self.folder, self.layout, self.country, self.merged = folder, layout, country, merged
        self._open: Path | None = None
        self._lock: int | None = None
        self.opened_at: datetime | None = None
        self.letters = 0

    def entry(self, attempt_id: str) -> Entry | None:
        """What became of an attempt here; None if nothing is known of it. OSError if the spool cannot be read."""
        try:
            content = json.loads(self._taken(attempt_id).read_text("utf-8"))
        except FileNotFoundError:
            return None
        return Entry(content.get("batch", ""), bool(content.get("never")))

    def took(self, attempt_id: str) -> bool:
        """Whether a letter of that attempt was taken; False for what is no attempt id."""
        entry = self.entry(attempt_id) if _NAME.fullmatch(attempt_id) else None
        return entry is not None and not entry.never

    def never(self, attempt_id: str) -> Entry:
        """Make sure that an attempt not taken so far is never taken; what is true of it then."""
        self._claim(attempt_id, {"never": True})
        return self.entry(attempt_id) or Entry(never=True)

    def take(self, attempt_id: str, letter: Letter, pdf: bytes, postcode: str, now: datetime) -> Entry:
        """Take a letter, durably. The entry that holds: another one if this attempt was taken, or given up, before.

        OSError before the attempt is claimed means that it was not taken.
        """
        known = self.entry(attempt_id)
        if known:
            return known
        batch = self._gather(now)
        durable(batch / "letters" / f"{attempt_id}.pdf", pdf)
        if self.merged:
            durable(batch / "letters" / f"{attempt_id}.json", letter.as_json().encode())
        sync_folder(batch / "letters")
        row = Row(
            sequence=self.letters + 1, attempt_id=attempt_id, pages=page_count(pdf), paper=self.layout.paper,
            country=self.country, postcode=postcode, sha256=hashlib.sha256(pdf).hexdigest(),
        )  # fmt: skip
        if not self._claim(attempt_id, {"batch": batch.name, "at": now.isoformat(), "row": asdict(row)}):
            return self.entry(attempt_id) or Entry(never=True)
        self.letters += 1
        return Entry(batch.name)

    def close(self, now: datetime) -> Path | None:
        """Close the open batch, if there is one; the folder it is in now, None if it held no letter."""
        if self._open is None or self._lock is None:
            return None
        closed = self._put_away(self._open, now)
        os.close(self._lock)
        self._open, self._lock, self.opened_at, self.letters = None, None, None, 0
        return closed

    def adopt(self, now: datetime) -> list[Path]:
        """Close the batches that a process left open when it died."""
        closed = []
        for batch in sorted((self.folder / "open").glob("*")):
            lock = _locked(batch / ".lock")
            if lock is not None:
                closed.append(self._put_away(batch, now))
                os.close(lock)
        return [each for each in closed if each]

    def _gather(self, now: datetime) -> Path:
        if self._open is None:
            batch = self.folder / "open" / f"{now:%Y%m%dT%H%M%S%fZ}-{secrets.token_hex(6)}"
            batch.mkdir(parents=True)
            lock = _locked(batch / ".lock")
            if lock is None:
                raise OSError(f"the new batch {batch.name} is locked")
            (batch / "letters").mkdir()
            sync_folder(batch)
            sync_folder(batch.parent)
            self._open, self._lock, self.opened_at, self.letters = batch, lock, now, 0
        return self._open

    def _put_away(self, batch: Path, now: datetime) -> Path | None:
        """Close one batch folder. Letters without a claim are left out, since nobody was told that they were taken."""
        contents = [self._content(file.stem) for file in (batch / "letters").glob("*.pdf")]
        rows = [Row(**content["row"]) for content in contents if content.get("batch") == batch.name]
        if not rows:
            shutil.rmtree(batch)
            return None
        rows.sort(key=lambda row: row.sequence)
        already = next(iter(self.folder.glob(f"[0-9]*/{batch.name}")), None)
        target = already or self.folder / f"{now:%Y-%m-%d}" / batch.name
        sources = batch / "letters"
        gathered_to_merge = all((sources / f"{row.attempt_id}.json").exists() for row in rows)
        return close_batch(batch, target, rows, partial(self._merged, sources) if gathered_to_merge else None, now)

    def _merged(self, sources: Path, rows: Sequence[Row]) -> bytes:
        texts = [(sources / f"{row.attempt_id}.json").read_text("utf-8") for row in rows]
        return letters_pdf([Letter.from_json(text) for text in texts], self.layout)

    def _content(self, attempt_id: str) -> Mapping[str, Any]:
        try:
            content: dict[str, Any] = json.loads(self._taken(attempt_id).read_text("utf-8"))
            return content
        except FileNotFoundError:
            return {}

    def _claim(self, attempt_id: str, content: Mapping[str, Any]) -> bool:
        """Put the one file that says what became of an attempt; False if there is one already."""
        place = self._taken(attempt_id)
        if not place.parent.is_dir():
            place.parent.mkdir(parents=True, exist_ok=True)
            sync_folder(place.parent.parent)
        draft = place.with_name(f".{place.name}.{os.getpid()}")
        durable(draft, json.dumps(content).encode())
        try:
            os.link(draft, place)
        except FileExistsError:
            return False
        finally:
            draft.unlink()
        sync_folder(place.parent)
        return True

    def _taken(self, attempt_id: str) -> Path:
        if not _NAME.fullmatch(attempt_id):
            raise ValueError("an attempt id is 1 to 36 ASCII letters, digits, dots, dashes and underscores")
        return self.folder / "taken" / hashlib.sha256(attempt_id.encode()).hexdigest()[:2] / f"{attempt_id}.json"


def _locked(path: Path) -> int | None:
    """The lock of a batch, held by this process until it is closed or dies; None if another holds it."""
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(handle)
        return None
    return handle
