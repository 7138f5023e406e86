"""`arrears standing`: hardship, pauses, death, insolvency, identity theft, disputes and complaints of a debt, each with what stops and until when."""

from __future__ import annotations

import argparse
from pathlib import Path

from arrears.cli.account import case_at, not_before_the_loan
from arrears.cli.out import print_json, today
from arrears.errors import refuse
from arrears.legal import debt_of
from arrears.legal.standing import standing_of
from arrears.legal.standing_answer import as_json, lines_of


def standing(arguments: argparse.Namespace) -> int:
    """`arrears standing`."""
    for name in arguments.cases:
        if not Path(name).is_file():
            raise refuse(
                "case", "is not a case file", value=name, exit_code=2, todo="name a file; docs/cases.md has the form"
            )
        case = case_at(Path(name))
        as_of = arguments.as_of or case.as_of or today()
        for account_id in case.account_ids:
            not_before_the_loan(case.facts, account_id, as_of)
            debt = debt_of(case.facts, account_id, as_of, case.known_at)
            found = standing_of(debt)
            if arguments.json:
                print_json(as_json(debt, found, arguments.lang))
            else:
                print("\n".join(lines_of(debt, found, arguments.lang)))
    return 0
