"""Arguments of `advise` and `pages`: the whole answer for a case, and the public pages as files."""

from __future__ import annotations

from typing import Any

from arrears.cli.arguments import command, moment


def add(commands: Any) -> None:
    """Add the commands."""
    advise = command(
        commands, "advise", "advise:advise_", "an SMS came, nobody visited: what now? The whole answer for a case"
    )
    advise.add_argument("cases", nargs="+", metavar="CASE", help="case files")
    advise.add_argument(
        "--as-of", type=moment, metavar="D", help="a day or an instant (default: the case's, else today)"
    )
    advise.add_argument("--ladder", metavar="LADDER", help="name or file (default: the case's, else the law's)")
    advise.add_argument(
        "--binds", choices=("lender", "agency", "assignee"), help="who collects (default: the lender itself)"
    )
    advise.add_argument(
        "--budget", metavar="FILE", help="the household's budget (YAML or JSON): its plans are reckoned"
    )
    advise.add_argument("--policy", metavar="FILE", help="the lender's authority (default: the example of the law)")
    advise.add_argument("--html", metavar="FILE", help="write the answer as one HTML file")
    advise.add_argument("--pdf", metavar="FILE", help="write the answer as PDF")
    pages = command(
        commands, "pages", "pages:pages", "the public pages as files, for any web host or none", worded=False
    )
    pages.add_argument("--out", required=True, metavar="DIR", help="the folder to write; made if it is not there")
    pages.add_argument(
        "--keys", metavar="FILE", help="the lender's published keys: signatures are then checked on the page itself"
    )
    pages.add_argument("--service", metavar="URL", help="a running service, whose form for one's own loan is linked")
