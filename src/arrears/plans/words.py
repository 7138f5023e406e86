"""The words of plans in both languages, from the YAML files beside this module."""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import Any

from arrears.facts.yaml_text import parse_yaml


@cache
def data(name: str) -> Any:
    """The content of a YAML file of this room; amounts in it are text."""
    return parse_yaml(resources.files("arrears.plans").joinpath(name).read_text("utf-8"), f"plans/{name}").value


def tongue(language: str) -> str:
    """`zh` or `en`, as the data files have it, of `zh-CN` or `en`."""
    return "zh" if language.lower().startswith("zh") else "en"


def word(group: str, name: str, language: str, /, **figures: object) -> str:
    """A word of words.yaml, figures filled in. KeyError if there is none."""
    return str(data("words.yaml")[group][name][tongue(language)]).format(**figures)
