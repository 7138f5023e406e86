"""What of "Where do I stand?" needs no reckoning, as a file: what to have at hand, a worked example, the hours of contact, rights and help."""

from __future__ import annotations

from typing import Any

from arrears.advise.answer import answer_of
from arrears.advise.cited import references_under
from arrears.advise.points import Section
from arrears.advise.questions import answered, untouched
from arrears.advise.said import Said
from arrears.facts.beside import tongue_of
from arrears.web.advice_page import clauses_shown
from arrears.web.site_page import SitePage
from arrears.web.stand_pages import PARTS
from arrears.web.week_shown import week_shown
from arrears.web.words import stand_words, zone_word

NAME, EXAMPLE = "stand", "sms-no-visit"
FURTHER = ("rights", "both_lawful", "complain", "help")


def stand_file(page: SitePage) -> tuple[str, bytes]:
    """The page."""
    looked, language = untouched(EXAMPLE), page.language
    zone, weeks = looked.week
    sections = answer_of(looked, Said("", ""), [{"from": name} for name in FURTHER]).sections
    cited = [clause.id for clause in (*(one for week in weeks for one in week.clauses), *looked.always)]
    cited += [one for section in sections for point in section.points for one in point.cite]
    numbers = {name: number for number, name in enumerate(dict.fromkeys(cited), start=1)}
    known = references_under(looked.laws)
    return page.file(
        NAME, "stand_file.html", stand=stand_words(language), ready=_ready(language), example=_example(language), zone=zone_word(zone, language),
        weeks=[week_shown(week, numbers, language) for week in weeks],
        always=[{"text": clause.says[tongue_of(language)], "mark": numbers[clause.id]} for clause in looked.always],
        advice={
            "sections": [_shown(section, numbers, language) for section in sections], "note": stand_words(language)["no_advice"],
            "clauses_head": stand_words(language)["clauses_head"],
            "clauses": clauses_shown([known[name] for name in numbers], looked.law, language),
        },
    )  # fmt: skip


def _ready(language: str) -> list[dict[str, Any]]:
    """The fields of the form, part by part, with their hints."""
    words = stand_words(language)
    return [
        {"title": words["parts"][part], "fields": [(words["fields"][name]["label"], words["fields"][name]["hint"]) for name in names]}
        for part, names in PARTS.items()
    ]  # fmt: skip


def _example(language: str) -> list[str]:
    return [
        point.said.text(language)
        for section in answered(EXAMPLE).sections
        for point in section.points
        if section.id == "example"
    ]


def _shown(section: Section, numbers: dict[str, int], language: str) -> dict[str, Any]:
    points = [
        {"text": point.said.text(language), "marks": [numbers[one] for one in point.cite]} for point in section.points
    ]
    return {"id": section.id, "title": section.title.text(language), "points": points}
