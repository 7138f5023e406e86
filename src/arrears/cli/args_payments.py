"""Arguments of `payments`: money that comes in."""

from __future__ import annotations

from typing import Any

from arrears.cli.arguments import command, configured, instant, positive


def add(commands: Any) -> None:
    """Add the commands."""
    parser = commands.add_parser("payments", help="payments from banks and providers: into the store, or to a person")
    inner = parser.add_subparsers(dest="payments_command", required=True, metavar="COMMAND")
    importing = command(inner, "import", "payments:import_", "let files of payments in; all or nothing", worded=False)
    importing.add_argument("files", nargs="+", metavar="FILE", help="camt.053, camt.054 or CSV")
    importing.add_argument("--mapping", metavar="FILE", help="YAML that names the columns and forms of a CSV list")
    importing.add_argument(
        "--at", type=instant, metavar="T", help="as if it were T: only for an installation that says `rehearsal: true`"
    )
    listing = command(inner, "list", "payments:list_", "payments that wait for a person", worded=False)
    matching = command(inner, "match", "payments:match_", "say which account a payment is for", worded=False)
    matching.add_argument("number", type=positive, metavar="NUMBER", help="its number in the list")
    matching.add_argument("--account", required=True, metavar="ACCOUNT", help="the account")
    aside = command(inner, "set-aside", "payments:set_aside_", "say that a payment belongs to no account", worded=False)
    aside.add_argument("number", type=positive, metavar="NUMBER", help="its number in the list")
    aside.add_argument("--why", required=True, metavar="TEXT", help="what became of it")
    for one in (matching, aside):
        one.add_argument("--by", required=True, metavar="WHO", help="who says so")
    for one in (importing, listing, matching, aside):
        configured(one)
