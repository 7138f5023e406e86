"""Letters: a message becomes a PDF in the batch spool of a print house.

A letter is accepted once it is durable in the spool. What the house says of it later comes in as files (see `letter_returned`).
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from arrears.dispatch.channel import Answer, Message, NotHandedOver, Record, Sent
from arrears.dispatch.channels.letter_returned import put_away, read_returned, waiting
from arrears.dispatch.channels.letter_settings import LetterSettings, letter_of, letter_settings, postcode_of
from arrears.dispatch.channels.letter_spool import Entry, Spool
from arrears.errors import Refusal, refuse
from arrears.installation import Installation
from arrears.notice.paper import Letter, letter_pdf

_log = logging.getLogger("arrears.dispatch.letter")
_T = TypeVar("_T")


def open_channel(settings: Mapping[str, Any], installation: Installation, store: object | None = None) -> LetterChannel:
    """The channel as the installation has it; it needs no store. Refusal if its settings are unfit."""
    return LetterChannel(letter_settings(settings, installation))


def _utc_now() -> datetime:
    return datetime.now(UTC)


class LetterChannel:
    """See `dispatch.channel.Channel`. Pages are set in two threads; the spool is written by one of its own."""

    name = "letter"
    window = 4

    def __init__(self, settings: LetterSettings, now: Callable[[], datetime] = _utc_now) -> None:
        self.per_second = settings.per_second
        self._settings, self._now = settings, now
        self._spool = Spool(settings.folder, settings.layout, settings.country, merged=settings.merged)
        self._record: Record | None = None
        self._setting: ThreadPoolExecutor | None = None
        self._writing: ThreadPoolExecutor | None = None
        self._watch: asyncio.Task[None] | None = None
        self._reading = asyncio.Lock()
        self._under_way: set[asyncio.Task[Answer]] = set()

    async def open(self, record: Record) -> None:
        """Make the spool, close what an earlier process left open, and begin to read returned files. Refusal if it cannot be written."""
        self._record = record
        self._setting = ThreadPoolExecutor(2, "letters-set")
        self._writing = ThreadPoolExecutor(1, "letters-write")
        try:
            left = await self._written(self._prepare)
        except OSError as error:
            raise refuse("letter_folder", f"cannot be written: {error.strerror}", file=str(self._settings.folder),
                         exit_code=2) from None  # fmt: skip
        if left:
            _log.info("closed %d batches that were left open", left)
        self._watch = asyncio.create_task(self._look_around())

    async def close(self) -> None:
        """Wait for letters under way, and close the open batch; one that cannot be closed is closed by the next process."""
        watch, self._watch = self._watch, None
        if watch:
            watch.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await watch
        while self._under_way:
            await asyncio.wait(self._under_way)
        setting, writing, self._setting = self._setting, self._writing, None
        if setting and writing:
            await self._written(self._close_or_say_why_not)
            self._writing = None
            setting.shutdown()
            writing.shutdown()

    async def hand_over(self, message: Message) -> Awaitable[Answer]:
        """Begin to set the letter; the answer comes when it is durable in the spool. NotHandedOver if the channel is not open."""
        if self._setting is None:
            raise NotHandedOver("the channel is not open")
        task = asyncio.create_task(self._take(message, self._setting))
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)
        return task

    async def look_up(self, sent: Sent) -> Answer:
        """Whether the spool has it. `later` where it has not, for from then on the spool will not take that attempt any more."""
        try:
            return _answered(await self._written(lambda: self._spool.never(sent.attempt_id)), later=True)
        except OSError as error:
            return Answer("unknown", detail=f"spool: {error.strerror}")
        except ValueError:
            return Answer("refused", detail="no attempt id of letters")

    async def read_returned(self) -> int:
        """Read the files that wait in `returned/`; how many receipts were recorded. A file is put away when all of it is recorded."""
        async with self._reading:
            return sum([await self._read_one(path) for path in waiting(self._settings.folder)])

    async def _read_one(self, path: Path) -> int:
        if self._record is None:
            raise RuntimeError("the channel is not open")
        read = await self._written(partial(read_returned, path, self._spool.took))
        for receipt in read.receipts:
            await self._record(receipt)
        await self._written(partial(put_away, path, read))
        told = (len(read.receipts), read.passed_over, len(read.faults))
        _log.info("returned letters: %d recorded, %d passed over, %d faults", *told)
        return len(read.receipts)

    async def _take(self, message: Message, setting: ThreadPoolExecutor) -> Answer:
        loop = asyncio.get_running_loop()
        now = self._now()
        try:
            known = await self._written(lambda: self._spool.entry(message.attempt_id))
            if known:
                return _answered(known)
            letter = letter_of(message, self._settings, now.astimezone(self._settings.zone).date())
            pdf = await loop.run_in_executor(setting, letter_pdf, letter, self._settings.layout)
        except Refusal as refusal:
            finding = refusal.findings[0]
            return Answer("refused", detail=f"{finding.code}: {finding.field} {finding.what}".strip())
        except OSError as error:
            return Answer("later", detail=f"spool: {error.strerror}")
        except ValueError as error:  # an attempt id that is no file name, more than a QR code holds
            return Answer("refused", detail=f"letter: {type(error).__name__}")
        return await self._written(lambda: self._spooled(message, letter, pdf, now))

    def _spooled(self, message: Message, letter: Letter, pdf: bytes, now: datetime) -> Answer:
        postcode = postcode_of(message, self._settings.country)
        try:
            entry = self._spool.take(message.attempt_id, letter, pdf, postcode, now)
        except OSError as error:
            return self._after_failure(message.attempt_id, error)
        if self._spool.letters >= self._settings.batch_letters:
            self._close_or_say_why_not()
        return _answered(entry)

    def _after_failure(self, attempt_id: str, error: OSError) -> Answer:
        """The disk failed under a letter: if its claim is not there it was not taken, else nobody can say that it is durable."""
        with contextlib.suppress(OSError):
            if self._spool.entry(attempt_id) is None:
                return Answer("later", detail=f"spool: {error.strerror}")
        return Answer("unknown", detail=f"spool: {error.strerror}")

    async def _look_around(self) -> None:
        """From time to time, read what was returned and close a batch that has been open long enough.

        Whatever keeps what was returned from being recorded now (a database that is gone) is said and tried again.
        """
        every = min(self._settings.returned_seconds, self._settings.batch_seconds)
        while True:
            try:
                await self.read_returned()
            except Exception as error:
                _log.error("returned letters were not recorded: %s", type(error).__name__)
            await self._written(self._put_in_order)
            await asyncio.sleep(every)

    def _put_in_order(self) -> None:
        """Close the open batch if it is due, and those of processes that died."""
        with contextlib.suppress(OSError):
            self._spool.adopt(self._now())
        opened = self._spool.opened_at
        waited = (self._now() - opened).total_seconds() if opened else 0
        if waited >= self._settings.batch_seconds or self._spool.letters >= self._settings.batch_letters:
            self._close_or_say_why_not()

    def _close_or_say_why_not(self) -> None:
        """A batch that cannot be closed now stays open, and is closed later; its letters are durable all the same."""
        try:
            self._close_batch()
        except (OSError, Refusal) as error:
            _log.error(
                "a batch of letters cannot be closed: %s", getattr(error, "strerror", None) or "a letter was refused"
            )

    def _close_batch(self) -> None:
        count = self._spool.letters
        if self._spool.close(self._now()):
            _log.info("closed a batch of %d letters", count)

    def _prepare(self) -> int:
        (self._settings.folder / "returned").mkdir(parents=True, exist_ok=True)
        (self._settings.folder / "open").mkdir(exist_ok=True)
        return len(self._spool.adopt(self._now()))

    async def _written(self, act: Callable[[], _T]) -> _T:
        if self._writing is None:
            raise NotHandedOver("the channel is not open")
        return await asyncio.get_running_loop().run_in_executor(self._writing, act)


def _answered(entry: Entry, *, later: bool = False) -> Answer:
    if not entry.never:
        return Answer("accepted", provider_ref=entry.batch)
    return Answer("later", detail="never taken") if later else Answer("refused", detail="given up before it came")
