"""A week of contacts in the words of a page: what the picture draws of each day, and the hours, neighbouring days that are alike in one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from arrears.advise.week import DAYS, ChannelWeek, alike
from arrears.facts.beside import tongue_of
from arrears.law.pages import channel_word, day_word
from arrears.web.words import stand_words

_ALL_DAY = ((0, 24 * 60),)


def week_shown(
    week: ChannelWeek, numbers: Mapping[str, int], language: str, today: date | None = None
) -> dict[str, Any]:
    """What the template `_week.html` shows. `numbers`: of the clauses, by id. Without `today` it is a week in general, of days without dates."""
    words, name = stand_words(language), channel_word(week.channel, language)
    return {
        "name": name[:1].upper() + name[1:], "closed": week.is_closed,
        "days": [{"name": words["today"] if day.on == today else day_word(day.on, language), "open": day.open} for day in week.days],
        "texts": list(_texts(week, language, today is not None)), "marks": [numbers[clause.id] for clause in week.clauses],
    }  # fmt: skip


def _texts(week: ChannelWeek, language: str, dated: bool) -> Iterator[str]:
    words, colon = stand_words(language), "：" if tongue_of(language) == "zh" else ": "
    for first, last, stretches in alike(week.days):
        if not dated and (last - first).days == DAYS - 1:
            days = words["every_day"]
        else:
            names = [_day(on, language) if dated else day_word(on, language) for on in dict.fromkeys((first, last))]
            days = words["to"].join(names)
        hours = words["comma"].join(f"{_clock(begins)}–{_clock(ends)}" for begins, ends in stretches)
        yield f"{days}{colon}{words['all_day'] if stretches == _ALL_DAY else hours or words['closed_day']}"


def _day(on: date, language: str) -> str:
    name = day_word(on, language)
    return f"{on.month}月{on.day}日（{name}）" if tongue_of(language) == "zh" else f"{name} {on:%Y-%m-%d}"


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"
