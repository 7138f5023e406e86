"""Which policy answers for plans here: the installation's own (`plans: {policy: FILE}`), else the example that comes with arrears for the law."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from arrears.installation import Installation
from arrears.plans import Owed, Policy, policy_for, read_policy


def policy_here(installation: Installation, owed: Owed) -> tuple[Policy | None, bool]:
    """The policy for a debt, and whether it is the lender's own; None where neither speaks to the debt.

    A policy of the lender's that does not speak to the debt leaves it to the example. Refusal if the file is unfit or goes beyond the law.
    """
    return _policy(installation, owed.law, owed.currency, owed.product, owed.on)


def policy_of_account(installation: Installation, row: Mapping[str, Any], on: date) -> tuple[Policy | None, bool]:
    """As `policy_here`, for an account (a row of accounts), held against the law of a day."""
    return _policy(installation, str(row["law"]), str(row["currency"]), str(row["product"]), on)


def _policy(installation: Installation, law: str, currency: str, product: str, on: date) -> tuple[Policy | None, bool]:
    told = installation.section("plans").get("policy")
    if told is not None:
        own = read_policy(installation.folder / str(told), on)
        if own.speaks_to(law, currency, product):
            return own, True
    return policy_for(law, currency, product), False
