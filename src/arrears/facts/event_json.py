"""An event as other systems are shown it: by the API when they ask, by a webhook when they are told."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from arrears import money

_PLAIN = ("event_id", "kind", "person_id", "channel", "direction", "outcome", "ref")


def event_json(row: Mapping[str, Any], currency: str) -> dict[str, Any]:
    """A row of `facts.schema` events as JSON-ready fields. Instants are UTC with their offset; `amount` is a decimal text in the account's
    currency (ISO 4217), null where there is none; amounts in `data` are minor units, as they were recorded."""
    return {
        **{name: row[name] for name in _PLAIN},
        "at": row["at"].isoformat(),
        "recorded_at": row["recorded_at"].isoformat(),
        "amount": None if row["amount"] is None else money.to_text(row["amount"], currency),
        "data": json.loads(row["data"] or "{}"),
    }
