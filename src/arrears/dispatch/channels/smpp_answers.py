"""What the statuses and states of an SMSC mean for us, read from `smpp_answers.yaml`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, Literal

import yaml

from arrears.dispatch.channel import Answer

#: Stands in a reference of several ids for a part whose id is not known.
NO_ID = "?"


@dataclass(frozen=True)
class State:
    """One message_state. `taken`: the SMSC has the message (None: it cannot say). `outcome`: of a receipt; None: not the end."""

    word: str
    taken: bool | None
    outcome: Literal["delivered", "failed"] | None


@cache
def _table() -> dict[str, list[dict[str, Any]]]:
    file = resources.files("arrears.dispatch.channels").joinpath("smpp_answers.yaml")
    return dict(yaml.safe_load(file.read_text("utf-8")))


@cache
def _answers() -> dict[int, Answer]:
    found = {row["status"]: Answer("refused", detail=row["name"]) for row in _table()["refused"]}
    for row in _table()["later"]:
        found[row["status"]] = Answer("later", detail=row["name"], retry_after=float(row["wait"]))
    return found


@cache
def _slower() -> frozenset[str]:
    return frozenset(row["name"] for row in _table()["later"] if row.get("slower"))


@cache
def states() -> dict[int, State]:
    """The states by number."""
    return {row["state"]: State(row["word"], row.get("taken"), row.get("outcome")) for row in _table()["states"]}


@cache
def states_by_word() -> dict[str, State]:
    """The states by the words of a receipt's text."""
    rows = _table()["states"]
    return {word: states()[row["state"]] for row in rows for word in (row["word"], row.get("also")) if word}


@cache
def bind_refusals() -> dict[int, str]:
    """Statuses of a bind that no repetition helps, by number."""
    return {row["status"]: row["name"] for row in _table()["bind"]}


def answer_of(status: int, message_id: str) -> Answer:
    """The answer that a submit_sm_resp with this status is; `message_id` counts where it was accepted."""
    if status == 0:
        return Answer("accepted", provider_ref=message_id or None)
    return _answers().get(status) or Answer("unknown", detail=f"status 0x{status:08x}")


def asks_slower(answer: Answer) -> bool:
    """Whether an answer says that we send too fast."""
    return answer.detail in _slower()


def together(parts: Sequence[Answer]) -> Answer:
    """The one answer of a message whose parts were answered so.

    accepted only if all are. Any unknown: unknown. Some taken and the others not: refused, `partly sent`, for offering it again would
    repeat what was taken. None taken: refused if any is, else later with the longest wait. The reference joins the ids by commas.
    """
    if len(parts) == 1:
        return parts[0]
    kinds = {part.kind for part in parts}
    ids = [part.provider_ref or NO_ID for part in parts]
    reference = ",".join(ids) if any(found != NO_ID for found in ids) else None
    if kinds == {"accepted"}:
        return Answer("accepted", provider_ref=reference)
    if "unknown" in kinds:
        detail = next(part.detail for part in parts if part.kind == "unknown")
        return Answer("unknown", provider_ref=reference, detail=detail)
    if "accepted" in kinds:
        detail = next(part.detail for part in parts if part.kind != "accepted")
        return Answer("refused", provider_ref=reference, detail=f"partly sent: {detail}")
    if "refused" in kinds:
        return next(part for part in parts if part.kind == "refused")
    return max(parts, key=lambda part: part.retry_after or 0.0)
