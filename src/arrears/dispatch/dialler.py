"""Calls as a file for a dialler, and back: what may be dialled, from when until when, and until when the file holds.

Every row was asked again when the file was written, and its person is nobody else's until an outcome is told or the file's validity ends. A
dialler cannot ask us at the moment of dialling, so a file holds for minutes, not for a day; `recheck` names the rows that have to be
taken out meanwhile.
"""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

from arrears.dispatch.ask import Asked
from arrears.dispatch.carried import (
    InHand,
    Office,
    Taking,
    in_hand,
    lapse,
    ready_works,
    recheck,
    take_up,
    without_persons_twice,
)
from arrears.dispatch.outcome_file import DIALLED, FileForm
from arrears.dispatch.spoken import Speaker
from arrears.errors import refuse
from arrears.facts.spreadsheet import harmless_text
from arrears.notice.words import Words

BATCH = 200


@dataclass(frozen=True)
class Exported:
    """What went into a file: rows, until when it holds, and the work that was not given, with why."""

    rows: int
    valid_until: datetime
    passed: tuple[Asked, ...]


def export(
    office: Office, speaker: Speaker, file: Path, form: FileForm, channel: str, lasts: timedelta, now: datetime, most: int = 10_000
) -> Exported:  # fmt: skip
    """Write up to `most` calls of `channel` (`call`, `voicebot`) that may be made now into a new CSV file. Refusal if the file is there."""
    lapse(office, now)
    until = now + lasts
    _reserve(file)
    with office.store.read() as connection:
        works, _ = without_persons_twice(ready_works(connection, [channel], now))
    lines: list[tuple[Asked, Words]] = []
    passed: list[Asked] = []
    by = f"file:{file.name}"
    for begin in range(0, len(works), BATCH):
        batch = works[begin : begin + min(BATCH, most - len(lines))]
        if not batch:
            break
        answers, said = take_up(office, batch, Taking(by, until, say=partial(speaker.say, now=now)), now)
        for asked in answers:
            if asked.verdict == "send":
                lines.append((asked, said[asked.work.key]))
            else:
                passed.append(asked)
    _write(file, _csv(lines, form, now, until))
    return Exported(len(lines), until, tuple(passed))


def _csv(lines: Sequence[tuple[Asked, Words]], form: FileForm, now: datetime, until: datetime) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([form.named(name) for name in DIALLED])
    for asked, words in lines:
        work, recipient = asked.work, asked.recipient
        assert recipient is not None  # it was taken: it says to whom
        zone = ZoneInfo(recipient.zones[0])
        local = [
            at.astimezone(zone).isoformat(timespec="seconds")
            for at in (max(now, work.not_before), min(until, work.not_after), until)
        ]
        writer.writerow(
            [
                work.attempt_id,
                recipient.to,
                harmless_text(recipient.name or ""),
                harmless_text(recipient.language or ""),
                zone.key,
                *local,
                harmless_text(words.text),
            ]
        )
    return out.getvalue()


def _reserve(file: Path) -> None:
    """Make the file, for the owner alone, before anything is taken: what was taken has somewhere to go."""
    try:
        os.close(os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    except FileExistsError:
        raise refuse("calls", "is there already", file=str(file), exit_code=2, todo="give another name") from None
    except OSError as error:
        raise refuse("calls", f"cannot be written: {error.strerror}", file=str(file), exit_code=2) from None


def _write(file: Path, text: str) -> None:
    with file.open("w", encoding="utf-8-sig", newline="") as out:
        out.write(text)
        out.flush()
        os.fsync(out.fileno())


def withdrawn(office: Office, keys: Sequence[str], now: datetime) -> list[tuple[InHand, Asked]]:
    """Of attempts in hand, those that must not be made any more, with why."""
    with office.store.read() as connection:
        items = in_hand(connection, attempt_ids=keys)
    return [(item, asked) for item, asked in recheck(office, items, now) if asked.verdict != "send"]


def keys_of(file: Path, form: FileForm) -> list[str]:
    """The keys of a file that was written by `export`. Refusal if it cannot be read."""
    try:
        with file.open(encoding="utf-8-sig", newline="") as source:
            reader = csv.DictReader(source)
            if form.named("key") not in (reader.fieldnames or ()):
                raise refuse("calls", f"lacks the column {form.named('key')}", file=str(file), line=1, exit_code=2)
            return [row[form.named("key")] for row in reader if row[form.named("key")]]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise refuse("calls", f"cannot be read: {error}", file=str(file), exit_code=2) from None
