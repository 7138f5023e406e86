"""SMS over SMPP 3.4: texts handed to an SMSC, its answers and receipts, and what people write back.

The session is ours (`smpp_session`), the PDU codec is smpp34's (`smpp_wire`); docs/decisions/0004 says why.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import Any

from smpp34 import DeliverSm, SubmitSm, Tlv

from arrears.dispatch.channel import Answer, Message, NotHandedOver, Record, Returned, Sent
from arrears.dispatch.channels import smpp_wire as wire
from arrears.dispatch.channels import sms_text
from arrears.dispatch.channels.smpp_answers import NO_ID, asks_slower, states, together
from arrears.dispatch.channels.smpp_flight import Flight, Flights
from arrears.dispatch.channels.smpp_inbound import LongTexts, receipt_of, sender_of, text_of
from arrears.dispatch.channels.smpp_link import Link
from arrears.dispatch.channels.smpp_pace import Pace
from arrears.dispatch.channels.smpp_session import Session
from arrears.dispatch.channels.sms_settings import SmsSettings, read_settings
from arrears.dispatch.receipts import Receipt
from arrears.installation import Installation

log = logging.getLogger(__name__)

#: Digits of a number (E.164).
LONGEST_NUMBER = 15


def open_channel(settings: Mapping[str, Any], installation: Installation, store: object | None = None) -> Sms:
    """The channel for `channels: sms:` of an installation, not yet connected. Refusal if the settings are unfit."""
    return Sms(read_settings(settings, installation.path))


class Sms:
    """The SMS channel (`dispatch.channel.Channel`). `per_second` falls while the SMSC throttles, and comes back by itself."""

    name = "sms"

    def __init__(self, settings: SmsSettings) -> None:
        self.per_second = settings.per_second
        self.window = settings.peer.window
        self._settings = settings
        self._pace = Pace(settings.per_second)
        self._flights = Flights()
        self._long_texts = LongTexts(lambda: datetime.now(UTC))
        self._reference = random.randrange(256)
        kinds = ("transmitter", "receiver") if settings.separate else ("transceiver",)
        self._links = [Link(kind, settings.peer, self._deliver) for kind in kinds]
        self._record: Record | None = None

    # --- connecting -----------------------------------------------------------------------------------------

    async def open(self, record: Record) -> None:
        """Bind. Refusal if the SMSC refuses who we are; one that cannot be reached now is tried again in the background."""
        self._record = record
        try:
            for link in self._links:
                await link.open()
        except BaseException:
            await self.close()
            raise

    async def close(self) -> None:
        """Take no more, wait shortly for answers under way, unbind, disconnect."""
        await asyncio.gather(*(link.close() for link in self._links))
        self._long_texts.close()

    async def bound(self) -> None:
        """Wait until every session is bound."""
        for link in self._links:
            await link.up()

    # --- sending --------------------------------------------------------------------------------------------

    async def hand_over(self, message: Message) -> Awaitable[Answer]:
        """Send all parts of a message together once the window holds them; the answer is to be awaited. NotHandedOver if not bound.

        What cannot be sent at all (not a number, too many parts, half a character) is answered `refused` at once.
        """
        answer: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        to = message.to.lstrip("+")
        if not (to.isascii() and to.isdigit() and len(to) <= LONGEST_NUMBER):
            answer.set_result(Answer("refused", detail="not a number"))
            return answer
        try:
            submits = self._submits(message, to)
        except UnicodeError:
            answer.set_result(Answer("refused", detail="text not encodable"))
            return answer
        if not submits:
            answer.set_result(Answer("refused", detail=f"longer than {self._settings.most_parts} parts"))
            return answer
        flight = Flight(message.attempt_id, to, len(submits), answer, self._answered)
        requests = [(pdu, partial(flight.told, index)) for index, pdu in enumerate(submits)]
        self._flights.start(flight)
        try:
            await self._sending().submit(requests)
        except ConnectionError as error:
            raise NotHandedOver(str(error)) from None
        return answer

    def _sending(self) -> Session:
        """The session that messages go by. ConnectionError if there is none now."""
        session = self._links[0].session
        if session is None:
            raise ConnectionError("not connected to the SMSC")
        return session

    def _submits(self, message: Message, to: str) -> Sequence[partial[bytes]]:
        """What makes the submit_sm of each part, given its sequence number; empty if there are too many."""
        text = message.words.text
        alphabet = "ucs2" if self._settings.always_ucs2 else sms_text.alphabet_of(text)
        parts = sms_text.split(text, alphabet)
        if len(parts) > self._settings.most_parts:
            return []
        common = self._common(message, to, alphabet)
        if len(parts) == 1:
            return [partial(_submit, common, parts[0])]
        if self._settings.payload:
            return [partial(_submit, common | {"tlvs": [Tlv(wire.TAG_MESSAGE_PAYLOAD, b"".join(parts))]}, b"")]
        self._reference = (self._reference + 1) % 256
        return [
            partial(_submit, common | {"esm_class": 0x40}, part) for part in sms_text.headed(parts, self._reference)
        ]

    def _common(self, message: Message, to: str, alphabet: sms_text.Alphabet) -> dict[str, Any]:
        settings, sender = self._settings, self._settings.sender
        until = message.not_after if settings.validity else None
        return {
            "source_addr": sender.address,
            "source_addr_ton": sender.ton,
            "source_addr_npi": sender.npi,
            "destination_addr": to,
            "dest_addr_ton": sender.dest_ton,
            "dest_addr_npi": sender.dest_npi,
            "service_type": settings.service_type,
            "registered_delivery": settings.registered_delivery,
            "data_coding": settings.ucs2_data_coding if alphabet == "ucs2" else settings.gsm_data_coding,
            # An SMSC that could not deliver in time must not do so in the night (SMPP 3.4, 7.1.1: absolute, UTC).
            "validity_period": until.astimezone(UTC).strftime("%y%m%d%H%M%S000+") if until else "",
        }

    def _answered(self, flight: Flight, answer: Answer) -> None:
        now_s = asyncio.get_running_loop().time()
        if asks_slower(answer):
            self.per_second = self._pace.slower(now_s)
        elif self.per_second < self._settings.per_second:
            self.per_second = self._pace.at(now_s)
        if answer.provider_ref:
            self._flights.named(flight, answer.provider_ref)

    # --- looking up -----------------------------------------------------------------------------------------

    async def look_up(self, sent: Sent) -> Answer:
        """By what this process heard late, else by query_sm of the provider's ids. Without an id nobody can say: unknown."""
        flight = self._flights.of_attempt(sent.attempt_id)
        if flight is not None and flight.left == 0 and flight.together().kind != "unknown":
            return flight.together()
        if sent.provider_ref is None:
            return Answer("unknown", detail="no id to ask for")
        try:
            parts = [await self._queried(ref) for ref in sent.provider_ref.split(",")]
        except ConnectionError:
            return Answer("unknown", provider_ref=sent.provider_ref, detail="not connected")
        return replace(together(parts), provider_ref=sent.provider_ref)

    async def _queried(self, ref: str) -> Answer:
        if ref == NO_ID:
            return Answer("unknown", detail="the id of a part is not known")
        sender = self._settings.sender
        answer = await self._sending().ask(
            lambda number: wire.query_sm(number, ref, sender.ton, sender.npi, sender.address)
        )
        if answer is None or answer.command_id != wire.QUERY_SM | wire.ANSWER or answer.command_status != wire.ROK:
            status = f"status 0x{answer.command_status:08x}" if answer is not None else "no answer"
            return Answer("unknown", provider_ref=ref, detail=f"query_sm: {status}")
        state = states().get(wire.queried_state(answer.body) or 0)
        if state is None or state.taken is None:
            return Answer("unknown", provider_ref=ref, detail="query_sm: state unknown")
        return Answer("accepted" if state.taken else "refused", provider_ref=ref, detail=state.word)

    # --- what comes back ------------------------------------------------------------------------------------

    async def _deliver(self, pdu: DeliverSm) -> int:
        """Make a deliver_sm durable; the status to answer it with. Raises what the record raised."""
        assert self._record is not None
        receipt = receipt_of(pdu)
        if receipt is not None:
            await self._receipt(pdu, receipt, self._record)
            return wire.ROK
        place, text = text_of(pdu)
        if place is not None and text is not None:
            await self._long_texts.take(pdu, place, text, self._record)
            return wire.ROK
        detail = "" if text is not None else "not text"
        await self._record(
            Returned("inbound", self.name, datetime.now(UTC), sender=sender_of(pdu), text=text or "", detail=detail)
        )
        return wire.ROK

    async def _receipt(self, pdu: DeliverSm, receipt: Receipt, record: Record) -> None:
        outcome = receipt.outcome
        if receipt.ref is None or outcome is None:
            log.info("a receipt without an end (%s) is passed over", receipt.detail)
            return
        flight = self._flights.of_receipt(receipt.ref, (pdu.source_addr, pdu.destination_addr))
        if flight is not None:
            outcome = flight.receipt(receipt.ref, outcome)
            if outcome is None:
                return
        await record(
            Returned(
                "receipt", self.name, datetime.now(UTC), provider_ref=receipt.ref, outcome=outcome, detail=receipt.detail,
                attempt_id=flight.attempt_id if flight else None, sender=sender_of(pdu),
            )
        )  # fmt: skip


def _submit(common: Mapping[str, Any], octets: bytes, sequence: int) -> bytes:
    return SubmitSm(**common, short_message=octets, sequence_number=sequence).encode()
