"""The stand-in SMSC as a process, with faults by chance; see `smsc`."""

from __future__ import annotations

import argparse
import logging
import random
from collections.abc import Callable
from pathlib import Path

from twisted.internet import reactor

from tests.peers.journal import Journal
from tests.peers.smsc import Reply, Submitted
from tests.peers.smsc_quick import QuickSmsc


def plan_of(arguments: argparse.Namespace) -> Callable[[Submitted], Reply]:
    """A plan that draws each reply by the rates of the arguments."""
    draw = random.Random(arguments.seed)
    faults = [
        (arguments.errors, Reply("ESME_RSYSERR")),
        (arguments.refused, Reply("ESME_RINVDSTADR")),
        (arguments.throttled, Reply("ESME_RTHROTTLED")),
        (arguments.never, Reply(after=None)),
        (arguments.late, Reply(after=arguments.late_seconds)),
        (arguments.twice, Reply(times=2)),
        (arguments.dropped, Reply(drop=True)),
    ]
    good = Reply()

    def plan(submitted: Submitted) -> Reply:
        drawn = draw.random()
        for rate, reply in faults:
            if drawn < rate:
                return reply
            drawn -= rate
        return good

    return plan


def arguments() -> argparse.Namespace:
    """What the process is told."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.peers.smsc", description="A stand-in for an SMSC; it reaches no phone."
    )
    parser.add_argument("--port", type=int, default=0, help="0: any free one; it is printed")
    parser.add_argument("--password", default="secret", help="of the system_id arrears")
    parser.add_argument(
        "--journal", type=Path, help="JSON lines of what was accepted, each durable before it is acknowledged"
    )
    parser.add_argument(
        "--receipts", action="store_true", help="send a delivery receipt for each message that asks for one"
    )
    for name, meaning in {
        "errors": "answered ESME_RSYSERR and not accepted", "refused": "answered ESME_RINVDSTADR", "throttled": "answered ESME_RTHROTTLED",
        "never": "accepted and never answered", "late": "accepted and answered late", "twice": "accepted and answered twice",
        "dropped": "not accepted: the connection breaks",
    }.items():  # fmt: skip
        parser.add_argument(
            f"--{name}", type=float, default=0.0, metavar="RATE", help=f"part of the messages that is {meaning}"
        )
    parser.add_argument("--late-seconds", type=float, default=5.0)
    parser.add_argument("--seed", type=int, default=0)
    return parser.parse_args()


def main() -> None:
    """Listen until stopped; the first line of the output is the port."""
    told = arguments()
    logging.getLogger("smpp").setLevel(logging.CRITICAL)
    journal = Journal(told.journal) if told.journal else None
    smsc = QuickSmsc(plan_of(told), told.password, journal, told.receipts, keep=False)
    reactor.callWhenRunning(lambda: print(f"stand-in SMSC on 127.0.0.1:{smsc.listen(told.port)}", flush=True))
    reactor.run()
