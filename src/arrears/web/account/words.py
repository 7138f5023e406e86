"""Words of the borrower's own pages, from `words.yaml` and `forms.yaml` beside this module, in the reader's language."""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import Any

from arrears.facts.yaml_text import parse_yaml
from arrears.notice.language import short
from arrears.web.words import spoken, stand_words


@cache
def read(name: str) -> dict[str, Any]:
    """A file of words, in both languages."""
    text = resources.files("arrears.web.account").joinpath(name).read_text("utf-8")
    return dict(parse_yaml(text, f"web/account/{name}").value)


@cache
def own_words(language: str) -> dict[str, Any]:
    """The words of these pages in `zh-CN` or `en`."""
    return dict(spoken(read("words.yaml"), short(language)))


@cache
def parts_words(language: str) -> dict[str, Any]:
    """The words of the parts that "Where do I stand?" has too; the few that speak of typed loans there speak of the store's here."""
    return {**spoken(stand_words(), short(language)), **own_words(language)["parts"]}
