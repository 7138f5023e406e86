"""A channel whose work people carry: it answers workers that nothing is handed over here."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from arrears.dispatch.channel import Answer, Message, NotHandedOver, Record, Sent


class CarriedChannel:
    """`call`, `voicebot` or `visit` as a `Channel`. `carried_by_people`: workers leave its rows of the outbox alone."""

    carried_by_people = True
    per_second = 1.0
    window = 1

    def __init__(self, name: str) -> None:
        self.name = name

    async def open(self, record: Record) -> None:
        """Nothing to connect to."""

    async def close(self) -> None:
        """Nothing to disconnect."""

    async def hand_over(self, message: Message) -> Awaitable[Answer]:
        """Never: people take this work from its queue."""
        raise NotHandedOver(f"{self.name} is carried by people")

    async def look_up(self, sent: Sent) -> Answer:
        """Only the person who took it knows; an outcome that is never told is counted when its lease ends."""
        return Answer("unknown", detail="carried by people")


def whole(
    settings: Mapping[str, Any], name: str, default: int, unfit: Callable[[str, str], Exception], most: int = 100_000
) -> int:
    """A whole number of 1 or more among settings."""
    found = settings.get(name, default)
    if isinstance(found, bool) or not isinstance(found, int) or not 1 <= found <= most:
        raise unfit(name, f"must be a whole number from 1 to {most}")
    return found
