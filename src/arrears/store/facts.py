"""Facts into the store and out of it. Facts are only added: the same row again is passed over, another content is refused.

All functions work in the caller's transaction, which holds the accounts (`Store.hold`) around its commit.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import polars as pl
from sqlalchemy import Connection

from arrears.errors import Finding, Refusal, refuse
from arrears.facts import schema
from arrears.facts.findings import PERSONAL
from arrears.facts.schema import TABLES, Facts
from arrears.facts.typed import data_fault
from arrears.store.bulk import batches, in_slots, one_of, read_column, read_rows
from arrears.store.private import DATA_SEALED
from arrears.store.rows import IDENTITY, ORDER, frames_of, from_plain
from arrears.store.writing import write

if TYPE_CHECKING:
    from arrears.store.personal import Personal

SHOWN = 20
#: Accounts whose rows are compared at once.
BATCH = 20_000
#: Rows that are looked for one by one; of more, all rows of their accounts are read.
FEW = 1000


def facts_of(connection: Connection, account_ids: Collection[str], personal: Personal | None) -> Facts:
    """All facts of some accounts (without terms), one query a table. Ids that are not there give no rows.

    Where a person is erased, or without `personal`, names, numbers and addresses are null and event data lacks its personal keys.
    """
    names = sorted(set(account_ids))
    return _facts_where(connection, {table: one_of(connection, "account_id", names) for table in ORDER}, personal)


def facts_in_slots(connection: Connection, slots: Sequence[int], personal: Personal | None) -> Facts:
    """As `facts_of`, of all accounts of some slots (`store.tables.SLOTS`)."""
    return _facts_where(connection, {table: in_slots(connection, table, slots) for table in ORDER}, personal)


def _facts_where(connection: Connection, conditions: Mapping[str, tuple[str, Any]], personal: Personal | None) -> Facts:
    found = {}
    for table, (condition, value) in conditions.items():
        plain = read_rows(connection, table, condition, (value,)).sort(IDENTITY[table])
        found[table] = from_plain(connection, table, plain, personal)
    return Facts(found["accounts"], found["instalments"], found["events"], found["people"])


def record(connection: Connection, facts: Facts, personal: Personal, news: bool = True) -> int:
    """Append facts; the number of rows that are new. New events are news to subscribers (`store.news`), unless `news` says no.

    Idempotent: a row that is there already is passed over. Refusal, and nothing is appended, if a row is there with other content, or
    belongs to an account that neither the store nor `facts` has. An erased person stays erased: what is personal is not taken in again.
    """
    frames = {table: _cast(table, frame) for table, frame in frames_of(facts).items() if frame.height}
    if not frames:
        return 0
    named = pl.concat([frame.select("account_id") for frame in frames.values()])["account_id"].unique().sort()
    known = _known(connection, named)
    findings = _strangers(named, known, facts.accounts)
    new = {}
    for table, frame in frames.items():
        new[table] = _only_new(connection, table, frame, known, personal, findings)
    if findings:
        raise Refusal(*findings[:SHOWN])
    new = {table: frame for table, frame in new.items() if frame.height}
    write(connection, new, _countries(connection, new, facts.accounts), personal, news)
    return sum(frame.height for frame in new.values())


def record_event(connection: Connection, row: Mapping[str, Any], personal: Personal) -> int:
    """Append one event, a mapping of the columns of `facts.schema` events (missing ones are null; `data` may be a mapping).

    Gives 1, or 0 if it was there already. Refusal as `record`, and for data that its kind cannot carry.
    """
    return record_events(connection, [row], personal)


def record_events(connection: Connection, rows: Sequence[Mapping[str, Any]], personal: Personal) -> int:
    """`record_event` of many; gives how many are new."""
    told = [{**row, "data": _data_text(row)} for row in rows]
    try:
        frame = schema.frame("events", told)
    except (pl.exceptions.PolarsError, TypeError, ValueError):
        raise refuse("event", "is not in the declared schema", account=str(rows[0].get("account_id", "")),
                     field="events", todo="see docs/cases.md") from None  # fmt: skip
    none = {table: schema.empty(table) for table in ORDER}
    return record(connection, Facts(none["accounts"], none["instalments"], frame, none["people"]), personal)


def _data_text(row: Mapping[str, Any]) -> str | None:
    """An event's data as text. Refusal if its kind cannot carry it."""
    data = row.get("data")
    text = json.dumps(data, ensure_ascii=False) if isinstance(data, Mapping) else data
    fault = data_fault(str(row.get("kind")), text)
    if fault:
        raise refuse("event", fault, field="data", account=str(row.get("account_id", "")))
    return text


def _cast(table: str, frame: pl.DataFrame) -> pl.DataFrame:
    """The frame in the declared schema. Refusal if it is not."""
    try:
        frame = frame.select(list(TABLES[table])).cast(pl.Schema(TABLES[table]))
    except pl.exceptions.PolarsError as error:
        raise refuse("schema", f"is not in the declared schema: {type(error).__name__}", field=table) from None
    empty = [name for name in schema.REQUIRED[table] if frame[name].null_count()]
    if empty:
        raise refuse("schema", f"has empty cells in {', '.join(empty)}", field=table)
    return frame


def _countries(connection: Connection, new: Mapping[str, pl.DataFrame], accounts: pl.DataFrame) -> pl.DataFrame:
    """`account_id` and `country` of the accounts of new people: a number without a country code is one of the account's country."""
    named = pl.col("account_id"), pl.col("law").cast(pl.String).alias("country")
    told = accounts.select(named).unique("account_id")
    if "people" not in new:
        return told
    others = new["people"].join(told, on="account_id", how="anti")["account_id"].unique()
    for batch in batches(others, BATCH):
        condition, value = one_of(connection, "account_id", batch.to_list())
        told.extend(read_rows(connection, "accounts", condition, (value,), ("account_id", "law")).select(named))
    return told


def _known(connection: Connection, account_ids: pl.Series) -> pl.Series:
    """Those of the accounts that the store has. Of the others it can have no row in any table."""
    found = [
        read_column(connection, "accounts", "account_id", batch.to_list()) for batch in batches(account_ids, BATCH)
    ]
    return pl.Series("account_id", [name for names in found for name in names], dtype=pl.String)


def _strangers(named: pl.Series, known: pl.Series, accounts: pl.DataFrame) -> list[Finding]:
    """Accounts that neither the store nor the facts have."""
    there = pl.concat([known, accounts["account_id"]])
    return [
        Finding("unknown_account", "is not in the store", account=name)
        for name in named.filter(~named.is_in(there.implode()))
    ]


def _only_new(
    connection: Connection,
    table: str,
    frame: pl.DataFrame,
    known: pl.Series,
    personal: Personal,
    findings: list[Finding],
) -> pl.DataFrame:
    """Rows that the store does not have; what is there, or twice in the frame, with other content becomes a finding."""
    key = list(IDENTITY[table])
    if frame.select(key).n_unique() < frame.height:
        frame = frame.unique(maintain_order=True)
        twice = frame.filter(pl.struct(key).is_duplicated())
        findings += [
            _conflict(table, row, key[-1], "stands twice here, with different content")
            for row in twice.iter_rows(named=True)
        ]
    there_already = [frame.clear().select(key)]
    for batch in batches(known, BATCH):
        rows = frame.filter(pl.col("account_id").is_in(batch.implode()))
        there = _same_keys(connection, table, rows, personal)
        findings += _differences(table, rows, there)
        there_already.append(there.select(key))
    return frame.join(pl.concat(there_already), on=key, how="anti", maintain_order="left") if len(known) else frame


def _same_keys(connection: Connection, table: str, frame: pl.DataFrame, personal: Personal) -> pl.DataFrame:
    """The rows of the store that are the same ones."""
    key = IDENTITY[table] if frame.height <= FEW else ("account_id",)
    conditions = [one_of(connection, name, frame[name].unique().sort().to_list()) for name in key]
    where = " AND ".join(condition for condition, _ in conditions)
    plain = read_rows(connection, table, where, tuple(value for _, value in conditions))
    own = plain.join(frame.select(IDENTITY[table]), on=list(IDENTITY[table]), how="semi")
    return from_plain(connection, table, own, personal)


def _differences(table: str, frame: pl.DataFrame, there: pl.DataFrame) -> list[Finding]:
    key = list(IDENTITY[table])
    both = frame.join(there, on=key, how="inner", suffix="_there")
    findings = []
    for name in TABLES[table]:
        if name in key:
            continue
        mine, other = pl.col(name), pl.col(f"{name}_there")
        for row in both.filter(mine.ne_missing(other)).head(SHOWN).iter_rows(named=True):
            if not _erased(table, name, row):
                findings.append(_conflict(table, row, name, "is in the store with other content"))
    return findings


def _erased(table: str, name: str, row: Mapping[str, Any]) -> bool:
    """Whether the difference is only that the store may no longer know what is personal."""
    there = row[f"{name}_there"]
    if table == "people":
        return name in ("name", "phones", "emails", "addresses") and there is None
    if name != "data" or row["data"] is None:
        return False
    mine = {key: value for key, value in json.loads(row["data"]).items() if key not in DATA_SEALED}
    return bool(mine == (json.loads(there) if there else {}))


def _conflict(table: str, row: Mapping[str, Any], name: str, what: str) -> Finding:
    shown = "masked" if name in PERSONAL or name == "data" else str(row[name])[:60]
    return Finding("conflict", what, field=f"{table}.{name}", account=row["account_id"], value=shown,
                   todo="a correction is another fact, with an id of its own")  # fmt: skip
