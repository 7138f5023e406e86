"""Money as integers: minor units of a currency, and rates as parts per million a year.

Nothing here rounds in secret: text with more decimals than the currency has is refused, never cut.
"""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from functools import cache
from importlib import resources

PPM = 1_000_000
#: Largest amount one fact may carry, in minor units. Sums of facts stay far inside int64 below it.
AMOUNT_LIMIT_MINOR = 10**13
#: Largest rate, in parts per million a year (1,000% a year).
RATE_LIMIT_PPM = 10_000_000

_PLAIN = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?")


@cache
def _decimals_by_currency() -> dict[str, int]:
    table = resources.files("arrears").joinpath("currencies.csv").read_text("utf-8")
    rows = (line.split(",") for line in table.splitlines()[1:] if line)
    return {code: int(decimals) for code, decimals in rows}


def currencies() -> tuple[str, ...]:
    """The ISO 4217 codes known here, sorted."""
    return tuple(sorted(_decimals_by_currency()))


def decimals(currency: str) -> int:
    """Decimals of the currency's minor unit (ISO 4217): CNY 2, JPY 0, KWD 3. KeyError if unknown."""
    return _decimals_by_currency()[currency]


def to_minor(text: str | int | Decimal, currency: str) -> int:
    """Minor units of a decimal amount: ``to_minor("12.30", "CNY") == 1230``.

    ValueError, with a reason fit to be shown, for anything but plain digits with at most the currency's
    decimals, and for amounts beyond `AMOUNT_LIMIT_MINOR`. Floats are not taken.
    """
    places = decimals(currency)
    plain = str(text).strip()
    if not _PLAIN.fullmatch(plain):
        raise ValueError("is not a plain decimal number")
    fraction = plain.partition(".")[2]
    if len(fraction) > places:
        raise ValueError(f"has {len(fraction)} decimals, {currency} has {places}")
    minor = int(Decimal(plain).scaleb(places))
    if abs(minor) > AMOUNT_LIMIT_MINOR:
        raise ValueError(f"is larger than {to_text(AMOUNT_LIMIT_MINOR, currency)} {currency}")
    return minor


def to_text(minor: int, currency: str) -> str:
    """The amount as a plain decimal string with all the currency's decimals: ``to_text(1230, "CNY") == "12.30"``."""
    places = decimals(currency)
    sign = "-" if minor < 0 else ""
    digits = str(abs(int(minor))).rjust(places + 1, "0")
    return sign + (f"{digits[:-places]}.{digits[-places:]}" if places else digits)


def to_shown(minor: int, currency: str) -> str:
    """The amount for people, with thousands separated: ``12,345.60``."""
    places = decimals(currency)
    whole, rest = divmod(abs(int(minor)), 10**places)
    return f"{'-' if minor < 0 else ''}{whole:,}" + (f".{rest:0{places}d}" if places else "")


def exact_text(minor: Fraction, currency: str) -> str:
    """An exact amount of minor units in major units with all its decimals, never cut: ``308,641.9725``. Its denominator is of 2 and 5."""
    places = decimals(currency)
    scaled = minor / 10**places
    while (scaled * 10**places).denominator != 1:
        places += 1
    whole = int(scaled * 10**places)
    return f"{whole // 10**places:,}.{whole % 10**places:0{places}d}"


def to_ppm(text: str | int | Decimal) -> int:
    """Parts per million of a rate a year given as a decimal fraction: ``to_ppm("0.234") == 234000``.

    ValueError, with a reason fit to be shown, beyond six decimals, below zero, or above 1,000% a year.
    """
    try:
        rate = Decimal(str(text).strip())
    except InvalidOperation:
        raise ValueError("is not a plain decimal number") from None
    ppm = rate * PPM
    if not ppm.is_finite() or ppm != ppm.to_integral_value():
        raise ValueError("has more than six decimals")
    if not 0 <= ppm <= RATE_LIMIT_PPM:
        raise ValueError("is not between 0 and 10 (1,000% a year)")
    return int(ppm)


def rate_text(ppm: int) -> str:
    """A rate a year in percent, as short as it is exact: ``rate_text(234000) == "23.4%"``."""
    percent = (Decimal(int(ppm)) / 10_000).normalize()
    return f"{percent:f}%"
