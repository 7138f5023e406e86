"""The settings of a webhook: where it calls, with which secrets, and what its receiver promises."""

from __future__ import annotations

import ssl
from dataclasses import dataclass

from arrears.dispatch.channels.settings import Settings
from arrears.dispatch.channels.webhook_signature import key_of

MOST_SECRETS = 5


@dataclass(frozen=True)
class Webhook:
    """`keys`: the newest first; every call is signed with all. `idempotent`: the receiver takes the same webhook-id once only, by its word.

    `status_url` holds `{key}` or `{attempt_id}`; None: it cannot be asked. `seconds` bounds one whole call, `connect_seconds` its beginning.
    """

    url: str
    keys: tuple[bytes, ...]
    idempotent: bool
    status_url: str | None
    context: ssl.SSLContext
    seconds: float
    connect_seconds: float
    per_second: float
    window: int


def read_webhook(settings: Settings, idempotent: bool | None = None) -> Webhook:
    """The settings of the call itself; `idempotent` may be settled by the channel. The caller ends with `settings.done()`.

    Refusal for what is missing or unfit.
    """
    status_url: str | None = settings.url("status_url", None)
    if status_url is not None and not any(name in status_url for name in ("{key}", "{attempt_id}")):
        raise settings.refuse("status_url", "must hold {key} or {attempt_id}", "such as https://receiver.example/{key}")
    return Webhook(
        url=settings.url("url"),
        keys=_keys(settings),
        idempotent=settings.flag("idempotent", False) if idempotent is None else idempotent,
        status_url=status_url,
        context=settings.tls_context(),
        seconds=settings.number("seconds", 20, 0.1, 300),
        connect_seconds=settings.number("connect_seconds", 5, 0.1, 60),
        per_second=settings.number("per_second", 20, 0.01, 10_000),
        window=settings.whole("window", 8, 1, 1000),
    )


def _keys(settings: Settings) -> tuple[bytes, ...]:
    keys = []
    for inner in settings.sections_of("secrets"):
        secret = inner.secret("secret")
        inner.done()
        if secret is None:
            raise inner.refuse("secret_env", "or secret_file is missing")
        try:
            keys.append(key_of(secret))
        except ValueError as error:
            raise inner.refuse("secret", str(error), "make one: whsec_ and the base64 of 32 random bytes") from None
    if not 1 <= len(keys) <= MOST_SECRETS:
        raise settings.refuse("secrets", f"must be a list of 1 to {MOST_SECRETS} secrets, the newest first")
    return tuple(keys)
