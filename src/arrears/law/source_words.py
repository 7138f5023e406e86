"""Sources for readers of English: the title of a Chinese instrument and its articles in English, with the original beside them."""

from __future__ import annotations

import re
from functools import cache
from importlib import resources

from arrears.facts.yaml_text import parse_yaml

#: Where a title ends: what follows is its article, or the next title.
_END = "\x01"
_DIGITS = {sign: value for value, sign in enumerate("零一二三四五六七八九")}
_UNITS = {"十": 10, "百": 100, "千": 1000}
_NUMBER = "[零一二三四五六七八九十百千]+"
_HAN = re.compile("[\u3400-\u9fff]")
_SIGNS = str.maketrans({"；": "; ", "、": ", ", "，": ", ", "（": " (", "）": ")"})


def source_in(source: str, language: str) -> str:
    """A source as it is shown to a reader of `zh-CN` or `en`: the original, and in English what it means before it."""
    if language == "zh-CN" or not is_chinese(source):
        return source
    english = in_english(source)
    return english if " / " in source else f"{english} ({source})"


def is_chinese(text: str) -> bool:
    """Whether a text has a Chinese character."""
    return _HAN.search(text) is not None


@cache
def in_english(source: str) -> str:
    """A source in English. Chinese that `sources_en.yaml` does not know stays as it is."""
    text = source
    for original, english in _titles():
        text = text.replace(original, english + _END)
    text = re.sub(f"第({_NUMBER})条之({_NUMBER})", lambda m: f"art. {number_of(m[1])}-{number_of(m[2])}", text)
    text = re.sub(f"第({_NUMBER})条", lambda m: f"art. {number_of(m[1])}", text)
    text = re.sub(f"第({_NUMBER})款", lambda m: f" para. {number_of(m[1])}", text)
    text = re.sub(f"第（?({_NUMBER})）?项", lambda m: f" item {number_of(m[1])}", text).replace("至", " to ")
    for original, english in _articles():
        text = text.replace(original, english)
    text = text.translate(_SIGNS).replace(f"{_END} (", " (").replace(f"{_END} ", ", ").replace(f"{_END};", ";")
    return (
        re.sub(r"(?<=[a-z])(?=art\. )", " ", re.sub(" {2,}", " ", text.replace(_END, " "))).replace("( ", "(").strip()
    )


def number_of(text: str) -> int:
    """A number below ten thousand that is written out in Chinese: 二百五十一 is 251."""
    total, digit = 0, 0
    for sign in text:
        if sign in _UNITS:
            total += (digit or 1) * _UNITS[sign]
            digit = 0
        else:
            digit = _DIGITS[sign]
    return total + digit


@cache
def _titles() -> tuple[tuple[str, str], ...]:
    return _longest_first("titles")


@cache
def _articles() -> tuple[tuple[str, str], ...]:
    return _longest_first("articles")


def _longest_first(part: str) -> tuple[tuple[str, str], ...]:
    text = resources.files("arrears.law").joinpath("sources_en.yaml").read_text("utf-8")
    pairs = parse_yaml(text, "law/sources_en.yaml").value[part]
    return tuple(sorted(((str(one), str(other)) for one, other in pairs.items()), key=lambda pair: -len(pair[0])))
