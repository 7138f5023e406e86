"""Guarantees of a debt: whose, whether general or joint, until when by the contract, and what counts as claiming on the guarantor in time.

The kind and an agreed period stand under `data:` (`guarantee: general` or `joint`, `guarantee_until`) of an event that names the guarantor, such as
a `decision` or the `demand` on them; the latest such event counts. PRC Civil Code, articles 686, 692 and 693.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

import polars as pl

from arrears.errors import refuse

if TYPE_CHECKING:
    from arrears.legal.debt import Debt

KINDS = ("general", "joint")


@dataclass(frozen=True)
class Guarantee:
    """One guarantor. `kind` None: not stated, which the law takes for general. `until_on`: the agreed last day of the guarantee period;
    None where none is agreed that counts (one not after the debt's own due date is as none)."""

    person_id: str
    name: str | None
    kind: str | None
    until_on: date | None


def guarantees(debt: Debt) -> tuple[Guarantee, ...]:
    """The guarantors of a debt, by id. Refusal for a kind or a day that is none."""
    people = debt.facts.people.filter((pl.col("account_id") == debt.account_id) & (pl.col("role") == "guarantor"))
    rows = people.select("person_id", "name").unique(maintain_order=True).sort("person_id").iter_rows()
    return tuple(_guarantee(str(person), name, debt) for person, name in rows)


def _guarantee(person: str, name: str | None, debt: Debt) -> Guarantee:
    kind, until = None, None
    for row in debt.recorded:
        if row["person_id"] == person:
            kind = _kind(row) or kind
            until = _until(row) or until
    last_due = debt.due_days[-1] if debt.due_days else None
    return Guarantee(person, name, kind, until if until and (last_due is None or until > last_due) else None)


def _kind(row: Mapping[str, Any]) -> str | None:
    kind = row["data"].get("guarantee")
    if kind is not None and kind not in KINDS:
        raise refuse("guarantee", "is no kind of guarantee", field=f"{row['event_id']}.data.guarantee", value=str(kind),
                     todo=f"write {' or '.join(KINDS)}")  # fmt: skip
    return None if kind is None else str(kind)


def _until(row: Mapping[str, Any]) -> date | None:
    text = row["data"].get("guarantee_until")
    try:
        return date.fromisoformat(str(text)) if text is not None else None
    except ValueError:
        raise refuse("guarantee", "is no day", field=f"{row['event_id']}.data.guarantee_until", value=str(text),
                     todo="write YYYY-MM-DD") from None  # fmt: skip


def claimed_on(found: Guarantee, debt: Debt) -> list[date]:
    """The days on which what keeps the claim on the guarantor was done: of a joint guarantee a demand on them or a suit that does not name
    somebody else; of a general one, or one not stated, a suit. The earliest first."""
    kinds = ("demand", "suit_filed") if found.kind == "joint" else ("suit_filed",)
    rows = (row for kind in kinds for row in debt.of_kind(kind))
    return sorted(row["on"] for row in rows if _counts(row, found))


def _counts(row: Mapping[str, Any], found: Guarantee) -> bool:
    if row["kind"] == "demand":
        return bool(row["person_id"] == found.person_id)
    return found.kind != "joint" or row["person_id"] in (None, found.person_id)
