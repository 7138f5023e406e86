"""Keeps a session with an SMSC bound: connects, binds, and connects again after a pause that grows while it fails."""

from __future__ import annotations

import asyncio
import logging
import random
import ssl
from dataclasses import dataclass

from arrears.dispatch.channels import smpp_wire as wire
from arrears.dispatch.channels.smpp_answers import bind_refusals
from arrears.dispatch.channels.smpp_session import Deliver, Session, Times
from arrears.errors import Refusal, refuse

log = logging.getLogger(__name__)

KINDS = {"transceiver": wire.BIND_TRANSCEIVER, "transmitter": wire.BIND_TRANSMITTER, "receiver": wire.BIND_RECEIVER}


@dataclass(frozen=True)
class Peer:
    """Where the SMSC is and what we are to it. `pauses`: seconds before connecting again, the first and the longest.

    `connecting`: seconds for a connection and its bind.
    """

    host: str
    port: int
    who: wire.Credentials
    window: int
    times: Times
    tls: ssl.SSLContext | None = None
    server_name: str | None = None
    pauses: tuple[float, float] = (0.5, 30.0)
    connecting: float = 10.0


class Link:
    """One bind of a kind of `KINDS`, kept up until it is closed. `session` is the bound session, or None while there is none."""

    def __init__(self, kind: str, peer: Peer, deliver: Deliver) -> None:
        self.kind = kind
        self.session: Session | None = None
        self._peer, self._deliver = peer, deliver
        self._keeping: asyncio.Task[None] | None = None
        self._up = asyncio.Event()

    async def open(self) -> None:
        """Bind and keep bound. Refusal if the SMSC does not know us, or we not it; one that cannot be reached now is tried again and again."""
        try:
            self.session = await self._bound()
            self._up.set()
        except OSError as error:
            log.warning("%s: no connection yet (%s)", self.kind, type(error).__name__)
        self._keeping = asyncio.create_task(self._keep())

    async def close(self) -> None:
        """End the session and do not come back."""
        if self._keeping is not None:
            self._keeping.cancel()
            await asyncio.gather(self._keeping, return_exceptions=True)
        session, self.session = self.session, None
        self._up.clear()
        if session is not None:
            await session.close()

    async def up(self) -> Session:
        """The bound session, as soon as there is one."""
        while self.session is None:
            await self._up.wait()
        return self.session

    async def _keep(self) -> None:
        first, longest = self._peer.pauses
        pause = first
        while True:
            if self.session is not None:
                await asyncio.shield(self.session.ended)
                self.session = None
                self._up.clear()
                log.warning("%s: the session has ended", self.kind)
                pause = first
            await asyncio.sleep(pause * (0.5 + random.random() / 2))
            pause = min(pause * 2, longest)
            try:
                self.session = await self._bound()
                self._up.set()
                log.info("%s: bound again", self.kind)
            except (OSError, Refusal) as error:
                log.warning("%s: still no session (%s)", self.kind, type(error).__name__)

    async def _bound(self) -> Session:
        """A bound session. OSError if none can be had now, Refusal if the SMSC refuses what we are."""
        peer, session = self._peer, Session(self._peer.window, self._peer.times, self._deliver)
        loop = asyncio.get_running_loop()
        name = (peer.server_name or peer.host) if peer.tls else None
        try:
            async with asyncio.timeout(peer.connecting):
                await loop.create_connection(lambda: session, peer.host, peer.port, ssl=peer.tls, server_hostname=name)
                answer = await session.bind(KINDS[self.kind], peer.who)
        except ssl.SSLCertVerificationError as error:
            raise refuse("sms", f"the SMSC's certificate is not trusted: {error.verify_message}", field="channels.sms.tls",
                         exit_code=2, todo="check ca_file and server_name") from None  # fmt: skip
        except BaseException:
            session.drop()
            raise
        if answer is not None and session.bound:
            return session
        session.drop()
        status = answer.command_status if answer is not None else None
        if status in bind_refusals():
            raise refuse("sms", f"the SMSC refuses the bind ({bind_refusals()[status]})", field="channels.sms", exit_code=2,
                         todo="check system_id, password and system_type")  # fmt: skip
        raise ConnectionError(f"the bind was answered with {status}")
