"""A piece of work as workers carry it: a row of the outbox, frozen."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from arrears.store.tables import Work

COLUMNS = (
    "key", "night", "night_as_of", "account_id", "person_id", "law", "strategy", "stage", "action", "channel", "staff", "gain",
    "not_before", "not_after", "attempts", "lease_by",
)  # fmt: skip


@dataclass(frozen=True)
class Claimed:
    """One piece of work under a lease (or, for a queue of people, without one). Instants are UTC."""

    key: str
    night: str
    night_as_of: datetime
    account_id: str
    person_id: str
    law: str
    strategy: str
    stage: str
    action: str
    channel: str
    staff: str | None
    gain: float | None
    not_before: datetime
    not_after: datetime
    attempts: int
    lease_by: str | None

    @cached_property
    def attempt_id(self) -> str:
        """The name of the next attempt. It follows from key and count, so the same attempt cannot be written twice."""
        return hashlib.sha256(f"{self.key}:{self.attempts + 1}".encode()).hexdigest()[:32]

    @property
    def night_on(self) -> str:
        """The as_of of its night, ISO: how nights are ordered."""
        return night_on(self.night)


def night_name(as_of: str, night_key: str) -> str:
    """How the outbox names a night: by its as_of first, so that names of different days sort."""
    return f"{as_of} {night_key}"


def night_on(night: str) -> str:
    """The as_of in the name of a night."""
    return night.partition(" ")[0]


def columns() -> tuple[Any, ...]:
    """The columns of the outbox that a `Claimed` is made from, in its order."""
    return tuple(getattr(Work, name) for name in COLUMNS)


def claimed(row: Any) -> Claimed:
    """A row of those columns."""
    return Claimed(*row)
