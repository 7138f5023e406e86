"""The stand-in SMSC in a thread of the tests: Twisted's loop runs once a process, each test has an SMSC of its own."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

from twisted.internet import reactor
from twisted.internet.threads import blockingCallFromThread

from tests.peers.smsc import Smsc


@cache
def _loop() -> threading.Thread:
    logging.getLogger("smpp").setLevel(logging.CRITICAL + 1)
    thread = threading.Thread(target=lambda: reactor.run(installSignalHandlers=False), daemon=True, name="twisted")
    thread.start()
    return thread


def in_loop(act: Any, *arguments: Any) -> Any:
    """Call something in Twisted's thread and wait for its end."""
    _loop()
    return blockingCallFromThread(reactor, act, *arguments)


@contextmanager
def running(port: int = 0, **options: Any) -> Iterator[Smsc]:
    """An SMSC that listens, with the options of `Smsc`."""
    smsc = Smsc(**options)
    in_loop(smsc.listen, port)
    try:
        yield smsc
    finally:
        in_loop(smsc.stop)
