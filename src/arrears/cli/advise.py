"""`advise`: the whole answer for a case."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from arrears import plans
from arrears.advise import Advice, Looked, advise, as_json, as_text, look
from arrears.advise.offered import Offered, offered
from arrears.claim import account_row
from arrears.cli.account import case_accounts, ladder_of
from arrears.cli.out import print_json, write_file
from arrears.cli.plan import policy_of
from arrears.errors import refuse
from arrears.law import Asking
from arrears.strategy import default_ladder


def advise_(arguments: argparse.Namespace) -> int:
    """`arrears advise`."""
    if arguments.policy and not arguments.budget:
        raise refuse(
            "policy",
            "decides about plans, which need a budget",
            field="--policy",
            exit_code=2,
            todo="name one with --budget",
        )
    found = list(_answers(arguments))
    if (arguments.html or arguments.pdf) and len(found) > 1:
        raise refuse(
            "advise", "a file holds the answer for one account", exit_code=2, todo="name one case with one account"
        )
    for number, advice in enumerate(found):
        if arguments.json:
            print_json(as_json(advice, arguments.lang))
        else:
            print("\n" if number else "", as_text(advice, arguments.lang), sep="", end="")
        _files(advice, arguments)
    return 0


def _answers(arguments: argparse.Namespace) -> Iterator[Advice]:
    for case, account_id, as_of in case_accounts(arguments):
        ladder = ladder_of(case, arguments.ladder) or default_ladder(str(account_row(case.facts, account_id)["law"]))
        looked = look(case.facts, account_id, ladder, as_of, case.known_at, Asking(arguments.binds or "lender"))
        if arguments.budget and not looked.account.refused:
            looked = replace(looked, offered=_offered(arguments, looked, case.account_ids))
        yield advise(looked)


def _offered(arguments: argparse.Namespace, looked: Looked, account_ids: Sequence[str]) -> Offered:
    account_id = looked.account.account_id
    owed = plans.owed_of(looked.facts, account_id, looked.today)
    budget = plans.read_budget(Path(arguments.budget), owed.on)
    policy = policy_of(arguments, owed)
    beside = plans.debts_beside(looked.facts, account_ids, account_id, looked.today, budget.currency)
    return offered(looked.facts, account_id, budget, policy, looked.today, bool(arguments.policy), beside)


def _files(advice: Advice, arguments: argparse.Namespace) -> None:
    if arguments.html:
        from arrears.web.advice_page import advice_file

        write_file(Path(arguments.html), advice_file(advice, arguments.lang).encode(), folders=True)
    if arguments.pdf:
        from arrears.advise.paper import advice_pdf

        write_file(Path(arguments.pdf), advice_pdf(advice, arguments.lang), folders=True)
