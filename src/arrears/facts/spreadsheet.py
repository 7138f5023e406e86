"""Cells that no spreadsheet takes for a formula: whatever a person may open as a table goes through here.

A name or a reason is written by somebody; `=HYPERLINK(…)` in it would be computed where the file is opened. An apostrophe before the cell
makes it text again (OWASP, CSV injection).
"""

from __future__ import annotations

import polars as pl

BEGINS_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def harmless(name: str) -> pl.Expr:
    """A text column: what a spreadsheet would compute gets an apostrophe before it."""
    text = pl.col(name)
    return pl.when(text.str.head(1).is_in(BEGINS_FORMULA)).then(pl.lit("'") + text).otherwise(text).alias(name)


def harmless_text(text: str) -> str:
    """One cell, likewise. Numbers of phones are not given: whoever dials them needs the plus, and a number is no formula."""
    return "'" + text if text.startswith(BEGINS_FORMULA) else text
