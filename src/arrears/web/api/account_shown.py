"""Where an account stands, as the API describes it: the keys of `arrears explain --json` (docs/reference/json.md)."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, Field

_DAY: list[Any] = ["2026-11-01"]


class Parts(BaseModel):
    """An amount by what it is for."""

    fee: str = Field(description="Costs and fees.", examples=["0.00"])
    penalty: str = Field(description="Penalty interest.", examples=["3.20"])
    interest: str = Field(description="Interest.", examples=["5.00"])
    principal: str = Field(description="Principal.", examples=["100.00"])
    total: str = Field(description="All of it.", examples=["108.20"])


class OnDay(BaseModel):
    """An amount and its day, null where there is none."""

    on: str | None = Field(description="The day.", examples=_DAY)
    amount: str = Field(description="The amount.", examples=["105.00"])


class ShownReason(BaseModel):
    """A reason of the ladder or of law."""

    id: str = Field(description="Which reason.", examples=["stage"])
    text: str = Field(description="The reason in words, with its figures.", examples=["Not yet that stage."])


class Decided(BaseModel):
    """What is to be done on the next day."""

    action: str | None = Field(description="The action of the ladder; null: nothing.", examples=["sms_reminder"])
    channel: str | None = Field(description="Its channel.", examples=["sms"])
    reasons: list[ShownReason] = Field(description="Why.", examples=[[{"id": "stage", "text": "Not yet that stage."}]])
    law: dict[str, Any] | None = Field(
        description="What the guard says of it; null without a contact.", examples=[None]
    )


class NotDone(BaseModel):
    """An action that is not taken, with every reason."""

    action: str = Field(description="The action.", examples=["visit"])
    channel: str | None = Field(description="Its channel.", examples=["visit"])
    gain: str = Field(description="What it might bring, in the account's currency.", examples=["0.00"])
    cost: str = Field(description="What it costs, in the account's currency.", examples=["0.00"])
    reasons: list[ShownReason] = Field(description="Why it is not taken.", examples=[[]])


class NextStep(BaseModel):
    """The stage that comes if nothing changes."""

    stage: str = Field(description="Its id.", examples=["phone"])
    name: str | None = Field(description="Its name.", examples=["Phone"])
    on: str = Field(description="Its first day.", examples=_DAY)


class LedgerLine(BaseModel):
    """A line of the account's arithmetic."""

    on: str = Field(description="The day it counts from.", examples=_DAY)
    text: str = Field(description="What happened.", examples=["Instalment 1 falls due"])
    amount: str = Field(description="By how much what is due changed.", examples=["105.00"])
    balance: str = Field(description="What is due after it.", examples=["105.00"])
    rule: str = Field(
        description="The rule it comes from: id, colon, words.", examples=["due: an instalment falls due on its day"]
    )


class Position(BaseModel):
    """An account on a day. Amounts are decimal strings in `currency`, days ISO dates of the account's own time zone."""

    account: str = Field(description="The account's id.", examples=["LN-000123"])
    as_of: str = Field(description="The day that is looked at.", examples=_DAY)
    known_at: str | None = Field(description="By what was known when; null: by all that is known.", examples=[None])
    currency: str = Field(description="ISO 4217.", examples=["CNY"])
    refused: str | None = Field(
        description="Why the account cannot be computed; its figures mean nothing then.", examples=[None]
    )
    days_past_due: int = Field(description="Days past due.", examples=[29])
    worst_days_past_due: int = Field(description="The most there ever were.", examples=[29])
    worst_days_past_due_12m: int = Field(description="The most in twelve months.", examples=[29])
    missed_instalments: int = Field(description="Instalments that are late.", examples=[1])
    oldest_due_on: str | None = Field(description="The oldest due day with something unpaid.", examples=_DAY)
    bucket: str = Field(description="The bucket of its days past due.", examples=["M1"])
    due: Parts = Field(description="What is due.")
    past_due: str = Field(description="What is due and late.", examples=["108.20"])
    not_due_principal: str = Field(description="Principal that is not due yet.", examples=["100.00"])
    accrued_interest: str = Field(description="Interest that has accrued and is not due yet.", examples=["0.00"])
    credit: str = Field(description="Paid and waiting for the next due day.", examples=["0.00"])
    payoff: str = Field(description="What settles the loan on the day.", examples=["208.20"])
    next_due: OnDay = Field(description="What falls due next.")
    paid: Parts = Field(description="What was paid, by what it went to.")
    last_payment: OnDay = Field(description="The last payment.")
    waived: str = Field(description="What was waived.", examples=["0.00"])
    refunded: str = Field(description="What was paid back.", examples=["0.00"])
    under_law: dict[str, Any] = Field(
        description="What law cuts off, what a court may cut, the order it sets, and what could not be checked.",
        examples=[{}],
    )
    cost_of_credit: dict[str, Any] | None = Field(
        description="What the loan costs a year as agreed, beside the caps on all charges; null without a schedule.",
        examples=[{"compound": "0.1358255763", "simple": "0.1280380185"}],
    )
    charged_off: OnDay = Field(description="What was charged off.")
    recovered: str = Field(description="What came in after that.", examples=["0.00"])
    stage: str = Field(description="The stage of the ladder.", examples=["reminder"])
    decision: Decided = Field(description="What is to be done.")
    not_taken: list[NotDone] = Field(description="Everything that is not done, and why.")
    next_step: NextStep | None = Field(description="What comes next; null: nothing further.")
    standing: dict[str, bool | int | float | str | None] = Field(
        description="Promises, plan, dispute, hardship and the other parts of the standing, by name.",
        examples=[{"disputed": False}],
    )
    lines: list[LedgerLine] = Field(description="The account line by line.")
    court: dict[str, Any] | None = Field(
        description="Where it stands before court; null before there is any.", examples=[None]
    )


class NightLine(BaseModel):
    """An account on tonight's list."""

    account: str = Field(description="The account's id.", examples=["LN-000123"])
    stage: str = Field(description="The stage of the ladder.", examples=["reminder"])
    action: str | None = Field(description="What is planned; null: nothing.", examples=["sms_reminder"])
    channel: str | None = Field(description="Its channel.", examples=["sms"])
    product: str = Field(description="The product.", examples=["small"])
    currency: str = Field(description="ISO 4217.", examples=["CNY"])
    days_past_due: int = Field(description="Days past due.", examples=[29])
    past_due: str = Field(description="What is due and late.", examples=["108.20"])
    staff: str | None = Field(description="For whom it is.", examples=[None])
    not_before: str | None = Field(description="When its hours begin, UTC.", examples=["2026-11-24T00:00:00+00:00"])
    not_after: str | None = Field(description="When they end, UTC.", examples=["2026-11-24T12:00:00+00:00"])
    state: str | None = Field(
        description="Of its work in the outbox: ready, leased, sent, held, unknown, parked, expired; null: there is none.",
        examples=["ready"],
    )
