"""Words of the pages in the reader's language: Chinese unless they ask for English."""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import Any

from arrears.facts.yaml_text import parse_yaml

LANGUAGES = ("zh-CN", "en")


@cache
def words() -> dict[str, Any]:
    """The file `words.yaml`."""
    text = resources.files("arrears.web").joinpath("words.yaml").read_text("utf-8")
    return dict(parse_yaml(text, "web/words.yaml").value)


@cache
def stand_words() -> dict[str, Any]:
    """The file `stand_words.yaml`: the words of the page "Where do I stand?"."""
    text = resources.files("arrears.web").joinpath("stand_words.yaml").read_text("utf-8")
    return dict(parse_yaml(text, "web/stand_words.yaml").value)


@cache
def question_words() -> dict[str, Any]:
    """The file `question_words.yaml`: the words around the question pages."""
    text = resources.files("arrears.web").joinpath("question_words.yaml").read_text("utf-8")
    return dict(parse_yaml(text, "web/question_words.yaml").value)


def spoken(part: Any, tongue: str) -> Any:
    """Words of a file in one language (`zh` or `en`): every `{zh:, en:}` becomes the one text."""
    if not isinstance(part, dict):
        return [spoken(inner, tongue) for inner in part] if isinstance(part, list) else part
    if set(part) == {"zh", "en"}:
        return part[tongue]
    return {name: spoken(inner, tongue) for name, inner in part.items()}


def language_of(asked: str | None, accepted: str | None) -> str:
    """The language asked for in the address, else the first of the browser's that is known, else Chinese."""
    if asked in LANGUAGES:
        return str(asked)
    for part in (accepted or "").split(","):
        wanted = part.split(";")[0].strip().lower()
        if wanted.startswith("zh"):
            return "zh-CN"
        if wanted.startswith("en"):
            return "en"
    return "zh-CN"


def say(name: str, accepted: str | None, **values: str) -> str:
    """One sentence, in the browser's language."""
    short = "zh" if language_of(None, accepted) == "zh-CN" else "en"
    return str(words()[name][short]).format(**values)
