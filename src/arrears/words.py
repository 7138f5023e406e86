"""The words of the answer for one account (`words.yaml`), in Chinese and English."""

from __future__ import annotations

from typing import Any

from arrears.facts.beside import yaml_beside


def word(key: str, language: str, **figures: object) -> Any:
    """Words for a key in `zh-CN` or `en`, figures filled in."""
    found = yaml_beside("arrears", "words.yaml")[key]["zh" if language == "zh-CN" else "en"]
    if isinstance(found, dict):
        return found
    if isinstance(found, list):
        return [line.format(**figures) for line in found]
    return str(found).format(**figures)
