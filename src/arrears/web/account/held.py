"""Everything that the store holds about a borrower, for the borrower: their own data whole, of other people on the loans the role alone.

Amounts are decimal strings in the loan's currency, instants ISO in UTC. Hashes and keys, which say nothing to a person, are left out; so is
free text of staff about other people, which stands under the key of those people.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import date, datetime
from typing import Any

import polars as pl
from sqlalchemy import Connection, select

from arrears import money
from arrears.facts.schema import Facts
from arrears.store.facts import facts_of
from arrears.store.private import DATA_SEALED
from arrears.store.tables import Queued, Stop, Work
from arrears.web.account.sent import sent_to_person
from arrears.web.served import Served
from arrears.web.views import views_of

_WORK = ("night", "account_id", "action", "channel", "stage", "state", "not_before", "not_after", "changed_at")
_STOP = ("scope", "subject", "set_at", "reason", "lifted_at")
_MONEY = {"accounts": ("principal",), "instalments": ("principal", "interest", "fee"), "events": ("amount",)}
MOST_VIEWS = 10_000


def held_about(served: Served, person_id: str, account_ids: Sequence[str]) -> dict[str, Any]:
    """All of it, by part, ready for JSON."""
    with served.store.read() as connection:
        facts = facts_of(connection, account_ids, served.personal)
        currencies = dict(facts.accounts.select("account_id", "currency").iter_rows())
        own = facts.people.filter(pl.col("person_id") == person_id)
        others = facts.people.filter(pl.col("person_id") != person_id).select("account_id", "role")
        found = {
            "person": person_id, "people": _plain(own.to_dicts()), "accounts": _rows("accounts", facts.accounts, currencies),
            "instalments": _rows("instalments", facts.instalments, currencies), "others": _plain(others.to_dicts()),
            "events": _events(facts, person_id, currencies), "work": _work(connection, account_ids), "stops": _stops(connection, person_id, account_ids),
            "waiting": _waiting(connection, served, person_id),
            "views": [{"at": one.at.isoformat(), "by": one.who_kind, "page": one.page} for one in views_of(connection, [person_id, *account_ids], MOST_VIEWS)],
        }  # fmt: skip
    messages = [asdict(one) for one in sent_to_person(served, person_id, account_ids)]
    return {"made_at": served.now().isoformat(), **found, "messages": _plain(messages)}


def _rows(table: str, frame: pl.DataFrame, currencies: Mapping[str, str]) -> list[dict[str, Any]]:
    rows = []
    for row in frame.to_dicts():
        currency = currencies[row["account_id"]]
        amounts = {name: money.to_text(row[name], currency) for name in _MONEY[table] if row[name] is not None}
        rows.append({**row, **amounts, "currency": currency})
    return _plain(rows)


def _events(facts: Facts, person_id: str, currencies: Mapping[str, str]) -> list[dict[str, Any]]:
    """Events with their data; of what names another person, without who it was and without what is personal in it."""
    rows = []
    for row in _rows("events", facts.events.sort("at", "event_id"), currencies):
        data = json.loads(row.pop("data", None) or "{}")
        if row.get("person_id") not in (None, person_id):
            row.pop("person_id")
            data = {name: value for name, value in data.items() if name not in (*DATA_SEALED, "to")}
        rows.append({**row, **({"data": data} if data else {})})
    return rows


def _work(connection: Connection, account_ids: Sequence[str]) -> list[dict[str, Any]]:
    columns = [getattr(Work, name) for name in _WORK]
    rows = connection.execute(select(*columns).where(Work.account_id.in_(account_ids)).order_by(Work.not_before))
    return _plain(dict(zip(_WORK, row, strict=True)) for row in rows)


def _stops(connection: Connection, person_id: str, account_ids: Sequence[str]) -> list[dict[str, Any]]:
    about = ((Stop.scope == "person") & (Stop.subject == person_id)) | (
        (Stop.scope == "account") & Stop.subject.in_(account_ids)
    )
    rows = connection.execute(select(*[getattr(Stop, name) for name in _STOP]).where(about).order_by(Stop.number))
    return _plain(dict(zip(_STOP, row, strict=True)) for row in rows)


def _waiting(connection: Connection, served: Served, person_id: str) -> list[dict[str, Any]]:
    """What was passed to a person, with what the borrower wrote."""
    columns = (Queued.sort, Queued.queued_at, Queued.done_at, Queued.sealed)
    rows = connection.execute(select(*columns).where(Queued.person_id == person_id).order_by(Queued.number)).all()
    opened = served.personal.unseal_many(connection, "queue", [person_id] * len(rows), [row.sealed for row in rows])
    return _plain(
        {"about": row.sort, "passed_at": row.queued_at, "done_at": row.done_at, "text": (said or {}).get("text")}
        for row, said in zip(rows, opened, strict=True)
    )


def _plain(rows: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Rows without empty cells, dates and instants as ISO text."""
    return [
        {name: value.isoformat() if isinstance(value, (date, datetime)) else value for name, value in row.items() if value not in (None, [], "")}
        for row in rows
    ]  # fmt: skip
