"""arrears' own answers on the book, and the share of accounts on which a peer gives the same.

Each peer is compared twice. "subset": under the terms that it does (for the peers without penalty: `book.simpler_terms`), on the accounts without a
payment plan, which no peer knows; here all should be equal. "book": on all accounts under the book's real terms, which says what is lost by doing less.
"""

from __future__ import annotations

import shutil
from datetime import date
from typing import TYPE_CHECKING

import book
import polars as pl
from measured import Measured, Task, peak_bytes, timed

if TYPE_CHECKING:
    from arrears.facts.book import Book
    from arrears.replay import Terms
    from arrears.strategy import Ladder

    TermsByProduct = dict[str, tuple[Terms, ...]]

COLUMNS = ("due_principal", "days_past_due", "due_total", "due_penalty")


def write_answers(task: Task) -> Measured:
    """Replay and decide the whole book once, into files; the row of this work is not shown."""
    from arrears import night, strategy
    from arrears.facts.book import open_book

    opened = open_book(task.book)
    terms, simpler = night.terms_of(opened), book.simpler_terms(task.book)
    ladder = strategy.default_ladder("cn")
    shutil.rmtree(task.answers, ignore_errors=True)  # of another book, perhaps with more parts
    task.answers.mkdir(parents=True)
    on = date.fromisoformat(task.as_of)

    def act() -> None:
        for part in range(opened.parts):
            answers = _answers_of(opened, part, terms, simpler, ladder, on)
            answers.write_parquet(task.answers / f"part-{part:04d}.parquet")

    return Measured(opened.accounts, (timed(act),), peak_bytes())


def _answers_of(
    opened: Book, part: int, terms: TermsByProduct, simpler: TermsByProduct, ladder: Ladder, on: date
) -> pl.DataFrame:
    """One row an account: position by both terms, decision (the law not asked), and whether it has a plan."""
    from arrears.replay import replay_typed
    from arrears.strategy import decide

    typed = opened.typed(part)
    frame = replay_typed(typed, terms, on, columns={*ladder.columns, *COLUMNS})
    decided = decide(frame, ladder)
    simple = replay_typed(typed, simpler, on, columns=COLUMNS)
    planned = typed.plans["account_ix"].unique().cast(pl.Int64)
    return decided.select(
        "account_id", *COLUMNS, pl.col("stage", "action").cast(pl.String),
        pl.int_range(pl.len()).is_in(planned.implode()).alias("planned"),
        *(simple[name].alias(f"simple_{name}") for name in COLUMNS),
    )  # fmt: skip


def same_positions(
    task: Task, given: pl.DataFrame, simple: bool, names: tuple[str, ...] = ("due_principal", "days_past_due")
) -> dict[str, str]:
    """Shares of accounts with the same in each column of `names`. `given`: account_id and these columns, minor units and days.

    `simple`: the subset's terms are the ones without penalty (`book.simpler_terms`); else they are the book's own.
    """
    wanted = pl.read_parquet(task.answers / "*.parquet")
    both = given.select("account_id", pl.col(names).name.prefix("given_")).join(wanted, on="account_id", how="inner")
    if both.height != given.height:
        return {"subset": f"{given.height - both.height:,} accounts that are not in the book"}
    without_plan = both.filter(~pl.col("planned"))
    return {
        "subset": _shares(without_plan, names, "simple_" if simple else ""),
        "book": _shares(both, names, ""),
    }


def _shares(both: pl.DataFrame, names: tuple[str, ...], prefix: str) -> str:
    shares = [(both[f"given_{name}"] == both[f"{prefix}{name}"]).mean() for name in names]
    return " / ".join(share_text(share) for share in shares)


def share_text(share: object) -> str:
    """A share as a percentage, cut and not rounded, so that 100% means all."""
    return f"{int(float(share) * 10_000) / 100:g}%" if isinstance(share, int | float) else "–"


def same_decisions(task: Task, given: pl.DataFrame) -> dict[str, str]:
    """Shares of accounts with the same stage and with the same action. `given`: account_id, stage, action (null: nothing)."""
    wanted = pl.read_parquet(task.answers / "*.parquet", columns=["account_id", "stage", "action"])
    both = given.join(wanted, on="account_id", how="inner", suffix="_wanted")
    shares = [both[name].eq_missing(both[f"{name}_wanted"]).mean() for name in ("stage", "action")]
    return {"subset": "stage " + share_text(shares[0]) + " / action " + share_text(shares[1])}
