"""What every route works with."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import cast

from fastapi import Request

from arrears.dispatch.inbox import Inbox
from arrears.dispatch.sorting import sort_text
from arrears.installation import Installation
from arrears.store.connect import Store
from arrears.store.personal import Personal
from arrears.web.limits import LookUps
from arrears.web.tokens import Token


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
    _inboxes: list[Inbox] = field(default_factory=list)

    def inbox(self) -> Inbox:
        """Makes durable what comes back; one for the event loop that asks first."""
        if not self._inboxes:
            clock = lambda connection: self.now()  # noqa: E731 - the service's own, which a test may set
            self._inboxes.append(Inbox(self.store, self.personal, lambda text: sort_text(text).kind, clock))
        return self._inboxes[0]

    async def close(self) -> None:
        """Finish what was handed in."""
        for inbox in self._inboxes:
            await inbox.close()


def served_by(request: Request) -> Served:
    """What the application of a request works with."""
    return cast(Served, request.app.state.served)
