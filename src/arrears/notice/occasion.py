"""What a message is written about: one account on one day, and why it is written to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class Step:
    """The stage that comes next if nothing changes: its name by language (zh, en) and the day it is reached."""

    name: Mapping[str, str]
    on: date


@dataclass(frozen=True)
class Answer:
    """What became of something that the borrower asked for on a day (where the business is).

    `outcome`: a code of `outcome` in `language.yaml`, by the action of the occasion; empty where nothing but the dates is told. `begins`,
    `until`: first and last day of help, `frozen`: what does not accrue in it (`facts.case_events.FREEZABLE`). `category` and
    `amount_minor`: what is corrected, and by how much it falls (minor units).
    """

    asked_on: date
    outcome: str = ""
    begins: date | None = None
    until: date | None = None
    frozen: tuple[str, ...] = ()
    category: str = ""
    amount_minor: int = 0


@dataclass(frozen=True)
class Occasion:
    """`on`: the day of sending where the borrower is; the position is that of this day. `binds`: who sends (lender, agency).

    `name`: of the borrower, for letters and mails. `next_stage` and `again_on` (the earliest day of the next contact) say what comes
    next; either may be unknown. `answer`: what is answered, for a message that answers and asks for nothing.
    """

    law: str
    action: str
    stage: str
    channel: str
    account_id: str
    on: date
    name: str | None = None
    binds: str = "lender"
    next_stage: Step | None = None
    again_on: date | None = None
    answer: Answer | None = None
