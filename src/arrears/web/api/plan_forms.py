"""A household's budget and a plan, as the API takes them. docs/reference/plans.md explains the fields."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from arrears.web.api.kinds import Day, Id, Strict

BudgetAmount = Annotated[
    str,
    Field(
        pattern=r"^[0-9]{1,9}(\.[0-9]{1,4})?$", description="An amount in the budget's currency.", examples=["2200.00"]
    ),
]
Name = Annotated[str, Field(min_length=1, max_length=100, pattern=r"^[^\x00-\x1f\x7f]+$")]
Heading = Annotated[str, Field(pattern=r"^[a-z_]{1,40}$")]
PayDay = Annotated[int, Field(ge=1, le=31, strict=True, description="The day of the month to pay on.", examples=[15])]


class Every(Strict):
    """An amount that comes or goes at other times than monthly."""

    amount: BudgetAmount
    every: Literal["week", "fortnight", "four_weeks", "month", "quarter", "year"] = Field(
        description="How often.", examples=["week"]
    )


class Household(Strict):
    """Who lives on it."""

    adults: int = Field(default=1, ge=1, le=40, strict=True, description="Adults.", examples=[1])
    children: int = Field(default=0, ge=0, le=40, strict=True, description="Children.", examples=[0])


class Priority(Strict):
    """A debt that goes first, such as rent arrears."""

    name: Name = Field(description="What or whose it is.", examples=["Rent arrears"])
    owed: BudgetAmount | None = Field(default=None, description="How much is owed.")
    a_month: BudgetAmount | Every = Field(description="What goes to it each month.")


class Creditor(Strict):
    """Another creditor."""

    name: Name = Field(description="Whose it is.", examples=["Example Card"])
    owed: BudgetAmount = Field(description="How much is owed.")


class MinimumLiving(Strict):
    """The local minimum living standard, if the household knows it."""

    a_month: BudgetAmount = Field(description="For one person, a month.", examples=["1450.00"])
    source: Name = Field(description="Who says so.", examples=["民政局2026年公告"])


class HouseholdBudget(Strict):
    """What comes in and what goes out each month."""

    form: Heading = Field(default="household", description="Which form it follows.", examples=["cn_household"])
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$", description="ISO 4217; the account's.", examples=["CNY"])]
    on: Day | None = Field(default=None, description="The day it is of; today if left out.")
    region: Annotated[str, Field(pattern=r"^[A-Z]{2}-[A-Z0-9]{1,3}$")] | None = Field(
        default=None, description="ISO 3166-2, for the minimum living standard.", examples=["CN-BJ"]
    )
    household: Household | None = Field(default=None, description="Who lives on it; one adult if left out.")
    income: dict[Heading, BudgetAmount | Every] = Field(
        max_length=40, description="Income by the headings of the form.", examples=[{"wages": "6500.00"}]
    )
    spending: dict[Heading, BudgetAmount | Every] = Field(
        default_factory=dict,
        max_length=60,
        description="Spending by the headings of the form.",
        examples=[{"rent": "2200.00"}],
    )
    priority_debts: list[Priority] = Field(default_factory=list, max_length=40, description="Debts that go first.")
    creditors: list[Creditor] = Field(default_factory=list, max_length=40, description="Other creditors.")
    minimum_living: MinimumLiving | None = Field(
        default=None,
        description="What the household must be left with at least; it goes before the figure of the region.",
    )
    pay_day: PayDay | None = Field(default=None, description="The day of the month on which it is easiest to pay.")


class ForOffers(Strict):
    """For which account, and with what budget."""

    account: Id = Field(description="The account.", examples=["LN-000124"])
    budget: HouseholdBudget = Field(description="The household's budget.")
    propose: BudgetAmount | None = Field(
        default=None, description="What the borrower proposes to pay a month: it is answered at once."
    )
    pay_day: PayDay | None = Field(default=None, description="Another day of the month than the budget's.")


class ToAgree(Strict):
    """Which offer is agreed. The same account and budget as were asked about: the offers are made anew, from what is known now."""

    account: Id = Field(description="The account.", examples=["LN-000124"])
    budget: HouseholdBudget = Field(description="The household's budget.")
    offer: Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[\x21-\x7e]+$")] = Field(
        description="`id` of the offer.", examples=["stretch-12"]
    )
    propose: BudgetAmount | None = Field(
        default=None, description="The proposal that the offer answers, if it was asked for with one."
    )
    pay_day: PayDay | None = Field(default=None, description="The pay day that was asked with, if there was one.")


class Offered(BaseModel):
    """The plans that the lender may make and the borrower can keep, as `arrears plan offer --json` gives them."""

    account: str = Field(description="The account.", examples=["LN-000124"])
    law: str = Field(description="Its law.", examples=["cn"])
    product: str | None = Field(description="Its product.", examples=["small"])
    currency: str = Field(description="ISO 4217.", examples=["CNY"])
    as_of: str = Field(description="The day.", examples=["2026-11-24"])
    policy: str = Field(description="The authority by which they are made.", examples=["cn-example"])
    own_policy: bool = Field(
        description="Whether that is the lender's own; false: an example, by which nothing can be agreed.",
        examples=[True],
    )
    budget: dict[str, Any] = Field(
        description="What the budget comes to: surplus, affordable, minimum.", examples=[{"affordable": "1000.00"}]
    )
    owed: dict[str, Any] = Field(description="What is owed.", examples=[{"days_past_due": 29}])
    at_most: str = Field(description="What an instalment may be at most.", examples=["1000.00"])
    share: str = Field(
        description="What of the affordable amount is for this debt, in proportion to what is owed.",
        examples=["1000.00"],
    )
    owed_elsewhere: str = Field(description="What is owed to the other creditors of the budget.", examples=["0.00"])
    pay_day: int = Field(description="The day of the month.", examples=[15])
    law_limit: dict[str, Any] | None = Field(
        description="The longest plan that law allows; null: no limit is known.", examples=[None]
    )
    offers: list[dict[str, Any]] = Field(
        description="The offers: id, kind, instalments, total, what is waived, who grants it, what happens if one is missed.",
        examples=[[]],
    )
    why_none: dict[str, str] | None = Field(description="Why there is none; null if there are some.", examples=[None])
    lender_no_plan: str = Field(description="What the debt is worth to the lender without a plan.", examples=["120.00"])
    limitation: dict[str, Any] | None = Field(description="What signing does to limitation.", examples=[None])
    advice: list[dict[str, Any]] = Field(description="Where free help is.", examples=[[]])
    proposal: dict[str, Any] | None = Field(description="The answer to `propose`; null without one.", examples=[None])
    creditors: list[dict[str, Any]] = Field(description="The plan across all creditors of the budget.", examples=[[]])


class AgreedPlan(BaseModel):
    """The plan is a fact."""

    account: str = Field(description="The account.", examples=["LN-000124"])
    offer: str = Field(description="The offer that was agreed.", examples=["stretch-12"])
    event_id: str = Field(description="The id of the fact.", examples=["api-portal-0192f0c0-1"])
    agreed_at: str = Field(description="When, UTC.", examples=["2026-11-24T03:00:00+00:00"])
    instalments: list[dict[str, Any]] = Field(
        description="When what is to be paid.", examples=[[{"due_on": "2026-12-15", "total": "17.50"}]]
    )
