"""What every route works with."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, cast

from fastapi import Request

from arrears.dispatch.inbox import Inbox
from arrears.dispatch.rules import Rules, rules_of
from arrears.dispatch.sorting import sort_text
from arrears.installation import Installation
from arrears.store.connect import Store
from arrears.store.personal import Personal
from arrears.web.identity_settings import sign_in_settings
from arrears.web.limits import (
    ASKED_EACH,
    ASKED_TOGETHER,
    CODES_EACH,
    CODES_TOGETHER,
    TRIES_EACH,
    TRIES_TOGETHER,
    LookUps,
)
from arrears.web.tokens import Token

if TYPE_CHECKING:
    from arrears.web.code_sender import CodeSender
    from arrears.web.provider import ProviderClient


@dataclass(frozen=True)
class Served:
    """The installation, its open store, the clock, the API's tokens, and the look-ups and answers given so far."""

    installation: Installation
    store: Store
    personal: Personal
    now: Callable[[], datetime]
    tokens: Sequence[Token]
    look_ups: LookUps
    answers: LookUps = field(default_factory=LookUps)
    #: It listens on this machine alone (`web.cookies`).
    loopback: bool = False
    codes_asked: LookUps = field(default_factory=lambda: LookUps(CODES_EACH, CODES_TOGETHER))
    codes_tried: LookUps = field(default_factory=lambda: LookUps(TRIES_EACH, TRIES_TOGETHER))
    asked: LookUps = field(default_factory=lambda: LookUps(ASKED_EACH, ASKED_TOGETHER))
    _inboxes: list[Inbox] = field(default_factory=list)
    _senders: list[CodeSender] = field(default_factory=list)
    _providers: list[ProviderClient] = field(default_factory=list)

    @cached_property
    def rules(self) -> Rules:
        """Who asks the law, and the ladders by name, as the installation says; terms are read from the store each time."""
        return rules_of(self.installation, {})

    def inbox(self) -> Inbox:
        """Makes durable what comes back; one for the event loop that asks first."""
        if not self._inboxes:
            clock = lambda connection: self.now()  # noqa: E731 - the service's own, which a test may set
            self._inboxes.append(Inbox(self.store, self.personal, lambda text: sort_text(text).kind, clock))
        return self._inboxes[0]

    def code_sender(self) -> CodeSender:
        """Sends sign-in codes; one for the event loop that asks first."""
        from arrears.web.code_sender import CodeSender

        if not self._senders:
            self._senders.append(CodeSender(self.installation, self.store, self.personal))
        return self._senders[0]

    def provider(self) -> ProviderClient | None:
        """The OpenID Connect provider of staff, with what is known of it; None where none is set up."""
        from arrears.web.provider import ProviderClient

        told = sign_in_settings(self.installation).provider
        if told is not None and not self._providers:
            self._providers.append(ProviderClient(told))
        return self._providers[0] if told is not None else None

    async def close(self) -> None:
        """Finish what was handed in and what is being sent."""
        for sender in self._senders:
            await sender.close()
        for inbox in self._inboxes:
            await inbox.close()


def served_by(request: Request) -> Served:
    """What the application of a request works with."""
    return cast(Served, request.app.state.served)
