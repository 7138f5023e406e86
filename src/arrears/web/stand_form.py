"""The form of "Where do I stand?": what was typed becomes a case, or one fault for each field that cannot be used.

The case's own reader (`facts.cases`) judges every value; here each value is only put where it belongs in a case, and each finding is led
back to the field, and the line in it, from which the value came. No value is kept or logged.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from arrears import money
from arrears.errors import Finding
from arrears.facts.fields import FIRST_YEAR, LAST_YEAR
from arrears.facts.level import level_instalments
from arrears.facts.schema import BINDS, LENDER_KINDS
from arrears.web.words import stand_words

#: Lines that a field may hold, and letters.
MOST = {"schedule": 60, "payments": 200, "contacts": 200}
LONGEST_AREA, LONGEST = 20_000, 64
MOST_INSTALMENTS = 60
OLDEST_YEARS = 40
ACCOUNT = "LOAN"
CURRENCIES = {"cn": "CNY", "us": "USD", "uk": "GBP", "in": "INR", "au": "AUD"}
OPTIONS: dict[str, tuple[str, ...]] = {
    "currency": tuple(CURRENCIES.values()), "lender_kind": LENDER_KINDS, "who": BINDS, "phone_known": ("yes", "no"),
    "address_known": ("yes", "no"),
}  # fmt: skip
#: What stands in the form before anybody typed.
DEFAULTS = {"place": "cn", "who": "lender", "phone_known": "yes", "address_known": "yes"}
NAMES = (
    "place", "currency", "lender_kind", "who", "principal", "opened_on", "kept_back", "rate", "penalty_rate", "count", "each", "first_due",
    "schedule", "payments", "contacts", "phone_known", "address_known", "hardship_on", "dispute_on", "promise_on",
    "promise_amount", "promise_by",
)  # fmt: skip

_DAY = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?", re.ASCII)
_TOGETHER = re.compile(r"(\d{4})(\d{2})(\d{2})", re.ASCII)
_PERCENT = re.compile(r"\d{1,6}(\.\d{1,8})?", re.ASCII)
_NOT_FIGURES = re.compile(r"[,\s¥$£₹€元]")


@dataclass(frozen=True)
class Fault:
    """Why a field cannot be used: a word of `faults` in stand_words.yaml, the line (from 1) in a field of many, the most allowed."""

    field: str
    code: str
    line: int | None = None
    most: int = 0


@dataclass
class Typed:
    """What was typed: the values as they were, the case they make, where each part of it came from, and the faults so far."""

    values: Mapping[str, str]
    today: date
    case: dict[str, Any] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    came_from: dict[str, tuple[str, int | None]] = field(default_factory=dict)

    @property
    def law(self) -> str:
        """The law named by the place; China's while none is known."""
        return self.values["place"].partition("/")[0] if self.values["place"] in stand_words("en")["places"] else "cn"

    @property
    def region(self) -> str | None:
        """The region named by the place, ISO 3166-2."""
        return self.values["place"].partition("/")[2] or None

    @property
    def currency(self) -> str:
        """The currency chosen, else the country's."""
        chosen = self.values["currency"]
        return chosen if chosen in OPTIONS["currency"] else CURRENCIES[self.law]

    def fault(self, name: str, code: str, line: int | None = None, most: int = 0) -> None:
        """Keep a fault; the first of a field is the one that is told."""
        if all(known.field != name for known in self.faults):
            self.faults.append(Fault(name, code, line, most))

    def led_back(self, finding: Finding) -> None:
        """Keep a finding about the case as a fault of the field from which the value came."""
        path = finding.field
        while path not in self.came_from and path:
            path = path[: max(path.rfind("."), path.rfind("["), 0)]
        name, line = self.came_from.get(path, ("principal", None))
        self.fault(name, finding.code if finding.code in stand_words("en")["faults"] else "other", line)


def typed(sent: Mapping[str, str], today: date) -> Typed:
    """The case that the values sent make on a day (of the country); `faults` says what stands against it."""
    found = Typed({name: sent.get(name, DEFAULTS.get(name, "")).replace("\r\n", "\n") for name in NAMES}, today)
    for name, value in found.values.items():
        if len(value) > (LONGEST_AREA if name in MOST else LONGEST):
            found.fault(name, "too_long")
    if not found.faults:
        _choices(found)
        _case(found)
    return found


def _choices(found: Typed) -> None:
    if found.values["place"] not in stand_words("en")["places"]:
        found.fault("place", "unknown_value")
    for name, allowed in OPTIONS.items():
        if found.values[name] not in allowed and (found.values[name] or name in DEFAULTS):
            found.fault(name, "unknown_value")


def _case(found: Typed) -> None:
    """Put the case together, in the form of docs/cases.md."""
    account = {
        "id": ACCOUNT, "law": found.law, "currency": found.currency, "lender_kind": found.values["lender_kind"] or None,
        "principal": _amount(found, "principal"), "opened_on": _opened_on(found), "rate": _rate(found, "rate"),
        "penalty_rate": _rate(found, "penalty_rate"),
    }  # fmt: skip
    for name in ("principal", "opened_on", "rate", "penalty_rate", "currency", "lender_kind"):
        found.came_from[f"account.{name}"] = (name, None)
    borrower = {
        "id": "P1", "role": "borrower", "region": found.region,
        "phones": [_stored("phone")] if found.values["phone_known"] == "yes" else [],
        "addresses": [_stored("address")] if found.values["address_known"] == "yes" else [],
    }  # fmt: skip
    instalments = _schedule(found) if found.values["schedule"].strip() else _level(found)
    found.case = {
        "title": stand_words("zh-CN")["case_title"], "account": _stated(account), "instalments": instalments,
        "people": [_stated(borrower)], "events": [*_kept_back(found, account["opened_on"]), *_payments(found), *_contacts(found), *_said(found)],
        "as_of": found.today.isoformat(),
    }  # fmt: skip
    _places_of_events(found)


def _stored(what: str) -> str:
    """Stands for a number or an address that the page does not ask for."""
    return str(stand_words("zh-CN")[f"stored_{what}"])


def _stated(part: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in part.items() if value is not None}


# --- single values ----------------------------------------------------------------------------------------------


def plain_text(text: str) -> str:
    """The text with full-width letters and figures made ordinary ones."""
    return unicodedata.normalize("NFKC", text).strip()


def _figures(text: str) -> str:
    """An amount without what people write around it; whether it is one, the case's reader says."""
    return _NOT_FIGURES.sub("", plain_text(text))


def _iso(text: str) -> str:
    """A date as ISO, if it is written in any usual order of year, month, day; else as it stands."""
    match = _DAY.fullmatch(plain_text(text)) or _TOGETHER.fullmatch(plain_text(text))
    return f"{match[1]}-{int(match[2]):02}-{int(match[3]):02}" if match else plain_text(text)


def _amount(found: Typed, name: str) -> str | None:
    figures = _figures(found.values[name])
    if not figures:
        found.fault(name, "missing")
        return None
    if not figures.strip("0."):
        found.fault(name, "zero")
    return figures


def _opened_on(found: Typed) -> str | None:
    told = _past(found, "opened_on", found.values["opened_on"])
    if told is None:
        found.fault("opened_on", "missing")
    elif (day := _day(told)) and day.year < found.today.year - OLDEST_YEARS:
        found.fault("opened_on", "too_old")
    return told


def _past(found: Typed, name: str, text: str, line: int | None = None) -> str | None:
    """A date that is not after today."""
    told = _iso(text)
    if (day := _day(told)) and day > found.today:
        found.fault(name, "after_today", line)
    return told or None


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if FIRST_YEAR <= day.year <= LAST_YEAR else None


def _rate(found: Typed, name: str) -> str | None:
    """A rate in percent as the fraction a case has."""
    text = plain_text(found.values[name]).rstrip("% ")
    if not text:
        return None
    if not _PERCENT.fullmatch(text):
        found.fault(name, "rate")
        return None
    return f"{(Decimal(text) / 100).normalize():f}"


# --- the schedule -----------------------------------------------------------------------------------------------


def _lines(found: Typed, name: str) -> list[tuple[int, str]]:
    """The lines that are not empty, numbered as they stand."""
    lines = [(number, plain_text(line)) for number, line in enumerate(found.values[name].split("\n"), start=1)]
    kept = [(number, line) for number, line in lines if line]
    if len(kept) > MOST[name]:
        found.fault(name, "too_many", most=MOST[name])
        return []
    return kept


def _schedule(found: Typed) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    if any(found.values[name].strip() for name in ("count", "each", "first_due")):
        found.fault("schedule", "both")
    for line, text in _lines(found, "schedule"):
        cells = text.split()
        if len(cells) not in (2, 3):
            found.fault("schedule", "line_form", line)
            continue
        found.came_from[f"instalments[{len(rows)}]"] = ("schedule", line)
        amounts = dict(zip(("principal", "interest"), (_figures(cell) for cell in cells[1:]), strict=False))
        rows.append({"due_on": _iso(cells[0]), **amounts})
    return rows


def _level(found: Typed) -> list[dict[str, Any]]:
    """Equal monthly instalments; none while a part of them cannot be read."""
    each, principal = _minor(found, "each"), _minor(found, "principal")
    count, told = plain_text(found.values["count"]), _iso(found.values["first_due"])
    first = _day(told)
    if not (count.isascii() and count.isdigit() and 1 <= int(count) <= MOST_INSTALMENTS):
        found.fault("count", "number" if count else "missing", most=MOST_INSTALMENTS)
    if first is None or first.year > LAST_YEAR - MOST_INSTALMENTS // 12 - 1:
        found.fault("first_due", "date" if told else "missing")
    if {"count", "first_due"} & {fault.field for fault in found.faults} or not each or not principal or first is None:
        return []
    try:
        rows = level_instalments(principal, each, int(count), first)
    except ValueError:
        found.fault("each", "too_little")
        return []
    for index in range(len(rows)):
        found.came_from[f"instalments[{index}]"] = ("first_due", None)
    return [
        {"due_on": due_on.isoformat(), "principal": money.to_text(part, found.currency), "interest": money.to_text(rest, found.currency)}
        for due_on, part, rest in rows
    ]  # fmt: skip


def _minor(found: Typed, name: str) -> int | None:
    figures = _amount(found, name)
    if figures is None:
        return None
    try:
        minor = money.to_minor(figures, found.currency)
    except ValueError:
        minor = -1
    if minor < 0:
        found.fault(name, "negative" if figures.startswith("-") else "amount")
        return None
    return minor


# --- what happened ----------------------------------------------------------------------------------------------


def _kept_back(found: Typed, opened_on: str | None) -> list[dict[str, Any]]:
    """Fees kept back as the loan was paid out: charged and paid on that day."""
    figures = _figures(found.values["kept_back"])
    if not figures.strip("0."):
        return []
    place = {"from": ("kept_back", None), "at": opened_on}
    return [{**place, "kind": kind, "amount": figures} for kind in ("fee", "payment")]


def _payments(found: Typed) -> list[dict[str, Any]]:
    rows = []
    for line, text in _lines(found, "payments"):
        day, _, rest = text.partition(" ")
        if not rest:
            found.fault("payments", "line_form", line)
            continue
        at = _past(found, "payments", day, line)
        rows.append({"from": ("payments", line), "at": at, "kind": "payment", "amount": _figures(rest)})
    return rows


def _contacts(found: Typed) -> list[dict[str, Any]]:
    rows = []
    for line, text in _lines(found, "contacts"):
        day, _, rest = text.partition(" ")
        kind = _contact_kind(rest)
        if kind is None:
            found.fault("contacts", "contact_kind" if rest else "line_form", line)
            continue
        by, at = found.values["who"], _past(found, "contacts", day, line)
        rows.append({"from": ("contacts", line), "at": at, "kind": "contact", **kind, "to": "P1", "by": by})
    return rows


def _contact_kind(text: str) -> dict[str, str] | None:
    said = " ".join(text.lower().split())
    for kind in stand_words("en")["contact_kinds"]:
        if said in kind["words"]:
            return {"channel": kind["channel"], "outcome": kind["outcome"]}
    return None


def _said(found: Typed) -> list[dict[str, Any]]:
    """What the borrower told the lender: hardship, a dispute, a promise."""
    rows: list[dict[str, Any]] = []
    for name, kind in (("hardship_on", "hardship_requested"), ("dispute_on", "dispute_opened")):
        if at := _past(found, name, found.values[name]):
            rows.append({"from": (name, None), "at": at, "kind": kind, "person": "P1"})
    if any(found.values[name].strip() for name in ("promise_on", "promise_amount", "promise_by")):
        at, by = _past(found, "promise_on", found.values["promise_on"]), _iso(found.values["promise_by"])
        for name, value in (("promise_on", at), ("promise_by", by)):
            if not value:
                found.fault(name, "missing")
        amount = _amount(found, "promise_amount")
        rows.append({"from": ("promise_on", None), "at": at, "kind": "promise", "amount": amount, "by": by})
    return rows


def _places_of_events(found: Typed) -> None:
    """Remember from which field each event came; `from` is no word of a case."""
    for index, event in enumerate(found.case["events"]):
        found.came_from[f"events[{index}]"] = event.pop("from")
        if event["kind"] == "promise":
            found.came_from |= {
                f"events[{index}].amount": ("promise_amount", None),
                f"events[{index}].by": ("promise_by", None),
            }
