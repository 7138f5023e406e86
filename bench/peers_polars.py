"""The same positions in Polars, written by hand, two ways.

`cumulative`: what is due less what was paid, oldest instalment first, by cumulative sums. Leaves out penalty interest (which depends on when each
payment came and what it went to) and the allocation over the whole debt. `stepwise`: the days of each account as lists, and all accounts moved
from one day to the next together: penalty and allocation are exact. Both leave out all other events (plans, reversals, waivers, pauses) and standing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import polars as pl
from answers import same_positions
from book import part_files, penalty_rate_ppm
from measured import Measured, Task, peak_bytes, repeat

DIVISOR = 1_000_000 * 360


def cumulative(task: Task) -> Measured:
    """Parquet to due amounts and days past due without penalty, part by part."""
    as_of = date.fromisoformat(task.as_of)
    return _measure(task, lambda files: cumulative_part(files, as_of), simple=True)


def stepwise(task: Task) -> Measured:
    """Parquet to due amounts, penalty included, and days past due, part by part."""
    as_of, rate = date.fromisoformat(task.as_of), penalty_rate_ppm(task.book)
    return _measure(task, lambda files: stepwise_part(files, as_of, rate), simple=False)


def _measure(task: Task, positions_of: Callable[[dict[str, Path]], pl.DataFrame], simple: bool) -> Measured:
    def parts() -> Iterator[pl.DataFrame]:
        for files in part_files(task.book):
            yield positions_of(files)

    def act() -> None:
        for _ in parts():
            pass

    seconds = repeat(act, task.quick)
    peak = peak_bytes()
    answers = pl.concat(parts())
    return Measured(answers.height, seconds, peak, same_positions(task, answers, simple))


def _fallen(files: dict[str, Path], as_of: date) -> pl.LazyFrame:
    return pl.scan_parquet(files["instalments"]).filter(pl.col("due_on") <= as_of)


def _payments(files: dict[str, Path], as_of: date) -> pl.LazyFrame:
    """Payments with their local day, `on`, as a day number."""
    payments = pl.scan_parquet(files["events"]).filter(pl.col("kind") == "payment").select("account_ix", "on", "amount")
    return payments.filter(pl.col("on") <= pl.lit(as_of).cast(pl.Int32))


def cumulative_part(files: dict[str, Path], as_of: date) -> pl.DataFrame:
    """Due amounts and days past due of every account of a part, minor units."""
    paid = _payments(files, as_of).group_by("account_ix").agg(paid=pl.col("amount").sum())
    own = pl.col("interest") + pl.col("principal")
    unpaid = (
        _fallen(files, as_of)
        .with_columns(cumulated=own.cum_sum().over("account_ix", order_by="due_on"))
        .join(paid, on="account_ix", how="left")
        .with_columns(unpaid=(pl.col("cumulated") - pl.col("paid").fill_null(0)).clip(0, own))
        .filter(pl.col("unpaid") > 0)
        .group_by("account_ix")
        .agg(
            due_total=pl.col("unpaid").sum(),
            due_principal=pl.min_horizontal("unpaid", "principal").sum(),
            oldest_due_on=pl.col("due_on").min(),
        )
    )
    accounts = pl.scan_parquet(files["accounts"]).select("account_id").with_row_index("account_ix")
    return (
        accounts.with_columns(pl.col("account_ix").cast(pl.Int32))
        .join(unpaid, on="account_ix", how="left", maintain_order="left")
        .select(
            "account_id",
            pl.col("due_total", "due_principal").fill_null(0),
            days_past_due=(pl.lit(as_of) - pl.col("oldest_due_on")).dt.total_days().fill_null(0),
        )
        .collect()
    )


def stepwise_part(files: dict[str, Path], as_of: date, rate_ppm: int) -> pl.DataFrame:
    """Due amounts with penalty, and days past due, of every account of a part, minor units."""
    fallen, paid = _fallen(files, as_of), _payments(files, as_of)
    steps = (
        pl.concat([
            fallen.select("account_ix", on=pl.col("due_on").cast(pl.Int32), interest="interest", principal="principal", paid=pl.lit(0)),
            paid.select("account_ix", "on", interest=pl.lit(0, pl.Int64), principal=pl.lit(0, pl.Int64), paid="amount"),
        ], how="vertical_relaxed")
        .group_by("account_ix", "on").agg(pl.col("interest", "principal", "paid").sum())
        .sort("account_ix", "on")
        .group_by("account_ix", maintain_order=True).agg("on", "interest", "principal", "paid")
    )  # fmt: skip
    accounts = pl.scan_parquet(files["accounts"]).select("account_id").with_row_index("account_ix")
    state = (
        accounts.with_columns(pl.col("account_ix").cast(pl.Int32)).join(steps, on="account_ix", how="left").collect()
    )
    state = state.with_columns(
        *(pl.lit(0, pl.Int64).alias(name) for name in STATE), day=pl.col("on").list.first().cast(pl.Int64)
    )
    for step in range(int(state["on"].list.len().max() or 0)):
        state = _step(state, step, rate_ppm)
    last = pl.lit(as_of).cast(pl.Int32)
    state = _payable(state.with_columns(accrued=_accrued(last, rate_ppm)))
    oldest = _oldest(fallen, state.select("account_ix", "paid_interest", "paid_principal"))
    return state.join(oldest, on="account_ix", how="left", maintain_order="left").select(
        "account_id", "due_principal", "due_interest", pl.col("payable").alias("due_penalty"),
        days_past_due=(pl.lit(as_of) - pl.col("oldest_due_on")).dt.total_days().fill_null(0),
    )  # fmt: skip


STATE = ("accrued", "settled", "credit", "due_interest", "due_principal", "paid_interest", "paid_principal")


def _step(state: pl.DataFrame, step: int, rate_ppm: int) -> pl.DataFrame:
    """All accounts moved to their next day: accrual, what falls due, the payments of the day."""

    def of_step(name: str) -> pl.Expr:
        return pl.col(name).list.get(step, null_on_oob=True)

    state = state.with_columns(
        accrued=_accrued(of_step("on").fill_null(pl.col("day")), rate_ppm),
        day=of_step("on").cast(pl.Int64).fill_null(pl.col("day")),
        due_interest=pl.col("due_interest") + of_step("interest").fill_null(0),
        due_principal=pl.col("due_principal") + of_step("principal").fill_null(0),
        credit=pl.col("credit") + of_step("paid").fill_null(0),
    )
    state = _payable(state)
    state = _take(state, "payable", "settled")
    state = _take(state, "due_interest", "paid_interest")
    return _take(state, "due_principal", "paid_principal")


def _accrued(day: pl.Expr, rate_ppm: int) -> pl.Expr:
    """Penalty up to a day as a numerator over ppm and days a year."""
    return pl.col("accrued") + pl.col("due_principal") * rate_ppm * (day.cast(pl.Int64) - pl.col("day")).fill_null(0)


def _payable(state: pl.DataFrame) -> pl.DataFrame:
    """Penalty to be paid now: rounded once, half to even, less what was settled."""
    whole, twice = pl.col("accrued") // DIVISOR, 2 * (pl.col("accrued") % DIVISOR)
    up = (twice > DIVISOR) | ((twice == DIVISOR) & (whole % 2 == 1))
    return state.with_columns(payable=whole + up.cast(pl.Int64) - pl.col("settled"))


def _take(state: pl.DataFrame, due: str, paid: str) -> pl.DataFrame:
    """Credit over one category."""
    taken = pl.min_horizontal("credit", due)
    return state.with_columns(
        (pl.col(due) - taken).alias(due), (pl.col(paid) + taken).alias(paid), (pl.col("credit") - taken).alias("credit")
    )


def _oldest(fallen: pl.LazyFrame, paid: pl.DataFrame) -> pl.DataFrame:
    """The oldest due day of each account whose interest or principal is not paid in full."""
    beyond = [
        pl.col(name).cum_sum().over("account_ix", order_by="due_on") > pl.col(f"paid_{name}")
        for name in ("interest", "principal")
    ]
    joined = fallen.join(paid.lazy(), on="account_ix")
    # a cumulated amount stays beyond what is paid on later instalments, also on those that owe nothing: the oldest is right
    return (
        joined.filter(beyond[0] | beyond[1]).group_by("account_ix").agg(oldest_due_on=pl.col("due_on").min()).collect()
    )
