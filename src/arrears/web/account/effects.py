"""What a statement changed, computed and not promised: the loan with it held against the same loan without it.

Which steps of the ladder now have a reason against them that was not there before, which clauses of law now apply that did not, and which
periods of law began with it.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from arrears.advise.no_visit import reason_said
from arrears.advise.week import week_ahead
from arrears.facts.beside import tongue_of
from arrears.law import Clause
from arrears.law.pages import channel_word, confirmed_word
from arrears.notice.language import date_text
from arrears.web.account.loans import Loan, dates_of
from arrears.web.account.words import own_words

#: Reasons of the ladder that the law gives: their clauses are told with the law.
BY_LAW = ("law_never", "law_wait")


def effects(with_it: Loan, without_it: Loan, event_id: str, language: str) -> dict[str, Any]:
    """`stops`: sentences; `law`: clauses that now apply; `clocks`: last days, of the periods that began with the event."""
    if with_it.stood.account.refused or without_it.stood.account.refused:
        return {"stops": [], "law": [], "clocks": []}
    return {
        "stops": list(_stops(with_it, without_it, language)),
        "law": _law(with_it, without_it, language),
        "clocks": list(_clocks(with_it, event_id, language)),
    }


def _stops(with_it: Loan, without_it: Loan, language: str) -> Iterator[str]:
    """For each new reason, the steps that it holds back."""
    line, glue = own_words(language)["stops_line"], "、" if tongue_of(language) == "zh" else ", "
    held: dict[str, tuple[str, list[str]]] = {}
    before = _reasons(without_it)
    for item in with_it.stood.account.decision.not_taken:
        for reason in item.reasons:
            if (
                reason.id not in before.get(item.action.id, set())
                and reason.id not in BY_LAW
                and reason.id in _standing(with_it)
            ):
                said = reason_said(with_it.stood.account, item, reason).text(language)
                held.setdefault(reason.id, (said, []))[1].append(item.action.name[tongue_of(language)])
    for text, actions in held.values():
        yield line.format(actions=glue.join(actions), reason=text)


def _reasons(loan: Loan) -> dict[str, set[str]]:
    return {item.action.id: {reason.id for reason in item.reasons} for item in loan.stood.account.decision.not_taken}


def _standing(loan: Loan) -> set[str]:
    """The reasons that the ladder's own skips give; others (another action is taken, too soon) only follow from them."""
    return {reason for action in loan.stood.account.ladder.actions for reason in action.skip}


def _law(with_it: Loan, without_it: Loan, language: str) -> list[dict[str, str]]:
    """The clauses that the week of some channel has now and had not before."""
    tomorrow = with_it.day + timedelta(days=1)
    _, now = week_ahead(with_it.stood.account, with_it.facts, with_it.stood.asking, tomorrow)
    _, before = week_ahead(without_it.stood.account, without_it.facts, without_it.stood.asking, tomorrow)
    had = {week.channel: week for week in before}
    found: dict[Clause, list[str]] = {}
    for week in now:
        changed = week.days != had[week.channel].days
        for clause in week.clauses:
            if clause not in had[week.channel].clauses or (changed and clause.kind == "forbid"):
                found.setdefault(clause, []).append(channel_word(week.channel, language))
    glue = "、" if tongue_of(language) == "zh" else ", "
    return [
        {"text": clause.says[tongue_of(language)], "channels": glue.join(channels), "source": clause.source_in(language), "id": clause.id,
         "unconfirmed": "" if clause.confirmed == "read" else confirmed_word(clause, language)}
        for clause, channels in found.items()
    ]  # fmt: skip


def _clocks(loan: Loan, event_id: str, language: str) -> Iterator[dict[str, str]]:
    """The last days of the steps of law whose period began with the event."""
    found = dates_of(loan)
    words = own_words(language)
    for one in found.dates:
        if one.last_on is None or one.start.event is None or found.debt.ids.get(one.start.event) != event_id:
            continue
        said = words["clock_line"].format(
            step=one.step.name[tongue_of(language)], on=date_text(one.last_on, loan.law, language)
        )
        read = one.clause.confirmed == "read"
        yield {
            "text": said + (words["clock_provisional"] if one.provisional else ""), "source": one.clause.source_in(language), "id": one.clause.id,
            "unconfirmed": "" if read else confirmed_word(one.clause, language),
        }  # fmt: skip


def warnings(loan: Loan, language: str) -> list[str]:
    """What a borrower is told before they promise, propose or pay: the periods of law that start again by it."""
    from arrears.legal.reasoning import warning_of

    found = dates_of(loan)
    said = [warning_of(one, found.debt, language) for one in found.dates if one.step.limitation]
    return list(dict.fromkeys(text for text in said if text))
