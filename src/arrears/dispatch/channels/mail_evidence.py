"""Was a mail taken by the server, where its answer was lost? Only what names its Message-ID can say so.

The id holds the attempt's id, which nobody guesses and which stands nowhere but in the message: a bounce, a reply or the mail server's
own log that names it proves that the message left.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

#: The newest mails that are looked through, and how much of each.
MOST_MAILS = 20_000
MOST_BYTES = 1 << 20
#: Clocks of this machine and of whatever writes the Maildir may differ.
SLACK = timedelta(minutes=10)
SET_ASIDE = ".SetAside"


def named_in_mail(maildir: Path, message_id: str, since: datetime) -> bool:
    """Whether a mail that came in after `since` names `message_id` (with or without angle brackets)."""
    needle = message_id.strip("<>").encode()
    return any(needle in _beginning(path) for path in _newest(maildir, (since - SLACK).timestamp()))


def _newest(maildir: Path, since: float) -> list[Path]:
    found: list[tuple[float, Path]] = []
    for folder in (maildir / "cur", maildir / "new", maildir / SET_ASIDE / "cur"):
        if folder.is_dir():
            with os.scandir(folder) as entries:
                found += [(entry.stat().st_mtime, Path(entry.path)) for entry in entries if entry.is_file()]
    return [path for at, path in sorted(found, reverse=True)[:MOST_MAILS] if at >= since]


def _beginning(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(MOST_BYTES)
    except OSError:  # moved meanwhile by the reader of the Maildir
        return b""


def logged_as_taken(queue_log: Path, message_id: str) -> bool:
    """Whether the log of a Postfix says that the mail with this id was queued or passed on.

    Postfix notes the id as soon as it has read the header, even of a mail that is cut off afterwards; only a line of the same queue id
    with `queue active` or `status=` shows that it took the whole.
    """
    named = re.compile(rb": ([0-9A-Za-z]{6,20}): message-id=" + re.escape(f"<{message_id.strip('<>')}>".encode()))
    queue_ids: set[bytes] = set()
    for line in _lines(queue_log):
        if found := named.search(line):
            queue_ids.add(found[1])
        elif b"queue active" in line or b" status=" in line:
            if any(b": " + queue_id + b": " in line for queue_id in queue_ids):
                return True
    return False


def _lines(queue_log: Path) -> Iterator[bytes]:
    """The log before the last rotation, then the present one."""
    for path in (queue_log.with_name(f"{queue_log.name}.1"), queue_log):
        try:
            with path.open("rb") as file:
                yield from file
        except OSError:
            continue
