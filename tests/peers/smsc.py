"""A stand-in for an SMSC: it speaks SMPP 3.4 by smpp.twisted3, a codebase that shares nothing with ours, and reaches no phone.

The tests run it in a thread and tell it how to answer. The demo and the soak run it as a process, with faults by chance:
`python -m tests.peers.smsc --port 2775 --journal accepted.jsonl --errors 0.1 --receipts`.
What it accepts stands in the journal before it is acknowledged.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any, ClassVar

from smpp.pdu import operations, pdu_encoding
from smpp.pdu.error import SMPPTransactionError
from smpp.pdu.pdu_types import (
    AddrNpi,
    AddrTon,
    CommandStatus,
    MessageState,
    PDURequest,
    PriorityFlag,
    ReplaceIfPresentFlag,
)
from smpp.twisted.config import SMPPServerConfig
from smpp.twisted.protocol import DataHandlerResponse, SMPPServerProtocol
from smpp.twisted.server import SMPPServerFactory
from twisted.cred.error import UnauthorizedLogin
from twisted.internet import defer, reactor

from tests.peers.journal import Journal

_DATA_CODING = pdu_encoding.DataCodingEncoder()
_ESM_CLASS = pdu_encoding.EsmClassEncoder()
_RECEIPT = pdu_encoding.RegisteredDeliveryEncoder()
#: Seconds until a receipt is sent again that was not taken.
AGAIN_S = 0.5
#: Seconds from the answer to the receipt.
RECEIPT_S = 0.05


@dataclass(frozen=True)
class Submitted:
    """One submit_sm as it came. `octets`: the message field, or the message_payload where that is empty. `number` counts from 1."""

    number: int
    message_id: str
    source: str
    to: str
    octets: bytes
    data_coding: int
    esm_class: int
    registered: int
    validity: Any
    payload: bool


@dataclass(frozen=True)
class Reply:
    """How to answer. `after`: seconds, None: not before `release`. `times`: how often. `drop`: break the connection instead."""

    status: str = "ESME_ROK"
    after: float | None = 0.0
    times: int = 1
    drop: bool = False
    message_id: str | None = None


class Protocol(SMPPServerProtocol):  # type: ignore[misc]
    """The library's session, with the tests' wishes."""

    def PDUReceived(self, pdu: Any) -> None:
        # The library's own encodes every PDU that came once more, for its debug log.
        self.onSMPPOperation()
        if isinstance(pdu, PDURequest):
            self.PDURequestReceived(pdu)
        else:
            self.PDUResponseReceived(pdu)

    def onPDURequest_enquire_link(self, pdu: Any) -> None:
        self.factory.smsc.note("enquired")
        if not self.factory.smsc.deaf:
            super().onPDURequest_enquire_link(pdu)

    def onPDURequest_unbind(self, pdu: Any) -> None:
        self.factory.smsc.note("unbinds")
        super().onPDURequest_unbind(pdu)


@dataclass
class Smsc:
    """The SMSC. `plan` answers each message; `accepted` and `max_open` are what came and how many waited for an answer at once."""

    plan: Callable[[Submitted], Reply] = lambda submitted: Reply()
    password: str = "secret"
    journal: Journal | None = None
    receipts: bool = False
    keep: bool = True
    deaf: bool = False
    submitted: list[Submitted] = field(default_factory=list)
    states: dict[str, str] = field(default_factory=dict)
    max_open: int = 0
    binds: int = 0
    unbinds: int = 0
    enquired: int = 0
    count: int = 0
    port: int = 0

    protocol: ClassVar[type[Protocol]] = Protocol

    def __post_init__(self) -> None:
        self._changed = threading.Condition()
        self._held: list[Callable[[], None]] = []
        self.started = f"{time.time_ns():x}"
        if self.journal is not None:
            self.states = {line["id"]: "DELIVERED" if self.receipts else "ENROUTE" for line in self.journal.lines()}

    # --- its life (reactor's thread) ------------------------------------------------------------------------

    def listen(self, port: int = 0) -> int:
        """Start to listen on 127.0.0.1; the port."""
        config = SMPPServerConfig(
            systems={"arrears": {"max_bindings": 1_000}}, msgHandler=self._handle, enquireLinkTimerSecs=0, inactivityTimerSecs=0
        )  # fmt: skip
        self._factory = SMPPServerFactory(config, self)
        self._factory.protocol = self.protocol
        self._factory.smsc = self
        self._listening = reactor.listenTCP(port, self._factory, interface="127.0.0.1")
        self.port = self._listening.getHost().port
        return self.port

    def login(self, who: Any, *_: Any) -> tuple[None, None, None]:
        """The library asks whether a bind may be."""
        if who.username != "arrears" or who.password != self.password:
            raise UnauthorizedLogin()
        self.note("binds")
        return None, None, None

    def drop(self) -> None:
        """Break every connection without a word."""
        for bound in list(self._factory.getBoundConnections("arrears") or ()):
            bound.transport.abortConnection()

    def stop(self) -> Any:
        """Stop listening and break every connection."""
        self.drop()
        return self._listening.stopListening()

    def release(self) -> None:
        """Answer all that was held back."""
        held, self._held = self._held, []
        for answer in held:
            answer()

    # --- what comes -----------------------------------------------------------------------------------------

    def _handle(self, system_id: str, smpp: Any, pdu: Any) -> Any:
        if isinstance(pdu, operations.QuerySM):
            return self._query(pdu)
        answered = defer.Deferred()

        def answer(status: str, message_id: str) -> None:
            params = {"message_id": message_id} if status == "ESME_ROK" else {}
            if answered.called:
                smpp.sendResponse(pdu, CommandStatus[status], **params)
            else:
                answered.callback(DataHandlerResponse(CommandStatus[status], **params))

        self.take(smpp, self._read(pdu), len(smpp.inTxns), answer)
        return answered

    def take(self, smpp: Any, submitted: Submitted, under_way: int, answer: Callable[[str, str], None]) -> None:
        with self._changed:
            if self.keep:
                self.submitted.append(submitted)
            self.max_open = max(self.max_open, under_way)
            self._changed.notify_all()
        reply = self.plan(submitted)
        if reply.drop:
            smpp.transport.abortConnection()
        elif reply.status != "ESME_ROK":
            self._in_time(reply, lambda: answer(reply.status, ""))
        else:
            self._accept(submitted, lambda: self._in_time(reply, lambda: self._accepted(submitted, reply, answer)))

    def _accepted(self, submitted: Submitted, reply: Reply, answer: Callable[[str, str], None]) -> None:
        for _ in range(reply.times):
            answer("ESME_ROK", submitted.message_id if reply.message_id is None else reply.message_id)
        if self.receipts and submitted.registered:
            reactor.callLater(RECEIPT_S, self.receipt, submitted)

    def _in_time(self, reply: Reply, act: Callable[[], None]) -> None:
        if reply.after is None:
            self._held.append(act)
        elif reply.after:
            reactor.callLater(reply.after, act)
        else:
            act()

    def _read(self, pdu: Any) -> Submitted:
        p = pdu.params
        self.count += 1
        return Submitted(
            self.count, f"{self.started}{self.count:x}", p["source_addr"].decode(), p["destination_addr"].decode(),
            p["short_message"] or p.get("message_payload", b""), _DATA_CODING.encode(p["data_coding"])[0],
            _ESM_CLASS.encode(p["esm_class"])[0], _RECEIPT.encode(p["registered_delivery"])[0], p["validity_period"],
            "message_payload" in p,
        )  # fmt: skip

    def _accept(self, submitted: Submitted, durable: Callable[[], None]) -> None:
        self.states[submitted.message_id] = "ENROUTE"
        if self.journal is None:
            durable()
            return
        line = {
            "id": submitted.message_id, "at": time.time(), "arrived_at": time.monotonic_ns(), "from": submitted.source, "to": submitted.to,
            "octets": submitted.octets.hex(), "data_coding": submitted.data_coding, "esm_class": submitted.esm_class,
        }  # fmt: skip
        self.journal.add(line, durable)

    def _query(self, pdu: Any) -> Any:
        message_id = pdu.params["message_id"].decode()
        status = CommandStatus.ESME_ROK if message_id in self.states else CommandStatus.ESME_RINVMSGID
        state = MessageState[self.states.get(message_id, "UNKNOWN")]
        return DataHandlerResponse(status, message_id=message_id, final_date=None, message_state=state, error_code=0)

    # --- what it sends by itself ----------------------------------------------------------------------------

    def receipt(self, submitted: Submitted) -> None:
        """Say that a message was delivered, until it is taken."""
        self.states[submitted.message_id] = "DELIVERED"
        sent = self.deliver_now(submitted.to, receipt_text(submitted), esm_class=0x04)
        sent.addCallback(
            lambda status: None if status == "ESME_ROK" else reactor.callLater(AGAIN_S, self.receipt, submitted)
        )

    def receiver(self) -> Any:
        """The session whose turn it is to receive, or None."""
        bound = self._factory.getBoundConnections("arrears")
        return bound.getNextBindingForDelivery() if bound else None

    def deliver_now(self, source: str, octets: bytes, esm_class: int = 0, data_coding: int = 0, **tlvs: Any) -> Any:
        """A deliver_sm to whoever is bound to receive: a Deferred of the status that it is answered with, by name."""
        session = self.receiver()
        if session is None:
            return defer.succeed("nobody bound")
        pdu = operations.DeliverSM(
            service_type="", source_addr_ton=AddrTon.INTERNATIONAL, source_addr_npi=AddrNpi.ISDN, source_addr=source,
            dest_addr_ton=AddrTon.UNKNOWN, dest_addr_npi=AddrNpi.UNKNOWN, destination_addr="10690000",
            esm_class=_ESM_CLASS.decode(BytesIO(bytes([esm_class]))), protocol_id=0, priority_flag=PriorityFlag.LEVEL_0,
            schedule_delivery_time=None, validity_period=None, registered_delivery=_RECEIPT.decode(BytesIO(b"\0")),
            replace_if_present_flag=ReplaceIfPresentFlag.DO_NOT_REPLACE,
            data_coding=_DATA_CODING.decode(BytesIO(bytes([data_coding]))), sm_default_msg_id=0, short_message=octets, **tlvs,
        )  # fmt: skip
        sent = session.sendDataRequest(pdu)
        sent.addCallback(lambda result: result.response.status.name)
        return sent.addErrback(_status_of)

    # --- from the tests' thread -----------------------------------------------------------------------------

    def deliver(self, source: str, octets: bytes, **more: Any) -> Future[str]:
        """`deliver_now` from another thread."""
        found: Future[str] = Future()
        reactor.callFromThread(lambda: self.deliver_now(source, octets, **more).addBoth(found.set_result))
        return found

    def note(self, name: str) -> None:
        """Count one more of something."""
        with self._changed:
            setattr(self, name, getattr(self, name) + 1)
            self._changed.notify_all()

    def until(self, true: Callable[[], bool], seconds: float = 20.0) -> None:
        """Wait until something is true of what came. TimeoutError if it never is."""
        with self._changed:
            if not self._changed.wait_for(true, seconds):
                raise TimeoutError("the SMSC never saw it")


def receipt_text(submitted: Submitted) -> bytes:
    """The text of a receipt for a delivered message (SMPP 3.4, appendix B)."""
    return f"id:{submitted.message_id} sub:001 dlvrd:001 submit date:2601010000 done date:2601010000 stat:DELIVRD err:000 text:".encode()


def _status_of(failure: Any) -> str:
    if failure.check(SMPPTransactionError):
        return str(failure.value.response.status.name)
    return type(failure.value).__name__


if __name__ == "__main__":
    from tests.peers.smsc_command import main

    main()
