"""Text of data files as SQL literals and names: nothing of a log or a pack is ever taken for SQL."""

from __future__ import annotations

from collections.abc import Iterable


def literal(value: object) -> str:
    """An SQL literal: text in quotes, NULL for None."""
    return "NULL" if value is None else "'" + str(value).replace("'", "''") + "'"


def name(value: str) -> str:
    """An SQL name in quotes."""
    return '"' + value.replace('"', '""') + '"'


def listed(values: Iterable[object]) -> str:
    """Literals with commas between, in brackets."""
    return "(" + ", ".join(literal(value) for value in values) + ")"
