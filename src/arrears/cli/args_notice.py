"""Arguments of `notice`, `verify`, `keys`: words and proof."""

from __future__ import annotations

import argparse
from datetime import date
from typing import Any

from arrears.cli.arguments import command, configured, moment

#: As in arrears.facts.schema, which is too slow to import before a command is known.
CHANNELS = ("sms", "call", "voicebot", "email", "letter", "visit", "push", "portal")
LAWS = ("cn", "us", "uk", "in", "au")


def add(commands: Any) -> None:
    """Add the commands."""
    _notice(commands)
    _verify(commands)
    _keys(commands)


def _notice(commands: Any) -> None:
    notice = commands.add_parser("notice", help="the words of messages")
    inner = notice.add_subparsers(dest="what", required=True, metavar="WHAT")
    about = "what a message would say: its words, its length, and what the wording check finds; nothing is sent"
    preview = command(inner, "preview", "notice:preview_", about, worded=False)
    whose = preview.add_mutually_exclusive_group(required=True)
    whose.add_argument("--case", metavar="CASE", help="a case file")
    whose.add_argument("--account", metavar="A", help="an account of --book")
    whose.add_argument("--all", action="store_true", help="every template, about a specimen account of --pack")
    preview.add_argument("--book", metavar="FOLDER", help="the book that holds the account")
    preview.add_argument("--pack", choices=LAWS, help="the law whose templates --all shows (default: every law)")
    preview.add_argument("--action", metavar="ACTION", help="an action of the ladder (default: the one it decides on)")
    preview.add_argument("--channel", choices=CHANNELS, help="the channel (default: the action's)")
    preview.add_argument("--ladder", metavar="LADDER", help="name or file (default: the case's, else the law's)")
    preview.add_argument(
        "--as-of", type=moment, metavar="T", help="a day or an instant (default: the case's, else today)"
    )
    preview.add_argument(
        "--on", type=date.fromisoformat, metavar="DATE", help="the day of sending (default: that of --as-of)"
    )
    preview.add_argument("--binds", choices=("lender", "agency"), default="lender", help="who sends it")
    preview.add_argument("--lang", choices=("zh-CN", "en"), help="language of the message (default: the borrower's)")
    preview.add_argument("--html", metavar="FILE", help="write the HTML part of an e-mail to a file")
    configured(preview)


def _verify(commands: Any) -> None:
    about = "is this message genuine: yes only with a valid code or signature, else what to check"
    verify = command(commands, "verify", "verify:verify_", about)
    verify.add_argument(
        "text", nargs="?", default="", metavar="TEXT", help="the message, or a file with it; - reads standard input"
    )
    verify.add_argument("--code", metavar="C", help="the code of the message")
    verify.add_argument(
        "--keys",
        metavar="FILE",
        help="the lender's published keys, in place of an installation: signatures only, offline",
    )
    configured(verify)


def _keys(commands: Any) -> None:
    keys = commands.add_parser("keys", help="the keys that sign messages")
    inner = keys.add_subparsers(dest="what", required=True, metavar="WHAT")
    make = command(inner, "make", "keys:make", "the first signing key, and the key of the code hashes", worded=False)
    rotate = command(
        inner, "rotate", "keys:rotate", "a new signing key; the one before stays for verification", worded=False
    )
    rotate.add_argument(
        "--revoke", action="store_true", help="the key before was stolen: its signatures prove nothing any more"
    )
    publish = command(
        inner, "publish", "keys:publish", "the public keys, as a file for the lender's site", worded=False
    )
    publish.add_argument("--out", metavar="FILE", help="where to write it (default: standard output)")
    listed = command(inner, "list", "keys:list_", "the keys, and since when and until when each signs", worded=False)
    for parser in (make, rotate, publish, listed):
        _installed(parser)


def _installed(parser: argparse.ArgumentParser) -> None:
    configured(parser)
