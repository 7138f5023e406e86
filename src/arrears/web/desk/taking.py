"""A night is taken onto the desk: its list, the counts behind the filters, the figures of the overview.

Everything comes from the night's own files, whose hashes the log holds, and from facts; nothing decides by what is written here. One
transaction: a reader sees the night before or this one, whole. The list of the night before goes; its figures stay.
"""

from __future__ import annotations

import json
from datetime import date, datetime
from pathlib import Path
from typing import Any

import polars as pl
from sqlalchemy import Connection, delete, insert, select

from arrears.dispatch.outbox import read_night
from arrears.errors import refuse
from arrears.facts.schema import INSTANT
from arrears.night.summary import scan
from arrears.store import frames
from arrears.store.bulk import read_rows
from arrears.store.connect import Store
from arrears.store.tables import DeskAccount, DeskCell, DeskNight
from arrears.strategy import Ladder
from arrears.web.desk.bands import amount_band, days_band
from arrears.web.desk.figures import figures_of

#: What the filters of the list go by.
FACETS = ("stage", "channel", "action", "days_band", "amount_band", "product", "currency")
NONE = "-"
_READ = ("account_id", "currency", "language", "days_past_due", "past_due_total", "due_total", "stage", "bucket", "action", "channel",
         "gain", "staff", "not_before", "not_after", "refused")  # fmt: skip


def take_night(
    store: Store, folder: Path, ladders: dict[str, Ladder], now: datetime, previous: Path | None = None
) -> int:
    """Take the finished night in `folder` onto the desk; gives the accounts on its list. `previous`: an earlier night, for roll rates.

    Refusal if the folder holds no finished night, or a later one is on the desk already. The same night again changes nothing.
    """
    name = read_night(folder).name
    told = json.loads((folder / "night.json").read_text("utf-8"))
    with store.read() as connection:
        known = connection.execute(select(DeskNight.night)).scalars().all()
        products = read_rows(connection, "accounts", columns=("account_id", "product"))
    if name in known:
        return 0
    if known and max(known) > name:
        raise refuse("desk", "shows a later night already", field="desk", value=name.partition(" ")[0], exit_code=2)
    rows = decided(folder, products)
    own = [ladders[one["name"]] for one in told["ladders"].values() if one["name"] in ladders]
    listed, cells = listing(rows, [stage.id for ladder in own for stage in ladder.stages])
    with store.begin() as connection:
        values = {
            "night": name, "planned_for": date.fromisoformat(told["planned_for"]), "taken_at": now, "accounts": rows.height,
            "figures": json.dumps(figures_of(connection, folder, rows, previous, now), ensure_ascii=False),
            "words": json.dumps(words_of(own), ensure_ascii=False),
        }  # fmt: skip
        number = connection.execute(insert(DeskNight).values(**values).returning(DeskNight.number)).scalar_one()
        _replace(connection, int(number), listed, cells)
    _look_again(store)
    return listed.height


def decided(folder: Path, products: pl.DataFrame) -> pl.DataFrame:
    """The decisions of a night with the product of each account; categories as text."""
    found = scan(folder)
    names = found.collect_schema().names()
    frame = found.select([name for name in _READ if name in names]).collect()
    frame = frame.with_columns(pl.col(pl.Categorical).cast(pl.String))
    return frame.join(products, on="account_id", how="left", maintain_order="left").with_columns(
        pl.col("product").fill_null(NONE), days_band(), amount_band(frame["currency"].drop_nulls().unique().to_list()),
        *(pl.col(name).fill_null(NONE) for name in ("stage", "action", "channel")),
    )  # fmt: skip


def listing(rows: pl.DataFrame, stages: list[str]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The lines of the list in their order and the cells they fall into.

    On the list stands whoever is past due or has something to be done. The gravest stage first, then the largest expected gain, then the
    largest amount.
    """
    rank = {stage: place for place, stage in enumerate(dict.fromkeys(stages))}
    wanted = rows.filter((pl.col("days_past_due") > 0) | (pl.col("action") != NONE))
    ordered = wanted.with_columns(
        rank=pl.col("stage").replace_strict(rank, default=len(rank), return_dtype=pl.Int32),
        worth=pl.col("gain").fill_null(-1.0),
    ).sort("rank", "worth", "past_due_total", "account_id", descending=[False, True, True, False])
    ordered = ordered.with_row_index("place", offset=1)
    cells = (
        ordered.group_by(FACETS, maintain_order=True)
        .agg(accounts=pl.len(), past_due=pl.col("past_due_total").sum(), first_place=pl.col("place").min())
        .with_row_index("cell", offset=1)
    )
    listed = ordered.join(cells.select("cell", *FACETS), on=list(FACETS), how="left", maintain_order="left")
    return listed.rename({"past_due_total": "past_due"}), cells


def words_of(ladders: list[Ladder]) -> dict[str, Any]:
    """Names of stages and actions by language, and the order of the stages, gentlest first."""
    found: dict[str, Any] = {"stages": {}, "actions": {}}
    for ladder in ladders:
        found["stages"] |= {stage.id: dict(stage.name) for stage in reversed(ladder.stages)}
        found["actions"] |= {action.id: dict(action.name) for action in ladder.actions}
    return found


def _replace(connection: Connection, number: int, listed: pl.DataFrame, cells: pl.DataFrame) -> None:
    for table in (DeskCell, DeskAccount):
        connection.execute(delete(table).where(table.night_number != number))
    for table, frame in ((DeskCell, cells), (DeskAccount, listed)):
        types = frames.types_of(table.__tablename__)
        whole = frame.with_columns(night_number=pl.lit(number, pl.Int64))
        missing = [pl.lit(None, kind).alias(name) for name, kind in types.items() if name not in whole.columns]
        ready = whole.with_columns(missing).select(
            pl.col(name).cast(INSTANT if kind == INSTANT else kind) for name, kind in types.items()
        )
        for part in ready.iter_slices(frames.BATCH):
            frames.append(connection, table.__tablename__, part)


def _look_again(store: Store) -> None:
    """The database counts anew what it plans by."""
    with store.begin() as connection:
        for table in ("desk_cells", "desk_accounts"):
            connection.exec_driver_sql(f"ANALYZE {table}")
