"""What was due over time as a picture (Vega-Lite, drawn on the server) and, with the same figures, as a table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from markupsafe import Markup

from arrears import money
from arrears.account import Account
from arrears.replay.explain import Line

#: Pixels of the drawing; the page scales it.
WIDTH, HEIGHT = 560, 200
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


def picture(days: Sequence[Day], currency: str) -> Markup:
    """The SVG: due as a stepped area, payments as dots. No text but figures and days, so it suits every language."""
    import vl_convert

    # our own figures and days only: nothing that a person typed is in it
    return Markup(vl_convert.vegalite_to_svg(_specification(days, currency)))


def _specification(days: Sequence[Day], currency: str) -> dict[str, Any]:
    def amount(minor: int) -> float:
        return float(money.to_text(minor, currency))

    rows = [{"on": day.on.isoformat(), "due": amount(day.due_minor), "paid": day.paid_minor > 0} for day in days]
    on = {"field": "on", "type": "temporal", "title": None, "axis": {"format": "%Y-%m", "tickCount": 5, "grid": False}}
    due = {"field": "due", "type": "quantitative", "title": None, "axis": {"format": ",.0f", "tickCount": 4}}
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
        "width": WIDTH, "height": HEIGHT, "background": None, "data": {"values": rows},
        "encoding": {"x": on, "y": due},
        "layer": [
            {"mark": {"type": "area", "interpolate": "step-after", "line": True, "opacity": 0.25}},
            {"mark": {"type": "point", "filled": True, "size": 50, "opacity": 1}, "transform": [{"filter": "datum.paid"}]},
        ],
        "config": {"view": {"stroke": None}, "font": "system-ui, sans-serif", "axis": {"labelFontSize": 13}},
    }  # fmt: skip


def table(days: Sequence[Day], currency: str) -> list[tuple[str, str, str]]:
    """The same as rows (day, due after it, paid), the latest days first."""
    return [
        (day.on.isoformat(), money.to_shown(day.due_minor, currency), money.to_shown(day.paid_minor, currency) if day.paid_minor else "")
        for day in reversed(days[-MOST_ROWS:])
    ]  # fmt: skip
