"""`POST /api/v1/payments`: payments from a bank or a provider, as the files of `arrears payments import` bring them."""

from __future__ import annotations

import hashlib
from datetime import UTC, date, datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Header, Request
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, model_validator

from arrears import money
from arrears.payments import Entry, Statement, take_in
from arrears.payments.reference import reference_pattern
from arrears.web.served import served_by
from arrears.web.tokens import allowed

router = APIRouter(prefix="/api/v1", tags=["payments"])
MOST = 10_000
Id = Annotated[str, Field(min_length=1, max_length=128, pattern=r"^[\x21-\x7e]+$")]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Payment(_Strict):
    """One booking. `on` is the day it counts from; `at`, if known, the instant. `amount` is a decimal string, above zero."""

    payment_id: Id
    kind: Literal["payment", "reversal", "other"] = "payment"
    on: date
    at: AwareDatetime | None = None
    amount: Annotated[str, Field(pattern=r"^[0-9]{1,14}(\.[0-9]{1,4})?$")]
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
    references: Annotated[list[Annotated[str, Field(max_length=2000)]], Field(max_length=20)] = []
    payer: Annotated[str, Field(max_length=200)] | None = None
    reverses: Id | None = None

    @model_validator(mode="after")
    def _is_an_amount(self) -> Payment:
        if self.currency not in money.currencies():
            raise ValueError("the currency is not known")
        if money.to_minor(self.amount, self.currency) <= 0:
            raise ValueError("the amount is not above zero")
        return self


class Payments(_Strict):
    """Up to 10,000 bookings that go in together or not at all."""

    payments: Annotated[list[Payment], Field(min_length=1, max_length=MOST)]


class Accepted(_Strict):
    """What became of them: new facts, bookings known before, and how many wait for a person, by reason."""

    payments: int
    reversals: int
    known: int
    waiting: dict[str, int]
    not_ours: int


@router.post("/payments", responses={401: {"description": "no token"}, 403: {"description": "not this token's scope"}})
def let_in(request: Request, body: Payments, authorization: Annotated[str | None, Header()] = None) -> Accepted:
    """Let payments in. `payment_id` is the idempotency key: the same booking again changes nothing and counts as known.

    When this has been answered the payments are on the disk, and no message that was planned before leaves for their accounts.
    """
    served = served_by(request)
    client = allowed(served.tokens, authorization, "payments")
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
