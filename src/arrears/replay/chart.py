"""What was due over time, as an SVG picture of one account's ledger."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, timedelta
from html import escape

from arrears import money
from arrears.replay.explain import Line

WIDTH, HEIGHT = 720, 280
NARROW, NARROW_TOP, NARROW_DAYS = 480, 12, 2
LEFT, RIGHT, TOP, BOTTOM = 84, 16, 40, 36
#: Pixels that a day below the picture takes.
DAY_WIDTH = 160
_TITLE = {"zh-CN": "到期应付金额", "en": "Amount due over time"}
_STYLE = (
    ".a{stroke:#8a94a0;stroke-width:1}.g{stroke:#8a94a0;stroke-opacity:.25}.d{fill:#2b6cb0;fill-opacity:.18;stroke:#2b6cb0;"
    "stroke-width:2}.p{fill:#2f855a}.t{font:12px system-ui,'Noto Sans CJK SC',sans-serif;fill:#4a5568}"
    ".h{font-size:14px;font-weight:600}@media (prefers-color-scheme:dark){.t{fill:#cbd5e0}.d{stroke:#63b3ed;fill:#63b3ed;fill-opacity:.2}}"
)


def chart(lines: list[Line], currency: str, as_of: date, language: str) -> str:
    """SVG text: a step line of what was due after each line, payments as dots. Reads well at 720 px and when printed."""
    title = f"{_TITLE[language]} ({currency})"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{title}">'
        f"<style>{_STYLE}</style>"
        f'<text class="t h" x="{LEFT}" y="22">{title}</text>{_body(lines, currency, as_of, WIDTH, TOP, WIDTH // DAY_WIDTH)}</svg>\n'
    )


def plain_chart(lines: list[Line], currency: str, as_of: date) -> str:
    """The same without title and style, narrower: for a page that gives both, and is read on phones first."""
    body = _body(lines, currency, as_of, NARROW, NARROW_TOP, NARROW_DAYS)
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {NARROW} {HEIGHT}">{body}</svg>'


def _body(lines: list[Line], currency: str, as_of: date, width: int, top: int, spans: int) -> str:
    if not lines:
        return ""
    start = lines[0].on
    days = max(1, (as_of - start).days)
    peak = max(1, max(line.balance_minor for line in lines))

    def x(day: date) -> float:
        return LEFT + (width - LEFT - RIGHT) * (day - start).days / days

    def y(minor: int) -> float:
        return HEIGHT - BOTTOM - (HEIGHT - top - BOTTOM) * minor / peak

    path = [f"M{x(start):.1f},{y(0):.1f}"]
    before = 0
    for line in lines:
        path.append(f"L{x(line.on):.1f},{y(before):.1f}L{x(line.on):.1f},{y(line.balance_minor):.1f}")
        before = line.balance_minor
    path.append(f"L{x(as_of):.1f},{y(before):.1f}L{x(as_of):.1f},{y(0):.1f}Z")
    dots = "".join(
        f'<circle class="p" cx="{x(line.on):.1f}" cy="{y(line.balance_minor):.1f}" r="4"><title>{escape(line.text)}</title></circle>'
        for line in lines
        if line.code == "payment"
    )
    marks = [start + timedelta(days=days * step // spans) for step in range(spans + 1)]
    return _grid(peak, currency, width - RIGHT, y) + f'<path class="d" d="{"".join(path)}"/>' + dots + _days(marks, x)


def _grid(peak: int, currency: str, right: int, y: Callable[[int], float]) -> str:
    marks = [peak * step // 4 for step in range(5)]
    return "".join(
        f'<line class="g" x1="{LEFT}" x2="{right}" y1="{y(mark):.1f}" y2="{y(mark):.1f}"/>'
        f'<text class="t" x="{LEFT - 8}" y="{y(mark) + 4:.1f}" text-anchor="end">{money.to_shown(mark, currency)}</text>'
        for mark in marks
    )


def _days(days: Iterable[date], x: Callable[[date], float]) -> str:
    marks = sorted(set(days))
    anchors = ["start", *["middle"] * (len(marks) - 2), "end"] if len(marks) > 1 else ["start"]
    return "".join(
        f'<text class="t" x="{x(day):.1f}" y="{HEIGHT - 12}" text-anchor="{anchor}">{day.isoformat()}</text>'
        for day, anchor in zip(marks, anchors, strict=True)
    )
