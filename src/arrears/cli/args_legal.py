"""Arguments of `legal`: last days, readiness, bundles, freezes, the credit file, offices."""

from __future__ import annotations

import argparse
from typing import Any

from arrears.cli.arguments import command, configured, moment, positive


def add(commands: Any) -> None:
    """Add the commands."""
    parser = commands.add_parser(
        "legal", help="last days, readiness to sue, bundles for the court, freezes, the credit file"
    )
    inner = parser.add_subparsers(dest="what", required=True, metavar="WHAT")
    dates = command(inner, "dates", "legal:dates", "the last day of each legal step of a debt, and how it came about")
    _cases(dates)
    dates.add_argument("--ics", metavar="FILE", help="write the days still to come into a calendar file (iCalendar)")
    _ready(inner)
    _bundle(inner)
    freeze = command(inner, "freeze", "court:freeze", "what is frozen, what must be left, and when it is released")
    _cases(freeze)
    freeze.add_argument("--living", metavar="AMOUNT", help="the local minimum of living, a person a month")
    freeze.add_argument(
        "--persons", type=positive, default=1, metavar="N", help="the debtor and dependants (default: 1)"
    )
    _cases(
        command(inner, "credit-file", "court:file", "the credit file: notice, removal, disputes, charge-off and sale")
    )
    offices = command(inner, "offices", "court:desks", "which office handles what")
    offices.add_argument("--law", choices=("cn", "us", "uk", "in", "au"), help="the law (default: all)")
    offices.add_argument("--matter", metavar="MATTER", help="a matter, such as freeze or credit_file (default: all)")

    standing = command(
        commands, "standing", "standing:standing", "special standing: what stops, what goes on, who decides, until when"
    )
    _cases(standing)
    standing.add_argument(
        "--policy", metavar="FILE", help="whose times to answer count (default: the example of the law)"
    )


def _cases(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("cases", nargs="+", metavar="CASE", help="case files")
    parser.add_argument(
        "--as-of", type=moment, metavar="D", help="a day or an instant (default: the case's, else today)"
    )


def _ready(inner: Any) -> None:
    ready = command(inner, "ready", "court:ready", "whether a debt is ready to be sued on, line by line with reasons")
    _cases(ready)
    ready.add_argument(
        "--have", action="append", default=[], metavar="EVIDENCE", help="evidence at hand, with commas; may be repeated"
    )
    ready.add_argument(
        "--wage", metavar="AMOUNT", help="the province's average annual wage last published (small claims)"
    )
    ready.add_argument("--cost", metavar="AMOUNT", help="own cost of suing (default: the ladder's)")
    ready.add_argument(
        "--chance", metavar="SHARE", help="expected share of the claim that comes in, 0 to 1 (default: the ladder's)"
    )


def _bundle(inner: Any) -> None:
    bundle = command(inner, "bundle", "court:bundle", "papers for the court and around it: PDF, index, JSON")
    _cases(bundle)
    bundle.add_argument("--kind", required=True, metavar="KIND", help="the kind of bundle, such as payment-order")
    bundle.add_argument("--out", required=True, metavar="DIR", help="the folder that is written")
    bundle.add_argument("--account", metavar="ID", help="the account (default: the first of the case)")
    bundle.add_argument(
        "--pay-on",
        type=moment,
        metavar="D",
        help="the day to which interest is computed (default: the day asked about)",
    )
    configured(bundle)
