"""`arrears standing`: hardship, pauses, death, insolvency, identity theft, disputes and complaints of a debt, each with what stops and until when."""

from __future__ import annotations

import argparse
from pathlib import Path

from arrears.cli.account import case_accounts
from arrears.cli.out import print_json
from arrears.errors import refuse
from arrears.legal import Debt, debt_of
from arrears.legal.standing import standing_of
from arrears.legal.standing_answer import as_json, lines_of
from arrears.plans import Policy, policy_for, read_policy


def standing(arguments: argparse.Namespace) -> int:
    """`arrears standing`."""
    for case, account_id, as_of in case_accounts(arguments):
        debt = debt_of(case.facts, account_id, as_of, case.known_at)
        policy = _policy(arguments, debt)
        found = standing_of(debt, policy.answer_days if policy else {})
        if arguments.json:
            print_json({**as_json(debt, found, arguments.lang), "policy": policy.id if policy else None})
        else:
            print("\n".join(lines_of(debt, found, arguments.lang)))
    return 0


def _policy(arguments: argparse.Namespace, debt: Debt) -> Policy | None:
    """The policy whose times to answer count: that of `--policy`, else the example of the law; None where there is none."""
    law, currency, product = debt.law, str(debt.row["currency"]), str(debt.row["product"])
    if not arguments.policy:
        return policy_for(law, currency, product)
    found = read_policy(Path(arguments.policy), debt.day)
    if not found.speaks_to(law, currency, product):
        raise refuse("policy", f"does not speak to {law}, {currency}, {product}", file=arguments.policy, account=debt.account_id,
                     exit_code=2, todo="name the policy of this product, or leave --policy out for the example of the law")  # fmt: skip
    return found
