"""Capacity: what the staff can do in a night's work, given to the accounts with the largest expected gain.

An account whose work does not fit keeps the reason `capacity` for that action and gets the next gentler one that nothing speaks against.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from arrears.night import files
from arrears.strategy import Ladder
from arrears.strategy.ladder import bit

FREE = bit("other_action_tonight")


@dataclass(frozen=True)
class Allotment:
    """Rows of the judged parts whose action changes: part, row, dropped (ids, in order), action; and who does the work."""

    changed: pl.DataFrame
    assigned: pl.DataFrame


def allot(ladders: Mapping[str, Ladder], out: Path, parts: int) -> Allotment:
    """Fit the work of all parts into the capacity of each ladder."""
    changed, assigned = [], []
    kept = [pl.scan_ipc(files.judged(out, part)) for part in range(parts)]
    told = [(part, frame, set(frame.collect_schema().names())) for part, frame in enumerate(kept)]
    for ladder in {ladder.name: ladder for ladder in ladders.values()}.values():
        if ladder.capacity:
            candidates = _candidates(ladder, told)
            one, two = _fit(ladder, candidates)
            changed.append(one)
            assigned.append(two)
    return Allotment(
        pl.concat(changed) if changed else pl.DataFrame(schema=_CHANGED),
        pl.concat(assigned) if assigned else pl.DataFrame(schema=_ASSIGNED),
    )


_CHANGED: dict[str, Any] = {"part": pl.Int32, "row": pl.UInt32, "action": pl.String, "dropped": pl.List(pl.String)}
_ASSIGNED: dict[str, Any] = {"part": pl.Int32, "row": pl.UInt32, "staff": pl.String}


def _candidates(ladder: Ladder, told: Sequence[tuple[int, pl.LazyFrame, set[str]]]) -> pl.DataFrame:
    """Every account whose action is limited: its gain for each limited action, and which actions are free.

    `told`: of each part its number, the accounts that compete, and their columns.
    """
    limited = list(ladder.capacity)
    needed = {f"gain_{name}" for name in limited} | {f"not_{name}" for name in ladder.ids}
    frames = [
        rows.with_row_index("row")
        .filter(pl.col("action").is_in(limited) & (pl.col("ladder_law") == ladder.law))
        .select(
            pl.lit(part, pl.Int32).alias("part"), "row", "language", "action",
            *(pl.col(f"gain_{name}") for name in limited),
            *((pl.col(f"not_{name}") == FREE).alias(f"free_{name}") for name in ladder.ids),
        )
        for part, rows, names in told if needed <= names
    ]  # fmt: skip
    return pl.concat(frames).collect() if frames else pl.DataFrame()


def _fit(ladder: Ladder, candidates: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """From the furthest action to the gentlest: keep the best, pass the rest on to the next free action."""
    changed, assigned = pl.DataFrame(schema=_CHANGED), pl.DataFrame(schema=_ASSIGNED)
    if not candidates.height:
        return changed, assigned
    now = candidates.with_columns(dropped=pl.lit([], dtype=pl.List(pl.String)))
    staffed = []
    for index in range(len(ladder.ids) - 1, -1, -1):
        name = ladder.ids[index]
        if name not in ladder.capacity:
            continue
        ranked = now.filter(pl.col("action") == name).sort(
            f"gain_{name}", "part", "row", descending=[True, False, False]
        )
        keep, staff = _who(ladder, name, ranked)
        staffed.append(staff)
        lost = ranked.filter(~keep).select("part", "row", lost=True)
        now = now.join(lost, on=["part", "row"], how="left", maintain_order="left").with_columns(
            action=pl.when("lost").then(_next_free(ladder, index)).otherwise("action"),
            dropped=pl.when("lost").then(pl.col("dropped").list.concat(pl.lit([name]))).otherwise("dropped"),
        ).drop("lost")  # fmt: skip
    changed = now.filter(pl.col("dropped").list.len() > 0).select(list(_CHANGED))
    return changed, pl.concat([assigned, *staffed])


def _next_free(ladder: Ladder, index: int) -> pl.Expr:
    """The furthest action before `index` that nothing speaks against."""
    found = pl.lit(None, dtype=pl.String)
    for name in ladder.ids[:index]:
        found = pl.when(f"free_{name}").then(pl.lit(name)).otherwise(found)
    return found


def _who(ladder: Ladder, name: str, ranked: pl.DataFrame) -> tuple[pl.Series, pl.DataFrame]:
    """Which of the ranked rows fit, and the member of staff for each where the ladder names staff."""
    staff = [dict(member) for member in ladder.staff if name in (member.get("actions") or ())]
    if not staff:
        keep = pl.Series([True], dtype=pl.Boolean).new_from_index(0, ranked.height)
        return (pl.int_range(ranked.height, eager=True) < ladder.capacity[name]) & keep, pl.DataFrame(schema=_ASSIGNED)
    return _by_language(staff, ladder.capacity[name], ranked)


def _by_language(staff: list[dict[str, Any]], most: int, ranked: pl.DataFrame) -> tuple[pl.Series, pl.DataFrame]:
    """Rank by rank: a member who speaks the borrower's language and has room, the one with the fewest languages first."""
    staff.sort(key=lambda member: (len(member.get("languages") or ()), str(member["id"])))
    room = {str(member["id"]): int(member.get("a_night", 0)) for member in staff}
    names: list[str | None] = []
    used = 0
    for language in ranked["language"].to_list():
        found = None
        if used < most:
            found = next(
                (str(m["id"]) for m in staff if room[str(m["id"])] > 0 and (language is None or language in (m.get("languages") or ()))),
                None,
            )  # fmt: skip
        if found is not None:
            room[found] -= 1
            used += 1
        names.append(found)
    chosen = ranked.select("part", "row").with_columns(pl.Series("staff", names, dtype=pl.String))
    return chosen["staff"].is_not_null(), chosen.filter(pl.col("staff").is_not_null())
