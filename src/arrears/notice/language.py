"""Amounts, dates and fixed turns of a message in zh-CN and English, from `language.yaml`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from functools import cache, lru_cache
from typing import Any

from arrears import money
from arrears.facts.beside import tongue_of, yaml_beside

LANGUAGES = ("zh-CN", "en")
#: Days whose words are remembered: the messages of one evening name few.
_DAYS_KEPT = 4096


@cache
def turns() -> dict[str, Any]:
    """The file `language.yaml`."""
    return dict(yaml_beside("arrears.notice", "language.yaml"))


def language_of(told: str | None, law: str) -> str:
    """The language a person is written to: the one told where we write it, else Chinese in China and English elsewhere."""
    if told:
        return "zh-CN" if told.lower().startswith("zh") else "en"
    return "zh-CN" if law == "cn" else "en"


def amount_text(minor: int, currency: str, language: str) -> str:
    """An amount with its currency: ``1,280.50元``, ``$1,280.50``."""
    return _money_form(currency, language).format(amount=money.to_shown(minor, currency), currency=currency)


@cache
def _money_form(currency: str, language: str) -> str:
    forms = turns()["money"][tongue_of(language)]
    return str(forms.get(currency, forms["any"]))


def sentence(text: str, language: str) -> str:
    """A turn as a whole sentence: with a capital in English, and the full stop of its language if it has none."""
    stop, ends = ("。", "。！？") if tongue_of(language) == "zh" else (".", ".!?")
    return text[:1].upper() + text[1:] + ("" if text.endswith(tuple(ends)) else stop)


@lru_cache(maxsize=_DAYS_KEPT)
def date_text(on: date, law: str, language: str) -> str:
    """A day in words: ``2026年11月24日``, ``November 24, 2026``, ``24 November 2026``."""
    forms = turns()["dates"][tongue_of(language)]
    name = turns()["months"][on.month - 1]
    return str(forms.get(law, forms["any"])).format(year=on.year, month=on.month, day=on.day, month_name=name)


def outcomes(action: str, language: str) -> dict[str, str]:
    """What an answer may come to, by code, with its words; nothing for what is answered with dates alone."""
    return {code: str(words[tongue_of(language)]) for code, words in turns()["outcome"].get(action, {}).items()}


def outcome_text(action: str, code: str, language: str) -> str:
    """An outcome in words; empty for a code that is none of the action's."""
    return outcomes(action, language).get(code, "")


def frozen_text(names: Iterable[str], language: str) -> str:
    """What does not accrue (`interest`, `penalty`, `late_fee`), in words."""
    key = tongue_of(language)
    told = str(turns()["glue"][key]).join(str(turns()["frozen"][name][key]) for name in names)
    return told or str(turns()["frozen"]["nothing"][key])


def category_text(category: str, law: str, language: str) -> str:
    """A category of what is due (fee, penalty, interest, principal) in words."""
    return next(word for name, word in _categories(law, language) if name == category)


def made_of(position: Mapping[str, Any], law: str, language: str) -> str:
    """What is due, category by category, those that are nothing left out: ``本金1,000.00元、利息120.00元``."""
    parts = []
    for name, word in _categories(law, language):
        minor = int(position[f"due_{name}"])
        if minor:
            amount = amount_text(minor, str(position["currency"]), language)
            parts.append(word + amount if tongue_of(language) == "zh" else f"{word} {amount}")
    return str(turns()["glue"][tongue_of(language)]).join(parts)


@cache
def _categories(law: str, language: str) -> tuple[tuple[str, str], ...]:
    """The categories of what is due, in their order, with their words."""
    forms = {name: words[tongue_of(language)] for name, words in turns()["made_of"].items()}
    return tuple((name, str(words.get(law, words["any"]))) for name, words in forms.items())
