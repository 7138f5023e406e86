"""Messages under way: what the parts of one were answered, and which message an id of the SMSC belongs to.

All of it is memory of this process, bounded; after a restart the ids that the store keeps are what is left.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import Literal

from smpp34 import RawPdu

from arrears.dispatch.channel import Answer
from arrears.dispatch.channels import smpp_wire as wire
from arrears.dispatch.channels.smpp_answers import answer_of, together
from arrears.dispatch.receipts import plain_id, same_ids

#: Messages whose parts and ids are remembered, for receipts and for answers that come late.
REMEMBERED = 20_000

Outcome = Literal["delivered", "failed"]


@dataclass(slots=True, eq=False)
class Flight:
    """One attempt on its way: `answers` and `outcomes` by part (None: not yet). `to`: the number as the SMSC has it."""

    attempt_id: str
    to: str
    parts: int
    answer: asyncio.Future[Answer]
    on_answer: Callable[[Flight, Answer], None]
    answers: list[Answer | None] = field(default_factory=list)
    outcomes: list[Outcome | None] = field(default_factory=list)
    left: int = 0

    def __post_init__(self) -> None:
        self.answers = [None] * self.parts
        self.outcomes = [None] * self.parts
        self.left = self.parts

    def told(self, index: int, pdu: RawPdu | None) -> None:
        """Take the answer to a part; None: it is unknown for now. The message's own answer is given when all parts have one."""
        known = self.answers[index]
        if known is not None and (known.kind != "unknown" or pdu is None):
            return
        found = _read(pdu)
        self.answers[index] = found
        if known is None:
            self.left -= 1
        self.on_answer(self, found)
        if self.left == 0 and not self.answer.done():
            self.answer.set_result(self.together())

    def together(self) -> Answer:
        """The answer of the whole, as far as it is known."""
        return together([found or Answer("unknown", detail="no answer yet") for found in self.answers])

    def receipt(self, ref: str, outcome: Outcome) -> Outcome | None:
        """Take a receipt for one part: failed as soon as one part has, delivered when all are, else None."""
        for index, found in enumerate(self.answers):
            if found and found.provider_ref and plain_id(found.provider_ref) in same_ids(ref):
                self.outcomes[index] = outcome
                break
        if "failed" in self.outcomes:
            return "failed"
        return "delivered" if all(done == "delivered" for done in self.outcomes) else None


def _read(pdu: RawPdu | None) -> Answer:
    if pdu is None:
        return Answer("unknown", detail="no answer")
    if pdu.command_id == wire.SUBMIT_SM | wire.ANSWER:
        return answer_of(pdu.command_status, wire.first_string(pdu.body))
    if pdu.command_id == wire.GENERIC_NACK and pdu.command_status in (wire.RINVCMDLEN, wire.RINVCMDID):
        return answer_of(pdu.command_status, "")
    return Answer("unknown", detail="not an answer to a message")


class Flights:
    """The last flights of this process, found by the SMSC's ids and by the attempt."""

    def __init__(self, most: int = REMEMBERED) -> None:
        self._most = most
        self._by_id: OrderedDict[str, Flight] = OrderedDict()
        self._by_attempt: OrderedDict[str, Flight] = OrderedDict()

    def start(self, flight: Flight) -> None:
        """Remember a flight by its attempt."""
        self._by_attempt[flight.attempt_id] = flight
        if len(self._by_attempt) > self._most:
            self._by_attempt.popitem(last=False)

    def named(self, flight: Flight, ref: str) -> None:
        """Remember an id that the SMSC gave to a part of a flight."""
        self._by_id[plain_id(ref)] = flight
        if len(self._by_id) > self._most:
            self._by_id.popitem(last=False)

    def of_attempt(self, attempt_id: str) -> Flight | None:
        """The flight of an attempt, if it is remembered."""
        return self._by_attempt.get(attempt_id)

    def of_receipt(self, ref: str, numbers: Collection[str]) -> Flight | None:
        """The flight that a receipt means: by any form of its id, and only if one of its two numbers is the one written to."""
        plain = {number.lstrip("+") for number in numbers}
        for form in same_ids(ref):
            found = self._by_id.get(form)
            if found is not None and found.to in plain:
                return found
        return None
