"""The line of reasoning of a legal date in words: what started it, what started it again or held it, what is not confirmed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from arrears.facts.beside import yaml_beside
from arrears.law import Event
from arrears.law.clause_kinds import Period
from arrears.legal.dates import BY_BORROWER, LegalDate
from arrears.legal.debt import Debt

UNCONFIRMED = ("unconfirmed", "secondary", "note", "before_in_force", "if_region")


@dataclass(frozen=True)
class Reason:
    """One step of the reasoning. `event`: the id of the event it speaks of; `on`: the day it speaks of."""

    code: str
    text: str
    on: date | None = None
    event: str | None = None


@cache
def words() -> dict[str, Any]:
    """Every word of legal dates, by group."""
    content: dict[str, Any] = yaml_beside("arrears.legal", "words.yaml")
    return content


def word(group: str, name: str, language: str, /, **figures: object) -> str:
    """A word in `zh-CN` or `en`, figures filled in."""
    return str(words()[group][name]["zh" if language == "zh-CN" else "en"]).format(**figures)


def kind_in_words(event: Event, language: str) -> str:
    """What an event is, in words."""
    if event.notice and event.notice in words()["notices"]:
        return word("notices", event.notice, language)
    return word("kinds", event.kind, language, notice=event.notice)


def reasons_of(one: LegalDate, debt: Debt, language: str) -> tuple[Reason, ...]:
    """The reasoning, in the order in which it goes."""
    told = (*_start(one, debt, language), *_course(one, debt, language), *_outcome(one, language))
    return (*told, *_unconfirmed(one, debt, language))


def _start(one: LegalDate, debt: Debt, language: str) -> Iterator[Reason]:
    event = one.start.event
    kind = kind_in_words(event, language) if event else ""
    text = word("starts", one.start.code, language, on=one.start.on, kind=kind, until=one.last_on)
    yield Reason(one.start.code, text, one.start.on, debt.ids.get(event) if event else None)
    if one.start.guarantee is not None:
        code = f"guarantee_{one.start.guarantee.kind or 'unstated'}"
        yield Reason(code, word("reasons", code, language))
    if one.start.provisional:
        yield Reason("provisional_start", word("reasons", "provisional_start", language), one.start.on)


def _course(one: LegalDate, debt: Debt, language: str) -> Iterator[Reason]:
    def about(code: str, event: Event, **figures: object) -> Reason:
        on = figures.pop("on", event.day(one.pack.zone))
        text = word("reasons", code, language, on=on, kind=kind_in_words(event, language), **figures)
        return Reason("held" if code == "held_until" else code, text, on, debt.ids.get(event))  # type: ignore[arg-type]

    ran = one.course
    if ran is None:
        return
    for event in ran.restarted_by:
        yield about("restarted", event)
    for event in ran.held_by:
        since = event.from_on or event.day(one.pack.zone)
        yield about("held_until" if event.until_on else "held", event, on=since, until=event.until_on)
    for event in ran.too_late:
        yield about("too_late", event)
    for event, why in one.aside:
        yield about(why, event)
    if ran.cut_short:
        yield _dated("cut_short", ran.counted_on, language)
    if ran.provisional:
        yield _dated("provisional", ran.last_on, language)
    elif ran.last_on != ran.counted_on:
        text = word("reasons", "moved", language, on=ran.counted_on, until=ran.last_on)
        yield Reason("moved", text, ran.last_on)


def _dated(code: str, on: date | None, language: str) -> Reason:
    return Reason(code, word("reasons", code, language, on=on), on)


def _outcome(one: LegalDate, language: str) -> Iterator[Reason]:
    if one.taken_on is not None:
        yield _dated("taken_late" if one.taken_late else "taken", one.taken_on, language)
    if one.status in ("over", "doubtful"):
        yield _dated(one.status, one.last_on, language)
    if one.status == "held":
        yield Reason("suspended", word("reasons", "suspended", language))
    rule = one.clause.rule
    if one.step.limitation and isinstance(rule, Period) and not rule.restart_on:
        yield Reason("nothing_restarts", word("reasons", "nothing_restarts", language))


def _unconfirmed(one: LegalDate, debt: Debt, language: str) -> Iterator[Reason]:
    clause = one.clause
    if clause.confirmed != "read":
        code = "unconfirmed" if clause.confirmed == "false" else "secondary"
        yield Reason(code, word("reasons", code, language))
    if clause.note:
        yield Reason("note", word("reasons", "note", language, text=clause.note))
    if one.before_in_force:
        yield _dated("before_in_force", clause.from_on, language)
    if debt.region is None and one.if_region:
        regions = ("、" if language == "zh-CN" else ", ").join(one.if_region)
        yield Reason("if_region", word("reasons", "if_region", language, regions=regions))


def warning_of(one: LegalDate, debt: Debt, language: str) -> str | None:
    """What the borrower is told before they acknowledge or pay: that it starts the period again, and what the last day would be."""
    own = [kind for kind in BY_BORROWER if kind in one.starts_again]
    if not own:
        return None
    text = word("warnings", "borrower", language, kinds=_listed(own, language))
    if one.if_today_on is None:
        return text
    then = word("warnings", "if_today", language, today=debt.day, on=one.if_today_on)
    return f"{text}{'；' if language == 'zh-CN' else '; '}{then}"


def also_of(one: LegalDate, language: str) -> str | None:
    """What else would start the period again: the creditor's own steps."""
    others = [kind for kind in one.starts_again if kind not in BY_BORROWER]
    return word("warnings", "others", language, kinds=_listed(others, language)) if others else None


def _listed(kinds: list[str], language: str) -> str:
    names = [word("kinds", kind, language) for kind in kinds]
    if language == "zh-CN":
        return "、".join(names)
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} or {names[-1]}"
