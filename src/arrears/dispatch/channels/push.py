"""The channel `push`: the message in the borrower's pages, and a call to the lender's push gateway that rings for it.

Which device a person has, the gateway knows; it is told the person, never the text. On a lock screen stands only what `push_words.yaml`
says: no name, no amount, no word of a debt. The message itself waits behind the link, in the portal.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Mapping
from datetime import UTC, datetime
from functools import cache
from importlib.resources import files
from typing import Any

import yaml
from sqlalchemy.exc import DBAPIError

from arrears.dispatch.channel import Answer, Channel, Message, NotHandedOver, Record, Sent
from arrears.dispatch.channels.answered import known
from arrears.dispatch.channels.portal import needed, post, take_back
from arrears.dispatch.channels.settings import settings_of
from arrears.dispatch.channels.webhook import Caller
from arrears.dispatch.channels.webhook_body import as_json
from arrears.dispatch.channels.webhook_settings import Webhook, read_webhook
from arrears.errors import Refusal
from arrears.installation import Installation, Lender
from arrears.store.connect import Store
from arrears.store.personal import Personal, open_personal

log = logging.getLogger("arrears.dispatch.channels.push")

#: A push older than this is not worth waking a telephone for, seconds.
MOST_TTL = 24 * 3600


@cache
def push_words() -> dict[str, dict[str, str]]:
    """Title and body by language."""
    found: dict[str, dict[str, str]] = yaml.safe_load(files(__package__).joinpath("push_words.yaml").read_text("utf-8"))
    return found


def push_body(message: Message, lender: Lender, link: str, now: datetime) -> bytes:
    """The body of the call (`push.schema.json` beside this file): nothing of the message's own words is in it. Pure."""
    language = message.words.language if message.words.language in push_words() else "en"
    words = push_words()[language]
    name = lender.name.get(language) or lender.name.get(language[:2]) or next(iter(lender.name.values()))
    left = (message.not_after - now).total_seconds() if message.not_after else MOST_TTL
    data = {
        "attempt_id": message.attempt_id,
        "person_id": message.person_id,
        "language": language,
        "title": words["title"].format(lender=name),
        "body": words["body"].format(lender=name),
        "link": link.replace("{attempt_id}", message.attempt_id),
        "ttl_seconds": int(min(max(left, 0), MOST_TTL)),
    }
    return as_json({"type": "push", "timestamp": now.astimezone(UTC).isoformat(timespec="seconds"), "data": data})


class PushChannel:
    """A push, and the message it rings for. `provider_ref` is the id that the gateway names, else the attempt's own."""

    name = "push"

    def __init__(self, webhook: Webhook, link: str, installation: Installation, store: Store) -> None:
        self.per_second = webhook.per_second
        self.window = webhook.window
        self._caller = Caller(webhook)
        self._link = link
        self._installation = installation
        self._store = store
        self._personal: Personal | None = None

    async def open(self, record: Record) -> None:
        """Open the keys. Refusal where the store has keys that this folder has not."""
        self._personal = await asyncio.to_thread(open_personal, self._store, self._installation.keys)

    async def close(self) -> None:
        """Wait shortly for calls under way, disconnect."""
        await self._caller.close()

    async def hand_over(self, message: Message) -> Awaitable[Answer]:
        """Post the message, then ring. Where the ringing surely failed, the message is taken back."""
        if self._personal is None:
            raise NotHandedOver("not open")
        now = datetime.now(UTC)
        posted = await asyncio.to_thread(post, self._store, self._personal, message, now)
        if posted.kind == "unknown":
            # no bell for what may not be there; the bell did not ring, so what is there is as good as taken back
            raise NotHandedOver(posted.detail)
        try:
            if posted.kind == "refused":
                return known(posted)
            body = push_body(message, self._installation.lender, self._link, now)
            call = await self._caller.call(message, body)
        except NotHandedOver:
            await self._take_back(message.attempt_id)
            raise
        return asyncio.ensure_future(self._settled(call, message.attempt_id))

    async def look_up(self, sent: Sent) -> Answer:
        """What the gateway's `status_url` says; unknown without one."""
        answer = await self._caller.ask(sent)
        if answer.kind in ("later", "refused"):
            await self._take_back(sent.attempt_id)
        return answer

    async def _settled(self, call: asyncio.Task[Answer], attempt_id: str) -> Answer:
        answer = await call
        if answer.kind in ("later", "refused"):
            await self._take_back(attempt_id)
        return answer

    async def _take_back(self, attempt_id: str) -> None:
        try:
            await asyncio.to_thread(take_back, self._store, attempt_id)
        except (Refusal, DBAPIError):
            log.warning("the message of attempt %s stays in the pages: the store is away", attempt_id)


def open_channel(settings: Mapping[str, Any], installation: Installation, store: Store | None = None) -> Channel:
    """The channel of these settings. Refusal if they are unfit, or there is no store."""
    found = settings_of(settings, installation, "push")
    # a push that is offered again leads to another message: what may have rung is not offered again on the gateway's word
    webhook = read_webhook(found, idempotent=False)
    link: str = found.url("link")
    found.done()
    return PushChannel(webhook, link, installation, needed(store, found))
