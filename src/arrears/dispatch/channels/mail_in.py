"""Reads a Maildir: each new mail is sorted, made durable by `record`, and only then moved from `new` to `cur`.

A crash in between lets the same file be read again, with the same instant (the file's own): what came back is told twice, never lost.
What cannot be sorted goes to the folder `.SetAside`, with the reason in its file `reasons.log`.
"""

from __future__ import annotations

import asyncio
import logging
from datetime import UTC, datetime
from pathlib import Path

from arrears.dispatch.channel import Record, Returned
from arrears.dispatch.channels.mail_evidence import SET_ASIDE
from arrears.dispatch.channels.mail_ids import OwnIds
from arrears.dispatch.channels.mail_settings import Sender
from arrears.dispatch.channels.mail_sort import SetAside, sort_mail

log = logging.getLogger("arrears.dispatch.channels.email")

MOST_BYTES = 20 << 20
#: Mails taken together.
BATCH = 100


class MailIn:
    """The reader of one Maildir. There must be one only; a second would tell everything twice."""

    def __init__(self, maildir: Path, poll_seconds: float, sender: Sender, record: Record) -> None:
        self.maildir = maildir
        self._poll_seconds = poll_seconds
        self._ids = OwnIds(sender)
        self._record = record
        self._stopping = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to read, in the running loop."""
        self._task = asyncio.create_task(self._read_on(), name="arrears-maildir")

    async def stop(self) -> None:
        """Finish the mail under way and read no more."""
        self._stopping.set()
        if self._task is not None:
            await self._task

    async def _read_on(self) -> None:
        while not self._stopping.is_set():
            try:
                taken = await self.read_once()
            except OSError as error:  # the disk may be away for a while
                log.error("the Maildir cannot be read for now: %s", type(error).__name__)
                taken = 0
            if taken < BATCH:
                await self._pause()

    async def _pause(self) -> None:
        try:
            await asyncio.wait_for(self._stopping.wait(), self._poll_seconds)
        except TimeoutError:
            return

    async def read_once(self) -> int:
        """Take what is new, the oldest first, at most `BATCH` mails together; returns how many of them were taken.

        They are recorded at once, since a receipt may wait for the answer it belongs to. One that cannot be recorded stops no other.
        """
        waiting = await asyncio.to_thread(_new_mail, self.maildir)
        ends = await asyncio.gather(*(self._take(path) for path in waiting[:BATCH]), return_exceptions=True)
        failed = [end for end in ends if isinstance(end, BaseException)]
        if failed:
            kinds = ", ".join(sorted({type(end).__name__ for end in failed}))
            log.error("%d mails stay where they are for now: %s", len(failed), kinds)
        return len(ends) - len(failed)

    async def _take(self, path: Path) -> None:
        found = await asyncio.to_thread(self._sorted, path)
        if isinstance(found, SetAside):
            log.warning("a mail was set aside: %s", found.reason)
            await asyncio.to_thread(_set_aside, self.maildir, path, found.reason)
            return
        for one in found:
            await self._record(one)
        await asyncio.to_thread(path.rename, self.maildir / "cur" / f"{path.name.partition(':')[0]}:2,S")

    def _sorted(self, path: Path) -> list[Returned] | SetAside:
        about = path.stat()
        if about.st_size > MOST_BYTES:
            return SetAside("too large")
        return sort_mail(path.read_bytes(), datetime.fromtimestamp(int(about.st_mtime), UTC), self._ids)


def _new_mail(maildir: Path) -> list[Path]:
    mails = [
        (path.stat().st_mtime, path) for path in (maildir / "new").iterdir() if path.is_file() and path.name[0] != "."
    ]
    return [path for _, path in sorted(mails)]


def _set_aside(maildir: Path, path: Path, reason: str) -> None:
    folder = maildir / SET_ASIDE
    for part in ("cur", "new", "tmp"):
        (folder / part).mkdir(parents=True, exist_ok=True)
    with (folder / "reasons.log").open("a", encoding="utf-8") as reasons:
        reasons.write(f"{path.name}\t{reason}\n")
    path.rename(folder / "cur" / f"{path.name.partition(':')[0]}:2,")
