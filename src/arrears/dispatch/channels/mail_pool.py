"""Connections to one SMTP server, kept and used again, and the one question that counts at each step: can the message be gone already?

Until the server asks for the message (354), nothing of it has left this machine. Once its last line is on the way and the answer is
lost, nobody can tell; only the answer itself can.
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections import deque

import aiosmtplib
from aiosmtplib import SMTP, SMTPException, SMTPResponse, SMTPResponseException

from arrears.dispatch.channel import Answer, NotHandedOver
from arrears.dispatch.channels.answered import known
from arrears.dispatch.channels.mail_message import Mail
from arrears.dispatch.channels.mail_settings import Server

log = logging.getLogger("arrears.dispatch.channels.email")

#: What the server is asked to report (RFC 3461), by the setting `notify`.
NOTIFY = {"failures": "FAILURE,DELAY", "all": "SUCCESS,FAILURE,DELAY"}
_ENHANCED = re.compile(r"\b([245]\.\d{1,3}\.\d{1,3})\b")
_DOT = re.compile(rb"(?m)^\.")


class Declined(Exception):
    """The server answered a command before the message with no: the answer to the attempt."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.detail)
        self.answer = answer


def answer_to(response: SMTPResponse, step: str, message_id: str | None = None) -> Answer:
    """The answer that a reply code means. `detail`: the step and its codes; the server's words may hold a mailbox and stay out."""
    enhanced = _ENHANCED.search(response.message)
    detail = " ".join(filter(None, (step, str(response.code), enhanced[1] if enhanced else "")))
    if 200 <= response.code < 300:
        return Answer("accepted", provider_ref=message_id, detail=detail)
    if 400 <= response.code < 500:
        return Answer("later", detail=detail)
    if 500 <= response.code < 600:
        return Answer("refused", detail=detail)
    return Answer("unknown", provider_ref=message_id, detail=f"{step} answer unreadable")


class Pool:
    """At most `window` connections. A mail holds one from its first command to the server's last answer."""

    def __init__(self, server: Server, window: int, notify: str) -> None:
        self.server = server
        self.notify = notify
        self.window = window
        self._idle: deque[SMTP] = deque()
        self._room = asyncio.Semaphore(window)
        self._answers: set[asyncio.Task[Answer]] = set()

    async def try_out(self) -> None:
        """Connect once, as each mail would, and keep the connection. Raises what aiosmtplib or ssl raises."""
        self._idle.append(await self._connect())

    async def hand_over(self, mail: Mail) -> asyncio.Future[Answer]:
        """Give `mail` to the server; the answer is still to come. NotHandedOver where nothing of it left."""
        await self._room.acquire()
        try:
            async with asyncio.timeout(self.server.hand_over_seconds):
                client = await self._ready_for_data(mail)
        except TimeoutError as error:
            self._room.release()
            raise NotHandedOver("before DATA: too slow") from error
        except Declined as declined:
            self._room.release()
            return known(declined.answer)
        except BaseException:
            self._room.release()
            raise
        answer = asyncio.ensure_future(self._finish(client, mail))
        self._answers.add(answer)
        answer.add_done_callback(self._answers.discard)
        # its first step is the writing: a task made earlier runs earlier
        await asyncio.sleep(0)
        return answer

    async def close(self, wait_seconds: float = 10) -> None:
        """Wait shortly for answers under way, then say goodbye. What is still open after that becomes unknown."""
        if self._answers:
            await asyncio.wait(self._answers, timeout=wait_seconds)
        for answer in list(self._answers):
            answer.cancel()
        await asyncio.gather(*self._answers, return_exceptions=True)
        while self._idle:
            client = self._idle.pop()
            try:
                await client.quit(timeout=2)
            except (SMTPException, OSError):
                client.close()

    async def _ready_for_data(self, mail: Mail) -> SMTP:
        """A connection whose server now waits for the message itself. Declined, or NotHandedOver."""
        while True:
            kept = self._idle.pop() if self._idle else None
            try:
                client = kept or await self._connect()
            except (SMTPException, OSError, ValueError) as error:  # ValueError: a name that no resolver takes
                raise NotHandedOver(f"connect: {type(error).__name__}") from error
            try:
                await self._envelope(client, mail)
                return client
            except Declined as declined:
                if kept is not None and " 421" in declined.answer.detail:
                    client.close()  # servers end a connection so after a number of mails: no word about this one
                    continue
                await self._keep(client, reset=True)
                raise
            except (SMTPException, OSError, ValueError) as error:
                client.close()
                if kept is None or isinstance(error, TimeoutError):
                    raise NotHandedOver(f"before DATA: {type(error).__name__}") from error
                # a kept connection may have been closed by the server meanwhile: the next one, at last a new one
            except BaseException:
                client.close()
                raise

    async def _envelope(self, client: SMTP, mail: Mail) -> None:
        """MAIL, RCPT, DATA, each with its answer."""
        try:
            await client.mail(mail.sender, options=self._mail_options(client, mail))
            recipient = self._recipient_options(client, mail)
            await client.rcpt(mail.recipient, options=recipient, encoding="utf-8" if mail.utf8 else "ascii")
        except (aiosmtplib.SMTPSenderRefused, aiosmtplib.SMTPRecipientRefused) as error:
            step = "rcpt" if isinstance(error, aiosmtplib.SMTPRecipientRefused) else "mail"
            raise Declined(_before_data(SMTPResponse(error.code, error.message), step)) from None
        response = await client.execute_command(b"DATA")
        if response.code != 354:
            raise Declined(_before_data(response, "data"))

    def _mail_options(self, client: SMTP, mail: Mail) -> list[str]:
        options = []
        if client.supports_extension("size"):
            options.append(f"SIZE={len(mail.content)}")
        if mail.utf8:
            if not client.supports_extension("smtputf8"):
                raise Declined(Answer("refused", detail="mail smtputf8 not offered"))
            options.append("SMTPUTF8")
        if client.supports_extension("dsn"):
            # headers only: the text of the message is not to travel through further mailboxes
            options += ["RET=HDRS", f"ENVID={mail.attempt_id}"]
        return options

    def _recipient_options(self, client: SMTP, mail: Mail) -> list[str]:
        if not client.supports_extension("dsn"):
            return []
        return [f"NOTIFY={NOTIFY[self.notify]}"]

    async def _finish(self, client: SMTP, mail: Mail) -> Answer:
        """Write the message, read what the server says, make room for the next mail."""
        try:
            answer = await self._message(client, mail)
            if answer.kind == "unknown":
                client.close()
            else:
                await self._keep(client, reset=answer.kind != "accepted")
            return answer
        except BaseException:
            client.close()
            raise
        finally:
            self._room.release()

    async def _message(self, client: SMTP, mail: Mail) -> Answer:
        protocol = client.protocol
        try:
            if protocol is None:
                return Answer("later", detail="connection lost before the message")
            protocol.write(_DOT.sub(b"..", mail.content) + b".\r\n")
        except SMTPException:
            return Answer("later", detail="connection lost before the message")
        try:
            response = await protocol.read_response(timeout=self.server.answer_seconds)
        except SMTPResponseException:
            return Answer("unknown", provider_ref=mail.message_id, detail="message answer unreadable")
        except (SMTPException, OSError) as error:
            return Answer("unknown", provider_ref=mail.message_id, detail=f"message: {type(error).__name__}")
        except asyncio.CancelledError:
            return Answer("unknown", provider_ref=mail.message_id, detail="closed before the answer")
        return answer_to(response, "message", mail.message_id)

    async def _keep(self, client: SMTP, reset: bool) -> None:
        """Put a connection by for the next mail, in a state in which a mail can begin."""
        try:
            if reset and client.is_connected:
                await client.rset(timeout=self.server.hand_over_seconds)
        except (SMTPException, OSError):
            client.close()
        except BaseException:
            client.close()
            raise
        if client.is_connected and len(self._idle) < self.window:
            self._idle.append(client)
        else:
            client.close()

    async def _connect(self) -> SMTP:
        server = self.server
        client = SMTP(
            hostname=server.host,
            port=server.port,
            username=server.user,
            password=server.password,
            local_hostname=server.hello,
            timeout=server.hand_over_seconds,
            use_tls=server.tls == "implicit",
            start_tls=server.tls == "starttls",
            tls_context=server.context,
        )
        await client.connect()
        await client.ehlo()
        log.info(
            "connected to the mail server, %s", "in the open, on this machine" if server.tls == "none" else server.tls
        )
        return client


def _before_data(response: SMTPResponse, step: str) -> Answer:
    """Nothing of the message left yet, so that an answer nobody can read is no reason to doubt: it may be offered again."""
    answer = answer_to(response, step)
    return Answer("later", detail=f"{step} {response.code}") if answer.kind in ("unknown", "accepted") else answer
