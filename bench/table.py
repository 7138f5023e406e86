"""The figures as Markdown: a section of docs/performance.md for each size of book."""

from __future__ import annotations

from collections.abc import Mapping

from machine import described
from measured import Measured
from rows import ROWS, Row

Found = Mapping[str, Measured | str]
HEAD = ("", "does", "measured", "min", "median", "per second", "× arrears", "peak", "same: subset", "same: book")
#: Things that are told by the second; of the others, how long one takes.
MANY = ("accounts", "facts")
SHORT_HEAD = ("", "does", "min", "median", "peak")


def section(found: Found, accounts: int, day: str, command: str) -> str:
    """The section of one run. `found`: measured rows by key, or why a row could not be measured."""
    long = [_line(row, found) for row in ROWS if row.key in found and row.per in MANY]
    short = [_short_line(row, found) for row in ROWS if row.key in found and row.per not in MANY]
    notes = [
        f"- {row.title}: {text}." for row in ROWS if row.key in found and (text := _note(found[row.key]))
    ]  # fmt: skip
    parts = [
        f"## {accounts:,} accounts, measured on {day}",
        "\n".join(f"- {name}: {value}" for name, value in described()) + f"\n- command: `{command}`",
        _table(HEAD, long) if long else "",
        _table(SHORT_HEAD, short) if short else "",
        "\n".join(notes),
    ]
    return "\n\n".join(part for part in parts if part)


def _line(row: Row, found: Found) -> tuple[str, ...]:
    measured = found[row.key]
    if isinstance(measured, str):
        return (row.title, row.does, "not measured", *("–" for _ in HEAD[3:]))
    same = measured.same
    book = same.get("book", "")
    return (
        row.title, row.does, f"{measured.things:,}", _seconds(measured.shortest), _seconds(measured.median),
        f"{measured.rate:,.0f}", _ratio(row, found), _memory(measured), same.get("subset", ""), book,
    )  # fmt: skip


def _short_line(row: Row, found: Found) -> tuple[str, ...]:
    measured = found[row.key]
    if isinstance(measured, str):
        return (row.title, row.does, "not measured", "–", "–")
    each = measured.things
    return (
        row.title,
        row.does,
        _seconds(measured.shortest / each),
        _seconds(measured.median / each),
        _memory(measured),
    )


def _note(measured: Measured | str) -> str:
    return f"not measured: {measured}" if isinstance(measured, str) else measured.note


def _ratio(row: Row, found: Found) -> str:
    """How many accounts a second against arrears' row of the same run."""
    own, other = found.get(row.key), found.get(row.against)
    if not isinstance(own, Measured) or not isinstance(other, Measured):
        return ""
    ratio = own.rate / other.rate
    return f"{ratio:.2g}" if ratio < 10 else f"{ratio:.0f}"


def _seconds(seconds: float) -> str:
    if seconds < 1e-3:
        return f"{seconds * 1e6:.3g} µs"
    return f"{seconds * 1e3:.3g} ms" if seconds < 1 else f"{seconds:.2f} s"


def _memory(measured: Measured) -> str:
    return f"{measured.peak_bytes / 2**20:,.0f} MiB"


def _table(head: tuple[str, ...], lines: list[tuple[str, ...]]) -> str:
    rule = ("---", "---", *("---:" for _ in head[2:]))
    return "\n".join("| " + " | ".join(line) + " |" for line in (head, rule, *lines))
