"""What was sent to a borrower: every contact about their loans, with the text that is held of it, its code, and whether it verifies.

Whether a text verifies is asked of `notice.verify`, as for anybody who pastes it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl
from sqlalchemy import Connection, select

from arrears.calendar import BUSINESS_ZONES
from arrears.notice.codes import codes_in, grouped
from arrears.notice.keys import code_key, public_keys
from arrears.notice.register import sent_under
from arrears.notice.signing import without_signature
from arrears.notice.verify import verify
from arrears.notice.writer import house_of
from arrears.store.facts import facts_of
from arrears.store.tables import Attempt, Notice, Posted
from arrears.web.served import Served

MOST = 200


@dataclass(frozen=True)
class Message:
    """One thing sent. `text` None: none is held (a call, or the person's key is gone). `verdict`: `genuine`, `cannot_confirm`; None without a text.

    `attempt_id` is there for a message in the borrower's pages, which is opened there; `read_at` when it first was. Instants are UTC.
    """

    account_id: str
    at: datetime
    kind: str
    channel: str
    outcome: str
    text: str | None = None
    subject: str | None = None
    code: str | None = None
    verdict: str | None = None
    attempt_id: str | None = None
    read_at: datetime | None = None


def sent_to_person(served: Served, person_id: str, account_ids: Sequence[str]) -> list[Message]:
    """What was sent, the latest first; at most `MOST`."""
    with served.store.read() as connection:
        events = facts_of(connection, account_ids, served.personal).events
        outcomes = _outcomes(events)
        rows = events.filter(_theirs(person_id)).sort("at", "event_id", descending=True).head(MOST).to_dicts()
        notices = _notices(connection, served, person_id, [row["event_id"] for row in rows])
        posted = {row.attempt_id: row.read_at for row in connection.execute(
            select(Posted.attempt_id, Posted.read_at).where(Posted.person_id == person_id)
        )}  # fmt: skip
        return [
            _message(row, outcomes, notices.get(row["event_id"]), posted, _Check(served, connection)) for row in rows
        ]


def _theirs(person_id: str) -> pl.Expr:
    """What went out to the person themselves; what was sent to others about the loan is theirs to see."""
    to = pl.col("person_id").is_null() | (pl.col("person_id") == person_id)
    out = (pl.col("kind") == "contact") & (pl.col("direction") == "out")
    return to & (out | (pl.col("kind") == "notice_served"))


def _outcomes(events: pl.DataFrame) -> dict[tuple[str, str], str]:
    """What became of a contact, by account and event: the last delivery that names it."""
    told = events.filter((pl.col("kind") == "delivery") & pl.col("ref").is_not_null()).sort("at")
    return {
        (account, ref): outcome for account, ref, outcome in told.select("account_id", "ref", "outcome").iter_rows()
    }


@dataclass(frozen=True)
class _Noted:
    attempt_id: str
    said: Mapping[str, Any] | None


def _notices(connection: Connection, served: Served, person_id: str, event_ids: Sequence[str]) -> dict[str, _Noted]:
    """The notices of contacts that our own workers made, by event, with their text opened."""
    rows = connection.execute(
        select(Attempt.event_id, Notice.attempt_id, Notice.sealed)
        .join(Notice, Notice.attempt_id == Attempt.attempt_id)
        .where(Attempt.event_id.in_(event_ids), Notice.person_id == person_id)
    ).all()
    opened = served.personal.unseal_many(connection, "notices", [person_id] * len(rows), [row.sealed for row in rows])
    return {row.event_id: _Noted(row.attempt_id, said) for row, said in zip(rows, opened, strict=True)}


class _Check:
    """Verifies texts as the public page does."""

    def __init__(self, served: Served, connection: Connection) -> None:
        self.served, self.connection = served, connection

    def verdict(self, text: str) -> str:
        installation, connection = self.served.installation, self.connection
        found = verify(
            text, lambda one: sent_under(connection, one), public_keys(installation.keys, installation.lender.id), house_of(installation),
            self.served.now().astimezone(ZoneInfo(BUSINESS_ZONES["cn"])).date(), code_key(installation.keys),
        )  # fmt: skip
        return found.verdict


def _message(
    row: Mapping[str, Any], outcomes: Mapping[tuple[str, str], str], noted: _Noted | None, posted: Mapping[str, datetime | None], check: _Check
) -> Message:  # fmt: skip
    outcome = outcomes.get((row["account_id"], row["event_id"])) or row["outcome"] or ""
    base = Message(row["account_id"], row["at"], row["kind"], row["channel"] or "", outcome)
    if noted is None:
        return base
    in_pages = noted.attempt_id if noted.attempt_id in posted else None
    text = (noted.said or {}).get("text")
    if text is None:
        return Message(**{**base.__dict__, "attempt_id": in_pages})
    codes = codes_in(without_signature(text))
    return Message(
        **{**base.__dict__, "text": text, "subject": noted.said.get("subject") if noted.said else None, "attempt_id": in_pages,
           "code": grouped(codes[0]) if codes else None, "verdict": check.verdict(text), "read_at": posted.get(in_pages or "")}
    )  # fmt: skip
