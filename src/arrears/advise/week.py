"""The week ahead by channel: when the other side may contact this borrower, and the clauses that decide it.

Asked of the guard with the borrower's own standing and history, so that waits, limits and stops count beside the hours.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from arrears.account import Account, contact_question, laws_of
from arrears.facts.schema import Facts
from arrears.law import Asking, Clause
from arrears.law.days import open_days
from arrears.law.pages import PICTURED

DAYS = 7
#: Kinds of clauses that open and close the week; the others say how a contact is made.
DRAWN = ("hours", "limit", "wait", "forbid")


@dataclass(frozen=True)
class ChannelDay:
    """One day of the person: the stretches in which the channel is open, as minutes from midnight on the person's clock."""

    on: date
    open: tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class ChannelWeek:
    """Seven days of one channel, and the clauses behind them in the order in which they are met."""

    channel: str
    days: tuple[ChannelDay, ...]
    clauses: tuple[Clause, ...]

    @property
    def is_closed(self) -> bool:
        """Whether the channel is open on none of the days."""
        return not any(day.open for day in self.days)


@dataclass(frozen=True)
class Ahead:
    """Days ahead of a person in `zone`, by channel, each day with the clauses behind it; no channel where the law has no pack."""

    zone: str
    channels: Mapping[str, tuple[tuple[ChannelDay, tuple[Clause, ...]], ...]]

    def week(self, begins: date) -> tuple[str, list[ChannelWeek]]:
        """The zone, and the seven days from `begins` on for each channel."""
        return self.zone, [_week(channel, begins, days) for channel, days in self.channels.items()]


def _week(channel: str, begins: date, days: Sequence[tuple[ChannelDay, tuple[Clause, ...]]]) -> ChannelWeek:
    own = [(day, clauses) for day, clauses in days if begins <= day.on < begins + timedelta(days=DAYS)]
    met = dict.fromkeys(clause for _, clauses in own for clause in clauses)
    return ChannelWeek(channel, tuple(day for day, _ in own), tuple(clause for clause in met if clause.kind in DRAWN))


def week_ahead(
    account: Account, facts: Facts, asking: Asking, begins: date | None = None
) -> tuple[str, list[ChannelWeek]]:
    """The person's time zone, and seven days for each channel, from `begins` (default: the account's day) on. No channel where the law has no pack.

    A day is asked about at its first instant: what happened on it since closes nothing of it. Where that matters, begin with the next.
    """
    first = begins or account.day()
    return days_ahead(account, facts, asking, first, DAYS).week(first)


def days_ahead(account: Account, facts: Facts, asking: Asking, begins: date, days: int) -> Ahead:
    """So many days from `begins` on, asked about as `week_ahead` says."""
    laws = laws_of(facts, account.account_id, asking)
    if laws is None:
        return Ahead(account.zone, {})
    asked, history = contact_question(
        facts, account.account_id, account.replayed.position, begins, account.as_of, account.known_at, laws, asking
    )
    known = {clause.id: clause for clause, _ in laws.clauses}
    wanted, zone = [begins + timedelta(days=number) for number in range(days)], asked.zones[0]
    found = {}
    for channel in PICTURED:
        said = open_days(laws, replace(asked, channel=channel), history, wanted, asking.policy)
        found[channel] = tuple(
            (ChannelDay(on, _minutes(stretches, on, zone)), tuple(known[name] for name in day.clauses))
            for on, (day, stretches) in zip(wanted, said, strict=True)
        )
    return Ahead(zone, found)


def _minutes(stretches: Sequence[tuple[datetime, datetime]], on: date, zone: str) -> tuple[tuple[int, int], ...]:
    """Stretches of a day on the clock of the zone. A day's end is minute 1440; an hour that comes twice is drawn once."""

    def minute(at: datetime) -> int:
        local = at.astimezone(ZoneInfo(zone))
        return 24 * 60 if local.date() > on else local.hour * 60 + local.minute

    return tuple((minute(begins), minute(ends)) for begins, ends in stretches)


def alike(days: Sequence[ChannelDay]) -> list[tuple[date, date, tuple[tuple[int, int], ...]]]:
    """Neighbouring days with the same stretches, as (first, last, stretches)."""
    found: list[tuple[date, date, tuple[tuple[int, int], ...]]] = []
    for day in days:
        if found and found[-1][2] == day.open:
            found[-1] = (found[-1][0], day.on, day.open)
        else:
            found.append((day.on, day.on, day.open))
    return found
