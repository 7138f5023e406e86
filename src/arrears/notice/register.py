"""What was sent under a code, looked up in the store's notices: the one part of this room that reads a database, handed in open."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from sqlalchemy import Connection, select

from arrears.calendar import BUSINESS_ZONES
from arrears.notice.slots import last_digits
from arrears.notice.verify import Sent
from arrears.store.tables import Account, Notice


def sent_under(connection: Connection, code_hash: str) -> Sent | None:
    """What was sent under a code, by its keyed hash; None if nothing was. The day is that of the account's business time zone."""
    row = connection.execute(
        select(Notice.text_hash, Notice.channel, Notice.made_at, Notice.account_id, Account.time_zone, Account.law)
        .join(Account, Account.account_id == Notice.account_id, isouter=True)
        .where(Notice.code_hash == code_hash)
    ).first()
    if row is None:
        return None
    zone = ZoneInfo(row.time_zone or BUSINESS_ZONES.get(row.law or "none", "UTC"))
    return Sent(row.text_hash, row.channel, row.made_at.astimezone(zone).date(), last_digits(row.account_id))
