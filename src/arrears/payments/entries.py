"""What a bank or a payment provider says came in: one entry for one amount, whatever the file it came in."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal

from arrears.errors import Finding

#: payment: money came in. reversal: a payment that came in earlier was taken back. other: not for us (fees of the bank, our own payments).
EntryKind = Literal["payment", "reversal", "other"]


@dataclass(frozen=True)
class Entry:
    """One booked amount.

    `entry_id`: the same for the same booking in whatever file it stands, so that it becomes one fact. `amount`: minor units of
    `currency`, always positive. `on`: the day the money counts (value date, else booking date); `at`: the instant, where the file has one
    (UTC). `references`: every text that may name what is paid, the structured ones first. `reverses`: `entry_id` of the payment that a
    reversal takes back, where the file says so. `line`: where the entry begins in its file, from 1.
    """

    entry_id: str
    kind: EntryKind
    amount: int
    currency: str
    on: date
    at: datetime | None
    references: tuple[str, ...]
    payer: str | None = None
    reverses: str | None = None
    line: int | None = None


@dataclass(frozen=True)
class Statement:
    """One file that was read: its entries, and what is wrong with it. With any fault nothing of it is let in."""

    name: str
    digest: str
    entries: tuple[Entry, ...]
    faults: tuple[Finding, ...] = field(default=())
    pending: int = 0  # entries that are not booked yet: they come again when they are
