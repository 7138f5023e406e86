"""An agreed plan as a fact: the `plan` event that the replay knows.

Every waiver of a plan is given when it begins and is conditional: the plan that leaves the schedule alone cannot be told to the replay
otherwise. If the plan is ended, what is not final yet comes back (`ending`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from arrears import money
from arrears.plans.offers import Offer, Offers

FREEZE = ("interest", "penalty", "late_fee")


@dataclass(frozen=True)
class Agreed:
    """A plan both sides agreed to. `event`: the fact in the form of a case file, amounts as decimal strings."""

    account_id: str
    currency: str
    offer: Offer
    event: dict[str, Any]


def agreed(found: Offers, offer_id: str, at: datetime) -> Agreed:
    """The offer as agreed at an instant (aware). Refusal if there is no such offer.

    In the fact, the penalties of a row stand with its fees, and daily interest that had accrued is left out of the first row: the
    replay bills it there by itself.
    """
    if at.tzinfo is None:
        raise ValueError("an instant has its offset")
    offer, owed = found.offer(offer_id), found.owed

    def text(minor: int) -> str:
        return money.to_text(minor, owed.currency)

    rows = [
        {
            "due_on": row.due_on.isoformat(), "principal": text(row.principal_minor),
            "interest": text(row.interest_minor - (owed.accrued_minor if row.number == 1 else 0)),
            "fee": text(row.fee_minor + row.penalty_minor),
        }
        for row in offer.rows
    ]  # fmt: skip
    event = {
        "at": at.isoformat(), "kind": "plan", "account": owed.account_id, "reason": offer.kind, "freeze": list(FREEZE),
        "include": ["fee", "penalty"], "waive": {name: text(amount) for name, amount in offer.waived.items()},
        "grace_days": found.policy.grace_days, "repair_days": found.policy.repair_days, "instalments": rows,
    }  # fmt: skip
    return Agreed(owed.account_id, owed.currency, offer, {key: value for key, value in event.items() if value != {}})


def as_data(plan: Agreed) -> dict[str, Any]:
    """The `data` of the fact as the store holds it: amounts in minor units."""

    def minor(text: str) -> int:
        return money.to_minor(text, plan.currency)

    told = {name: plan.event[name] for name in ("reason", "freeze", "include", "grace_days", "repair_days")}
    rows = [
        {
            "number": number,
            "due_on": row["due_on"],
            **{name: minor(row[name]) for name in ("principal", "interest", "fee")},
        }
        for number, row in enumerate(plan.event["instalments"], 1)
    ]
    waived = {name: minor(amount) for name, amount in (plan.event.get("waive") or {}).items()}
    return {**told, "waive": waived, "instalments": rows}


def last_day(plan: Agreed) -> date:
    """The day of the last instalment."""
    return plan.offer.ends_on
