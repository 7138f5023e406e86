"""The parts of a book: which one an account's facts stand in, and which columns a part holds for the fold.

An account's part follows from a hash of its id, so it is the same on every machine and for a book of either kind.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import polars as pl

from arrears.errors import Finding
from arrears.facts import schema
from arrears.facts.schema import TABLES, Facts
from arrears.facts.typed import EVENT_COLUMNS, PEOPLE_COLUMNS, PLAN_COLUMNS

ACCOUNTS_FOLDED = (
    "account_id", "product", "law", "currency", "opened_on", "rate_ppm", "penalty_rate_ppm", "time_zone", "lender_kind",
)  # fmt: skip
EVENTS_FOLDED = (
    "account_ix", "at", "recorded_at", "kind", "channel", "direction", "outcome", "amount", "on", "by_on", "from_on",
    "until_on", "mask", "ref_ix", "person_id", "data",
)  # fmt: skip
PEOPLE_FOLDED = (
    "account_ix", "person_id", "role", "language", "time_zone", "other_zones", "region", "phone_count", "email_count",
    "address_count",
)  # fmt: skip


def stored_columns(table: str) -> dict[str, Any]:
    """Columns of a table as a part holds it."""
    if table == "plans":
        return dict(PLAN_COLUMNS)
    if table == "events":
        return {**TABLES[table], **EVENT_COLUMNS}
    if table == "people":
        return {**TABLES[table], **PEOPLE_COLUMNS}
    return {**TABLES[table], **({} if table == "accounts" else {"account_ix": pl.Int32})}


def part_of(account_ids: pl.Series, parts: int) -> Any:
    """The part of each account: FNV-1a of the UTF-8 bytes of its id, modulo the number of parts."""
    seed, prime = np.uint64(0xCBF29CE484222325), np.uint64(0x100000001B3)
    codes = account_ids.cast(pl.Binary)
    lengths = codes.bin.size().to_numpy()
    blob = np.frombuffer(b"".join(codes.to_list()), np.uint8).astype(np.uint64)
    starts = np.concatenate([[0], np.cumsum(lengths[:-1])]) if len(lengths) else np.zeros(0, np.int64)
    hashes = np.full(len(lengths), seed, np.uint64)
    with np.errstate(over="ignore"):
        for index in range(int(lengths.max()) if len(lengths) else 0):
            live = lengths > index
            hashes[live] = (hashes[live] ^ blob[(starts[live] + index).astype(np.int64)]) * prime
    # the low bits of FNV mix poorly for short ids: fold the high half in
    return ((hashes ^ (hashes >> np.uint64(32))) % np.uint64(parts)).astype(np.int64)


def by_part(facts: Facts, parts: int) -> Iterator[tuple[int, Facts]]:
    """Facts split by the part of their account, in order of parts; parts without accounts or rows are left out."""
    frames = (facts.accounts, facts.instalments, facts.events, facts.people)
    numbered = [frame.with_columns(pl.Series("part", part_of(frame["account_id"], parts))) for frame in frames]
    for part in sorted({number for frame in numbered for number in frame["part"].unique()}):
        own = [frame.filter(pl.col("part") == part).drop("part") for frame in numbered]
        yield part, Facts(own[0], own[1], own[2], own[3], facts.terms)


def together(first: Facts, second: Facts) -> Facts:
    """Both sets of facts in one."""
    pairs = ((first.accounts, second.accounts), (first.instalments, second.instalments),
             (first.events, second.events), (first.people, second.people))  # fmt: skip
    accounts, instalments, events, people = (pl.concat(pair) for pair in pairs)
    return Facts(accounts, instalments, events, people, {**first.terms, **second.terms})


def schema_faults(table: str, frame: pl.DataFrame, file: str) -> list[Finding]:
    """What the declared schema finds."""
    declared = schema.declared()[table]
    if declared.is_valid(frame):
        return []
    _, failures = declared.filter(frame, cast=False)
    return [
        Finding("schema", f"{count} rows break the rule {rule}", file=file, field=table)
        for rule, count in failures.counts().items()
    ] or [Finding("schema", "is not in the declared schema", file=file, field=table)]
