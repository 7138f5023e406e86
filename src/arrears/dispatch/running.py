"""The workers of a process: one a channel, one inbox, until they are told to stop. Several processes: each started anew when it dies."""

from __future__ import annotations

import asyncio
import importlib
import logging
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select

from arrears.dispatch.channel import CARRIED_BY_PEOPLE, Channel
from arrears.dispatch.claim import Clock, database_clock, worker_name
from arrears.dispatch.desk import Desk
from arrears.dispatch.inbox import Inbox
from arrears.dispatch.rules import rules_of
from arrears.dispatch.sorting import sort_text
from arrears.dispatch.worker import Settings, Worker
from arrears.errors import refuse
from arrears.installation import Installation
from arrears.notice.writer import open_writer
from arrears.replay.compiled import warm
from arrears.replay.terms import Terms, parse_terms
from arrears.store.connect import Store
from arrears.store.personal import Personal, open_personal
from arrears.store.tables import TermsFile

log = logging.getLogger("arrears.dispatch")
#: A worker process that died is started again after so long, seconds.
AGAIN_AFTER = 1.0
SWITCH_SECONDS = 0.0005  # the event loop answers a provider between the steps of the desk's thread


@dataclass(frozen=True)
class Run:
    """What one process does. `share`: its part of each provider's rate."""

    installation: Installation
    store: Store
    channels: tuple[str, ...]
    until_empty: bool = False
    share: float = 1.0
    clock: Clock = database_clock


def terms_in(connection: Connection) -> dict[str, tuple[Terms, ...]]:
    """The terms of all products in a store: of each, those put in last."""
    rows = connection.execute(select(TermsFile.product, TermsFile.text).order_by(TermsFile.seq))
    return dict(
        parse_terms(text, f"terms of {product}") for product, text in {row.product: row.text for row in rows}.items()
    )


def channels_of(installation: Installation, named: Sequence[str] | None) -> tuple[str, ...]:
    """The channels that workers send on: those of the installation, or of them the named ones. Refusal for one that is not set up."""
    there = tuple(name for name in installation.channels if name not in CARRIED_BY_PEOPLE)
    for name in named or ():
        if name not in there:
            what = "is carried by people, not sent" if name in CARRIED_BY_PEOPLE else "is not set up"
            raise refuse("dispatch", what, file=str(installation.path), field=f"channels.{name}", exit_code=2)
    chosen = tuple(dict.fromkeys(named)) if named else there
    if not chosen:
        raise refuse(
            "dispatch", "names no channel to send on", file=str(installation.path), field="channels", exit_code=2
        )
    return chosen


def open_channel(name: str, installation: Installation, store: Store) -> Channel:
    """A channel by its settings; `by: webhook` has another module carry it."""
    settings: Mapping[str, Any] = installation.channels[name]
    module = str(settings.get("by", name))
    try:
        found = importlib.import_module(f"arrears.dispatch.channels.{module}")
    except ModuleNotFoundError:
        raise refuse("installation", "is no channel", file=str(installation.path), field=f"channels.{name}", value=module,
                     exit_code=2) from None  # fmt: skip
    own = {key: value for key, value in settings.items() if key != "by"}
    channel: Channel = found.open_channel(own, installation, store)
    return channel


def work(run: Run) -> None:
    """Work in this process until told to stop, or the outbox is empty."""
    sys.setswitchinterval(SWITCH_SECONDS)
    warm()  # compiling it would outlast a lease
    personal = open_personal(run.store, run.installation.keys)
    with run.store.read() as connection:
        rules, today = rules_of(run.installation, terms_in(connection)), run.clock(connection).date()
    channels = [open_channel(name, run.installation, run.store) for name in run.channels]
    desks = [
        Desk(
            run.store,
            personal,
            rules,
            open_writer(run.installation, today),
            os.urandom,
            worker_name(name),
            clock=run.clock,
        )
        for name in run.channels
    ]
    asyncio.run(_work_all(run, personal, channels, desks))


async def _work_all(run: Run, personal: Personal, channels: Sequence[Channel], desks: Sequence[Desk]) -> None:
    inbox = Inbox(run.store, personal, lambda text: sort_text(text).kind, run.clock)
    settings = Settings(share=run.share)
    workers = [
        Worker(desk, channel, settings, random.random, name)
        for desk, channel, name in zip(desks, channels, run.channels, strict=True)
    ]

    def stop() -> None:
        for worker in workers:
            worker.stop()

    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop)
    try:
        await asyncio.gather(*(worker.run(inbox.record, run.until_empty) for worker in workers))
    finally:
        await inbox.close()


def supervise(command: Sequence[str], workers: int, until_empty: bool) -> None:
    """So many processes of a command; one that dies is started again. A stop is passed on, and what they have begun they finish.

    One of the first that ends as misused ends all; of a later one it means that the database was away when it began.
    """
    stopping = False
    running: list[subprocess.Popen[bytes]] = []

    def stop(number: int, frame: Any) -> None:
        nonlocal stopping
        stopping = True
        for process in running:
            process.terminate()

    before = {number: signal.signal(number, stop) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        running += [subprocess.Popen(command) for _ in range(workers)]
        first = list(running)
        while running:
            for process in list(running):
                code = process.poll()
                if code is None:
                    continue
                running.remove(process)
                if code == 2 and process in first and not stopping:  # misuse: it would be the same again
                    stop(signal.SIGTERM, None)
                elif not stopping and not (until_empty and code == 0):
                    log.warning("a worker ended with %d and is started again", code)
                    time.sleep(AGAIN_AFTER)
                    running.append(subprocess.Popen(command))
            time.sleep(0.05)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
