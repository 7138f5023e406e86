"""Arguments of `legal`: limitation and last days."""

from __future__ import annotations

from typing import Any

from arrears.cli.arguments import command, moment


def add(commands: Any) -> None:
    """Add the commands."""
    parser = commands.add_parser("legal", help="limitation and the last day of each legal step")
    inner = parser.add_subparsers(dest="what", required=True, metavar="WHAT")
    dates = command(inner, "dates", "legal:dates", "the last day of each legal step of a debt, and how it came about")
    dates.add_argument("cases", nargs="+", metavar="CASE", help="case files")
    dates.add_argument(
        "--as-of", type=moment, metavar="D", help="a day or an instant (default: the case's, else today)"
    )
    dates.add_argument("--ics", metavar="FILE", help="write the days still to come into a calendar file (iCalendar)")
