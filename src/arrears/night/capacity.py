"""Capacity: what the staff can do in a night's work, given to the accounts with the largest expected gain.

An account whose work does not fit keeps the reason `capacity` for that action and gets the next gentler one that nothing speaks against.
"""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
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
    limited = {ladder.name: ladder for ladder in ladders.values() if ladder.capacity}
    with ThreadPoolExecutor() as pool:
        read = list(pool.map(lambda part: _candidates_by_ladder(limited, out, part), range(parts)))
    found = {name: [own[name] for own in read if name in own] for name in limited}
    fitted = [_fit(limited[name], pl.concat(frames, rechunk=True)) for name, frames in found.items() if frames]
    return Allotment(
        pl.concat([pl.DataFrame(schema=_CHANGED), *(changed for changed, _ in fitted)]),
        pl.concat([pl.DataFrame(schema=_ASSIGNED), *(assigned for _, assigned in fitted)]),
    )


_CHANGED: dict[str, Any] = {"part": pl.Int32, "row": pl.UInt32, "action": pl.String, "dropped": pl.List(pl.String)}
_ASSIGNED: dict[str, Any] = {"part": pl.Int32, "row": pl.UInt32, "staff": pl.String}


def _candidates_by_ladder(limited: Mapping[str, Ladder], out: Path, part: int) -> dict[str, pl.DataFrame]:
    """`_candidates` of a part under each ladder that accounts of it compete under."""
    laws = _laws_of(files.judged(out, part))
    return {name: _candidates(ladder, out, part) for name, ladder in limited.items() if ladder.law in laws}


def _laws_of(path: Path) -> set[str]:
    """The laws of the ladders under which accounts of a part compete; none where the part is empty."""
    if "ladder_law" not in pl.read_ipc_schema(path):
        return set()
    return set(pl.read_ipc(path, columns=["ladder_law"])["ladder_law"].unique().cast(pl.String))


def _candidates(ladder: Ladder, out: Path, part: int) -> pl.DataFrame:
    """Of the competing accounts of a part those under the ladder: the gain of each limited action, and which actions are free."""
    asked = [
        "language",
        "action",
        "ladder_law",
        *(f"gain_{name}" for name in ladder.capacity),
        *(f"not_{name}" for name in ladder.ids),
    ]
    rows = pl.read_ipc(files.judged(out, part), columns=asked).lazy().with_row_index("row")
    return rows.filter(pl.col("ladder_law") == ladder.law).select(
        pl.lit(part, pl.Int32).alias("part"), "row", "language",
        pl.col("action").cast(pl.String).cast(pl.Enum(ladder.ids)),
        *(pl.col(f"gain_{name}") for name in ladder.capacity),
        *((pl.col(f"not_{name}") == FREE).fill_null(False).alias(f"free_{name}") for name in ladder.ids),
    ).collect()  # fmt: skip


def _fit(ladder: Ladder, candidates: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """From the furthest action to the gentlest: keep the best, pass the rest on to the next free action."""
    action = candidates["action"].to_physical().to_numpy().astype(np.int64)
    free = np.array([candidates[f"free_{name}"].to_numpy() for name in ladder.ids])
    contested = [index for index, name in enumerate(ladder.ids) if name in ladder.capacity][::-1]
    dropped = np.zeros(len(action), np.int64)  # as bits, in the order of `contested`
    staffed = [pl.DataFrame(schema=_ASSIGNED)]
    for place, index in enumerate(contested):
        name = ladder.ids[index]
        ranked = _ranked(candidates[f"gain_{name}"], np.flatnonzero(action == index))
        keep, staff = _who(ladder, name, candidates, ranked)
        staffed.append(staff)
        lost = ranked[~keep]
        dropped[lost] |= 1 << place
        action[lost] = _next_free(free[:index, lost])
    return _changed(ladder, contested, candidates, action, dropped), pl.concat(staffed)


def _ranked(gain: pl.Series, rows: Any) -> Any:
    """The rows by gain, the largest first; among equals in the order of the book. One without a figure comes before all."""
    gains = gain.fill_null(float("inf")).to_numpy()[rows]
    return rows[np.argsort(-gains, kind="stable")]


NOTHING_FREE = -1


def _next_free(free: Any) -> Any:
    """The number of the furthest action that is free; one row of `free` an action, one column an account."""
    found = np.full(free.shape[1], NOTHING_FREE)
    for number, row in enumerate(free):
        found[row] = number
    return found


def _changed(ladder: Ladder, contested: list[int], candidates: pl.DataFrame, action: Any, dropped: Any) -> pl.DataFrame:
    """The rows that lost an action: the one they have now, and those that they lost."""
    moved = np.flatnonzero(dropped)
    masks, kind = np.unique(dropped[moved], return_inverse=True)
    lists = [
        [ladder.ids[index] for place, index in enumerate(contested) if mask >> place & 1] for mask in masks.tolist()
    ]
    now = np.where(action[moved] == NOTHING_FREE, len(ladder.ids), action[moved])
    return candidates.select("part", "row")[moved].with_columns(
        pl.Series("action", [*ladder.ids, None], dtype=pl.String).gather(now),
        pl.Series("dropped", lists, dtype=pl.List(pl.String)).gather(kind),
    )


def _who(ladder: Ladder, name: str, candidates: pl.DataFrame, ranked: Any) -> tuple[Any, pl.DataFrame]:
    """Which of the ranked rows fit, and the member of staff for each where the ladder names staff."""
    staff = [dict(member) for member in ladder.staff if name in (member.get("actions") or ())]
    if not staff:
        return np.arange(len(ranked)) < ladder.capacity[name], pl.DataFrame(schema=_ASSIGNED)
    own = candidates.select("part", "row", "language")[ranked]
    named = pl.Series("staff", _by_language(staff, ladder.capacity[name], own["language"]), dtype=pl.String)
    keep = named.is_not_null()
    return keep.to_numpy(), own.select("part", "row").with_columns(named).filter(keep)


def _by_language(staff: list[dict[str, Any]], most: int, languages: pl.Series) -> list[str | None]:
    """Rank by rank: a member who speaks the borrower's language and has room, the one with the fewest languages first; None: nobody."""
    staff.sort(key=lambda member: (len(member.get("languages") or ()), str(member["id"])))
    room = {str(member["id"]): int(member.get("a_night", 0)) for member in staff}
    names: list[str | None] = []
    used = 0
    for language in languages.to_list():
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
    return names
