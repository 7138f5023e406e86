"""`POST /api/v1/plans/offers` and `/plans/agree`: from a household's budget to the plans that fit, and the agreed one as a fact.

Offers are always made anew from what is known: nothing is kept between the two. What no level of the lender's authority grants at once
cannot be agreed here; it takes two people at the desk. Nor can anything be agreed while the lender has set no authority of its own: the
example that comes with arrears shows what could be offered and binds nobody.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from fastapi import APIRouter, Request, Response

from arrears import money, plans
from arrears.facts.yaml_text import Document
from arrears.plans.answer import answer_json, offers_json, shares_json
from arrears.store.facts import record_event
from arrears.web.account.loans import Loan, loan_of
from arrears.web.api.access import Planner
from arrears.web.api.accounts import there
from arrears.web.api.events import rows_of
from arrears.web.api.kinds import Lang
from arrears.web.api.once import HEADERS, Key, Once, answered, keep, once, replayed
from arrears.web.api.plan_forms import AgreedPlan, ForOffers, HouseholdBudget, Offered, ToAgree
from arrears.web.api.told import problems, refused_as
from arrears.web.plan_policy import policy_here
from arrears.web.problems import Told
from arrears.web.served import Served, served_by
from arrears.web.views import note_view

router = APIRouter(prefix="/api/v1/plans", tags=["plans"])
BUDGET = {
    "form": "cn_household", "currency": "CNY", "region": "CN-BJ", "household": {"adults": 1}, "income": {"wages": "6500.00"},
    "spending": {"rent": "2200.00", "food": "1500.00"},
}  # fmt: skip
ASKED = {"asked": {"summary": "What can be offered", "value": {"account": "LN-000124", "budget": BUDGET}}}
AGREED = {
    "agreed": {"summary": "One of the offers", "value": {"account": "LN-000124", "budget": BUDGET, "offer": "OFFER"}}
}


@router.post(
    "/offers", summary="Plans that fit a budget", responses=problems(400, 404, 409, 413),
    openapi_extra={"requestBody": {"content": {"application/json": {"examples": ASKED}}}},
)  # fmt: skip
def offers(request: Request, body: ForOffers, client: Planner, lang: Lang = "en") -> Offered:
    """The plans that the lender's authority allows and the household can keep, exact to the minor unit; or why there is none. Nothing is
    recorded, and an offer is no promise: what is agreed is worked out anew. It says nothing of what will happen."""
    served = served_by(request)
    loan = _loan(served, body.account)
    note_view(served, client, body.account, "api-plan")
    budget = _budget(body.budget, loan)
    found, proposal, own = _offered(served, loan, budget, body)
    with refused_as(409, "Nothing can be offered"):
        answer = offers_json(found, lang, plans.limitation_of(loan.facts, loan.account_id, loan.day))
        asked_about = plans.Creditor(loan.account_id, found.owed.in_all_minor)
        shares = shares_json(plans.shares(budget, [asked_about]), budget.currency)
    told = answer_json(proposal, lang) if proposal else None
    return Offered(**answer, own_policy=own, proposal=told, creditors=shares)


@router.post(
    "/agree", status_code=201, summary="Agree a plan",
    responses={201: {"description": "Agreed, or agreed before under this key.", "headers": HEADERS}, **problems(400, 404, 409, 413)},
    openapi_extra={"requestBody": {"content": {"application/json": {"examples": AGREED}}}},
)  # fmt: skip
def agree(request: Request, response: Response, body: ToAgree, client: Planner, key: Key) -> AgreedPlan:
    """Record an offer as agreed by both sides: the plan counts from this moment. The offers are made anew under the account's hold; one
    that is no longer there, or that nobody's authority grants at once, is refused (409) and nothing is recorded. So is every offer by the
    example policy: the lender must have set its own."""
    served = served_by(request)
    asked = once(client, key, "plans/agree", body)
    with served.store.hold([body.account, asked.held_as]):
        with served.store.read() as connection:
            before = answered(connection, asked)
        if before is not None:
            replayed(response)
            return AgreedPlan(**before)
        loan = _loan(served, body.account)
        note_view(served, client, body.account, "api-plan")
        asking = ForOffers(account=body.account, budget=body.budget, propose=body.propose, pay_day=body.pay_day)
        found, _, own = _offered(served, loan, _budget(body.budget, loan), asking)
        _binding(own)
        now = served.now()
        with refused_as(409, "The plan cannot be agreed"):
            plan = plans.agreed(found, body.offer, now)
            _at_once(plan)
            (row,) = rows_of([text_of(plan.event)], loan.facts, asked, now)
        return _recorded(served, asked, plan, row, now)


def _recorded(served: Served, asked: Once, plan: plans.Agreed, row: dict[str, Any], now: datetime) -> AgreedPlan:
    answer = AgreedPlan(
        account=plan.account_id, offer=plan.offer.id, event_id=asked.event_id(1), agreed_at=now.isoformat(),
        instalments=[{"due_on": one.due_on.isoformat(), "total": money.to_text(one.total_minor, plan.currency)} for one in plan.offer.rows],
    )  # fmt: skip
    with served.store.begin() as connection:
        record_event(connection, row, served.personal)
        keep(connection, asked, answer, now)
    return answer


def _binding(own: bool) -> None:
    if not own:
        told = "offers follow an example that binds nobody; the lender must set its own authority first (`plans: {policy: FILE}`)"
        raise Told(409, "The plan cannot be agreed", [{"pointer": "/account", "detail": told}])


def _at_once(plan: plans.Agreed) -> None:
    if not plan.offer.level.at_once:
        raise Told(
            409,
            "The plan cannot be agreed",
            [{"pointer": "/offer", "detail": "is granted by a person; ask for it at the desk"}],
        )


def _loan(served: Served, account_id: str) -> Loan:
    there(served, account_id)
    with refused_as(409, "The account cannot be computed"):
        loan = loan_of(served, account_id)
    if loan.stood.account.refused:
        raise Told(
            409, "The account cannot be computed", [{"pointer": "/account", "detail": loan.stood.account.refused}]
        )
    return loan


def _budget(told: HouseholdBudget, loan: Loan) -> plans.Budget:
    content = {"household": {}, **text_of(told.model_dump(mode="json", exclude_none=True))}
    with refused_as(422, "The budget says what cannot be", "/budget"):
        return plans.budget_of(Document("budget", content), loan.day)


def text_of(value: Any) -> Any:
    """A value as the readers of YAML know it: every figure as text."""
    if isinstance(value, dict):
        return {name: text_of(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [text_of(inner) for inner in value]
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _offered(
    served: Served, loan: Loan, budget: plans.Budget, body: ForOffers
) -> tuple[plans.Offers, plans.Answer | None, bool]:  # fmt: skip
    """The offers, the answer to a proposal if there is one, and whether they follow the lender's own authority."""
    policy, own = _policy(served, loan)
    about = (loan.facts, loan.account_id, budget, policy, loan.day)
    with refused_as(409, "Nothing can be offered"):
        if body.propose is None:
            return plans.offers(*about, None, body.pay_day), None, own
        answer = plans.propose(*about, _proposed(body.propose, budget), body.pay_day)
        return answer.offers, answer, own


def _proposed(text: str, budget: plans.Budget) -> int:
    try:
        minor = money.to_minor(text, budget.currency)
    except ValueError:
        minor = 0
    if minor <= 0:
        raise Told(
            422,
            "The proposal is no amount",
            [{"pointer": "/propose", "detail": "must be above zero, with the currency's decimals"}],
        )
    return minor


def _policy(served: Served, loan: Loan) -> tuple[plans.Policy, bool]:
    """The authority that speaks to the loan, and whether it is the lender's own."""
    with refused_as(503, "The lender's authority cannot be read"):
        found, own = policy_here(served.installation, plans.owed_of(loan.facts, loan.account_id, loan.day))
    if found is None:
        raise Told(
            409,
            "Nothing can be offered",
            [{"pointer": "/account", "detail": "no authority speaks to its law and currency"}],
        )
    return found, own
