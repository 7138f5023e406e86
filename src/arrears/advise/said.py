"""A sentence in both languages at once, with the figures it names, so that neither language can say another amount or day than the other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from string import Formatter
from typing import Any

from arrears import money
from arrears.facts.beside import tongue_of, yaml_beside
from arrears.notice.language import amount_text, date_text

LANGUAGES = ("zh-CN", "en")


@dataclass(frozen=True)
class Money:
    """An amount in minor units of a currency (ISO 4217)."""

    minor: int
    currency: str


@dataclass(frozen=True)
class Rate:
    """A yearly rate in parts per million."""

    ppm: int


@dataclass(frozen=True)
class Said:
    """One text in Chinese and in English, and the figures that both of them name."""

    zh: str
    en: str
    figures: Mapping[str, Any] = field(default_factory=dict, compare=False)

    def text(self, language: str) -> str:
        """The text in `zh-CN` or `en`."""
        return self.zh if tongue_of(language) == "zh" else self.en


#: What a text may name: an amount, a day, a rate, a number, or words in both languages.
Figure = Money | Rate | Said | date | int | str


def shown(figure: Figure, law: str, language: str) -> str:
    """A figure as it is written in a language; days in the form of the country whose law it is."""
    if isinstance(figure, Money):
        return amount_text(figure.minor, figure.currency, language)
    if isinstance(figure, Rate):
        return money.rate_text(figure.ppm)
    if isinstance(figure, Said):
        return figure.text(language)
    return date_text(figure, law, language) if isinstance(figure, date) else str(figure)


@cache
def named_in(template: str) -> frozenset[str]:
    """The names of the figures in a template."""
    return frozenset(name for _, name, _, _ in Formatter().parse(template) if name)


def filled(template: Mapping[str, str], figures: Mapping[str, Figure], law: str) -> Said | None:
    """A template `{zh, en}` with its figures; None where a figure that it names is not known for this case."""
    names = named_in(template["zh"]) | named_in(template["en"])
    if not names <= figures.keys():
        return None
    zh, en = (
        template[tongue].format_map({name: shown(figures[name], law, language) for name in names})
        for language, tongue in (("zh-CN", "zh"), ("en", "en"))
    )
    return Said(zh, en, {name: figures[name] for name in names})


def read_words(name: str) -> Any:
    """A file of words of this room, by its path from here."""
    return yaml_beside("arrears.advise", name)
