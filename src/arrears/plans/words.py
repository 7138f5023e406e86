"""The words of plans in both languages, from the YAML files beside this module."""

from __future__ import annotations

from typing import Any

from arrears.facts.beside import tongue_of, yaml_beside


def data(name: str) -> Any:
    """The content of a YAML file of this room; amounts in it are text."""
    return yaml_beside("arrears.plans", name)


def word(group: str, name: str, language: str, /, **figures: object) -> str:
    """A word of words.yaml, figures filled in. KeyError if there is none."""
    return str(data("words.yaml")[group][name][tongue_of(language)]).format(**figures)
