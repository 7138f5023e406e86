"""The rows of arrears itself: the kernel, positions, decisions, the whole night, the law guard."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import polars as pl
from answers import COLUMNS
from measured import Measured, Task, peak_bytes, repeat, timed

from arrears import law, night, strategy
from arrears.facts.book import Book, open_book
from arrears.law.part_events import PartEvents
from arrears.law.windows import windows
from arrears.replay import replay_typed
from arrears.replay.compiled import fold_book
from arrears.replay.pack import known_at_microseconds, make_out, pack
from arrears.strategy import decide

CONTACTS_ASKED = 200


def kernel(task: Task) -> Measured:
    """The fold alone: facts lie in memory as arrays, the compiled code is loaded. Reading and packing are not counted."""
    opened, on = open_book(task.book), date.fromisoformat(task.as_of)
    terms = night.terms_of(opened)
    _fold_seconds(opened, 0, terms, on, quick=True)
    folded = [_fold_seconds(opened, part, terms, on, task.quick) for part in range(opened.parts)]
    rounds = min(len(seconds) for seconds in folded)
    return Measured(
        opened.accounts, tuple(sum(seconds[i] for seconds in folded) for i in range(rounds)), peak_bytes(),
        note="part by part; reading and packing not counted",
    )  # fmt: skip


def _fold_seconds(opened: Book, part: int, terms: Any, on: date, quick: bool) -> tuple[float, ...]:
    """Seconds of each fold over one part."""
    typed = opened.typed(part)
    packed = pack(typed, terms, on)
    known_at = known_at_microseconds(None)
    seconds = []
    for _ in range(1 if quick else 3):
        out = make_out(typed.accounts.height)
        seconds.append(timed(lambda out=out: fold_book(packed, known_at, out)))
    return tuple(seconds)


def positions(task: Task) -> Measured:
    """Parquet to position and standing, every column."""
    return _positions(task, None)


def positions_few(task: Task) -> Measured:
    """Parquet to the four columns that the peers compute."""
    return _positions(task, COLUMNS)


def _positions(task: Task, columns: tuple[str, ...] | None) -> Measured:
    opened, on = open_book(task.book), date.fromisoformat(task.as_of)
    terms = night.terms_of(opened)

    def act() -> None:
        for part in range(opened.parts):
            replay_typed(opened.typed(part), terms, on, columns=columns)

    replay_typed(opened.typed(0), terms, on, columns=columns)
    return Measured(opened.accounts, repeat(act, task.quick), peak_bytes())


def whole_night(task: Task) -> Measured:
    """Facts in Parquet to the work list in Parquet, with reasons, windows and clauses, and the summary."""
    opened, on = open_book(task.book), date.fromisoformat(task.as_of)
    out = task.scratch / "night"

    def act() -> None:
        night.run(night.prepare(opened, on), out)

    seconds = []
    for _ in range(1 if task.quick else 3):
        shutil.rmtree(out, ignore_errors=True)
        seconds.append(timed(act))
    lines = pl.scan_parquet(out / "worklist.parquet").select(pl.len()).collect().item()
    shutil.rmtree(out)
    return Measured(
        opened.accounts, tuple(seconds), peak_bytes(), note=f"{lines:,} lines of work; files are written and synced"
    )


def decisions(task: Task) -> Measured:
    """Stage, action and every reason why not, from positions that lie in memory (one part); the law is not asked."""
    frame, ladder = _positions_of_part(task), strategy.default_ladder("cn")
    seconds = repeat(lambda: decide(frame, ladder), task.quick)
    return Measured(frame.height, seconds, peak_bytes(), note="one part, positions in memory")


def law_windows(task: Task) -> Measured:
    """Verdict and window of the next day for each account of one part, for one channel."""
    frame = _positions_of_part(task).with_columns(account_ix=pl.int_range(pl.len(), dtype=pl.Int32))
    as_of = date.fromisoformat(task.as_of)
    part = PartEvents(open_book(task.book).typed(0), as_of, None)
    seconds = repeat(lambda: windows(frame, part, as_of + timedelta(days=1), "call"), task.quick)
    return Measured(frame.height, seconds, peak_bytes(), note="one part, one channel")


def law_may(task: Task) -> Measured:
    """One contact asked about, again and again: what is asked right before a message leaves."""
    frame = _positions_of_part(task).filter(pl.col("days_past_due") > 30)
    ask = _question(frame.row(0, named=True), date.fromisoformat(task.as_of))
    ask()

    def act() -> None:
        for _ in range(CONTACTS_ASKED):
            ask()

    return Measured(CONTACTS_ASKED, repeat(act, task.quick), peak_bytes())


def _question(standing: dict[str, Any], on: date) -> Callable[[], Any]:
    """A call to this borrower at eleven in the morning in Shanghai, after one that nobody answered the day before."""
    at = datetime(on.year, on.month, on.day, 3, tzinfo=UTC)
    laws = law.stack("cn")
    earlier = law.Event(at - timedelta(days=1), "contact", "call", "out", "no_answer")
    question = law.Question("call", at, ("Asia/Shanghai",), lender_kind="bank", standing=standing)
    history = law.History([earlier])
    return lambda: law.may(laws, question, history)


def _positions_of_part(task: Task) -> pl.DataFrame:
    """Every column of replay for the first part."""
    opened = open_book(task.book)
    return replay_typed(opened.typed(0), night.terms_of(opened), date.fromisoformat(task.as_of))
