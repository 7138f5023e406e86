"""Points of an answer that other rooms give: money by line, reasons why nobody visited, the week, legal dates, places to turn to."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any

from arrears import show
from arrears.advise.looked import Looked
from arrears.advise.no_visit import why_not
from arrears.advise.offered import points_of
from arrears.advise.places import places
from arrears.advise.said import LANGUAGES, Said, read_words
from arrears.advise.week import alike
from arrears.facts.beside import tongue_of
from arrears.law.pages import channel_word
from arrears.legal.reasoning import UNCONFIRMED, reasons_of, warning_of
from arrears.money_in_words import money_under_law
from arrears.notice.language import date_text, sentence


@dataclass(frozen=True)
class Point:
    """One thing said, and the ids of the clauses it rests on."""

    id: str
    said: Said
    cite: tuple[str, ...] = ()


def both(say: Callable[[str], str]) -> Said:
    """A text that is asked for in either language."""
    return Said(say("zh-CN"), say("en"))


def several(name: str, say: Callable[[str], Iterable[str]]) -> Iterator[Point]:
    """Texts that are asked for in either language, one point each."""
    for zh, en in zip(*(list(say(language)) for language in LANGUAGES), strict=True):
        yield Point(name, Said(zh, en))


def word(name: str, language: str, /, **figures: str) -> str:
    """A turn of `turns.yaml`."""
    return str(read_words("turns.yaml")[name][tongue_of(language)]).format(**figures)


def _why_no_visit(looked: Looked) -> Iterator[Point]:
    account = looked.account
    if "visit" not in account.ladder.ids or account.ladder.law != looked.law:
        return
    verdict = account.verdicts.get("visit")
    cite = tuple(clause.id for clause in verdict.clauses) if verdict and verdict.verdict != "allowed" else ()
    for said in why_not(account, "visit"):
        yield Point("why_no_visit", said, cite)


def _silence(looked: Looked) -> Iterator[Point]:
    visit = next((action for action in looked.account.ladder.actions if action.id == "visit"), None)
    if visit is not None and looked.account.replayed.position["due_total"]:
        yield from several("silence", lambda lang: show.silence(looked.account, visit.name[tongue_of(lang)], lang)[:2])


def _money_under_law(looked: Looked) -> Iterator[Point]:
    chinese, english = (money_under_law(looked.account, language) for language in LANGUAGES)
    for (zh, clauses), (en, _) in zip(chinese, english, strict=True):
        yield Point("money_under_law", Said(zh, en), tuple(clause.id for clause in clauses))


def _held_back(looked: Looked) -> Iterator[Point]:
    """What the usual flow leaves alone while an agreement is kept."""
    account = looked.account
    if account.ladder.law == looked.law and show.held_back_by_agreement(account, "en"):
        yield Point(
            "held_back", both(lambda lang: word("held_back", lang, actions=show.held_back_by_agreement(account, lang)))
        )


def _week(looked: Looked) -> Iterator[Point]:
    """When the other side may contact the person in the seven days from today, channel by channel."""
    for week in looked.week[1]:
        cite = tuple(clause.id for clause in week.clauses)
        yield Point("week", both(lambda lang, week=week: _week_text(looked, week, lang)), cite)  # type: ignore[misc]


def _week_text(looked: Looked, week: Any, language: str) -> str:
    name = channel_word(week.channel, language)
    if week.is_closed:
        return sentence(word("week_closed", language, channel=name), language)
    glue = word("semicolon", language)
    parts = [_stretch(looked, first, last, stretches, language) for first, last, stretches in alike(week.days)]
    return sentence(word("week_open", language, channel=name, days=glue.join(parts)), language)


def _stretch(looked: Looked, first: date, last: date, stretches: Any, language: str) -> str:
    days = date_text(first, looked.law, language)
    if first != last:
        days = word("from_to", language, first=days, last=date_text(last, looked.law, language))
    if not stretches:
        hours = word("not_allowed", language)
    elif stretches == ((0, 24 * 60),):
        hours = word("no_hours", language)
    else:
        hours = word("comma", language).join(f"{_clock(begins)}–{_clock(ends)}" for begins, ends in stretches)
    return word("day_hours", language, days=days, hours=hours)


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


def _always(looked: Looked) -> Iterator[Point]:
    for clause in looked.always:
        said = Said(sentence(clause.says["zh"], "zh-CN"), sentence(clause.says["en"], "en"))
        yield Point("rule", said, (clause.id,))


def _legal(looked: Looked) -> Iterator[Point]:
    """The last day of each legal step that runs, with what starts it again, and what is not confirmed."""
    debt = looked.legal.debt
    for one in looked.legal.dates:
        if one.last_on is None or one.status not in ("running", "over", "doubtful", "not_started"):
            continue

        def say(language: str, one: Any = one) -> str:
            name = "legal_over" if one.status == "over" else "legal_until"
            text = word(
                name, language, step=one.step.name[tongue_of(language)], on=date_text(one.last_on, looked.law, language)
            )
            glue = "" if tongue_of(language) == "zh" else " "
            if one.provisional:
                text += glue + word("provisional", language)
            if (warning := warning_of(one, debt, language)) and one.step.limitation:
                text += glue + warning[0].upper() + warning[1:] + word("stop", language)
            doubts = [
                reason.text
                for reason in reasons_of(one, debt, language)
                if reason.code in UNCONFIRMED and reason.code != "note"
            ]
            return text + "".join(glue + doubt[0].upper() + doubt[1:] + word("stop", language) for doubt in doubts)

        yield Point(f"legal_{one.step.id}", both(say), (one.clause.id,))
    for gap in looked.legal.gaps:
        from arrears.legal.reasoning import word as legal_word

        yield Point(f"legal_{gap}", both(lambda lang, gap=gap: legal_word("gaps", gap, lang) + word("stop", lang)))  # type: ignore[misc]


def _complain(looked: Looked) -> Iterator[Point]:
    yield from _places(looked, "complain")


def _help(looked: Looked) -> Iterator[Point]:
    yield from _places(looked, "help")


def _departments(looked: Looked) -> Iterator[Point]:
    """Every office but those of free help, which have a section of their own."""
    for place in places(looked.law):
        if "help" not in place.purposes:
            yield Point(f"place_{place.id}", both(partial(place.line, looked.law)))


def _places(looked: Looked, purpose: str) -> Iterator[Point]:
    for place in places(looked.law):
        if purpose in place.purposes:
            yield Point(f"place_{place.id}", both(partial(place.line, looked.law)))


def _offers(looked: Looked) -> Iterator[Point]:
    """The plans that the household can carry, where its budget is given."""
    for name, said, cite in points_of(looked.offered) if looked.offered else ():
        yield Point(name, said, cite)


COMPUTED: dict[str, Callable[[Looked], Iterable[Point]]] = {
    "why_no_visit": _why_no_visit, "silence": _silence, "money_under_law": _money_under_law, "held_back": _held_back, "week": _week,
    "always": _always, "legal": _legal, "complain": _complain, "help": _help, "departments": _departments,
    "offers": _offers,
}  # fmt: skip
