"""Bands of days past due and of amounts past due: what the filters of the list are made of."""

from __future__ import annotations

import polars as pl

from arrears import money

#: From so many days past due on, by the name of the band.
DAYS = (("0", 0), ("1-30", 1), ("31-60", 31), ("61-90", 61), ("91-180", 91), ("181+", 181))
#: From so many major units past due on, whatever the currency.
AMOUNTS = (("0", 0), ("<1000", 0.01), ("1000-5000", 1_000), ("5000-20000", 5_000), ("20000+", 20_000))


def days_band() -> pl.Expr:
    """The band of `days_past_due`."""
    found = pl.lit(DAYS[0][0])
    for name, first in DAYS[1:]:
        found = pl.when(pl.col("days_past_due") >= first).then(pl.lit(name)).otherwise(found)
    return found.alias("days_band")


def amount_band(currencies: list[str]) -> pl.Expr:
    """The band of `past_due_total` (minor units) in the row's `currency`."""
    found = pl.lit(AMOUNTS[0][0])
    for name, first in AMOUNTS[1:]:
        least = pl.lit(None, pl.Int64)
        for currency in currencies:
            minor = max(1, round(first * 10 ** money.decimals(currency)))
            least = pl.when(pl.col("currency") == currency).then(minor).otherwise(least)
        found = pl.when(pl.col("past_due_total") >= least).then(pl.lit(name)).otherwise(found)
    return found.alias("amount_band")
