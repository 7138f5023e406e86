"""A row of what is held about a borrower as a person reads it: fields and values in words, instants on the clock of the loans.

Nothing is left out and nothing is added: a field or a value that has no words here stands as it is kept (`held.json` has it the same).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from arrears import money
from arrears.facts.beside import tongue_of
from arrears.web.account.loans import local_time
from arrears.web.account.shown import channel_names
from arrears.web.account.words import form_words, held_words, own_words
from arrears.web.words import stand_words, words

_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+(?:\+00:00|Z)")
#: Fields in parts per million.
_RATES = ("rate_ppm", "penalty_rate_ppm")


def row_shown(part: str, row: Mapping[str, Any], language: str, zone: str) -> list[tuple[str, str]]:
    """The label and the text of each field of a row of a part of `held_about`; what `data` holds stands as fields of its own."""
    return list(_fields(part, row, language, zone))


def _fields(part: str, row: Mapping[str, Any], language: str, zone: str) -> Iterator[tuple[str, str]]:
    labels = held_words(language)["fields"]
    for name, value in row.items():
        if name == "data" and isinstance(value, dict):
            yield from _fields("data", value, language, zone)
        else:
            yield labels.get(f"{part}.{name}", labels.get(name, name)), _text(name, value, language, zone)


def _text(name: str, value: Any, language: str, zone: str) -> str:
    if isinstance(value, list):
        return ("、" if tongue_of(language) == "zh" else ", ").join(_text(name, one, language, zone) for one in value)
    if isinstance(value, dict):
        inner = [f"{label} {text}" for label, text in _fields(name, value, language, zone)]
        return str(value["text"]) if value.get("text") else ("；" if tongue_of(language) == "zh" else "; ").join(inner)
    if name in _RATES:
        return money.rate_text(int(value))
    if isinstance(value, str) and _INSTANT.fullmatch(value):
        return f"{local_time(datetime.fromisoformat(value), zone):%Y-%m-%d %H:%M:%S}"
    return str(_named(name, language).get(value, value))


def _named(name: str, language: str) -> Mapping[str, str]:
    """The words for the values of a field."""
    if name == "channel":
        return channel_names(language)
    if name == "outcome":
        return dict(own_words(language)["outcomes"])
    if name == "lender_kind":
        return dict(stand_words(language)["lender_kinds"])
    if name == "language":
        return dict(form_words(language)["language"]["fields"]["language"]["choices"])
    if name == "time_zone":
        return dict(words(language)["zones"])
    if name in ("form", "about"):
        return {form: told["title"] for form, told in form_words(language).items()}
    return dict(held_words(language)["values"].get(name, {}))
