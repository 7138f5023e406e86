"""The values of a template's slots: every amount from the position, every other fact from the occasion and the installation.

Besides the borrower's name and the names that the installation gives, a value is made of figures, dates and the fixed turns of
`language.yaml` only.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from arrears.facts.beside import tongue_of
from arrears.installation import Lender
from arrears.notice.language import (
    amount_text,
    category_text,
    date_text,
    frozen_text,
    made_of,
    outcome_text,
    turns,
)
from arrears.notice.occasion import Answer, Occasion

#: Names of people as they are put into a letter: letters of any script and what stands between them.
_NAME = re.compile(r"[^\W\d_]+(?:[ .·'’-]{1,2}[^\W\d_]+)*\.?")
_NAME_LIMIT = 60


@dataclass(frozen=True)
class House:
    """What the installation says of itself: the lender, how to pay, where a message is verified, and the creditor that an agency writes for.

    `pay` and `creditor` by language (zh, en); `verify_at` is the address of the page where a code is entered, the lender's site if empty.
    """

    lender: Lender
    pay: Mapping[str, str] = field(default_factory=dict)
    verify_at: str = ""
    creditor: Mapping[str, str] = field(default_factory=dict)

    def name(self, language: str) -> str:
        """The lender's name in a language, else in the one it has."""
        names = self.lender.name
        return str(names.get(tongue_of(language)) or next(iter(names.values())))


def about_of(position: Mapping[str, Any]) -> str | None:
    """What there is to write about: `past_due`, `next_due` (what falls due today or next), or nothing."""
    if int(position["past_due_total"]) > 0:
        return "past_due"
    return "next_due" if _next_due(position) > 0 else None


def subject_of(occasion: Occasion, position: Mapping[str, Any]) -> str | None:
    """What a message is about: `answer` where something is answered, else `about_of`."""
    return "answer" if occasion.answer is not None else about_of(position)


@dataclass(frozen=True)
class _Known:
    """What the value of a slot is made from."""

    occasion: Occasion
    position: Mapping[str, Any]
    house: House
    language: str
    code: str

    def amount(self, minor: int) -> str:
        return amount_text(minor, str(self.position["currency"]), self.language)

    def day(self, on: date | None) -> str:
        return date_text(on, self.occasion.law, self.language) if on else ""

    def turn(self, name: str) -> str:
        return str(turns()[name][tongue_of(self.language)])


def values(
    slots: Collection[str], occasion: Occasion, position: Mapping[str, Any], house: House, language: str, code: str
) -> dict[str, str]:
    """The values of some slots; one that has none on this occasion is left out. KeyError for a slot that there is not."""
    known = _Known(occasion, position, house, language, code)
    found = {name: _VALUES[name](known) for name in slots}
    return {name: value for name, value in found.items() if value}


def last_digits(account_id: str) -> str:
    """The last four characters of an account number, and never more than half of it."""
    plain = account_id if account_id.isalnum() else "".join(char for char in account_id if char.isalnum())
    return plain[-min(4, max(1, len(plain) // 2)) :]


def next_step(occasion: Occasion, position: Mapping[str, Any], language: str) -> str:
    """What comes next if nothing changes, and its date: the stage, the next contact, the next instalment, or that nothing is planned."""
    forms, law = {name: words[tongue_of(language)] for name, words in turns()["next_step"].items()}, occasion.law
    if occasion.next_stage is not None:
        name = occasion.next_stage.name.get(tongue_of(language), "")
        return str(forms["stage"].format(on=date_text(occasion.next_stage.on, law, language), name=name))
    if occasion.again_on is not None:
        return str(forms["again"].format(on=date_text(occasion.again_on, law, language)))
    if position["next_due_on"] is not None and int(position["next_due_amount"]) > 0:
        amount = amount_text(int(position["next_due_amount"]), str(position["currency"]), language)
        return str(forms["instalment"].format(amount=amount, on=date_text(position["next_due_on"], law, language)))
    return str(forms["none"])


def _address(known: _Known) -> str:
    told, lender = known.house.lender.address, known.house.lender
    return told.get(tongue_of(known.language)) or next(iter(told.values()), lender.site)


def _breakdown(known: _Known) -> str:
    position, law = known.position, known.occasion.law
    same = position["past_due_total"] == position["due_total"]
    form = str(turns()["breakdown"]["same" if same else "more"][tongue_of(known.language)])
    return form.format(total=known.amount(int(position["due_total"])), parts=made_of(position, law, known.language))


def _state(form: str, known: _Known) -> str:
    """Since when the loan is past due; where every instalment is paid and something else is left (penalty, fees), that it is left."""
    position = known.position
    since = position["oldest_due_on"] is not None
    words = str(turns()[form]["since" if since else "left"][tongue_of(known.language)])
    on = known.day(position["oldest_due_on"]) if since else ""
    return words.format(on=on, days=position["days_past_due"], amount=known.amount(int(position["past_due_total"])))


def _creditor(known: _Known) -> str:
    if known.occasion.binds == "agency":
        return known.house.creditor.get(tongue_of(known.language), "")
    return known.house.name(known.language)


def _pay(known: _Known) -> str:
    told, lender = known.house.pay.get(tongue_of(known.language)) or known.turn("pay"), known.house.lender
    return told.replace("{site}", lender.site).replace("{phone}", lender.phone)


def _next_due_on(known: _Known) -> str:
    return known.day(known.occasion.on if int(known.position["due_total"]) > 0 else known.position["next_due_on"])


def _next_due(position: Mapping[str, Any]) -> int:
    """What is still to be paid of what falls due today, else of the next instalment."""
    if int(position["due_total"]) > 0:
        return int(position["due_total"])
    return max(0, int(position["next_due_amount"] or 0) - int(position["credit"]))


def _customer(name: str | None, language: str) -> str:
    """The name, where it looks like one; else nobody in particular. A name is the only free text that reaches a message."""
    plain = (name or "").strip()
    fits = len(plain) <= _NAME_LIMIT and _NAME.fullmatch(plain)
    return plain if fits else str(turns()["customer"][tongue_of(language)])


def _outcome(known: _Known) -> str:
    answer = known.occasion.answer
    return outcome_text(known.occasion.action, answer.outcome, known.language) if answer else ""


def _frozen(known: _Known) -> str:
    answer = known.occasion.answer
    return frozen_text(answer.frozen, known.language) if answer else ""


def _corrected(known: _Known) -> str:
    """The category that an adjustment corrects and by how much it falls."""
    answer, key = known.occasion.answer, tongue_of(known.language)
    if answer is None or not answer.category:
        return ""
    category = category_text(answer.category, known.occasion.law, known.language)
    return str(turns()["corrected"][key]).format(category=category, amount=known.amount(answer.amount_minor))


def _of_answer(value: Callable[[Answer, _Known], str]) -> Callable[[_Known], str]:
    """A slot of what is answered; without a value where nothing is."""
    return lambda known: value(known.occasion.answer, known) if known.occasion.answer else ""


_VALUES: dict[str, Callable[[_Known], str]] = {
    "account": lambda known: known.turn("account").format(digits=last_digits(known.occasion.account_id)),
    "address": _address,
    "asked_on": _of_answer(lambda answer, known: known.day(answer.asked_on)),
    "breakdown": _breakdown,
    "code": lambda known: known.code,
    "corrected": _corrected,
    "creditor": _creditor,
    "customer": lambda known: _customer(known.occasion.name, known.language),
    "date": lambda known: known.day(known.occasion.on),
    "days_past_due": lambda known: str(known.position["days_past_due"]),
    "due_now": lambda known: known.amount(int(known.position["due_total"])),
    "frozen": _frozen,
    "help_from": _of_answer(lambda answer, known: known.day(answer.begins)),
    "help_until": _of_answer(lambda answer, known: known.day(answer.until)),
    "lender": lambda known: known.house.name(known.language),
    "next_due": lambda known: known.amount(_next_due(known.position)),
    "next_due_on": _next_due_on,
    "next_step": lambda known: next_step(known.occasion, known.position, known.language),
    "outcome": _outcome,
    "past_due": lambda known: known.amount(int(known.position["past_due_total"])),
    "past_due_since": lambda known: known.day(known.position["oldest_due_on"]),
    "pay": _pay,
    "payoff": lambda known: known.amount(int(known.position["payoff"])),
    "phone": lambda known: known.house.lender.phone,
    "site": lambda known: known.house.lender.site,
    "state": lambda known: _state("state", known),
    "state_short": lambda known: _state("state_short", known),
    "verify_at": lambda known: known.house.verify_at or known.house.lender.site,
}
#: Every slot that a template may name.
SLOTS = tuple(_VALUES)
