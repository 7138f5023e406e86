"""Rows of a frame that are alike in some columns: found once each, so that what follows from those columns is worked out once."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl


def alike(frame: pl.DataFrame, names: Sequence[str]) -> tuple[pl.DataFrame, list[str]]:
    """The distinct rows of the columns `names`, in order of their first appearance, and those of the columns that are not the same in all rows.

    Most books share law, product and kind of lender in a whole part: only what varies is hashed.
    """
    varying = [name for name in names if not _is_one(frame[name])]
    rows = frame.select(names)
    return rows.unique(varying, keep="first", maintain_order=True) if varying else rows.head(1), varying


def _is_one(column: pl.Series) -> bool:
    """Whether a column holds one value only, or nothing at all."""
    if column.null_count():
        return column.null_count() == column.len()
    return column.len() == 0 or bool((column == column[0]).all())
