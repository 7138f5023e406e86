"""What is asked of the guard, and the columns of a condition for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from arrears import money
from arrears.law.clock import local_day
from arrears.law.conditions import QUESTION_COLUMNS, is_history
from arrears.law.history import CALLS, Event, History
from arrears.replay.columns import MONEY

_MONEY = frozenset(MONEY)
#: Columns of the standing that are about the borrower whom contact is planned with, and the fact that makes each of another borrower.
OF_ONE_BORROWER = {"deceased": "deceased", "bankrupt": "bankruptcy", "represented": "represented", "ceased": "cease"}
#: Columns that say what the person asked about is, by the fact that makes them.
OF_THE_PERSON = {"person_deceased": "deceased", "person_bankrupt": "bankruptcy"}


@dataclass(frozen=True)
class Question:
    """A contact (or another act) that somebody wants to make.

    `at` is an instant. `zones`: every time zone the person may be in. `accounts`: the debts it is about. `binds`: who asks.
    `standing`: columns of replay for the (first) account, money in minor units of its `currency`.
    """

    channel: str | None
    at: datetime
    zones: tuple[str, ...]
    role: str = "borrower"
    person: str | None = None
    accounts: tuple[str, ...] = ()
    number: str | None = None
    place: str | None = None
    purpose: str = "collection"
    binds: str = "lender"
    lender_kind: str | None = None
    product: str | None = None
    region: str | None = None
    act: str = "contact"
    medium: str | None = None
    invited: bool = False
    standing: Mapping[str, Any] = field(default_factory=dict)

    @property
    def at_work(self) -> bool:
        """Whether the person would be reached at work."""
        return self.place == "work"


class Asked:
    """A question together with what had happened by then."""

    def __init__(self, question: Question, history: History) -> None:
        self.question, self.history = question, history
        self.at, self.zones = question.at, question.zones
        self.kept: dict[Any, Any] = {}

    def contacts(self) -> list[Event]:
        """All contacts so far."""
        return self.history.of_kind("contact", self.at)

    def of_person(self, kind: str) -> list[Event]:
        """Events of a kind so far that are with the person, about one of the debts."""
        found: list[Event] | None = self.kept.get(kind)
        if found is None:
            question = self.question
            found = self.kept[kind] = [
                event
                for event in self.history.of_kind(kind, self.at)
                if event.with_person(question.person, question.role) and event.about_any(question.accounts)
            ]
        return found

    @property
    def is_another_borrower(self) -> bool:
        """Whether it asks about a joint borrower, while the standing is of the one with whom contact is planned."""
        person, planned = self.question.person, self.question.standing.get("person_id")
        return self.question.role == "borrower" and None not in (person, planned) and person != planned

    def day(self, at: datetime) -> Any:
        """The person's day at an instant: of several zones, the earliest."""
        return min(local_day(at, zone) for zone in self.zones)

    def value(self, name: str, at: datetime) -> Any:
        """The value of a column of a condition if the contact is made at `at`."""
        if is_history(name):
            return history_value(self, name, at)
        question = self.question
        if name in QUESTION_COLUMNS:
            found = getattr(question, name)
            return question.standing.get(name) if found is None else found
        if name in OF_ONE_BORROWER and self.is_another_borrower:
            return any(event.person == question.person for event in self.of_person(OF_ONE_BORROWER[name]))
        found = question.standing.get(name)
        if name in _MONEY and found is not None and question.standing.get("currency"):
            return found / 10 ** money.decimals(question.standing["currency"])
        return found


def history_value(asked: Asked, name: str, at: datetime) -> Any:
    """A column that comes from the history."""
    from arrears.law import consents

    if name in OF_THE_PERSON:
        return bool(asked.of_person(OF_THE_PERSON[name]))
    match name:
        case "consented":
            return consents.next_consent(asked, at, asked.question.accounts) == at
        case "replying":
            return consents.is_reply(asked, at)
        case "person_ceased":
            return _person_ceased(asked)
        case "number_invalid":
            return _number_invalid(asked)
        case "unanswered_in_a_row":
            return _unanswered(asked, at)
        case "unreachable_days_in_a_row":
            return _unreachable_days(asked, at)
    what, _, word = name.partition("_")
    if what == "count":
        return len(_about(asked, word))
    word = word.removeprefix("since_")
    notice = word.removeprefix("notice_") if word.startswith("notice_") and word != "notice_served" else None
    found = _about(asked, f"notice:{notice}" if notice else word)
    return (asked.day(at) - max(event.day(asked.zones[0]) for event in found)).days if found else None


def _about(asked: Asked, word: str) -> list[Event]:
    """Events by a clause's word about one of the debts."""
    accounts = asked.question.accounts
    return [event for event in asked.history.named(word, asked.at) if event.about_any(accounts)]


def _person_ceased(asked: Asked) -> bool:
    """Whether the person's last word on contact as a whole is that it cease."""
    said = [
        *asked.of_person("cease"),
        *(event for event in asked.of_person("opt_out") if event.channel is None and event.number is None),
    ]
    if not said:
        return False
    last = max(event.at for event in said)
    return not any(event.at > last for event in asked.of_person("consent"))


def _number_invalid(asked: Asked) -> bool:
    """Whether the number was last found to be no good."""
    number = asked.question.number
    if number is None:
        return False
    bad, good = ("wrong_number", "not_in_service"), ("conversation", "voicemail", "delivered", "refused")
    marks = [
        (event.at, False) for event in asked.history.of_kind("contact_invalid", asked.at) if event.number == number
    ]
    marks += [
        (event.at, event.outcome in good)
        for event in asked.contacts()
        if event.number == number and event.outcome in (*bad, *good)
    ]
    return bool(marks) and not max(marks)[1]


def _reached(event: Event) -> bool:
    return event.role == "borrower" and (event.is_conversation or event.outcome == "refused" or not event.outbound)


def _is_unanswered(event: Event) -> bool:
    return event.role == "borrower" and event.outbound and event.channel in CALLS and not _reached(event)


def _unanswered(asked: Asked, at: datetime) -> int:
    """Calls to the borrower without an answer, the last ones in a row, made before the day asked about."""
    day, zone = asked.day(at), asked.zones[0]
    found = 0
    for event in reversed(asked.contacts()):
        if _reached(event) and event.about_any(asked.question.accounts):
            break
        if _is_unanswered(event) and event.about_any(asked.question.accounts):
            found += event.day(zone) < day
    return found


def _unreachable_days(asked: Asked, at: datetime) -> int:
    """Days in a row before the day asked about with unanswered calls to the borrower, none reached since the first."""
    day, zone = asked.day(at), asked.zones[0]
    days: list[Any] = []
    for event in reversed(asked.contacts()):
        if not event.about_any(asked.question.accounts):
            continue
        if _reached(event):
            return len([known for known in days if known > event.day(zone)])
        called = event.day(zone)
        if not _is_unanswered(event) or called >= day or called in days:
            continue
        if days and (days[-1] - called).days > 1:
            break
        days.append(called)
    return len(days)
