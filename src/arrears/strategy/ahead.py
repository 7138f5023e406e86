"""What lies ahead of one account if nothing is paid and nothing changes: the stage of each coming day."""

from __future__ import annotations

import polars as pl

from arrears.strategy.decide import major_units, stage_of
from arrears.strategy.ladder import Ladder

LOOK_AHEAD_DAYS = 400


def stages_ahead(ladder: Ladder, frame: pl.DataFrame) -> list[str]:
    """The stage today and on each of the next `LOOK_AHEAD_DAYS` days, for the one row of `frame` (replay's columns, minor units).

    Days past due go on by one a day; for an account that is not past due they begin the day after its next due date. Where nothing is to
    come, or while it is settled or paused, only today's stage is known. That is an outlook by days alone, not a promise.
    """
    row = frame.row(0, named=True)
    begins = 0 if row["days_past_due"] > 0 or row.get("oldest_due_on") is not None else row.get("days_to_next_due")
    still = row.get("settled") or row.get("paused") or begins is None
    ahead = pl.DataFrame({"ahead": pl.int_range(1 if still else LOOK_AHEAD_DAYS + 1, eager=True)})
    grown = (pl.col("ahead") - (begins or 0)).clip(0) + pl.col("days_past_due")
    stage = stage_of(ladder).alias("stage")
    read = list(dict.fromkeys((*stage.meta.root_names(), "days_past_due", "currency")))
    days = frame.select(read).join(ahead, how="cross").with_columns(days_past_due=grown)
    return [str(found) for found in major_units(days).select(stage)["stage"].to_list()]
