"""Words of the borrower's own pages, from `words.yaml` and `forms.yaml` beside this module, in the reader's language."""

from __future__ import annotations

from functools import cache
from typing import Any

from arrears.web.words import stand_words, words_of

ROOM = "arrears.web.account"


def own_words(language: str) -> dict[str, Any]:
    """The words of these pages in `zh-CN` or `en`."""
    return words_of(ROOM, "words.yaml", language)


def form_words(language: str) -> dict[str, Any]:
    """The forms, by name, with their words in `zh-CN` or `en`."""
    return words_of(ROOM, "forms.yaml", language)


def held_words(language: str) -> dict[str, Any]:
    """The names of what is held about a borrower in `zh-CN` or `en`."""
    return words_of(ROOM, "held.yaml", language)


@cache
def parts_words(language: str) -> dict[str, Any]:
    """The words of the parts that "Where do I stand?" has too; the few that speak of typed loans there speak of the store's here."""
    return {**stand_words(language), **own_words(language)["parts"]}
