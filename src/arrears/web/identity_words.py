"""Words of signing in, in the reader's language, from `identity_words.yaml`."""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import Any

from arrears.facts.yaml_text import parse_yaml
from arrears.notice.language import short


@cache
def _words() -> dict[str, Any]:
    text = resources.files("arrears.web").joinpath("identity_words.yaml").read_text("utf-8")
    return dict(parse_yaml(text, "web/identity_words.yaml").value)


@cache
def identity_words(language: str) -> dict[str, str]:
    """All of them in a language (zh-CN or en)."""
    return {name: str(told[short(language)]) for name, told in _words().items()}
