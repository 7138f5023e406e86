"""What every channel is: it takes a message over, answers what became of it, and hands in what comes back.

A channel never decides whether a message may leave; that was asked again right before. It never sends a second time by itself.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, Protocol

from arrears.notice.words import Words

#: Channels whose work people carry: it is taken from a queue (`dispatch.calls`, `dispatch.rounds`), never handed over by a worker.
CARRIED_BY_PEOPLE = ("call", "voicebot", "visit")

#: accepted: the provider has it. refused: it never will (`detail` says why). later: surely not taken, may be offered again.
#: unknown: nobody can say whether it was taken; it is looked up, never offered again by itself.
AnswerKind = Literal["accepted", "refused", "later", "unknown"]


@dataclass(frozen=True)
class Message:
    """One message on its way. `key`: the idempotency key of its work; `attempt_id` names this one attempt (ASCII, at most 36 characters).

    `to`: number (E.164), mailbox, or postal address as lines of text. `name`: of the person, for address fields; never logged.
    `account_id` and `person_id` are for channels that show the message in pages or files. `facts`: amounts and dates as text.
    """

    key: str
    attempt_id: str
    channel: str
    to: str
    words: Words
    account_id: str
    person_id: str
    name: str | None = None
    not_after: datetime | None = None
    facts: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Answer:
    """What the provider said to one attempt. `provider_ref`: its own id of the message. `retry_after`: seconds, where it named them.

    `detail` is a short code or phrase without personal data.
    """

    kind: AnswerKind
    provider_ref: str | None = None
    detail: str = ""
    retry_after: float | None = None


@dataclass(frozen=True)
class Sent:
    """An attempt whose end is unknown, as the channel needs it to look it up at the provider. `provider_ref` may be missing."""

    key: str
    attempt_id: str
    provider_ref: str | None
    handed_over_at: datetime
    to: str


@dataclass(frozen=True)
class Returned:
    """What came back by itself: a receipt for something sent, or an inbound message.

    kind `receipt`: `outcome` is delivered or failed; `provider_ref` and `attempt_id` as far as known (either may be missing or another
    form of the same id) and `sender`, the number that it is about, where the provider says it. kind `inbound`: `sender` and `text`. kind `bounce`: a mailbox or number that is no good. kind `opt_out`: the
    channel's own way to unsubscribe. `at` is UTC. `number` counts parts of one message where the channel has them.
    """

    kind: Literal["receipt", "inbound", "bounce", "opt_out"]
    channel: str
    at: datetime
    provider_ref: str | None = None
    attempt_id: str | None = None
    outcome: Literal["delivered", "failed"] | None = None
    sender: str | None = None
    text: str | None = None
    detail: str = ""


#: Makes what came back durable; a channel acknowledges it to the provider only when this has returned.
Record = Callable[[Returned], Awaitable[None]]


class NotHandedOver(Exception):
    """Surely nothing of the message left this machine: it may be offered again."""


class Channel(Protocol):
    """One way to reach a person. Methods run in one event loop; none of them blocks it."""

    name: str
    #: The most messages a second that the provider takes, and the most that may wait for its answer at once.
    per_second: float
    window: int

    async def open(self, record: Record) -> None:
        """Connect. Refusal if the settings cannot work."""

    async def close(self) -> None:
        """Take no more, wait shortly for answers under way, disconnect."""

    async def hand_over(self, message: Message) -> Awaitable[Answer]:
        """Give the message to the network; returns when it has left, with the answer still to come.

        Raises NotHandedOver where surely nothing left. Whatever else goes wrong is an Answer of kind unknown.
        """

    async def look_up(self, sent: Sent) -> Answer:
        """What became of an attempt whose answer was lost: accepted, refused, or unknown still. `later` only where the provider is sure that it never had it."""
