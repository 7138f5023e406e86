"""One signed call over HTTP, and the one question that counts: can the receiver have the message already?

httpcore tells each step of a request (its `trace` extension). Before the first byte of the request is written, nothing has left; from
then on only an answer can say what became of it.
"""

from __future__ import annotations

import asyncio
import email.utils
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Protocol
from urllib.parse import quote

import httpx

from arrears.dispatch.channel import Answer, NotHandedOver
from arrears.dispatch.channels.webhook_settings import Webhook
from arrears.dispatch.channels.webhook_signature import signed_headers

MOST_ANSWER_BYTES = 64 << 10
MOST_REF = 200
MOST_RETRY_SECONDS = 86_400.0


class Named(Protocol):
    """A message or an attempt: `key` is the same for every attempt at one piece of work, and so the webhook-id."""

    @property
    def key(self) -> str:
        """The idempotency key of the work."""

    @property
    def attempt_id(self) -> str:
        """The name of the attempt."""


@dataclass
class Progress:
    """How far a request has come. `begun`: its first byte may be gone. `left`: all of it was handed to the network."""

    begun: bool = False
    left: asyncio.Event = field(default_factory=asyncio.Event)

    async def trace(self, step: str, _: Mapping[str, Any]) -> None:
        """What httpcore calls at each step."""
        if step.endswith("send_request_headers.started"):
            self.begun = True
        elif step.endswith("send_request_body.complete"):
            self.left.set()


@dataclass(frozen=True)
class Reply:
    """An answer of the receiver: its status, headers, and the object in its body ({} where there is none)."""

    status: int
    headers: Mapping[str, str]
    body: Mapping[str, Any]


def open_client(webhook: Webhook) -> httpx.AsyncClient:
    """A client that follows no redirect, reads no environment, and keeps no connection long enough to find it closed by the peer."""
    return httpx.AsyncClient(
        verify=webhook.context,
        trust_env=False,
        follow_redirects=False,
        timeout=httpx.Timeout(webhook.seconds, connect=webhook.connect_seconds),
        limits=httpx.Limits(
            max_connections=webhook.window, max_keepalive_connections=webhook.window, keepalive_expiry=2
        ),
        headers={"User-Agent": "arrears", "Accept": "application/json", "Accept-Encoding": "identity"},
    )


async def post(client: httpx.AsyncClient, webhook: Webhook, one: Named, body: bytes, progress: Progress) -> Answer:
    """Call once. NotHandedOver where surely nothing left; every other failure is an Answer."""
    headers = {"Content-Type": "application/json", **signed_headers(webhook.keys, one.key, body, datetime.now(UTC))}
    request = client.build_request(
        "POST", webhook.url, content=body, headers=headers, extensions={"trace": progress.trace}
    )
    try:
        reply = await _exchange(client, request, webhook.seconds)
    except (httpx.HTTPError, httpx.InvalidURL, TimeoutError, OSError) as error:
        if not progress.begun:
            raise NotHandedOver(type(error).__name__) from error
        return _perhaps(webhook, one.attempt_id, type(error).__name__)
    return answer_to(reply, webhook, one.attempt_id)


async def ask_status(client: httpx.AsyncClient, webhook: Webhook, one: Named) -> Answer:
    """What the receiver says of an attempt at its status address; unknown where it says nothing that can be read."""
    if webhook.status_url is None:
        return Answer("unknown", detail="no status_url")
    url = webhook.status_url.replace("{key}", quote(one.key, safe="")).replace(
        "{attempt_id}", quote(one.attempt_id, safe="")
    )
    headers = signed_headers(webhook.keys, one.key, b"", datetime.now(UTC))
    try:
        reply = await _exchange(client, client.build_request("GET", url, headers=headers), webhook.seconds)
    except (httpx.HTTPError, httpx.InvalidURL, TimeoutError, OSError) as error:
        return Answer("unknown", detail=f"status: {type(error).__name__}")
    if reply.status != 200:
        return Answer("unknown", detail=f"status: http {reply.status}")
    kinds = {"accepted": "accepted", "delivered": "accepted", "refused": "refused", "not_received": "later"}
    kind = kinds.get(str(reply.body.get("status")), "unknown")
    return Answer(kind, provider_ref=_ref(reply, one.attempt_id), detail=f"status: {kind}")  # type: ignore[arg-type]


def answer_to(reply: Reply, webhook: Webhook, attempt_id: str) -> Answer:
    """The answer that a status means."""
    status, detail = reply.status, f"http {reply.status}"
    if 200 <= status < 300 or status == 409:  # 409: it has this id already
        return Answer("accepted", provider_ref=_ref(reply, attempt_id), detail=detail)
    wait = retry_after(reply.headers.get("retry-after"), datetime.now(UTC))
    if status in (408, 425, 429) or (status == 503 and wait is not None):
        return Answer("later", detail=detail, retry_after=wait)
    if 300 <= status < 500:
        return Answer("refused", detail=detail)
    return _perhaps(webhook, attempt_id, detail, wait)


def retry_after(value: str | None, now: datetime) -> float | None:
    """The seconds in a Retry-After header (a number, or a date), at most a day; None where it says nothing that can be read."""
    if value is None:
        return None
    try:
        seconds = (
            float(value)
            if value.strip().isdigit()
            else (email.utils.parsedate_to_datetime(value) - now).total_seconds()
        )
    except (ValueError, TypeError):
        return None
    return min(max(seconds, 0.0), MOST_RETRY_SECONDS)


def _perhaps(webhook: Webhook, attempt_id: str, detail: str, wait: float | None = None) -> Answer:
    """It may have the message. Offering it again is safe only with a receiver that takes the same id once."""
    if webhook.idempotent:
        return Answer("later", detail=detail, retry_after=wait)
    return Answer("unknown", provider_ref=attempt_id, detail=detail)


async def _exchange(client: httpx.AsyncClient, request: httpx.Request, seconds: float) -> Reply:
    async with asyncio.timeout(seconds):
        response = await client.send(request, stream=True)
        try:
            return Reply(response.status_code, response.headers, await _object_in(response))
        finally:
            await response.aclose()


async def _object_in(response: httpx.Response) -> Mapping[str, Any]:
    """The JSON object in an answer; {} where it is something else, too long, or breaks off: the status has said what counts."""
    content = bytearray()
    try:
        async for piece in response.aiter_raw():
            content += piece
            if len(content) > MOST_ANSWER_BYTES:
                return {}
        found = json.loads(content)
    except (httpx.HTTPError, ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _ref(reply: Reply, attempt_id: str) -> str:
    """The receiver's own id of the message if it names one, else the id that it was called with."""
    named = reply.body.get("id")
    fit = isinstance(named, str) and 0 < len(named) <= MOST_REF and named.isprintable()
    return str(named) if fit else attempt_id
