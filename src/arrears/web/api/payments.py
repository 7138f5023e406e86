"""`POST /api/v1/payments`: payments from a bank or a provider, as the files of `arrears payments import` bring them."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Request, Response
from pydantic import Field, model_validator

from arrears import money
from arrears.payments import Entry, Statement, take_in
from arrears.payments.reference import reference_pattern
from arrears.web.api.access import Payer
from arrears.web.api.kinds import Day, Id, Instant, Strict
from arrears.web.api.once import HEADERS, MaybeKey, answered, keep, once, replayed
from arrears.web.api.told import problems
from arrears.web.served import Served, served_by
from arrears.web.tokens import Token

router = APIRouter(prefix="/api/v1", tags=["payments"])
MOST = 10_000
#: What a bank writes: anything but control characters other than a new line or a tab.
Line = Annotated[str, Field(max_length=2000, pattern=r"^[^\x00-\x08\x0b-\x1f\x7f]*$")]


class Payment(Strict):
    """One booking. `on` is the day it counts from; `at`, if known, the instant. `amount` is a decimal string, above zero."""

    payment_id: Id = Field(
        description="The bank's or provider's own id: the same booking again changes nothing.", examples=["P-1"]
    )
    kind: Literal["payment", "reversal", "other"] = Field(
        default="payment", description="`reversal`: money that went back; `other`: no payment of a borrower."
    )
    on: Day = Field(description="The day from which it counts.", examples=["2026-11-19"])
    at: Instant | None = Field(default=None, description="The instant, if it is known.")
    amount: Annotated[str, Field(pattern=r"^[0-9]{1,14}(\.[0-9]{1,4})?$")] = Field(
        description="A decimal amount above zero.", examples=["100.00"]
    )
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")] = Field(description="ISO 4217.", examples=["CNY"])
    references: list[Line] = Field(
        default=[], max_length=20, description="Texts in which the account may stand.", examples=[["LN-000123"]]
    )
    payer: Annotated[str, Field(max_length=200, pattern=r"^[^\x00-\x1f\x7f]*$")] | None = Field(
        default=None, description="Who paid, as the bank says."
    )
    reverses: Id | None = Field(default=None, description="Of a reversal: the `payment_id` that it takes back.")

    @model_validator(mode="after")
    def _is_an_amount(self) -> Payment:
        if self.currency not in money.currencies():
            raise ValueError("the currency is not known")
        if money.to_minor(self.amount, self.currency) <= 0:
            raise ValueError("the amount is not above zero")
        return self


class Payments(Strict):
    """Up to 10,000 bookings that go in together or not at all."""

    payments: Annotated[list[Payment], Field(min_length=1, max_length=MOST)] = Field(description="The bookings.")


class Accepted(Strict):
    """What became of them: new facts, bookings known before, and how many wait for a person, by reason."""

    payments: int = Field(description="Payments that are new facts.", examples=[1])
    reversals: int = Field(description="Reversals that are new facts.", examples=[0])
    known: int = Field(description="Bookings that were known before.", examples=[0])
    waiting: dict[str, int] = Field(
        description="How many wait for a person, by reason.", examples=[{"no_reference": 1}]
    )
    not_ours: int = Field(description="Bookings that are no payments of borrowers.", examples=[0])


EXAMPLES = {"transfer": {"summary": "A transfer", "value": {"payments": [
    {"payment_id": "P-1", "on": "2026-11-19", "amount": "100.00", "currency": "CNY", "references": ["LN-000123"]}]}}}  # fmt: skip


@router.post(
    "/payments", summary="Let payments in",
    responses={200: {"description": "Let in, or let in before under this key.", "headers": HEADERS}, **problems(400, 409, 413)},
    openapi_extra={"requestBody": {"content": {"application/json": {"examples": EXAMPLES}}}},
)  # fmt: skip
def let_in(request: Request, response: Response, body: Payments, client: Payer, key: MaybeKey = None) -> Accepted:
    """Let payments in. `payment_id` is an idempotency key of its own: the same booking again changes nothing and counts as known.

    When this has been answered the payments are on the disk, and no message that was planned before leaves for their accounts.
    """
    served = served_by(request)
    if key is None:
        return _taken_in(served, client, body)
    asked = once(client, key, "payments", body)
    with served.store.hold([asked.held_as]):
        with served.store.read() as connection:
            before = answered(connection, asked)
        if before is not None:
            replayed(response)
            return Accepted(**before)
    accepted = _taken_in(served, client, body)
    with served.store.hold([asked.held_as]), served.store.begin() as connection:
        if answered(connection, asked) is None:
            keep(connection, asked, accepted, served.now())
    return accepted


def _taken_in(served: Served, client: Token, body: Payments) -> Accepted:
    entries = tuple(_entry(payment, client.name) for payment in body.payments)
    digest = hashlib.sha256(f"{client.name}\n{body.model_dump_json()}".encode()).hexdigest()
    statement = Statement(f"api:{client.name}", digest, entries)
    pattern = reference_pattern(served.installation)
    found = take_in(served.store, served.personal, [statement], served.now(), pattern)
    return Accepted(
        payments=found.payments, reversals=found.reversals, known=found.known, waiting=dict(found.waiting),
        not_ours=found.not_ours,
    )  # fmt: skip


def _entry(payment: Payment, client: str) -> Entry:
    return Entry(
        entry_id=f"api-{client}-{payment.payment_id}", kind=payment.kind,
        amount=money.to_minor(payment.amount, payment.currency), currency=payment.currency, on=payment.on,
        at=payment.at.astimezone(UTC) if isinstance(payment.at, datetime) else None,
        references=tuple(text for text in payment.references if text.strip()), payer=payment.payer,
        reverses=f"api-{client}-{payment.reverses}" if payment.reverses else None,
    )  # fmt: skip
