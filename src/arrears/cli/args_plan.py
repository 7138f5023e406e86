"""Arguments of `plan`: offers, the agreed plan, whether it is kept, and penalty interest: the request and its decision."""

from __future__ import annotations

import argparse
from typing import Any

from arrears.cli.arguments import command, configured, moment


def add(commands: Any) -> None:
    """Add the commands."""
    parser = commands.add_parser("plan", help="repayment plans: offers, agreements, and whether they are kept")
    inner = parser.add_subparsers(dest="what", required=True, metavar="WHAT")
    offer = command(inner, "offer", "plan:offer", "the plans that a lender may make and a borrower can keep")
    _common(offer, budget=True)
    offer.add_argument("--propose", metavar="AMOUNT", help="the borrower's own proposal a month, answered at once")
    offer.add_argument("--letters", metavar="FOLDER", help="write a letter to every creditor of the budget (PDF)")
    agree = command(inner, "agree", "plan:agree", "an offer as agreed: the fact, and the agreement as a signed PDF")
    _common(agree, budget=True)
    agree.add_argument("--propose", metavar="AMOUNT", help="the proposal that the offer answers, as for `plan offer`")
    agree.add_argument("--offer", metavar="ID", required=True, help="the offer, as `plan offer` names it")
    agree.add_argument(
        "--at", type=moment, metavar="T", help="when it was agreed (default: noon of the day asked about)"
    )
    agree.add_argument("--out", metavar="FILE", help="write the case with the plan in it")
    agree.add_argument("--pdf", metavar="FILE", help="write the agreement, signed with the installation's key")
    configured(agree)
    check = command(inner, "check", "plan:check", "whether a plan is kept; offers or signatures checked independently")
    _common(check, budget=False)
    check.add_argument("--signed", metavar="FILE", help="an agreement (PDF): who signed it, and whether it was changed")
    check.add_argument("--keys", metavar="FILE", help="the lender's published keys (default: the installation's)")
    configured(check)
    end = command(inner, "end", "plan:end", "end a plan early: the facts, with what of its waivers comes back")
    end.add_argument("case", metavar="CASE", help="a case file")
    end.add_argument("--account", metavar="ID", help="which debt of the case (default: the first)")
    end.add_argument("--as-of", type=moment, metavar="D", help="a day or an instant (default: the case's, else today)")
    end.add_argument("--at", type=moment, metavar="T", help="when it ends (default: noon of the day asked about)")
    end.add_argument("--out", metavar="FILE", help="write the case with the end in it")
    _penalty(inner)


def _penalty(inner: Any) -> None:
    about = "penalty interest: what was charged, what may be waived, the letter that asks, the decision"
    parser = command(inner, "penalty", "penalty:penalty", about)
    parser.add_argument("case", metavar="CASE", help="a case file")
    parser.add_argument("--policy", metavar="FILE", help="the lender's authority (default: the example of the law)")
    parser.add_argument("--account", metavar="ID", help="which debt of the case (default: the first)")
    parser.add_argument(
        "--as-of", type=moment, metavar="D", help="a day or an instant (default: the case's, else today)"
    )
    parser.add_argument("--ask", metavar="AMOUNT", help="how much the borrower asks to be waived (default: all of it)")
    parser.add_argument("--why", default="income", metavar="REASON", help="why (default: income)")
    parser.add_argument("--letter", metavar="FILE", help="write the borrower's letter (.pdf or .txt)")
    parser.add_argument("--grant", metavar="AMOUNT", help="the lender's decision: how much is waived; 0 refuses")
    parser.add_argument("--by", metavar="LEVEL", help="who decides, a level of the policy (with --grant)")
    parser.add_argument("--because", metavar="REASON", help="why it is not granted in full (with --grant)")
    parser.add_argument(
        "--at", type=moment, metavar="T", help="when it was decided (default: noon of the day asked about)"
    )
    parser.add_argument("--reply", metavar="FILE", help="write the decision as a letter (.pdf or .txt)")
    parser.add_argument("--out", metavar="FILE", help="write the case with the waiver in it")


def _common(parser: argparse.ArgumentParser, budget: bool) -> None:
    parser.add_argument("case", metavar="CASE", nargs=None if budget else "?", help="a case file")
    parser.add_argument("--budget", metavar="FILE", required=budget, help="the household's budget (YAML or JSON)")
    parser.add_argument("--policy", metavar="FILE", help="the lender's authority (default: the example of the law)")
    parser.add_argument("--account", metavar="ID", help="which debt of the case (default: the first)")
    parser.add_argument(
        "--as-of", type=moment, metavar="D", help="a day or an instant (default: the case's, else today)"
    )
    parser.add_argument("--pay-day", type=int, metavar="N", help="day of the month to pay on (default: the budget's)")
