"""A payment provider, as these pages need one: an order is started, the payer comes back, and a signed notice says what came in.

Only the notice makes a payment a fact; what the payer's browser says on its way back proves nothing. One order is one payment: its id is in
the id of the fact, so a notice that comes twice changes nothing. A provider is one class with `address` and `read_notice`.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal, Protocol

from arrears.payments.entries import Entry, Statement
from arrears.payments.take_in import TakenIn, take_in
from arrears.store.connect import Store
from arrears.store.personal import Personal

#: How long an order may be paid.
LIFETIME = timedelta(hours=1)
_BOUND = b"arrears payment order 1\0"
LONGEST_TOKEN = 1000


@dataclass(frozen=True)
class Order:
    """What a borrower is about to pay: `amount_minor` of `currency` for an account. `made_at` is UTC."""

    order_id: str
    account_id: str
    amount_minor: int
    currency: str
    made_at: datetime


@dataclass(frozen=True)
class Notice:
    """What a provider says happened to an order: it was `paid`, or a payment was `reversed`; `amount_minor` is what came in."""

    kind: Literal["paid", "reversed"]
    order_id: str
    account_id: str
    amount_minor: int
    currency: str
    at: datetime


class Provider(Protocol):
    """One provider. `is_test`: no money moves, and every page says so."""

    @property
    def name(self) -> str:
        """Its name, in ids of facts and in its notice address."""

    @property
    def is_test(self) -> bool:
        """Whether no money moves."""

    def address(self, token: str) -> str:
        """Where the payer goes on: an address of the provider that carries the order's token."""

    def read_notice(self, headers: Mapping[str, str], body: bytes, now: datetime) -> Notice | None:
        """What a call to our notice address says; None unless its signature holds and it is about an order of ours."""


def sealed_order(order: Order, key: bytes) -> str:
    """The order as a token that nobody else can make or change; it is signed, not secret."""
    told = [order.order_id, order.account_id, order.amount_minor, order.currency, int(order.made_at.timestamp())]
    body = base64.urlsafe_b64encode(json.dumps(told).encode()).decode().rstrip("=")
    return f"{body}.{_mark(body, key)}"


def opened_order(token: str, key: bytes) -> Order | None:
    """The order of a token; None if it is not one of ours. Whether it may still be paid, `is_open` says."""
    body, _, mark = token[:LONGEST_TOKEN].rpartition(".")
    if not token.isascii() or not hmac.compare_digest(_mark(body, key), mark):
        return None
    try:
        order_id, account_id, amount, currency, made = json.loads(
            base64.urlsafe_b64decode(body + "=" * (-len(body) % 4))
        )
    except (binascii.Error, ValueError):
        return None
    return Order(order_id, account_id, amount, currency, datetime.fromtimestamp(made, UTC))


def is_open(order: Order, now: datetime) -> bool:
    """Whether the order may still be paid."""
    return order.made_at <= now + timedelta(minutes=1) and now < order.made_at + LIFETIME


def _mark(body: str, key: bytes) -> str:
    return base64.urlsafe_b64encode(hmac.digest(key, _BOUND + body.encode(), hashlib.sha256)).decode().rstrip("=")


def event_id_of(provider: str, order_id: str) -> str:
    """The id of the fact that the payment of an order is."""
    return f"pay-{provider}-{order_id}"


def take_notice(store: Store, personal: Personal, provider: Provider, notice: Notice, now: datetime) -> TakenIn:
    """The notice into the store, by the same way as every other payment (`payments.take_in`). The same notice again changes nothing.

    The fact is what came in, whatever was ordered. Refusal if the order is known as paid with another amount.
    """
    at = min(notice.at, now)
    paid = event_id_of(provider.name, notice.order_id)
    is_reversal = notice.kind == "reversed"
    entry = Entry(
        f"{paid}-reversed" if is_reversal else paid, "reversal" if is_reversal else "payment", notice.amount_minor, notice.currency,
        at.date(), at, (notice.account_id,), reverses=paid if is_reversal else None,
    )  # fmt: skip
    digest = hashlib.sha256(f"{entry.entry_id}\n{entry.amount}\n{entry.currency}".encode()).hexdigest()
    return take_in(store, personal, [Statement(f"provider:{provider.name}", digest, (entry,))], now)
