"""Amounts of money in a text, and those of them that the account does not show."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from functools import cache

from arrears.law.wording.families import compiled

_NUMBER = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?")
_GIVEN = re.compile(r"\d+(?:\.\d+)?(?: [A-Z]{3})?")
_TIMES = {"万": 10_000, "千": 1_000, "百": 100}


@cache
def _money() -> re.Pattern[str]:
    return compiled(["<money_zh>", "<money_en>"])


def amounts_in(text: str) -> Iterator[tuple[int, int, Decimal]]:
    """Start, end and value (in units of the currency) of each amount in a searched text."""
    for match in _money().finditer(text):
        number = _NUMBER.search(match.group())
        assert number is not None
        times = next((factor for sign, factor in _TIMES.items() if sign in match.group()), 1)
        yield match.start(), match.end(), Decimal(number.group().replace(",", "")) * times


def given(amounts: Mapping[str, str]) -> frozenset[Decimal]:
    """The values of amounts such as ``{"due": "1280.50 CNY"}``. ValueError if one is no plain decimal amount."""
    for name, value in amounts.items():
        if not _GIVEN.fullmatch(value):
            raise ValueError(f"{name} is not an amount such as 1280.50 CNY: {value}")
    return frozenset(Decimal(value.partition(" ")[0]) for value in amounts.values())


def not_of_the_account(text: str, amounts: Mapping[str, str]) -> Iterator[tuple[int, int]]:
    """Where an amount stands that is none of `amounts`; nothing if none are given."""
    known = given(amounts)
    if known:
        for start, end, value in amounts_in(text):
            if value not in known:
                yield start, end
