"""Facts as rows of the store: what is personal sealed, what the database has no type for as text or whole numbers; and back.

Between frames and database stand plain columns (`PLAIN`): dates as days and instants as microseconds since 1970, lists as JSON. An
event whose data holds something personal keeps its whole data sealed, exactly as it was written, and in the open what is left without it.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

import polars as pl
from sqlalchemy import Connection

from arrears.facts.parts import part_of
from arrears.facts.schema import INSTANT, TABLES, Facts
from arrears.store.private import DATA_SEALED, PEOPLE_SEALED, split, subject
from arrears.store.sealing import Keys, sealed_under
from arrears.store.tables import SLOTS

if TYPE_CHECKING:
    from arrears.store.personal import Personal

#: The tables of facts, in the order in which they are written: an account before what belongs to it.
ORDER = ("accounts", "instalments", "people", "events")
#: By what a row of each table is the same one.
IDENTITY = {
    "accounts": ("account_id",), "instalments": ("account_id", "number"), "people": ("account_id", "person_id"),
    "events": ("account_id", "event_id"),
}  # fmt: skip
_KINDS: dict[Any, Any] = {pl.Date: pl.Int32, INSTANT: pl.Int64, pl.Int32: pl.Int32, pl.Int64: pl.Int64}


def _plain(table: str) -> dict[str, Any]:
    held = {name: kind for name, kind in TABLES[table].items() if table != "people" or name not in PEOPLE_SEALED}
    columns = {name: _KINDS.get(kind, pl.String) for name, kind in held.items()}
    return {**columns, **({"sealed": pl.Binary} if table in ("people", "events") else {})}


#: The columns of each table of facts in the store, but for `seq` and `slot`, as they stand between frame and database.
PLAIN: dict[str, dict[str, Any]] = {table: _plain(table) for table in ORDER}


def frames_of(facts: Facts) -> dict[str, pl.DataFrame]:
    """The four frames by table."""
    return {table: getattr(facts, table) for table in ORDER}


class Apart(NamedTuple):
    """What of a frame is to be sealed: whose it is (`owners`), and for events in which rows, the texts, and what is left of them."""

    owners: list[str]
    rows: list[int] = []  # noqa: RUF012 - never changed
    texts: list[str] = []  # noqa: RUF012
    left: list[str | None] = []  # noqa: RUF012


def to_plain(connection: Connection, table: str, frame: pl.DataFrame, personal: Personal) -> pl.DataFrame:
    """Rows of facts as rows of the store, with their `slot`."""
    apart = taken_apart(table, frame)
    return plain_of(table, frame, apart, personal.keys_of(connection, apart.owners) if apart.owners else {})


def taken_apart(table: str, frame: pl.DataFrame) -> Apart:
    """What of the rows is personal: without owners where nothing is."""
    if table == "people":
        return Apart(frame["person_id"].to_list())
    return _events_apart(frame) if table == "events" else Apart([])


def plain_of(table: str, frame: pl.DataFrame, apart: Apart, keys: Keys) -> pl.DataFrame:
    """As `to_plain`, what was taken apart sealed under the keys of its owners. Uses no connection: it may run beside what one does."""
    if table == "people":
        frame = _seal_people(frame, apart, keys)
    if table == "events":
        frame = _seal_events(frame, apart, keys)
    dated = [
        pl.col(name).to_physical().cast(PLAIN[table][name])
        for name, kind in TABLES[table].items()
        if kind in (pl.Date, INSTANT)
    ]
    columns = [pl.col(name).cast(kind) for name, kind in PLAIN[table].items()]
    return frame.with_columns(dated).select(*columns, _slots(frame["account_id"]))


def _slots(account_ids: pl.Series) -> pl.Series:
    """The slot of each account; it is reckoned once where an account stands in many rows together."""
    runs = account_ids.rle().struct.unnest()
    slots = pl.Series("slot", part_of(runs["value"], SLOTS), dtype=pl.Int16)
    return runs.select(slots.repeat_by(runs["len"]).explode()).to_series() if runs.height < len(account_ids) else slots


def from_plain(connection: Connection, table: str, plain: pl.DataFrame, personal: Personal | None) -> pl.DataFrame:
    """Rows of the store as rows of facts; without `personal`, or where a person is erased, what was sealed is empty or left out."""
    if table == "people":
        plain = _unseal_people(connection, plain, personal)
    if table == "events":
        plain = _unseal_events(connection, plain, personal)
    kinds = TABLES[table]
    columns = [pl.col(name).cast(kind) for name, kind in kinds.items()]
    return plain.select(columns)


def _seal_people(people: pl.DataFrame, apart: Apart, keys: Keys) -> pl.DataFrame:
    texts = people.select(pl.struct(PEOPLE_SEALED).struct.json_encode().alias("text"))["text"].to_list()
    sealed = sealed_under(keys, "people", apart.owners, texts)
    zones = pl.col("other_zones")
    listed = pl.when(zones.is_not_null()).then(_json_list(people["other_zones"]))
    return people.with_columns(listed.alias("other_zones"), pl.Series("sealed", sealed, dtype=pl.Binary))


def _json_list(lists: pl.Series) -> pl.Series:
    """Lists of text as JSON; few people have any."""
    values = lists.to_list()
    return pl.Series(
        [None if value is None else json.dumps(value, ensure_ascii=False) for value in values], dtype=pl.String
    )


_SEALED_PEOPLE = pl.Struct({name: TABLES["people"][name] for name in PEOPLE_SEALED})


def _unseal_people(connection: Connection, plain: pl.DataFrame, personal: Personal | None) -> pl.DataFrame:
    texts = [None] * plain.height if personal is None else personal.unseal_texts(
        connection, "people", plain["person_id"].to_list(), plain["sealed"].to_list()
    )  # fmt: skip
    opened = pl.Series("opened", texts, dtype=pl.String).str.json_decode(_SEALED_PEOPLE)
    zones = pl.col("other_zones").str.json_decode(pl.List(pl.String))
    return plain.with_columns(opened, zones).unnest("opened")


def _events_apart(events: pl.DataFrame) -> Apart:
    """Only data in which one of the sealed keys may stand is looked into."""
    apart = Apart([], [], [], [])
    told = events.with_row_index("row").filter(
        pl.col("data").str.contains_any([f'"{name}"' for name in DATA_SEALED] + ["\\u"])
    )
    for row, kind, person, account, data in told.select("row", "kind", "person_id", "account_id", "data").iter_rows():
        open_part, closed = split(kind, json.loads(data))
        if closed:
            apart.rows.append(row)
            apart.left.append(json.dumps(open_part, ensure_ascii=False) if open_part else None)
            apart.owners.append(subject(person, account))
            apart.texts.append(data)
    return apart


def _seal_events(events: pl.DataFrame, apart: Apart, keys: Keys) -> pl.DataFrame:
    events = events.with_columns(pl.lit(None, pl.Binary).alias("sealed"))
    if not apart.rows:
        return events
    sealed = sealed_under(keys, "events", apart.owners, apart.texts)
    return events.with_columns(
        events["data"].scatter(apart.rows, pl.Series(apart.left, dtype=pl.String)),
        events["sealed"].scatter(apart.rows, pl.Series(sealed, dtype=pl.Binary)),
    )


def _unseal_events(connection: Connection, plain: pl.DataFrame, personal: Personal | None) -> pl.DataFrame:
    sealed = plain.with_row_index("row").filter(pl.col("sealed").is_not_null())
    if personal is None or not sealed.height:
        return plain
    owners = [subject(person, account) for person, account in sealed.select("person_id", "account_id").iter_rows()]
    texts = personal.unseal_texts(connection, "events", owners, sealed["sealed"].to_list())
    opened = pl.Series("opened", texts, dtype=pl.String)
    data = opened.zip_with(opened.is_not_null(), sealed["data"])
    return plain.with_columns(plain["data"].scatter(sealed["row"], data))
