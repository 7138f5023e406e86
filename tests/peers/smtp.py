"""A stand-in for a lender's SMTP server; it delivers nothing. The protocol is aiosmtpd's, a codebase that shares nothing with ours.

The demo and the soak run it as a process, with faults by chance: `python -m tests.peers.smtp --port 2525 --spool FOLDER --errors 0.1`.
The first line of its output names the port. It stores each mail durably (file and folder synced) before it says 250, as a real server
must. The rates of faults are parts of all mails; which mail meets which fault is drawn from `--seed`.
"""

import argparse
import asyncio
import os
import random
import signal
from dataclasses import dataclass, field
from pathlib import Path

from aiosmtpd.smtp import SMTP

LARGEST = 10 << 20


@dataclass
class Faults:
    """Parts of all mails, 0 to 1.

    errors: put off (451) and not stored. refused: for good (554). dropped: the connection breaks, nothing stored. lost: stored, then
    the connection breaks. never: stored and never answered. late: stored and answered after `late_seconds`.
    """

    errors: float = 0.0
    refused: float = 0.0
    dropped: float = 0.0
    lost: float = 0.0
    never: float = 0.0
    late: float = 0.0
    late_seconds: float = 5.0


@dataclass
class Spool:
    """The handler of one server: stores what comes in `folder`, with the faults asked for."""

    folder: Path
    faults: Faults = field(default_factory=Faults)
    chance: random.Random = field(default_factory=lambda: random.Random(0))
    stored: int = 0

    async def handle_DATA(self, server, session, envelope):
        fault = self.drawn()
        if fault == "errors":
            return "451 4.3.0 try again later"
        if fault == "refused":
            return "554 5.7.1 not wanted here"
        if fault == "dropped":
            server.transport.abort()
            return "421 4.4.2 lost"
        self.stored += 1
        await asyncio.to_thread(self._store, self.stored, envelope)
        if fault == "never":
            await asyncio.get_running_loop().create_future()
        if fault == "late":
            await asyncio.sleep(self.faults.late_seconds)
        if fault == "lost":
            server.transport.abort()
        return "250 2.0.0 stored"

    def drawn(self) -> str | None:
        """The fault that the next mail meets."""
        drawn = self.chance.random()
        for name in ("errors", "refused", "dropped", "lost", "never", "late"):
            drawn -= getattr(self.faults, name)
            if drawn < 0:
                return name
        return None

    def _store(self, number: int, envelope) -> None:
        """One file a mail: who and to whom by the envelope, then the mail as it came."""
        head = f"X-Envelope-From: {envelope.mail_from}\r\nX-Envelope-To: {', '.join(envelope.rcpt_tos)}\r\n"
        final = self.folder / f"{os.getpid()}-{number:07d}.eml"
        part = final.with_suffix(".part")
        with part.open("wb") as file:
            file.write(head.encode() + envelope.original_content)
            file.flush()
            os.fsync(file.fileno())
        part.rename(final)
        folder = os.open(self.folder, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


async def listen(handler, port: int = 0, **options) -> tuple[asyncio.Server, int]:
    """An aiosmtpd server for `handler` in the running loop. `implicit_tls`: a context for TLS from the first byte. Gives its port."""
    implicit = options.pop("implicit_tls", None)
    loop = asyncio.get_running_loop()
    options.setdefault("hostname", "peer.example")
    options.setdefault("data_size_limit", LARGEST)
    options.setdefault("enable_SMTPUTF8", True)
    server = await loop.create_server(lambda: SMTP(handler, loop=loop, **options), "127.0.0.1", port, ssl=implicit)
    return server, server.sockets[0].getsockname()[1]


async def _serve(arguments: argparse.Namespace) -> None:
    arguments.spool.mkdir(parents=True, exist_ok=True)
    rates = {name: getattr(arguments, name) for name in Faults.__dataclass_fields__}
    spool = Spool(arguments.spool, Faults(**rates), random.Random(arguments.seed))
    _, port = await listen(spool, arguments.port)
    print(f"stand-in SMTP server on 127.0.0.1:{port}", flush=True)
    ended = asyncio.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(name, ended.set)
    await ended.wait()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--spool", type=Path, required=True)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--seed", type=int, default=0)
    for name, about in Faults.__dataclass_fields__.items():
        parser.add_argument(f"--{name.replace('_', '-')}", type=float, default=about.default)
    asyncio.run(_serve(parser.parse_args()))


if __name__ == "__main__":
    main()
