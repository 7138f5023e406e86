"""The words of plans in both languages, from the YAML files beside this module."""

from __future__ import annotations

from typing import Any

from arrears.facts.beside import yaml_beside


def data(name: str) -> Any:
    """The content of a YAML file of this room; amounts in it are text."""
    return yaml_beside("arrears.plans", name)


def tongue(language: str) -> str:
    """`zh` or `en`, as the data files have it, of `zh-CN` or `en`."""
    return "zh" if language.lower().startswith("zh") else "en"


def word(group: str, name: str, language: str, /, **figures: object) -> str:
    """A word of words.yaml, figures filled in. KeyError if there is none."""
    return str(data("words.yaml")[group][name][tongue(language)]).format(**figures)
