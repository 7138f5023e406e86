"""Rows of a frame that are alike in some columns: found once each, so that what follows from those columns is worked out once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
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


MOST = 1 << 20  # codes up to here are counted in a table, those beyond are sorted


def numbered(columns: Sequence[pl.Series]) -> tuple[Any, Any]:
    """The number of each row's kind, from 0 without gaps, and the first row of each kind: rows of a kind have all columns alike.

    `columns`: whole numbers from 0, or truth; without nulls and few values each.
    """
    code, many = np.zeros(columns[0].len(), np.int64), 1  # `many`: codes are below it
    for column in columns:
        values = column.to_numpy()
        values_below = 2 if column.dtype == pl.Boolean else int(values.max(initial=0)) + 1
        if many * values_below > MOST:
            code = np.unique(code, return_inverse=True)[1]
            many = int(code.max(initial=0)) + 1
        code *= values_below
        code += values
        many *= values_below
    if many > MOST:
        code = np.unique(code, return_inverse=True)[1]
    here = np.bincount(code) > 0
    kinds = (np.cumsum(here) - 1).astype(np.uint32)[code]
    first = np.zeros(int(here.sum()), np.int64)
    first[kinds[::-1]] = np.arange(len(kinds))[::-1]  # the last one written stands: the first row
    return kinds, first
