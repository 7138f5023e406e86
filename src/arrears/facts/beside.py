"""The YAML files that lie beside the code that reads them: words, tables, settings of a room."""

from __future__ import annotations

from functools import cache, lru_cache
from importlib import resources
from typing import Any

from arrears.facts.yaml_text import parse_yaml


@cache
def yaml_beside(room: str, name: str) -> Any:
    """What a file holds; read once, and not to be changed by who asks. `room`: the package it lies in; `name`: its path from there.

    Words stand in it as `{zh: …, en: …}`, both languages of a sentence beside each other (docs/decisions/0005-words-are-data.md). Refusal,
    with file and line, where it is not of the form that all YAML here has (`facts.yaml_text`).
    """
    text = resources.files(room).joinpath(*name.split("/")).read_text("utf-8")
    return parse_yaml(text, "/".join([*room.split(".")[1:], name])).value


@lru_cache(maxsize=64)
def tongue_of(language: str) -> str:
    """The key under which words stand in these files, zh or en, of a language such as `zh-CN`, `zh-Hans` or `en`."""
    return "zh" if language.lower().startswith("zh") else "en"
