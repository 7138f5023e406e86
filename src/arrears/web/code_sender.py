"""The sending of sign-in codes: the installation's own channels, called directly, beside the request that asked.

A code is no collection contact: the borrower asked for it, it says nothing of a debt, it has ten minutes to live. So it does not go
through the outbox, which plans by night, asks the law about collection and counts contacts; and it works where no worker runs.
A channel is connected when the first code is sent, with the installation's settings, over which `sign_in: sms:` and `email:` are laid.
"""

from __future__ import annotations

import asyncio
import hmac
import logging
import secrets
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from starlette.concurrency import run_in_threadpool

from arrears.dispatch.channel import Answer, Channel, Message, NotHandedOver
from arrears.dispatch.inbox import Inbox
from arrears.dispatch.recipients import Recipient
from arrears.dispatch.running import open_channel
from arrears.errors import Refusal
from arrears.installation import Installation
from arrears.notice.words import Words, page_of
from arrears.notice.writer import house_of
from arrears.store.connect import Store
from arrears.store.personal import Personal
from arrears.web import one_time_codes
from arrears.web.known_ways import CHANNELS, Known, known_by
from arrears.web.served import Served
from arrears.web.words import identity_words

log = logging.getLogger("arrears.web.codes")
TEMPLATE = "sign-in-code"
#: Codes under way at once; what is asked for beyond that is not sent, and can be asked for again.
MOST_UNDER_WAY = 500
WAIT_SECONDS = 30.0
#: What the collection's mail has and a code has not: ways to unsubscribe, and the reading of what comes back (the worker reads it).
NOT_FOR_CODES = ("unsubscribe", "maildir", "queue_log")


class CodeSender:
    """Sends codes of one application. `close` disconnects."""

    def __init__(self, installation: Installation, store: Store, personal: Personal) -> None:
        self._installation, self._store, self._personal = installation, store, personal
        self.channels = tuple(name for name in CHANNELS if name in installation.channels)
        self._open: dict[str, Channel] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._turn = asyncio.Lock()

    def send_later(self, served: Served, handle: str, typed: str) -> None:
        """Look up who is meant and send the code, after the answer was given. Called in the event loop."""
        if len(self._tasks) >= MOST_UNDER_WAY:
            log.warning("too many codes are under way; one is not sent")
            return
        task = asyncio.create_task(self._send(served, handle, typed))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def close(self) -> None:
        """Wait shortly for codes under way, then disconnect."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=5)
        for task in list(self._tasks):
            task.cancel()
        for channel in self._open.values():
            await channel.close()

    async def _send(self, served: Served, handle: str, typed: str) -> None:
        """One code. What goes wrong is logged without a name or number; the person asks again."""
        try:
            async with self._turn:  # two codes of one person at once would each find that none was sent
                found = await run_in_threadpool(self._made, served, handle, typed)
            if found is not None:
                known, code = found
                await self._deliver(served, handle, known, code)
        except Exception as error:
            log.warning("a sign-in code was not sent: %s", type(error).__name__)

    def _made(self, served: Served, handle: str, typed: str) -> tuple[Known, str] | None:
        """The person and a code, which stands in the row of the handle; None for nobody, and for whoever had enough of them."""
        now = served.now()
        with self._store.begin() as connection:
            known = known_by(connection, self._personal, typed, self.channels)
            if known is None or not one_time_codes.may_have_code(connection, known.person_id, now):
                return None
            code = one_time_codes.new_code()
            key = code_key(self._personal)
            one_time_codes.put_code(connection, handle, known.person_id, known.ways[0][0], code, key)
        return known, code

    async def _deliver(self, served: Served, handle: str, known: Known, code: str) -> None:
        """Over the first way that takes it; where a way surely did not, over the next."""
        for channel, recipient in known.ways:
            answer = await self._over(served, channel, recipient, known, code)
            await run_in_threadpool(self._note, handle, channel, answer)
            if answer.kind in ("accepted", "unknown"):
                return

    async def _over(self, served: Served, name: str, recipient: Recipient, known: Known, code: str) -> Answer:
        try:
            channel = await self._channel(name, served.inbox())
            message = self._message(served, name, recipient, known, code)
            async with asyncio.timeout(WAIT_SECONDS):
                return await (await channel.hand_over(message))
        except NotHandedOver:
            return Answer("later", detail="not handed over")
        except Refusal as refusal:
            log.warning("channel %s cannot carry codes: %s", name, ", ".join(str(found) for found in refusal.findings))
            return Answer("later", detail="refused by its settings")
        except TimeoutError:
            return Answer("unknown", detail="no answer in time")

    async def _channel(self, name: str, inbox: Inbox) -> Channel:
        if name not in self._open:
            channel = open_channel(name, _for_codes(self._installation, name), self._store)
            await channel.open(inbox.record)
            self._open[name] = channel
            if hasattr(channel, "bound"):
                async with asyncio.timeout(WAIT_SECONDS):
                    await channel.bound()
        return self._open[name]

    def _message(self, served: Served, name: str, recipient: Recipient, known: Known, code: str) -> Message:
        words = identity_words(known.language)
        text = words["code_text"].format(lender=house_of(self._installation).name(known.language), code=code)
        subject = words["code_subject"] if name == "email" else None
        page = page_of((text,), subject, known.language) if subject else None
        attempt_id = f"code-{secrets.token_hex(12)}"
        return Message(
            attempt_id, attempt_id, name, recipient.to, Words(TEMPLATE, known.language, text, "", subject, page),
            known.account_id, known.person_id, None, served.now() + timedelta(minutes=10),
        )  # fmt: skip

    def _note(self, handle: str, channel: str, answer: Answer) -> None:
        with self._store.begin() as connection:
            one_time_codes.note_answer(connection, handle, channel, answer.kind)


def code_key(personal: Personal) -> bytes:
    """The key of the codes' hashes: made from the installation's token key, of no use for anything else."""
    return hmac.digest(personal.masters.token_key, b"arrears sign-in code 1", "sha256")


def _for_codes(installation: Installation, name: str) -> Installation:
    """The installation as a channel for codes sees it."""
    own: Mapping[str, Any] = installation.section("sign_in").get(name) or {}
    settings = {key: value for key, value in installation.channels[name].items() if key not in NOT_FOR_CODES}
    return Installation(
        installation.path, installation.lender, installation.database, installation.keys, {name: {**settings, **own}},
        installation.settings,
    )  # fmt: skip
