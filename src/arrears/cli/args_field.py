"""Arguments of `calls` and `visits`: work that people carry."""

from __future__ import annotations

from datetime import date
from typing import Any

from arrears.cli.arguments import command, configured, instant, positive

#: As in arrears.dispatch.outcomes.DETAILS, which is too slow to import before a command is known.
DETAILS = ("amount", "by", "callback", "hours", "place", "from", "until", "note")
_AT = "as if it were T: only for an installation that says `rehearsal: true`"
_NIGHT = "first put the work list of this night into the outbox"


def add(commands: Any) -> None:
    """Add the commands."""
    calls = commands.add_parser("calls", help="calls: the next one, its outcome, and files for a dialler")
    _calls(calls.add_subparsers(dest="what", required=True, metavar="WHAT"))
    visits = commands.add_parser("visits", help="visits: plan a round, recheck it, take its outcomes in")
    _visits(visits.add_subparsers(dest="what", required=True, metavar="WHAT"))


def _calls(inner: Any) -> None:
    following = _command(
        inner, "next", "calls:next_", "the best call that may be made now, asked again, with what to say", night=True
    )
    following.add_argument("--staff", required=True, metavar="S", help="who calls")
    outcome = _command(inner, "outcome", "calls:outcome", "tell the outcome of one call or visit")
    outcome.add_argument("key", metavar="KEY", help="the key of the attempt")
    outcome.add_argument("code", metavar="CODE", help="the outcome, such as RPC, NA or PTP")
    outcome.add_argument("--made-at", type=instant, metavar="T", help="when it was made (default: now)")
    for name in DETAILS:
        outcome.add_argument(f"--{name}", metavar="TEXT", dest=f"detail_{name}", help=_DETAIL_HELP[name])
    export = _command(
        inner, "export", "calls:export_", "write calls that may be made now into a file for a dialler", night=True
    )
    export.add_argument("file", metavar="FILE", help="the new CSV file")
    export.add_argument(
        "--channel", choices=("call", "voicebot"), default="call", help="by people or by machine (default: call)"
    )
    export.add_argument(
        "--most", type=positive, default=10_000, metavar="N", help="at most so many rows (default: 10000)"
    )
    _mapping(export)
    recheck = _command(
        inner, "recheck", "calls:recheck_", "which rows of an exported file must not be dialled any more"
    )
    recheck.add_argument("file", metavar="FILE", help="the file that was exported")
    _mapping(recheck)
    outcomes = _command(inner, "outcomes", "calls:outcomes", "take in what a dialler made of its calls")
    outcomes.add_argument("file", metavar="FILE", help="CSV with key, at, code and what the code needs")
    _mapping(outcomes)


def _visits(inner: Any) -> None:
    plan = _command(
        inner,
        "plan",
        "visits:plan",
        "who is visited on a day, by which crew and when; writes the round sheets",
        night=True,
    )
    plan.add_argument("--on", type=date.fromisoformat, required=True, metavar="DATE", help="the day of the round")
    plan.add_argument(
        "--crew", action="append", default=[], metavar="C", help="only this crew; may be repeated (default: all)"
    )
    recheck = _command(inner, "recheck", "visits:recheck_", "which visits of a round must not be made any more")
    recheck.add_argument("round", metavar="ROUND", help="the name of the round")
    withdraw = _command(
        inner, "withdraw", "visits:withdraw", "visits of a round that are surely not made are free again"
    )
    withdraw.add_argument("round", metavar="ROUND", help="the name of the round")
    withdraw.add_argument(
        "keys", nargs="*", metavar="KEY", help="only these visits (default: all whose outcome was not told)"
    )
    outcomes = _command(inner, "outcomes", "visits:outcomes", "take in what the crews made of their visits")
    outcomes.add_argument("file", metavar="FILE", help="CSV with key, at, code and what the code needs")
    _mapping(outcomes)


_DETAIL_HELP = {
    "amount": "amount promised",
    "by": "day by which it is promised",
    "callback": "when to call back, an instant",
    "hours": "inconvenient hours, such as 12:00-14:00",
    "place": "inconvenient place, such as work or home",
    "from": "inconvenient from this day on",
    "until": "inconvenient until this day",
    "note": "a remark; kept sealed",
}


def _command(inner: Any, name: str, function: str, about: str, night: bool = False) -> Any:
    parser = command(inner, name, function, about)
    configured(parser)
    parser.add_argument("--at", type=instant, metavar="T", help=_AT)
    if night:
        parser.add_argument("--night", metavar="FOLDER", help=_NIGHT)
    return parser


def _mapping(parser: Any) -> None:
    parser.add_argument("--mapping", metavar="FILE", help="YAML that names the columns and codes of the file")
