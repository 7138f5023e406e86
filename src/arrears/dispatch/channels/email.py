"""The channel `email`: mail handed to one SMTP server over TLS, and what comes back into a Maildir.

A server cannot be asked about a message later. What is unknown stays unknown until mail that came back, or the log of the local mail
server, names its Message-ID.
"""

from __future__ import annotations

import asyncio
import logging
import ssl
from collections.abc import Awaitable, Mapping
from datetime import UTC, datetime
from typing import Any

from aiosmtplib import SMTPAuthenticationError, SMTPException, SMTPNotSupported

from arrears.dispatch.channel import Answer, Channel, Message, Record, Sent
from arrears.dispatch.channels.answered import known
from arrears.dispatch.channels.mail_evidence import logged_as_taken, named_in_mail
from arrears.dispatch.channels.mail_in import MailIn
from arrears.dispatch.channels.mail_message import Unfit, compose, message_id_of
from arrears.dispatch.channels.mail_pool import Pool
from arrears.dispatch.channels.mail_settings import MailSettings, read_mail_settings
from arrears.errors import Refusal, refuse
from arrears.installation import Installation
from arrears.store.connect import Store

log = logging.getLogger("arrears.dispatch.channels.email")


class EmailChannel:
    """E-mail by SMTP. `provider_ref` of an accepted message is its Message-ID."""

    name = "email"

    def __init__(self, settings: MailSettings, file: str) -> None:
        self.settings = settings
        self.per_second = settings.per_second
        self.window = settings.window
        self._file = file
        self._pool = Pool(settings.server, settings.window, settings.sender.notify)
        self._mail_in: MailIn | None = None

    async def open(self, record: Record) -> None:
        """Try the server once and begin to read the Maildir. Refusal where the server will not have these settings.

        A server that is only away at the moment is no reason to stop: each message says so by itself.
        """
        try:
            await self._pool.try_out()
        except (SMTPException, OSError) as error:
            if (refusal := self._hopeless(error)) is not None:
                raise refusal from None
            log.warning("the mail server is away: %s", type(error).__name__)
        if self.settings.maildir is not None:
            self._mail_in = MailIn(self.settings.maildir, self.settings.poll_seconds, self.settings.sender, record)
            self._mail_in.start()

    async def close(self) -> None:
        """Read no more mail, wait shortly for answers under way, disconnect."""
        if self._mail_in is not None:
            await self._mail_in.stop()
        await self._pool.close()

    async def hand_over(self, message: Message) -> Awaitable[Answer]:
        """Give the message to the server. NotHandedOver where the connection failed before the server asked for it."""
        try:
            mail = compose(message, self.settings.sender, datetime.now(UTC))
        except Unfit as unfit:
            return known(Answer("refused", detail=f"unfit {unfit.detail}"))
        return await self._pool.hand_over(mail)

    async def look_up(self, sent: Sent) -> Answer:
        """accepted where the Message-ID stands in mail that came back or in the queue log; else unknown, never later."""
        message_id = sent.provider_ref or message_id_of(sent.attempt_id, self.settings.sender)
        maildir, queue_log = self.settings.maildir, self.settings.queue_log
        if maildir is not None and await asyncio.to_thread(named_in_mail, maildir, message_id, sent.handed_over_at):
            return Answer("accepted", provider_ref=message_id, detail="named in mail that came back")
        if queue_log is not None and await asyncio.to_thread(logged_as_taken, queue_log, message_id):
            return Answer("accepted", provider_ref=message_id, detail="in the queue log")
        return Answer("unknown", provider_ref=message_id, detail="no trace of the Message-ID")

    def _hopeless(self, error: Exception) -> Refusal | None:
        """The refusal of settings that cannot work however long one waits."""
        causes = [error, error.__cause__]
        if isinstance(error, SMTPAuthenticationError):
            return self._refuse("user", "is not let in by the server with this password")
        if any(isinstance(cause, ssl.SSLCertVerificationError) for cause in causes):
            todo = "name the host as in its certificate, or give ca_file"
            return self._refuse("host", "shows a certificate that does not hold", todo)
        if any(isinstance(cause, ssl.SSLError) for cause in causes):
            return self._refuse("tls", "does not work with this server and port")
        if isinstance(error, SMTPNotSupported) or "not supported" in str(error):
            return self._refuse(
                "tls", "or user asks for what the server does not offer", "STARTTLS, or a way to log in"
            )
        return None

    def _refuse(self, name: str, what: str, todo: str = "") -> Refusal:
        return refuse("channel", what, file=self._file, field=f"channels.email.{name}", todo=todo, exit_code=2)


def open_channel(settings: Mapping[str, Any], installation: Installation, store: Store | None = None) -> Channel:
    """The channel of these settings, not yet connected. Refusal if they are unfit."""
    return EmailChannel(read_mail_settings(settings, installation), str(installation.path))
