"""The arguments of every command. Commands themselves are imported only when they run."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from datetime import date
from typing import Any

from arrears import __version__
from arrears.cli import (
    args_advise,
    args_desk,
    args_dispatch,
    args_field,
    args_legal,
    args_notice,
    args_payments,
    args_plan,
    args_serve,
    args_staff,
    args_store,
    args_trust,
)
from arrears.cli.arguments import command, configured, instant, moment, positive

#: As in arrears.facts.schema and arrears.law.wording.families, which are too slow to import before a command is known.
CHANNELS = ("sms", "call", "voicebot", "email", "letter", "visit", "push", "portal")
BINDS = ("lender", "agency", "assignee")
FORCES = ("statute", "regulation", "presumption", "standard", "guideline", "self_regulation", "house", "proposal")
TEXT_FACTS = ("suit", "judgment", "enforcement", "frozen", "listed", "time_barred")


def parse(argv: Sequence[str] | None) -> argparse.Namespace:
    """The arguments, with `run`, the function that does the command."""
    return build().parse_args(argv)


def build() -> argparse.ArgumentParser:
    """The whole parser; docs/reference/command-line.md is held to it by a test."""
    parser = argparse.ArgumentParser(
        prog="arrears",
        description="Everything that happens after a consumer loan goes overdue, for both sides of the debt.",
    )
    parser.add_argument("--version", action="version", version=f"arrears {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    _demo(commands)
    _tapes(commands)
    _night(commands)
    _account(commands)
    _test(commands)
    _data(commands)
    _audit(commands)
    for topic in (
        args_store,
        args_notice,
        args_dispatch,
        args_payments,
        args_field,
        args_serve,
        args_desk,
        args_staff,
        args_trust,
        args_legal,
        args_plan,
        args_advise,
    ):
        topic.add(commands)
    return parser


def _dates(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--as-of", type=moment, metavar="T", help="a day or an instant (default: the case's, else today)"
    )
    parser.add_argument(
        "--known-at", type=moment, metavar="K", help="leave out what was recorded after K, and say what it changes"
    )


def _demo(commands: Any) -> None:
    demo = command(commands, "demo", "demo:demo", "a working system on made data and on a real tape")
    demo.add_argument("--out", default="demo-out", metavar="FOLDER", help="where the demo is made (default: demo-out)")
    demo.add_argument("--accounts", type=positive, default=20_000, metavar="N", help="accounts of the made book")


def _tapes(commands: Any) -> None:
    for name, about in (
        ("check", "what is wrong with a tape, row by row; nothing is imported"),
        ("import", "facts of a tape into a book; all or nothing"),
    ):
        parser = command(commands, name, f"tapes:{name}_", about, worded=False)
        parser.add_argument(
            "tapes",
            nargs="+",
            metavar="TAPE",
            help="CSV or Parquet files: accounts, instalments, events, people, or one wide file",
        )
        parser.add_argument("--mapping", metavar="FILE", help="YAML that names the columns and forms of the tape")
        parser.add_argument(
            "--book",
            metavar="FOLDER|URL",
            help="the book to hold the tape against, or to import into: a folder or a database",
        )
        configured(parser)
        parser.add_argument("--report", metavar="FILE", help="write every finding to a CSV file")
        if name == "import":
            parser.add_argument(
                "--terms", action="append", default=[], metavar="FILE", help="terms of a product, to go into the book"
            )
            parser.add_argument(
                "--parts", type=positive, metavar="N", help="parts of a new book (default: by its size)"
            )


def _night(commands: Any) -> None:
    night = command(commands, "night", "night:night", "positions, decisions and the lawful work list of a book")
    _book(night)
    night.add_argument("--as-of", type=moment, metavar="T", help="a day or an instant (default: today)")
    night.add_argument("--known-at", type=instant, metavar="K", help="leave out what was recorded after K")
    night.add_argument("--ladder", metavar="LADDER", help="name or file (default: the one of each account's law)")
    night.add_argument("--out", metavar="FOLDER", help="where the night is written (default: nights/T beside the book)")
    _asking(night)
    night.add_argument(
        "--since", metavar="FOLDER", help="an earlier night, to show what changed and, on the desk, roll rates"
    )
    night.add_argument("--no-desk", action="store_true", help="do not take the night onto the desk of the installation")
    rolls = command(commands, "rolls", "night:rolls", "roll rates between two nights")
    rolls.add_argument("before", metavar="NIGHT", help="folder of the earlier night")
    rolls.add_argument("after", metavar="NIGHT", help="folder of the later night")


def _account(commands: Any) -> None:
    explain = command(
        commands, "explain", "account:explain", "an account line by line: position, standing, decision, reasons"
    )
    explain.add_argument("cases", nargs="+", metavar="CASE|ACCOUNT", help="case files, or account ids of --book")
    _book(explain)
    explain.add_argument("--ladder", metavar="LADDER", help="name or file (default: the case's, else the law's)")
    explain.add_argument("--svg", metavar="FILE", help="write a chart of what was due over time")
    _asking(explain)
    _dates(explain)
    may = command(commands, "may", "account:may", "may this contact be made: allowed, wait or never, with the clauses")
    may.add_argument(
        "cases", nargs="+", metavar="CASE", help="case files; without --channel their questions are answered"
    )
    may.add_argument("--channel", metavar="C", help="the channel asked about")
    may.add_argument("--at", type=moment, metavar="T", help="when (default: now)")
    may.add_argument("--to", metavar="PERSON", help="id of a person of the case (default: the borrower)")
    may.add_argument("--act", metavar="ACT", help="another act than a contact, such as suit or credit_report")
    may.add_argument("--number", metavar="N", help="the number dialled or written to")
    may.add_argument("--place", metavar="PLACE", help="where the person is reached: work, home, …")
    may.add_argument("--purpose", metavar="P", help="what the contact is for (default: collection)")
    may.add_argument("--region", metavar="R", help="ISO 3166-2 region of the person (default: the case's)")
    _asking(may)
    may.add_argument("--pack", action="append", default=[], metavar="PACK", help="these packs in place of the law's")
    why = command(commands, "why-not", "account:why_not", "why an action is not taken, and what comes next")
    why.add_argument("action", metavar="ACTION", help="an action of the ladder, such as visit")
    why.add_argument("cases", nargs="+", metavar="CASE|ACCOUNT", help="case files, or account ids of --book")
    _book(why)
    why.add_argument("--ladder", metavar="LADDER", help="name or file (default: the case's, else the law's)")
    _asking(why)
    _dates(why)


def _book(parser: argparse.ArgumentParser) -> None:
    """Which book."""
    parser.add_argument(
        "--book", metavar="FOLDER|URL", help="the book: a folder or a database (default: the installation's)"
    )
    configured(parser)


def _asking(parser: argparse.ArgumentParser) -> None:
    """Who asks the law, and by which rules."""
    parser.add_argument("--binds", choices=BINDS, help="who asks (default: the lender in its own name)")
    parser.add_argument(
        "--house", action="append", default=[], metavar="FILE", help="the lender's own stricter clauses"
    )
    parser.add_argument(
        "--blocks",
        type=forces,
        metavar="FORCES",
        help="the forces of law that block, with commas (default: all but proposal)",
    )


def forces(text: str) -> tuple[str, ...]:
    """Forces of law, with commas between."""
    named = tuple(word.strip() for word in text.split(","))
    for name in named:
        if name not in FORCES:
            raise argparse.ArgumentTypeError(f"{name!r} is not one of {', '.join(FORCES)}")
    return named


def _test(commands: Any) -> None:
    test = command(commands, "test", "test:test", "run case files and the examples inside law packs and ladders")
    test.add_argument(
        "paths", nargs="*", metavar="PATH", help="case files or folders (default: only packs and ladders)"
    )


def _data(commands: Any) -> None:
    strategy = commands.add_parser("strategy", help="ladders: show one, or compare two on a book")
    inner = strategy.add_subparsers(dest="what", required=True, metavar="WHAT")
    show = command(inner, "show", "data:strategy_show", "the decision table and diagram of a ladder")
    show.add_argument("ladder", metavar="LADDER", help="name or file")
    show.add_argument("--diagram", action="store_true", help="only the diagram, as Mermaid")
    diff = command(inner, "diff", "data:strategy_diff", "who would be treated differently under another ladder")
    diff.add_argument("before", metavar="LADDER")
    diff.add_argument("after", metavar="LADDER")
    _book(diff)
    diff.add_argument("--as-of", type=moment, metavar="T", help="a day or an instant (default: today)")
    law = commands.add_parser("law", help="clauses: list, show, compare; or check a text against them")
    inner = law.add_subparsers(dest="what", required=True, metavar="WHAT")
    listing = command(inner, "list", "law:law_list", "the clauses of a pack")
    listing.add_argument("pack", metavar="PACK")
    listing.add_argument("--on", type=date.fromisoformat, metavar="DATE", help="only those in force on a day")
    one = command(inner, "show", "law:law_show", "one clause, with its source and examples")
    one.add_argument("pack", metavar="PACK")
    one.add_argument("clause", metavar="CLAUSE")
    one.add_argument("--on", type=date.fromisoformat, metavar="DATE", help="whether it is in force that day")
    diff = command(inner, "diff", "law:law_diff", "what is in force on one of two days, or in one of two packs, only")
    diff.add_argument("pack", metavar="PACK")
    diff.add_argument("other", metavar="OTHER", nargs="?", help="a second pack to compare with")
    diff.add_argument("--since", type=date.fromisoformat, metavar="DATE", help="the earlier day, for one pack")
    diff.add_argument("--on", type=date.fromisoformat, metavar="DATE", help="the (later) day (default: today)")
    page = command(inner, "page", "law:law_page", "a pack as a page for people, with its week as a picture")
    page.add_argument("packs", nargs="*", metavar="PACK", help="the packs (default: all)")
    page.add_argument(
        "--on", type=date.fromisoformat, metavar="DATE", help="as the law stands on a day (default: today)"
    )
    page.add_argument("--out", metavar="FOLDER", help="write pages in both languages and pictures into a folder")
    _check_text(inner)


def _check_text(inner: Any) -> None:
    text = command(inner, "check-text", "wording:check_text_", "what a text to be sent must not say, and what it lacks")
    text.add_argument("file", metavar="FILE", help="the text, UTF-8; - reads standard input")
    text.add_argument("--pack", required=True, help="the law: cn, us, uk, in or au")
    text.add_argument("--channel", required=True, choices=CHANNELS, help="the channel it is to be sent on")
    text.add_argument("--to", choices=("borrower", "third_party"), default="borrower", help="who receives it")
    text.add_argument("--binds", choices=("lender", "agency"), default="lender", help="who sends it")
    text.add_argument("--on", type=date.fromisoformat, metavar="DATE", help="the day it is sent (default: today)")
    text.add_argument("--text-lang", choices=("zh-CN", "en"), help="language of the text (default: told from it)")
    text.add_argument(
        "--fact", action="append", default=[], choices=TEXT_FACTS, help="what is true of the debt and may be said"
    )
    text.add_argument(
        "--amount", action="append", default=[], type=named, metavar="NAME=VALUE",
        help='an amount of the account, such as due="1280.50 CNY"; any other in the text is a finding',
    )  # fmt: skip
    text.add_argument("--sender", action="append", default=[], metavar="NAME", help="a name of which one must be there")


def named(text: str) -> tuple[str, str]:
    """NAME=VALUE as a pair."""
    name, equals, value = text.partition("=")
    if not (name and equals and value):
        raise argparse.ArgumentTypeError(f"{text!r} is not NAME=VALUE")
    return name, value


def _audit(commands: Any) -> None:
    audit = command(commands, "audit", "audit:audit_", "which contacts of a log broke which clause")
    audit.add_argument("log", metavar="LOG", help="a book (folder or database), or a contact log in CSV or Parquet")
    configured(audit)
    audit.add_argument("--mapping", metavar="FILE", help="YAML that names the columns and words of the log")
    audit.add_argument(
        "--pack", action="append", default=[], metavar="PACK", help="a law pack (default: those of the laws in the log)"
    )
    audit.add_argument(
        "--house", action="append", default=[], metavar="FILE", help="house rules, in the form of clauses"
    )
    audit.add_argument("--law", metavar="LAW", help="the law of rows that name none")
    audit.add_argument("--report", metavar="FILE", help="write every violation to a CSV file")
