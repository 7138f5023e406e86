"""Any channel by a webhook: a message as a signed call to the lender's own system, for whatever has no module of its own here.

An official account, a contact centre, a messenger: the receiver carries the message on and says what it knows of it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Mapping
from datetime import UTC, datetime
from typing import Any

import httpx

from arrears.dispatch.channel import Answer, Channel, Message, NotHandedOver, Record, Sent
from arrears.dispatch.channels.settings import settings_of
from arrears.dispatch.channels.webhook_body import message_body, parse_returned
from arrears.dispatch.channels.webhook_call import Named, Progress, ask_status, open_client, post
from arrears.dispatch.channels.webhook_settings import Webhook, read_webhook
from arrears.dispatch.channels.webhook_signature import verify_webhook
from arrears.installation import Installation
from arrears.store.connect import Store

__all__ = ["Caller", "WebhookChannel", "open_channel", "parse_returned", "verify_webhook"]

#: What a machine can send; calls and visits are people's.
CARRIED = ("sms", "voicebot", "email", "letter", "push", "portal")
CLOSE_SECONDS = 10.0
#: Where a request has not begun by then, it is taken back.
HAND_OVER_SECONDS = 8.0


class Caller:
    """Makes the calls of one webhook. Nothing is connected before the first."""

    def __init__(self, webhook: Webhook) -> None:
        self.webhook = webhook
        self._client: httpx.AsyncClient | None = None
        self._calls: set[asyncio.Task[Answer]] = set()
        self._room = asyncio.Semaphore(webhook.window)

    async def call(self, one: Named, body: bytes) -> asyncio.Task[Answer]:
        """Call with `body`; returns when it has left, with the answer still to come. NotHandedOver where surely nothing left."""
        await self._room.acquire()
        progress = Progress()
        call = asyncio.create_task(self._call(one, body, progress))
        self._calls.add(call)
        call.add_done_callback(self._over)
        left = asyncio.ensure_future(progress.left.wait())
        try:
            await asyncio.wait([call, left], timeout=HAND_OVER_SECONDS, return_when=asyncio.FIRST_COMPLETED)
        except asyncio.CancelledError:
            call.cancel()
            raise
        finally:
            left.cancel()
        if not call.done() and not progress.begun:
            call.cancel()
            await asyncio.wait([call])
        if call.done() and not call.cancelled():
            call.result()  # raises NotHandedOver
        if call.cancelled():
            raise NotHandedOver("no connection in time")
        return call

    async def ask(self, one: Named) -> Answer:
        """What the receiver says of an attempt."""
        return await ask_status(self._ready(), self.webhook, one)

    async def close(self) -> None:
        """Wait shortly for calls under way; what has no answer by then is unknown."""
        if self._calls:
            await asyncio.wait(self._calls, timeout=CLOSE_SECONDS)
        for call in list(self._calls):
            call.cancel()
        await asyncio.gather(*self._calls, return_exceptions=True)
        if self._client is not None:
            await self._client.aclose()
            self._client = None

    async def _call(self, one: Named, body: bytes, progress: Progress) -> Answer:
        try:
            return await post(self._ready(), self.webhook, one, body, progress)
        except asyncio.CancelledError:
            if not progress.begun:
                raise
            return Answer("unknown", provider_ref=one.attempt_id, detail="closed before the answer")

    def _over(self, call: asyncio.Task[Answer]) -> None:
        self._calls.discard(call)
        self._room.release()

    def _ready(self) -> httpx.AsyncClient:
        if self._client is None:
            self._client = open_client(self.webhook)
        return self._client


class WebhookChannel:
    """The channel `name`, carried by a webhook. `provider_ref` is the id that the receiver names, else the attempt's own."""

    def __init__(self, name: str, webhook: Webhook) -> None:
        self.name = name
        self.per_second = webhook.per_second
        self.window = webhook.window
        self._caller = Caller(webhook)

    async def open(self, record: Record) -> None:
        """Nothing to connect; what comes back comes by calls of the receiver (`parse_returned`), not through here."""

    async def close(self) -> None:
        """Wait shortly for calls under way, disconnect."""
        await self._caller.close()

    async def hand_over(self, message: Message) -> Awaitable[Answer]:
        """Call the receiver with the message. NotHandedOver where no connection came about."""
        return await self._caller.call(message, message_body(message, datetime.now(UTC)))

    async def look_up(self, sent: Sent) -> Answer:
        """What `status_url` says; unknown without one."""
        return await self._caller.ask(sent)


def open_channel(settings: Mapping[str, Any], installation: Installation, store: Store | None = None) -> Channel:
    """The channel of these settings. Refusal if they are unfit."""
    found = settings_of(settings, installation, str(settings.get("carries", "webhook")))
    carries = found.choice("carries", "", CARRIED)
    webhook = read_webhook(found)
    found.done()
    return WebhookChannel(carries, webhook)
