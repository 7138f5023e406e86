"""A borrower's own proposal, answered at once: accepted, countered, or passed to a person, with the reason."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from arrears.facts.schema import Facts
from arrears.plans.budget import Budget, Creditor
from arrears.plans.offers import Offer, Offers, compared, lowest_offer, offers
from arrears.plans.policy import Policy


@dataclass(frozen=True)
class Answer:
    """The answer to a proposal. `answer`: `accepted`, `countered`, `to_a_person`; `reason`: a word of `reasons`, or why nothing is offered at all.

    `offer`: the plan that answers it, where there is one; `offers`: all that the proposal leaves.
    """

    answer: str
    reason: str
    proposed_minor: int
    offer: Offer | None
    offers: Offers


def propose(
    facts: Facts, account_id: str, budget: Budget, policy: Policy, as_of: date | datetime, amount_minor: int,
    pay_day: int | None = None, beside: Sequence[Creditor] = (),
) -> Answer:  # fmt: skip
    """The answer to a proposal of an amount a month (minor units) on a day of the month.

    More than the budget carries is never accepted: the answer is a plan that can be kept. KeyError and Refusal as for `offers`.
    """
    found = offers(facts, account_id, budget, policy, as_of, amount_minor, pay_day, beside)
    if found.why_none not in (None, "nothing_fits"):
        return Answer("to_a_person", found.why_none or "", amount_minor, None, found)
    if amount_minor > found.room_minor:
        best = _best(found)
        return Answer(
            "countered" if best else "to_a_person", "more_than_affordable" if best else "nothing_fits", amount_minor, best, found
        )  # fmt: skip
    at_once = next((one for one in _by_worth(found) if one.level.at_once), None)
    if at_once is not None:
        return Answer("accepted", "within_authority", amount_minor, at_once, found)
    if found.offers:
        return Answer("to_a_person", "needs_authority", amount_minor, _by_worth(found)[0], found)
    wider = offers(facts, account_id, budget, policy, as_of, None, pay_day, beside)
    lowest = lowest_offer(wider)
    if lowest is None:
        return Answer("to_a_person", "nothing_fits", amount_minor, None, wider)
    (lowest,) = compared(facts, account_id, [lowest])
    with_it = (*(one for one in wider.offers if one.id != lowest.id), lowest)
    return Answer("countered", "too_little", amount_minor, lowest, replace(wider, offers=with_it, why_none=None))


def _best(found: Offers) -> Offer | None:
    """What can be granted at once before what cannot."""
    ranked = _by_worth(found)
    return next((one for one in ranked if one.level.at_once), ranked[0] if ranked else None)


def _by_worth(found: Offers) -> list[Offer]:
    return sorted(found.offers, key=lambda one: (-one.worth_minor, one.total_minor, one.id))
