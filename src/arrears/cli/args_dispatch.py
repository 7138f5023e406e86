"""Arguments of `dispatch`, `webhooks`, `stop`, `queue`: sending, telling, stop switches, and what waits for a person."""

from __future__ import annotations

import argparse
from typing import Any

from arrears.cli.arguments import command, configured, instant, positive

QUEUES = ("inbound", "unmatched", "parked", "unknown", "receipts")


def add(commands: Any) -> None:
    """Add the commands."""
    _dispatch(commands)
    _webhooks(commands)
    _stop(commands)
    _queue(commands)


def _dispatch(commands: Any) -> None:
    about = "send what is in the outbox: asked again on fresh facts right before, written down, handed over, recorded"
    dispatch = command(commands, "dispatch", "dispatch:dispatch", about)
    configured(dispatch)
    dispatch.add_argument("--night", metavar="FOLDER", help="first put the work list of this night into the outbox")
    dispatch.add_argument(
        "--channel", action="append", metavar="C", help="only this channel; may be repeated (default: all set up)"
    )
    dispatch.add_argument(
        "--workers", type=positive, default=1, metavar="N", help="processes side by side (default: 1)"
    )
    dispatch.add_argument("--until-empty", action="store_true", help="end when nothing may leave any more")
    dispatch.add_argument(
        "--share",
        type=_share,
        default=1.0,
        metavar="F",
        help="this machine's part of each provider's rate (default: 1)",
    )
    dispatch.add_argument(
        "--at", type=instant, metavar="T", help="as if it were T: only for an installation that says `rehearsal: true`"
    )


def _webhooks(commands: Any) -> None:
    about = "tell other systems of facts that were recorded: the receivers in `webhooks` of the installation"
    webhooks = command(commands, "webhooks", "webhooks:webhooks", about)
    configured(webhooks)
    webhooks.add_argument("names", nargs="*", metavar="NAME", help="only these receivers (default: all)")
    webhooks.add_argument("--until-empty", action="store_true", help="end when nothing may be told now")
    webhooks.add_argument("--again", action="store_true", help="first take up again what was given up after a day")
    webhooks.add_argument("--list", action="store_true", help="tell nothing; say what waits, and why")


def _stop(commands: Any) -> None:
    about = "stop switches: nothing they name leaves while they are on; without a scope, everything"
    stop = command(commands, "stop", "stops:stop", about)
    configured(stop)
    what = stop.add_mutually_exclusive_group()
    what.add_argument("--channel", metavar="C", help="stop a channel")
    what.add_argument("--strategy", metavar="S", help="stop the work of a ladder")
    what.add_argument("--person", metavar="P", help="stop everything to a person")
    what.add_argument("--account", metavar="A", help="stop everything about an account")
    what.add_argument("--lift", type=positive, metavar="N", help="lift the switch of this number")
    what.add_argument("--list", action="store_true", help="the switches that are on")
    stop.add_argument("--by", metavar="WHO", help="who sets or lifts it")
    stop.add_argument("--why", metavar="TEXT", help="why it is set")


def _queue(commands: Any) -> None:
    queue = commands.add_parser("queue", help="what waits for a person")
    inner = queue.add_subparsers(dest="what", required=True, metavar="WHAT")
    listed = command(inner, "list", "queue:list_", "what waits for a person, oldest first", worded=False)
    configured(listed)
    listed.add_argument("--queue", choices=QUEUES, help="only this queue (default: all)")
    listed.add_argument("--show", action="store_true", help="with sender and text of messages")
    done = command(inner, "done", "queue:done", "a person has dealt with it", worded=False)
    configured(done)
    done.add_argument("number", type=positive, metavar="NUMBER", help="the number in the list")
    done.add_argument("--by", required=True, metavar="WHO", help="who dealt with it")
    done.add_argument("--how", required=True, metavar="TEXT", help="what was done")


def _share(text: str) -> float:
    """A part of a whole: above 0, at most 1."""
    try:
        share = float(text)
    except ValueError:
        share = 0.0
    if not 0.0 < share <= 1.0:
        raise argparse.ArgumentTypeError(f"{text!r} is not above 0 and at most 1")
    return share
