"""What a form becomes: facts of the right kinds, and what goes to a person beside them.

Each statement is one event of its own kind and, where the person came forward with something, a contact from their side on the channel
`portal`. Free text stands under `note`, which the store seals.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

#: Forms that ask for a person's answer, and so wait in the queue `inbound`.
FOR_A_PERSON = (
    "plan", "hardship", "illness", "dispute", "identity_theft", "death", "insolvency", "complaint", "place", "stop", "prefer", "language",
    "correct",
)  # fmt: skip
#: Forms by which a person comes forward about what is owed.
COMES_FORWARD = ("promise", "plan", "hardship", "illness", "dispute", "identity_theft", "complaint")


@dataclass(frozen=True)
class Said:
    """One fact to be: kind, and what of it is not the same for all. `amount` in minor units."""

    kind: str
    channel: str | None = None
    direction: str | None = None
    outcome: str | None = None
    amount: int | None = None
    data: Mapping[str, Any] = field(default_factory=dict)


def said_by(form: str, values: Mapping[str, Any]) -> Said:
    """The fact of a form that was filled without a fault."""
    return _MAKES[form](form, values)


def _contact(data: Mapping[str, Any]) -> Said:
    return Said("contact", "portal", "in", "delivered", data=data)


def _some(values: Mapping[str, Any], *names: str, **more: Any) -> dict[str, Any]:
    return {**more, **{name: values[name] for name in names if name in values}}


def _promise(form: str, values: Mapping[str, Any]) -> Said:
    return Said("promise", amount=values["amount"], data={"by": values["by"]})


def _plan(form: str, values: Mapping[str, Any]) -> Said:
    """A proposal binds nobody: it is what the person said, until somebody agrees to it."""
    return Said(
        "contact",
        "portal",
        "in",
        "delivered",
        amount=values["amount"],
        data=_some(values, "note", reason=form, first_on=values["by"]),
    )


def _reasoned(kind: str) -> Callable[[str, Mapping[str, Any]], Said]:
    return lambda form, values: Said(kind, data=_some(values, "reason", "note"))


def _identity_theft(form: str, values: Mapping[str, Any]) -> Said:
    return Said("dispute_opened", data=_some(values, "note", reason=form, reported=values["reported"]))


def _to_be_checked(form: str, values: Mapping[str, Any]) -> Said:
    """What nobody can take back once it is a fact (a death, proceedings): a person sees the papers before it becomes one."""
    return _contact(_some(values, "note", "role", reason=form))


def _times(form: str, values: Mapping[str, Any]) -> Said:
    return Said(
        "inconvenient", values.get("channel"), data=_some(values, "until", hours=[values["begins"], values["ends"]])
    )


def _correct(form: str, values: Mapping[str, Any]) -> Said:
    return _contact({"reason": form, "what": values["what"], "note": values["value"]})


_MAKES: dict[str, Callable[[str, Mapping[str, Any]], Said]] = {
    "promise": _promise,
    "plan": _plan,
    "hardship": _reasoned("hardship_requested"),
    "illness": _reasoned("vulnerable"),
    "dispute": _reasoned("dispute_opened"),
    "identity_theft": _identity_theft,
    "death": _to_be_checked,
    "insolvency": _to_be_checked,
    "complaint": _reasoned("complaint_opened"),
    "times": _times,
    "place": lambda form, values: Said("inconvenient", data=_some(values, "place", "until")),
    "stop": lambda form, values: Said("opt_out", values["channel"]),
    "start": lambda form, values: Said("consent", values["channel"]),
    "prefer": lambda form, values: Said("consent", values["channel"], data={"reason": "preferred"}),
    "language": lambda form, values: _contact({"reason": form, "language": values["language"]}),
    "correct": _correct,
}
