"""The same positions in DuckDB's SQL: what is due less what was paid, oldest instalment first, by cumulative sums.

Leaves out what `peers_polars.cumulative` leaves out: penalty interest, allocation over the whole debt, all other events, standing.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import duckdb
import polars as pl
from answers import same_positions
from book import part_files
from measured import Measured, Task, peak_bytes, repeat

POSITIONS = """
WITH paid AS (
    SELECT account_ix, sum(amount) AS paid FROM read_parquet($events)
    WHERE kind = 'payment' AND "on" <= $as_of::DATE - DATE '1970-01-01' GROUP BY account_ix
), fallen AS (
    SELECT account_id, account_ix, due_on, principal, interest + principal AS own,
           sum(interest + principal) OVER (PARTITION BY account_ix ORDER BY due_on) AS cumulated
    FROM read_parquet($instalments) WHERE due_on <= $as_of::DATE
), unpaid AS (
    SELECT account_id, due_on, principal, least(greatest(cumulated - coalesce(paid, 0), 0), own) AS unpaid
    FROM fallen LEFT JOIN paid USING (account_ix)
), owed AS (
    SELECT account_id, sum(unpaid) AS due_total, sum(least(unpaid, principal)) AS due_principal,
           $as_of::DATE - min(due_on) AS days_past_due
    FROM unpaid WHERE unpaid > 0 GROUP BY account_id
)
SELECT account_id, coalesce(due_total, 0)::BIGINT AS due_total, coalesce(due_principal, 0)::BIGINT AS due_principal,
       coalesce(days_past_due, 0)::BIGINT AS days_past_due
FROM read_parquet($accounts) LEFT JOIN owed USING (account_id)
"""


def positions(task: Task) -> Measured:
    """Parquet to due amounts and days past due without penalty, part by part."""
    connection = duckdb.connect()
    as_of = date.fromisoformat(task.as_of)

    def parts() -> Iterator[pl.DataFrame]:
        for files in part_files(task.book):
            yield positions_of_part(connection, files, as_of)

    def act() -> None:
        for _ in parts():
            pass

    seconds = repeat(act, task.quick)
    peak = peak_bytes()
    answers = pl.concat(parts())
    return Measured(answers.height, seconds, peak, same_positions(task, answers, simple=True))


def positions_of_part(connection: duckdb.DuckDBPyConnection, files: dict[str, Path], as_of: date) -> pl.DataFrame:
    """Due amounts and days past due of every account of a part, minor units."""
    named = {table: str(files[table]) for table in ("accounts", "instalments", "events")}
    table = connection.execute(POSITIONS, {**named, "as_of": as_of}).to_arrow_table()
    return pl.DataFrame(table)
