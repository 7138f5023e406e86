"""Calls and visits that somebody has in hand, as the contacts they may already be.

Whoever is asked whether one more contact is lawful counts them: the person may be on the phone this minute.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

import polars as pl
from sqlalchemy import Connection, select

from arrears.dispatch.channel import CARRIED_BY_PEOPLE
from arrears.facts import schema
from arrears.store.many import among
from arrears.store.tables import Attempt


def open_contacts(
    connection: Connection, account_ids: Collection[str], now: datetime, without: Collection[str] = ()
) -> pl.DataFrame:  # fmt: skip
    """Attempts by people without an outcome that have begun by `now`, as events of contact without an answer; `without` those."""
    wanted = select(Attempt.event_id, Attempt.account_id, Attempt.person_id, Attempt.channel, Attempt.started_at).where(
        among(connection, Attempt.account_id, account_ids), Attempt.answer.is_(None), Attempt.channel.in_(CARRIED_BY_PEOPLE),
        Attempt.started_at <= now,
    )  # fmt: skip
    return schema.frame(
        "events",
        [
            {
                "event_id": row.event_id, "account_id": row.account_id, "person_id": row.person_id, "at": row.started_at,
                "recorded_at": row.started_at, "kind": "contact", "channel": row.channel, "direction": "out",
                "outcome": "absent" if row.channel == "visit" else "no_answer",
            }
            for row in connection.execute(wanted)
            if row.event_id not in without
        ],
    )  # fmt: skip
