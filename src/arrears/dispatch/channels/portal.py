"""The channel `portal`: a message in the borrower's own pages, sealed under the person's key in the store's table `posted`.

The provider is the store itself: a message is accepted when it is committed, and asking the table settles what was unknown.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update
from sqlalchemy.exc import DBAPIError

from arrears.dispatch.channel import Answer, Channel, Message, NotHandedOver, Record, Returned, Sent
from arrears.dispatch.channels.answered import known
from arrears.dispatch.channels.settings import Settings, settings_of
from arrears.errors import Refusal
from arrears.installation import Installation
from arrears.notice.words import Words
from arrears.store.connect import Store
from arrears.store.personal import Personal, open_personal
from arrears.store.tables import Posted

log = logging.getLogger("arrears.dispatch.channels.portal")

CHANNEL = "portal"
TABLE = "posted"
#: After this long no commit of a process that is gone can still be under way.
SETTLED = timedelta(seconds=60)


@dataclass(frozen=True)
class PostedMessage:
    """A message in a person's pages. Instants are UTC. `words` is None when the person was erased."""

    attempt_id: str
    account_id: str
    posted_at: datetime
    read_at: datetime | None
    words: Words | None


def post(store: Store, personal: Personal, message: Message, now: datetime) -> Answer:
    """Show `message` in the person's pages; the same attempt again changes nothing. NotHandedOver where the store surely has it not."""
    committing = False
    try:
        with store.begin() as connection:
            if not put_in(connection, personal, message, now):
                return Answer("refused", detail="person erased")
            committing = True
    except (Refusal, DBAPIError) as fault:
        if not committing:
            raise NotHandedOver("the store would not take it") from fault
        return Answer("unknown", provider_ref=message.attempt_id, detail="the store was lost at the commit")
    return Answer("accepted", provider_ref=message.attempt_id)


def put_in(connection: Connection, personal: Personal, message: Message, now: datetime) -> bool:
    """`post` in the caller's transaction; False, and nothing is there, where the person was erased."""
    if connection.scalar(select(Posted.attempt_id).where(Posted.attempt_id == message.attempt_id)) is not None:
        return True
    sealed = personal.seal(connection, TABLE, message.person_id, asdict(message.words))
    if sealed is None:
        return False
    row = {"attempt_id": message.attempt_id, "account_id": message.account_id, "person_id": message.person_id,
           "posted_at": now, "sealed": sealed}  # fmt: skip
    connection.execute(insert(Posted).values(row))
    return True


def take_back(store: Store, attempt_id: str) -> bool:
    """Take a message that nobody has read out of the pages again; whether there was one."""
    with store.begin() as connection:
        unread = delete(Posted).where(Posted.attempt_id == attempt_id, Posted.read_at.is_(None))
        return connection.execute(unread).rowcount == 1


def is_posted(store: Store, attempt_id: str) -> bool:
    """Whether the message of an attempt is in the person's pages."""
    with store.read() as connection:
        return connection.scalar(select(Posted.attempt_id).where(Posted.attempt_id == attempt_id)) is not None


def posted_to(store: Store, personal: Personal, person_id: str, most: int = 100) -> list[PostedMessage]:
    """The messages in a person's pages, the newest first."""
    wanted = select(Posted.attempt_id, Posted.account_id, Posted.posted_at, Posted.read_at, Posted.sealed).where(
        Posted.person_id == person_id
    )
    with store.read() as connection:
        rows = connection.execute(wanted.order_by(Posted.posted_at.desc(), Posted.attempt_id.desc()).limit(most)).all()
        contents = personal.unseal_many(connection, TABLE, [person_id] * len(rows), [row.sealed for row in rows])
    return [
        PostedMessage(row.attempt_id, row.account_id, row.posted_at, row.read_at, Words(**content) if content else None)
        for row, content in zip(rows, contents, strict=True)
    ]


def posted(
    store: Store, personal: Personal, attempt_id: str, person_id: str = "", account_id: str = ""
) -> PostedMessage | None:
    """One message, by whose pages it is in or by its account (one of the two is given); None where there is none of that id there."""
    whose = Posted.person_id == person_id if person_id else Posted.account_id == account_id
    columns = (Posted.account_id, Posted.posted_at, Posted.read_at, Posted.person_id, Posted.sealed)
    with store.read() as connection:
        row = connection.execute(select(*columns).where(Posted.attempt_id == attempt_id, whose)).first()
        content = personal.unseal(connection, TABLE, row.person_id, row.sealed) if row else None
    if row is None:
        return None
    return PostedMessage(attempt_id, row.account_id, row.posted_at, row.read_at, Words(**content) if content else None)


def mark_read(store: Store, person_id: str, attempt_id: str, at: datetime) -> Returned | None:
    """The person has opened the message: gives the receipt to record, of the first time, every time it is opened.

    None where this person has no such message: another's id opens nothing. The caller records it (`Record`); a crash in between is
    made good when the message is opened again.
    """
    own = (Posted.attempt_id == attempt_id, Posted.person_id == person_id)
    with store.begin() as connection:
        connection.execute(update(Posted).where(*own, Posted.read_at.is_(None)).values(read_at=at))
        read_at = connection.scalar(select(Posted.read_at).where(*own))
    if read_at is None:
        return None
    return Returned(
        "receipt", CHANNEL, read_at, provider_ref=attempt_id, attempt_id=attempt_id, outcome="delivered", detail="read"
    )


class PortalChannel:
    """Messages in pages; `provider_ref` is the attempt's id."""

    name = CHANNEL

    def __init__(self, store: Store, installation: Installation, per_second: float, window: int) -> None:
        self.per_second = per_second
        self.window = window
        self._store = store
        self._keys = installation.keys
        self._personal: Personal | None = None

    async def open(self, record: Record) -> None:
        """Open the keys. Refusal where the store has keys that this folder has not."""
        self._personal = await asyncio.to_thread(open_personal, self._store, self._keys)

    async def close(self) -> None:
        """Nothing stays open; the store is the caller's."""

    async def hand_over(self, message: Message) -> Awaitable[Answer]:
        """Commit the message; the answer is there already."""
        if self._personal is None:
            raise NotHandedOver("not open")
        return known(await asyncio.to_thread(post, self._store, self._personal, message, datetime.now(UTC)))

    async def look_up(self, sent: Sent) -> Answer:
        """What the table says: accepted, or later where it was surely never committed."""
        try:
            there = await asyncio.to_thread(is_posted, self._store, sent.attempt_id)
        except (Refusal, DBAPIError):
            return Answer("unknown", detail="the store is away")
        if there:
            return Answer("accepted", provider_ref=sent.attempt_id)
        settled = datetime.now(UTC) - sent.handed_over_at > SETTLED
        return Answer("later", detail="never committed") if settled else Answer("unknown", detail="not committed yet")


def needed(store: Store | None, settings: Settings) -> Store:
    """The store, for a channel that cannot be without one. Refusal."""
    if store is None:
        raise settings.refuse("", "needs the store", "open this channel with the installation's database")
    return store


def open_channel(settings: Mapping[str, Any], installation: Installation, store: Store | None = None) -> Channel:
    """The channel of these settings. Refusal if they are unfit, or there is no store."""
    found = settings_of(settings, installation, CHANNEL)
    per_second, window = found.number("per_second", 100, 0.01, 10_000), found.whole("window", 8, 1, 100)
    found.done()
    return PortalChannel(needed(store, found), installation, per_second, window)
