"""Offers: the plans that a lender may make and a borrower can keep, best for the lender and cheapest for the borrower among them.

`offers` answers for one debt. Nothing is offered where nothing is due, where the budget leaves nothing, or where a person must look
first; the answer then says why and where free advice is.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from arrears.errors import refuse
from arrears.facts.schema import Facts
from arrears.plans.budget import Budget, Creditor
from arrears.plans.creditors import room_for
from arrears.plans.kinds import INTEREST_STOPS, SCHEDULE_STAYS, WAIVING, Asked, Made, answer, ask, lengths, lowest
from arrears.plans.owed import Owed, if_nothing_is_paid, owed_of
from arrears.plans.policy import Level, LongestPlan, Policy, longest_plan
from arrears.plans.schedule import Row
from arrears.plans.worth import worth_of_no_plan, worth_of_plan

#: How the steps of a conditional waiver become final.
FINAL = {"stepped_waiver": "in_steps", "settlement": "when_completed"}


@dataclass(frozen=True)
class NoPlan:
    """What goes on without the plan, on its last day: what is owed then if nothing is paid (minor units), and days past due."""

    on: date
    owed_minor: int
    days_past_due: int


@dataclass(frozen=True)
class Offer:
    """One plan. `waived` by category; `final`: after which instalment how much of that is final; amounts in minor units.

    `tags`: `best_for_lender`, `cheapest_for_borrower`, `at_once`. `worth_minor`: what it is worth to the lender today.
    """

    id: str
    kind: str
    rows: tuple[Row, ...]
    waived: Mapping[str, int]
    final: tuple[tuple[int, int], ...]
    interest_stops: bool
    level: Level
    evidence: tuple[str, ...]
    worth_minor: int
    tags: tuple[str, ...] = ()
    no_plan: NoPlan | None = None

    @property
    def total_minor(self) -> int:
        """All that is paid under the plan."""
        return sum(row.total_minor for row in self.rows)

    @property
    def highest_minor(self) -> int:
        """The largest instalment."""
        return max(row.total_minor for row in self.rows)

    @property
    def ends_on(self) -> date:
        """The day of the last instalment."""
        return self.rows[-1].due_on


@dataclass(frozen=True)
class Offers:
    """The answer for one debt. `why_none`: why nothing is offered, else None: `nothing_due`, `plan_current`, `for_a_person`, `hardship`, `nothing_fits`.

    `room_minor`: what the budget leaves for this debt a month beside its other creditors; `at_most_minor`: what an instalment may be at most.
    `elsewhere_minor`: what is owed to those others. `lender_no_plan_minor`: what going on without a plan is worth to the lender.
    """

    owed: Owed
    budget: Budget
    policy: Policy
    limit: LongestPlan | None
    room_minor: int
    elsewhere_minor: int
    at_most_minor: int
    pay_day: int
    offers: tuple[Offer, ...]
    why_none: str | None
    lender_no_plan_minor: int

    def offer(self, offer_id: str) -> Offer:
        """The offer of that id. Refusal that names what there is."""
        for one in self.offers:
            if one.id == offer_id:
                return one
        there = ", ".join(one.id for one in self.offers) or "none"
        raise refuse("offer", "is no offer for this debt", value=offer_id, exit_code=2, todo=f"there are: {there}")


def offers(
    facts: Facts, account_id: str, budget: Budget, policy: Policy, as_of: date | datetime,
    at_most_minor: int | None = None, pay_day: int | None = None, beside: Sequence[Creditor] = (),
) -> Offers:  # fmt: skip
    """The offers for a debt. `at_most_minor`: what the borrower says an instalment may be at most; `pay_day`: 1 to 31 (the budget's, else that of the oldest due date);
    `beside`: debts that share in what is affordable and are not in the budget, such as the others of a case.

    KeyError if the account is unknown; Refusal if budget, policy and account do not belong together.
    """
    owed = owed_of(facts, account_id, as_of)
    _belong_together(owed, budget, policy)
    found = offers_on(owed, budget, policy, at_most_minor, pay_day, beside)
    return replace(found, offers=compared(facts, account_id, found.offers))


def compared(facts: Facts, account_id: str, found: Sequence[Offer]) -> tuple[Offer, ...]:
    """The offers, each with what happens until its end if there is no plan."""
    ends = {offer.ends_on for offer in found}
    without = {end: NoPlan(end, *if_nothing_is_paid(facts, account_id, end)) for end in ends}
    return tuple(replace(offer, no_plan=without[offer.ends_on]) for offer in found)


def offers_on(
    owed: Owed, budget: Budget, policy: Policy, at_most_minor: int | None = None, pay_day: int | None = None,
    beside: Sequence[Creditor] = (),
) -> Offers:  # fmt: skip
    """As `offers`, from what is owed alone: without the picture of what happens if nothing is paid."""
    room, elsewhere = room_for(owed.in_all_minor, budget, beside), (*beside, *budget.creditors)
    most = room if at_most_minor is None else min(at_most_minor, room)
    day = pay_day or budget.pay_day or (owed.oldest_due_on or owed.on).day
    limit = longest_plan(owed.law, owed.product, owed.lender_kind, owed.on)
    without = worth_of_no_plan(owed.in_all_minor, policy.assumptions)
    others = sum(debt.owed_minor for debt in elsewhere)
    empty = Offers(owed, budget, policy, limit, room, others, most, day, (), None, without)
    if why := _why_none(owed, budget):
        return replace(empty, why_none=why)
    found = _chosen([_offer(made, owed, policy) for made in _made(empty)])
    return replace(empty, offers=found, why_none=None if found else "nothing_fits")


def _belong_together(owed: Owed, budget: Budget, policy: Policy) -> None:
    if budget.currency != owed.currency:
        raise refuse("currency", f"is in {budget.currency}, the debt in {owed.currency}", field="budget.currency",
                     account=owed.account_id, exit_code=2)  # fmt: skip
    if not policy.speaks_to(owed.law, owed.currency, owed.product):
        raise refuse("policy", "does not speak to this law, currency and product", value=policy.id, exit_code=2,
                     account=owed.account_id, todo="name another with --policy")  # fmt: skip


def _why_none(owed: Owed, budget: Budget) -> str | None:
    if owed.standing:
        return "for_a_person"
    if owed.plan_status == "current":
        return "plan_current"
    if owed.due_minor <= 0:
        return "nothing_due"
    return "hardship" if budget.affordable_minor <= 0 else None


def lowest_offer(found: Offers) -> Offer | None:
    """The plan with the lowest instalment that fits the budget: of those that can be granted at once, else of all. None if nothing fits."""
    if found.why_none not in (None, "nothing_fits"):
        return None
    owed = found.owed
    made = [one for question in _questions(found) if (one := lowest(question, owed.on)) and _is_its_kind(one)]
    shown = [_offer(one, owed, found.policy) for one in made]
    return min(shown, key=lambda one: (not one.level.at_once, one.highest_minor, one.total_minor, one.id), default=None)


def _questions(asked: Offers) -> Iterator[Asked]:
    """Every kind at every level of authority."""
    for kind, terms in asked.policy.offers.items():
        for level in asked.policy.levels:
            question = ask(
                kind, terms, level, asked.owed, asked.policy, asked.at_most_minor, asked.pay_day, asked.limit
            )
            if question is not None:
                yield question


def _made(asked: Offers) -> Iterator[Made]:
    """The best and the cheapest answer to every question."""
    for question in _questions(asked):
        allowed = lengths(question, asked.owed.on, asked.policy.assumptions)
        for cheapest in (False, True):
            made = answer(question, asked.owed.on, allowed, cheapest)
            if made is not None and _is_its_kind(made):
                yield made


def _is_its_kind(made: Made) -> bool:
    """A kind that waives is one only if something is waived."""
    return made.asked.kind not in WAIVING or bool(made.waived)


def _offer(made: Made, owed: Owed, policy: Policy) -> Offer:
    kind = made.asked.kind
    rows = _with_schedule(made, owed) if kind in SCHEDULE_STAYS else made.rows
    waived = sum(made.waived.values())
    stops = kind in INTEREST_STOPS and (owed.rate_ppm > 0 or owed.interest_later_minor > 0)
    return Offer(
        f"{kind}-{len(rows)}" + (f"-{waived}" if waived else ""), kind, rows, made.waived,
        final_steps(kind, waived, len(rows)), stops, made.asked.level, policy.offers[kind].evidence,
        worth_of_plan(rows, owed.on, policy.assumptions),
    )  # fmt: skip


def final_steps(kind: str, waived_minor: int, count: int) -> tuple[tuple[int, int], ...]:
    """After which instalment how much of the waiver is final."""
    if not waived_minor:
        return ()
    if FINAL[kind] == "when_completed":
        return ((count, waived_minor),)
    return tuple((number, waived_minor * number // count) for number in range(1, count + 1))


def _with_schedule(made: Made, owed: Owed) -> tuple[Row, ...]:
    """The rows for the arrears together with the instalments of the schedule that stays."""
    days = {row.due_on: row for row in made.rows}
    for later in owed.later:
        own = days.get(later.due_on, Row(0, later.due_on))
        days[later.due_on] = Row(
            0, later.due_on, own.principal_minor + later.principal_minor, own.interest_minor + later.interest_minor,
            own.penalty_minor, own.fee_minor + later.fee_minor,
        )  # fmt: skip
    return tuple(replace(days[day], number=number) for number, day in enumerate(sorted(days), 1))


def _chosen(made: Sequence[Offer]) -> tuple[Offer, ...]:
    """Of each kind the best for the lender; of all, what is cheapest, and the best of what is granted at once."""
    if not made:
        return ()
    by_worth = sorted(made, key=lambda one: (-one.worth_minor, one.total_minor, one.id))
    tagged: dict[str, Offer] = {}
    for one in by_worth:
        if not any(kept.kind == one.kind for kept in tagged.values()):
            tagged[one.id] = one
    tags = {
        "best_for_lender": by_worth[0],
        "cheapest_for_borrower": min(made, key=lambda one: (one.total_minor, -one.worth_minor, one.id)),
    }
    at_once = [one for one in by_worth if one.level.at_once]
    if at_once:
        tagged.setdefault(at_once[0].id, at_once[0])
    for tag, one in tags.items():
        kept = tagged.get(one.id, one)
        tagged[one.id] = replace(kept, tags=(*kept.tags, tag))
    shown = [replace(one, tags=(*one.tags, "at_once")) if one.level.at_once else one for one in tagged.values()]
    return tuple(sorted(shown, key=lambda one: (one.total_minor, len(one.rows), one.id)))
