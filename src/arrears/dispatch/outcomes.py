"""What a collector tells after a call or a visit, as facts: one contact, and what follows from it.

The codes stand in `outcomes.yaml`. Whoever answered, the contact names the person it was meant for and, in its `party`, who was reached: it
counts as an attempt to reach the borrower, never less.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache
from typing import Any

from arrears import money
from arrears.errors import refuse
from arrears.facts.beside import yaml_beside

#: Columns beside key, at, code, duration_s and agent that an outcome may carry.
DETAILS = ("amount", "by", "callback", "hours", "place", "from", "until", "note")
_STRONG = ("conversation", "refused", "voicemail")


@dataclass(frozen=True)
class Code:
    """One code: the outcome of its contact (None: none was made), who was reached, what it needs, what follows."""

    id: str
    channel: str
    outcome: str | None
    says: Mapping[str, str]
    party: str | None = None
    needs: tuple[str, ...] = ()
    may: tuple[str, ...] = ()
    one_of: tuple[str, ...] = ()
    facts: tuple[Mapping[str, str], ...] = ()
    queue: str | None = None
    field: tuple[str, ...] = ()

    @property
    def strong(self) -> bool:
        """Whether the law may count it for more than an attempt."""
        return self.outcome in _STRONG


@dataclass(frozen=True)
class Told:
    """An outcome as it was told. `key`: the attempt. `at`: when it was made, UTC. `details`: texts by column (`DETAILS`), unread."""

    key: str
    at: datetime
    code: str
    duration_s: int | None = None
    agent: str | None = None
    details: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Made:
    """The attempt that an outcome is of: what its facts are about. `to`: the number dialled, or the address."""

    event_id: str
    account_id: str
    person_id: str
    channel: str
    currency: str
    to: str | None
    binds: str = "lender"


def kind_of(channel: str) -> str:
    """The set of codes of a channel: a call by machine has those of a call."""
    return "visit" if channel == "visit" else "call"


@cache
def codes(kind: str) -> dict[str, Code]:
    """All codes of `call` or `visit`, by our id."""
    listed: Mapping[str, Mapping[str, Any]] = yaml_beside("arrears.dispatch", "outcomes.yaml")[kind]
    return {
        name: Code(
            name, kind, entry.get("outcome"), entry["says"], entry.get("party"), tuple(entry.get("needs", ())),
            tuple(entry.get("may", ())), tuple(entry.get("one_of", ())), tuple(entry.get("facts", ())), entry.get("queue"),
            tuple(entry.get("field", ())),
        )
        for name, entry in listed.items()
    }  # fmt: skip


def code_of(kind: str, text: str, mapping: Mapping[str, str] | None = None) -> Code:
    """The code that a word of the field stands for; `mapping`: the house's own words → ours. Refusal if it is not known."""
    word = (mapping or {}).get(text, text).strip().upper()
    known = codes(kind)
    if word in known:
        return known[word]
    found = next((code for code in known.values() if word in code.field), None)
    if found is None:
        raise refuse("outcome", "is no outcome that is known", field="code", value=text[:20],
                     todo=f"one of {', '.join(known)}")  # fmt: skip
    return found


def facts_of(told: Told, made: Made, recorded_at: datetime, contact: bool = True) -> list[dict[str, Any]]:
    """The facts of an outcome as rows of events, the contact first; without it where it is recorded already. Refusal if one cannot be read."""
    code = code_of(kind_of(made.channel), told.code)
    if code.outcome is None:
        return []
    details = read_details(code, told.details, made.currency, told.at.date())
    shared = {
        "account_id": made.account_id,
        "person_id": made.person_id,
        "at": told.at,
        "recorded_at": max(recorded_at, told.at),
    }
    rows = [_contact(code, made, details, shared)] if contact else []
    for number, fact in enumerate(code.facts, start=1):
        rows.append(_follow_on(fact, number, made, details, shared))
    return rows


def _contact(code: Code, made: Made, details: Mapping[str, Any], shared: Mapping[str, Any]) -> dict[str, Any]:
    data: dict[str, Any] = {"reason": code.id}
    if code.party:
        data["party"] = code.party
    if made.to and made.channel != "visit":
        data["number"] = made.to
    if made.binds != "lender":
        data["by_whom"] = made.binds
    if details.get("note"):
        data["note"] = details["note"]
    return {
        **shared, "event_id": made.event_id, "kind": "contact", "channel": made.channel, "direction": "out",
        "outcome": code.outcome, "data": data,
    }  # fmt: skip


def _follow_on(
    fact: Mapping[str, str], number: int, made: Made, details: Mapping[str, Any], shared: Mapping[str, Any]
) -> dict[str, Any]:
    """One further fact; its id follows from the contact's, so that the same outcome told twice is the same fact."""
    kind = fact["kind"]
    row: dict[str, Any] = {**shared, "event_id": f"{made.event_id}-{number}", "kind": kind, "ref": made.event_id}
    data: dict[str, Any] = {}
    if kind == "promise":
        row["amount"], data["by"] = details["amount"], details["by"]
    elif kind == "inconvenient":
        data = {name: details[name] for name in ("hours", "place", "from", "until") if name in details}
    elif kind == "contact_invalid":
        row["channel"] = made.channel
        data[fact["of"]] = made.to
    elif kind == "opt_out":
        row["channel"] = fact["channel"]
    if details.get("note") and kind not in ("promise", "contact_invalid"):
        data["note"] = details["note"]
    row["data"] = data or None
    return row


def read_details(code: Code, given: Mapping[str, str], currency: str, on: date) -> dict[str, Any]:
    """What was told beside the code, checked: amounts in minor units, dates ISO, hours as a pair. Refusal with what is wrong."""
    texts = {name: text.strip() for name, text in given.items() if text and text.strip()}
    for name in code.needs:
        if name not in texts:
            raise refuse("outcome", f"must be told with {code.id}", field=name)
    if code.one_of and not any(name in texts for name in code.one_of):
        raise refuse(
            "outcome", f"one of {', '.join(code.one_of)} must be told with {code.id}", field="code", value=code.id
        )
    wanted = (*code.needs, *code.may, "note")
    return {name: _READ[name](name, text, currency, on) for name, text in texts.items() if name in wanted}


def _amount(name: str, text: str, currency: str, on: date) -> int:
    try:
        amount = money.to_minor(text, currency)
    except ValueError as error:
        raise refuse("outcome", f"is not an amount in {currency}: {error}", field=name, value=text[:20]) from None
    if amount <= 0:
        raise refuse("outcome", "must be more than nothing", field=name, value=text[:20])
    return amount


def _date(name: str, text: str, currency: str, on: date) -> str:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        raise refuse("outcome", "is not a date such as 2026-03-01", field=name, value=text[:20]) from None
    if name in ("by", "until") and found < on:
        raise refuse("outcome", "lies before the contact", field=name, value=text[:20])
    return found.isoformat()


def _hours(name: str, text: str, currency: str, on: date) -> list[str]:
    parts = [part.strip() for part in text.split("-")]
    if len(parts) != 2 or not all(len(part) == 5 and _is_clock(part) for part in parts) or parts[0] >= parts[1]:
        raise refuse("outcome", "are not hours such as 12:00-14:00", field=name, value=text[:20])
    return parts


def _is_clock(text: str) -> bool:
    hour, colon, minute = text[:2], text[2], text[3:]
    return (
        colon == ":"
        and hour.isdecimal()
        and minute.isdecimal()
        and (int(hour) * 60 + int(minute)) <= 1440
        and int(minute) < 60
    )


def _instant(name: str, text: str, currency: str, on: date) -> str:
    return read_instant(text, name).isoformat()


def read_instant(text: str, name: str) -> datetime:
    """An instant with its offset, from text. Refusal if it is none."""
    try:
        found = datetime.fromisoformat(text.strip())
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        raise refuse("outcome", "is not an instant such as 2026-03-01T10:00:00+08:00", field=name, value=text[:40])
    return found


def _text(name: str, text: str, currency: str, on: date) -> str:
    return text


_READ = {
    "amount": _amount, "by": _date, "from": _date, "until": _date, "callback": _instant, "hours": _hours, "place": _text,
    "note": _text,
}  # fmt: skip
