"""The words of the pages: complete in both languages, with the same figures in both, and with no plural that a figure of one would make wrong."""

import re
from pathlib import Path
from string import Formatter

import pytest

import arrears.web
from arrears.facts.beside import yaml_beside

ROOMS = ("arrears.web", "arrears.web.account", "arrears.web.desk")
FILES = [
    (room, file.name)
    for room in ROOMS
    for file in sorted(Path(*arrears.web.__path__, *room.split(".")[2:]).glob("*.yaml"))
    if file.name not in ("roles.yaml", "weak_passwords.yaml")
]
#: A figure before a word in the plural: "1 instalments".
PLURAL = re.compile(r"\{(?:count|number|total)\} [a-z]+s\b")


def said(part, path=""):
    """Every pair of texts with its place."""
    if isinstance(part, dict) and ("zh" in part or set(part) == {"en"}):
        yield path, part
    elif isinstance(part, dict):
        for name, inner in part.items():
            yield from said(inner, f"{path}.{name}")


def named(texts):
    """The figures that a text, or a list of texts, names."""
    return {
        name
        for text in ([texts] if isinstance(texts, str) else texts)
        for _, name, _, _ in Formatter().parse(str(text))
        if name
    }


@pytest.mark.parametrize(("room", "name"), FILES, ids=[f"{room}/{name}" for room, name in FILES])
def test_every_word_stands_in_both_languages_and_names_the_same_figures(room, name):
    pairs = dict(said(yaml_beside(room, name)))

    unfit = [
        path
        for path, pair in pairs.items()
        if set(pair) != {"zh", "en"}
        or type(pair["zh"]) is not type(pair["en"])
        or (isinstance(pair["zh"], list) and len(pair["zh"]) != len(pair["en"]))
        or named(pair["zh"]) != named(pair["en"])
    ]

    assert pairs and unfit == []


@pytest.mark.parametrize(("room", "name"), FILES, ids=[f"{room}/{name}" for room, name in FILES])
def test_no_english_text_counts_one_thing_in_the_plural(room, name):
    assert [path for path, pair in said(yaml_beside(room, name)) if PLURAL.search(str(pair["en"]))] == []
