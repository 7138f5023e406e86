"""The test provider: a stand-in of our own for the demo. No money moves; it is refused in an installation that is not a rehearsal.

Its notices are signed as Standard Webhooks are, like those of many real providers, and go through the very door that a real one's take.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from arrears.dispatch.channels.webhook_signature import key_of, signed_headers, verify_webhook
from arrears.payments.provider import Notice, Order, opened_order


@dataclass(frozen=True)
class TestProvider:
    """`secret`: `whsec_…`, with which it signs; `order_key`: the key of our order tokens."""

    secret: str
    order_key: bytes
    name: str = "test"
    is_test: bool = True
    __test__ = False

    def address(self, token: str) -> str:
        """Its payment page, which this service shows itself."""
        return f"/test-payment/{token}"

    def read_notice(self, headers: Mapping[str, str], body: bytes, now: datetime) -> Notice | None:
        """What a call says, if its signature holds within five minutes and its order is one of ours."""
        if not verify_webhook(self.secret, headers, body, now):
            return None
        try:
            told = json.loads(body)
            return _notice(told, opened_order(str(told["data"]["order"]), self.order_key))
        except (ValueError, KeyError, TypeError):
            return None

    def call(self, kind: str, token: str, order: Order, now: datetime) -> tuple[dict[str, str], bytes]:
        """Headers and body of the notice that it would send to our address."""
        data = {"order": token, "amount_minor": order.amount_minor, "currency": order.currency}
        body = json.dumps({"type": f"payment.{kind}", "timestamp": now.isoformat(), "data": data}).encode()
        return signed_headers([key_of(self.secret)], f"{kind}-{order.order_id}", body, now), body


def _notice(told: Any, order: Order | None) -> Notice | None:
    kind, amount, at = (
        str(told["type"]).removeprefix("payment."),
        told["data"]["amount_minor"],
        datetime.fromisoformat(told["timestamp"]),
    )
    if (
        order is None
        or kind not in ("paid", "reversed")
        or not isinstance(amount, int)
        or isinstance(amount, bool)
        or amount <= 0
    ):
        return None
    if at.tzinfo is None:
        return None
    return Notice(kind, order.order_id, order.account_id, amount, str(told["data"]["currency"]), at.astimezone(UTC))  # type: ignore[arg-type]
