"""Words of the pages in the reader's language: Chinese unless they ask for English.

Words stand in YAML beside the pages that show them, both languages of a sentence next to each other (docs/decisions/0005-words-are-data.md).
"""

from __future__ import annotations

from functools import cache
from typing import Any

from arrears.facts.beside import tongue_of, yaml_beside

LANGUAGES = ("zh-CN", "en")


@cache
def words_of(room: str, name: str, language: str) -> dict[str, Any]:
    """A file of words (`facts.beside.yaml_beside`) in `zh-CN` or `en`."""
    return dict(spoken(yaml_beside(room, name), tongue_of(language)))


def spoken(part: Any, tongue: str) -> Any:
    """Words of a file in one language (`zh` or `en`): every `{zh:, en:}` becomes the one text."""
    if not isinstance(part, dict):
        return [spoken(inner, tongue) for inner in part] if isinstance(part, list) else part
    if set(part) == {"zh", "en"}:
        return part[tongue]
    return {name: spoken(inner, tongue) for name, inner in part.items()}


def words(language: str) -> dict[str, Any]:
    """What every page and the page that verifies a message say."""
    return words_of("arrears.web", "words.yaml", language)


def zone_word(zone: str, language: str) -> str:
    """What a time zone is called in `zh-CN` or `en`; its IANA name where it has no word here."""
    return str(words(language)["zones"].get(zone, zone))


def stand_words(language: str) -> dict[str, Any]:
    """The words of the page "Where do I stand?"."""
    return words_of("arrears.web", "stand_words.yaml", language)


def site_words(language: str) -> dict[str, Any]:
    """The words of the public pages as files."""
    return words_of("arrears.web", "site_words.yaml", language)


def question_words(language: str) -> dict[str, Any]:
    """The words around the question pages."""
    return words_of("arrears.web", "question_words.yaml", language)


def plan_words(language: str) -> dict[str, Any]:
    """The words of the pages about plans."""
    return words_of("arrears.web", "plan_words.yaml", language)


def special_words(language: str) -> dict[str, Any]:
    """The words of the borrower's pages about special standing."""
    return words_of("arrears.web", "standing_words.yaml", language)


def penalty_words(language: str) -> dict[str, Any]:
    """The words of the pages about penalty interest."""
    return words_of("arrears.web", "penalty_words.yaml", language)


def identity_words(language: str) -> dict[str, Any]:
    """The words of signing in."""
    return words_of("arrears.web", "identity_words.yaml", language)


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
    """One sentence of the public pages, in the browser's language."""
    return str(words(language_of(None, accepted))[name]).format(**values)
