"""`arrears standing`: hardship, pauses, death, insolvency, identity theft, disputes and complaints of a debt, each with what stops and until when."""

from __future__ import annotations

import argparse

from arrears.cli.account import case_accounts
from arrears.cli.out import print_json
from arrears.legal import debt_of
from arrears.legal.standing import standing_of
from arrears.legal.standing_answer import as_json, lines_of


def standing(arguments: argparse.Namespace) -> int:
    """`arrears standing`."""
    for case, account_id, as_of in case_accounts(arguments):
        debt = debt_of(case.facts, account_id, as_of, case.known_at)
        found = standing_of(debt)
        if arguments.json:
            print_json(as_json(debt, found, arguments.lang))
        else:
            print("\n".join(lines_of(debt, found, arguments.lang)))
    return 0
