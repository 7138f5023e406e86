"""Arguments of `staff`: who signs in at the desk."""

from __future__ import annotations

from typing import Any

from arrears.cli.arguments import command, configured


def add(commands: Any) -> None:
    """Add the commands."""
    staff = commands.add_parser("staff", help="local accounts of the desk: add, reset, list, disable")
    inner = staff.add_subparsers(dest="what", required=True, metavar="WHAT")
    for name, about in (
        ("add", "a new account; the password is asked for, or read from the first line of standard input"),
        ("reset", "a new password, asked for likewise; the second factor is set up anew and all sessions end"),
        ("disable", "nobody signs in by this account any more, and its sessions end"),
    ):
        parser = command(inner, name, f"staff:{name}", about, worded=False)
        configured(parser)
        parser.add_argument("name", metavar="NAME", help="the name that is typed to sign in")
        if name == "add":
            parser.add_argument("--shown-name", default="", metavar="TEXT", help="the name that colleagues see")
            parser.add_argument(
                "--role", action="append", default=[], metavar="ROLE", help="a role; may be given again"
            )
    listing = command(inner, "list", "staff:list_", "all accounts, local and of the provider, with their roles")
    configured(listing)
