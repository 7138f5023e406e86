"""Forms of the borrower's pages: what `forms.yaml` says of each, and what was typed, read field by field with one fault each at most."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from arrears import money
from arrears.web.account.words import form_words, own_words

LONGEST = {"words": 2000, "line": 200}
#: Channels that a person may name.
CHANNELS = ("sms", "call", "voicebot", "email", "letter", "visit", "push")
_CLOCK = re.compile(r"([01]?\d|2[0-3])[:：]([0-5]\d)", re.ASCII)
_DAY = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?", re.ASCII)
_NOT_FIGURES = re.compile(r"[,\s¥$£₹€元]")


@dataclass(frozen=True)
class Limits:
    """What bounds a form of a loan: its currency, the most that may be named (minor units), today, and how many days ahead a day may be."""

    currency: str
    most_minor: int
    today: date
    days: int


@dataclass
class Filled:
    """What was typed: texts as they were, values as they are meant (minor units, dates ISO, HH:MM), and faults by field."""

    texts: Mapping[str, str]
    values: dict[str, Any] = field(default_factory=dict)
    faults: dict[str, str] = field(default_factory=dict)


def names(about: str) -> tuple[str, ...]:
    """The forms about a `loan` or a `person`."""
    return tuple(name for name, form in form_words("en").items() if form["about"] == about)


def fill(name: str, sent: Mapping[str, str], limits: Limits) -> Filled:
    """Read what was sent for a form of `forms.yaml`."""
    fields = form_words("en")[name]["fields"]
    found = Filled(
        {one: unicodedata.normalize("NFKC", sent.get(one, "")).replace("\r\n", "\n").strip() for one in fields}
    )
    for one, told in fields.items():
        text = found.texts[one]
        if not text:
            if told.get("needed"):
                found.faults[one] = "missing"
            continue
        value, fault = _value(told, text, limits)
        if fault:
            found.faults[one] = fault
        else:
            found.values[one] = value
    if {"begins", "ends"} <= found.values.keys() and found.values["begins"] >= found.values["ends"]:
        found.faults["ends"] = "order"
    return found


def _value(told: Mapping[str, Any], text: str, limits: Limits) -> tuple[Any, str]:
    match told["type"]:
        case "amount":
            return amount(text, limits)
        case "day":
            return _day(text, limits, told.get("needed", False))
        case "clock":
            hit = _CLOCK.fullmatch(text)
            return (f"{int(hit[1]):02}:{hit[2]}", "") if hit else (None, "clock")
        case "choice":
            known = CHANNELS if told["choices"] == "channels" else told["choices"]
            return (text, "") if text in known else (None, "choice")
    return (text, "") if len(text) <= LONGEST[told["type"]] else (None, "too_long")


def amount(text: str, limits: Limits) -> tuple[int | None, str]:
    """An amount in minor units above zero and not above the most; or the fault."""
    try:
        minor = money.to_minor(_NOT_FIGURES.sub("", text), limits.currency)
    except ValueError:
        return None, "amount"
    if minor <= 0:
        return None, "zero" if minor == 0 else "amount"
    return (minor, "") if minor <= limits.most_minor else (None, "too_much")


def _day(text: str, limits: Limits, soon: bool) -> tuple[str | None, str]:
    hit = _DAY.fullmatch(text)
    try:
        day = date(int(hit[1]), int(hit[2]), int(hit[3])) if hit else None
    except ValueError:
        day = None
    if day is None or day.year > 2199:
        return None, "day"
    if day < limits.today:
        return None, "past"
    if soon and day > limits.today + timedelta(days=limits.days):
        return None, "too_late"
    return day.isoformat(), ""


def shown(
    name: str, filled: Filled | None, language: str, hints: Mapping[str, str], channels: Mapping[str, str]
) -> dict[str, Any]:
    """A form as the template shows it."""
    form = form_words(language)[name]
    said = own_words(language)["faults"]
    fields = []
    for one, told in form["fields"].items():
        wrong = said[filled.faults[one]].format(**hints) if filled and one in filled.faults else ""
        hint = told.get("hint", "").format(**hints)
        choices = (
            {code: channels[code] for code in CHANNELS}
            if told.get("choices") == "channels"
            else told.get("choices", {})
        )
        described = [f"{one}-hint"] * bool(hint) + [f"{one}-wrong"] * bool(wrong)
        fields.append({
            "name": one, "type": told["type"], "label": told["label"], "hint": hint, "needed": told.get("needed", False), "wrong": wrong,
            "choices": list(choices.items()), "value": filled.texts[one] if filled else "", "described": " ".join(described),
        })  # fmt: skip
    return {**form, "name": name, "fields": fields}


def told_back(name: str, data: Mapping[str, Any], language: str, channels: Mapping[str, str]) -> list[tuple[str, str]]:
    """What was chosen in a form, label and words, for the page that follows it; free text is not repeated."""
    fields = form_words(language)[name]["fields"]
    rows = []
    for one, value in data.items():
        told = fields.get(one)
        if told is None or told["type"] in LONGEST:
            continue
        named = channels if told.get("choices") == "channels" else told.get("choices", {})
        rows.append((told["label"], str(named.get(value, value))))
    return rows
