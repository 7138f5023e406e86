"""What was due over time as a picture and, with the same figures, as a table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from markupsafe import Markup

from arrears import money
from arrears.account import Account
from arrears.replay.chart import plain_chart
from arrears.replay.explain import Line

#: Days that the table shows, the latest ones.
MOST_ROWS = 36


@dataclass(frozen=True)
class Day:
    """A day on which something happened: what was due after it, and what was paid on it, minor units."""

    on: date
    due_minor: int
    paid_minor: int


def days_of(account: Account, lines: Sequence[Line]) -> list[Day]:
    """The days of the ledger, and the day looked at."""
    found: dict[date, Day] = {}
    for line in lines:
        paid = line.amount_minor if line.code == "payment" else 0
        before = found.get(line.on)
        found[line.on] = Day(line.on, line.balance_minor, paid + (before.paid_minor if before else 0))
    due = int(account.replayed.position["due_total"])
    last = found.get(account.day())
    found[account.day()] = Day(account.day(), due, last.paid_minor if last else 0)
    return sorted(found.values(), key=lambda day: day.on)


def picture(account: Account, lines: Sequence[Line]) -> Markup:
    """The SVG: due as a stepped area, payments as dots, as `arrears explain --svg` draws it; colours are the page's."""
    # every text in it is escaped where it is drawn
    return Markup(plain_chart(list(lines), account.currency, account.day()))


def table(days: Sequence[Day], currency: str) -> list[tuple[str, str, str]]:
    """The same as rows (day, due after it, paid), the latest days first."""
    return [
        (day.on.isoformat(), money.to_shown(day.due_minor, currency), money.to_shown(day.paid_minor, currency) if day.paid_minor else "")
        for day in reversed(days[-MOST_ROWS:])
    ]  # fmt: skip
