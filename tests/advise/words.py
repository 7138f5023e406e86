"""The texts of the advice room as they are written, and as they are said of cases, for the tests of both languages."""

from arrears.advise.questions import NAMES
from arrears.advise.said import read_words
from arrears.law.packs import packs

FILES = (
    "advice.yaml",
    "no_visit.yaml",
    "letters.yaml",
    "turns.yaml",
    "offers.yaml",
    "places.yaml",
    "sources.yaml",
    *(f"questions/{name}.yaml" for name in NAMES),
)


def written(part, path=""):
    """Every pair of texts in a file: where it stands, Chinese, English."""
    if isinstance(part, dict):
        if {"zh", "en"} & set(part):
            yield path, part.get("zh"), part.get("en")
        for name, inner in part.items():
            yield from written(inner, f"{path}.{name}")
    elif isinstance(part, list):
        for index, inner in enumerate(part):
            yield from written(inner, f"{path}[{inner.get('id', index) if isinstance(inner, dict) else index}]")


def all_written():
    """Every pair of texts of every file of words."""
    return [(name, path, zh, en) for name in FILES for path, zh, en in written(read_words(name), name)]


def laws():
    """The laws that have packs of their own."""
    return [name for name in packs() if "-" not in name]
