"""What is personal in the facts, said in one place: what stands sealed, and under whose key.

Money, dates, kinds, channels, outcomes and reasons are not personal here: they stay readable after a person is erased, and the position
is computed from them alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

#: Columns of `people` that are sealed together as one JSON object.
PEOPLE_SEALED = ("name", "phones", "emails", "addresses")
#: Keys of an event's `data` that are sealed together as one JSON object, whatever the kind.
DATA_SEALED = ("number", "value", "text", "name", "address", "note", "email", "place_text")
#: Keys of `DATA_SEALED` that name no person in events of a kind: a fee's name says what the fee is for.
DATA_PLAIN: Mapping[str, tuple[str, ...]] = {"fee": ("name",)}


def split(kind: str, data: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """An event's data in two: what stays readable, and what is sealed."""
    sealed = [name for name in DATA_SEALED if name in data and name not in DATA_PLAIN.get(kind, ())]
    return {name: value for name, value in data.items() if name not in sealed}, {name: data[name] for name in sealed}


def subject(person_id: str | None, account_id: str) -> str:
    """Under whose key a fact is sealed: the person's, else (no person named) one of the account, erased with its borrower."""
    return f"account:{account_id}" if person_id is None else person_id
