"""The outbox: tonight's work list becomes rows in the database of the facts, each once.

A piece of work is named by night, account and action, so the same night enqueued twice changes nothing. A later night supersedes what is
still ready of earlier ones; what a worker already has is left to it, and is asked again before it leaves anyway.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import polars as pl
from sqlalchemy import Connection, func, select, update
from sqlalchemy.dialects import postgresql, sqlite

from arrears import calendar
from arrears.calendar import BUSINESS_ZONES
from arrears.dispatch.reasons import Why, to_json
from arrears.dispatch.recipients import REACHED_BY
from arrears.dispatch.works import night_name, night_on
from arrears.errors import refuse
from arrears.facts.parts import part_of
from arrears.store.nights import note_night
from arrears.store.tables import SLOTS, Account, Work

ROWS_AT_ONCE = 5000


@dataclass
class Enqueued:
    """What became of a work list: rows new in the outbox and already there; ready work of earlier nights that they supersede; lines that
    are no contact (legal review), that name nobody, or whose account is not in the store.
    """

    new: int = 0
    known: int = 0
    superseded: int = 0
    no_contact: int = 0
    no_person: int = 0
    no_account: int = 0

    def as_json(self) -> dict[str, int]:
        """The counts by name."""
        return asdict(self)


@dataclass(frozen=True)
class NightList:
    """A night's work list. `as_of` and `known_at` as in night.json; `ladders`: name and sha256 by law. `began_at`: facts recorded later the
    night did not see; None: it saw all that was recorded by its as_of. `files`: SHA-256 of each file of the night.
    """

    key: str
    as_of: date | datetime
    known_at: datetime | None
    ladders: Mapping[str, Mapping[str, str]]
    lines: pl.DataFrame
    began_at: datetime | None = None
    files: Mapping[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """What the night is called in the outbox."""
        return night_name(self.as_of.isoformat(), self.key)


def read_night(folder: Path, saw_everything: bool = False) -> NightList:
    """The work list in a night's folder. Refusal if there is no finished night, or its list was altered.

    `saw_everything`: do not take the time at which the night was run for the last moment whose facts it saw (rehearsals on made dates).
    """
    try:
        told = json.loads((folder / "night.json").read_text("utf-8"))
        list_file = folder / "worklist.parquet"
        if _sha256(list_file) != told["files"]["worklist.parquet"]:
            raise refuse("night", "has a work list that was altered", file=str(list_file), todo="run the night again")
        began = datetime.fromtimestamp((folder / "started.json").stat().st_mtime, UTC)
        return NightList(
            told["key"], _moment(told["as_of"]), datetime.fromisoformat(told["known_at"]) if told["known_at"] else None,
            told["ladders"], pl.read_parquet(list_file), None if saw_everything else began, told["files"],
        )  # fmt: skip
    except FileNotFoundError as error:
        raise refuse("night", "holds no finished night", file=str(error.filename), exit_code=2,
                     todo="run `arrears night --out FOLDER` to its end") from None  # fmt: skip
    except (OSError, KeyError, ValueError, pl.exceptions.PolarsError) as error:
        raise refuse("night", f"cannot be read: {type(error).__name__}", file=str(folder), exit_code=2) from None


def enqueue(connection: Connection, night: NightList, now: datetime) -> Enqueued:
    """Put a night's work into the outbox, in the caller's transaction. Refusal if a later night is there already."""
    name = night.name
    latest = latest_night(connection)
    if night_on(latest) > night_on(name):
        raise refuse("outbox", f"has a later night ({night_on(latest)}) already", value=night_on(name), exit_code=2,
                     todo="enqueue the latest night only")  # fmt: skip
    note_night(connection, name, night.key, night.files, now)
    counts = Enqueued()
    counts.superseded = _supersede(connection, name, now)
    for lines in night.lines.iter_slices(ROWS_AT_ONCE):
        rows = list(_rows(connection, night, name, lines, now, counts))
        new = _insert(connection, rows) if rows else 0
        counts.new, counts.known = counts.new + new, counts.known + len(rows) - new
    return counts


def latest_night(connection: Connection) -> str:
    """The name of the latest night in the outbox; empty if there is none."""
    return connection.execute(select(func.max(Work.night))).scalar() or ""


def _supersede(connection: Connection, name: str, now: datetime) -> int:
    """Ready work of other nights up to this one is held."""
    older = (Work.state == "ready") & (Work.night != name)
    values = {"state": "held", "reason": to_json([Why("superseded")]), "changed_at": now}
    return connection.execute(update(Work).where(older).values(**values)).rowcount


def _rows(
    connection: Connection, night: NightList, name: str, lines: pl.DataFrame, now: datetime, counts: Enqueued
) -> Iterator[dict[str, Any]]:  # fmt: skip
    accounts = _accounts(connection, lines["account_id"].unique().to_list())
    slots = dict(zip(lines["account_id"], part_of(lines["account_id"], SLOTS).tolist(), strict=True))
    for line in lines.iter_rows(named=True):
        account = accounts.get(line["account_id"])
        if line["channel"] not in REACHED_BY:
            counts.no_contact += 1
        elif line["person_id"] is None:
            counts.no_person += 1
        elif account is None:
            counts.no_account += 1
        else:
            yield _row(night, name, line, account, slots[line["account_id"]], now)


def _row(
    night: NightList, name: str, line: Mapping[str, Any], account: tuple[str, str | None], slot: int, now: datetime
) -> dict[str, Any]:  # fmt: skip
    law, zone = account
    opens = line["not_before"]
    return {
        "key": hashlib.sha256("\n".join((night.key, line["account_id"], line["action"])).encode()).hexdigest(),
        "night": name, "night_as_of": _seen_until(night, zone or BUSINESS_ZONES[law]),
        "account_id": line["account_id"], "person_id": line["person_id"], "slot": slot, "law": law,
        "strategy": night.ladders[law]["name"], "stage": line["stage"], "action": line["action"],
        "channel": line["channel"], "staff": line["staff"], "gain": line["gain"], "not_before": opens,
        "not_after": line["not_after"], "available_at": opens, "state": "ready", "attempts": 0, "changed_at": now,
    }  # fmt: skip


def _seen_until(night: NightList, zone: str) -> datetime:
    """The last instant whose facts the night saw of an account."""
    ends = night.as_of if isinstance(night.as_of, datetime) else calendar.end_of_day(night.as_of, zone)
    return min(instant for instant in (ends, night.known_at, night.began_at) if instant is not None)


def _accounts(connection: Connection, account_ids: list[str]) -> dict[str, tuple[str, str | None]]:
    """Law and business zone of the accounts that the store has."""
    wanted = select(Account.account_id, Account.law, Account.time_zone).where(Account.account_id.in_(account_ids))
    return {account: (law, zone) for account, law, zone in connection.execute(wanted)}


def _insert(connection: Connection, rows: list[dict[str, Any]]) -> int:
    """Rows whose key is not there yet; gives how many."""
    keys = [row["key"] for row in rows]
    known = set(connection.execute(select(Work.key).where(Work.key.in_(keys))).scalars())
    new = [row for row in rows if row["key"] not in known]
    if new:
        own = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
        connection.execute(own(Work).on_conflict_do_nothing(index_elements=["key"]), new)
    return len(new)


def _moment(text: str) -> date | datetime:
    return date.fromisoformat(text) if len(text) == 10 else datetime.fromisoformat(text)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
