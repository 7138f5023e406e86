"""One cell of a tape: its text as an amount, a rate, a date, an instant, a list. What cannot be read becomes null, never a guess."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import polars as pl

from arrears import money
from arrears.facts.mapping import TapeMapping

# [0-9], since \d takes the digits of every script
_PLAIN = r"^[+-]?[0-9]+(\.[0-9]+)?$"
_SCIENTIFIC = r"^[+-]?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]{1,2})?$"
_THOUSANDS = r"^[+-]?[0-9]{1,3}(,[0-9]{3})*(\.[0-9]+)?$|^[+-]?[0-9]+(\.[0-9]+)?$"
_RATE = r"^[0-9]+(\.[0-9]{1,6})?$"
FORMS = {"plain": _PLAIN, "thousands": _THOUSANDS, "scientific": _SCIENTIFIC}
MONEY_COLUMNS: dict[str, tuple[str, ...]] = {
    "accounts": ("principal",),
    "instalments": ("principal", "interest", "fee"),
    "events": ("amount",),
    "people": (),
}
RATES = ("rate_ppm", "penalty_rate_ppm")
YEARS = (1900, 2199)


def value_of(name: str, kind: Any, table: str, mapping: TapeMapping, zones: Sequence[str] = ()) -> pl.Expr:
    """The value in the table's type `kind` of the column `name`, read from its text.

    Money needs `currency` beside it, instants `zone`; `zones` are the zones that stand there.
    """
    text = pl.col(name)
    if name in MONEY_COLUMNS[table]:
        return minor_units(text, mapping.amounts)
    if name in RATES:
        return rate_ppm(text)
    if kind == pl.Date:
        return _in_years(pl.coalesce([text.str.to_date(form, strict=False) for form in mapping.dates]))
    if isinstance(kind, pl.Datetime):
        return _in_years(instant(text, mapping, zones))
    if isinstance(kind, pl.List) and kind.inner == pl.String:
        return text.str.split(";")
    if isinstance(kind, pl.List):
        place = pl.struct(text=pl.element(), lat=pl.lit(None, pl.Float64), lon=pl.lit(None, pl.Float64))
        return text.str.split(";").list.eval(place)
    return text.cast(kind, strict=False)


def _in_years(day: pl.Expr) -> pl.Expr:
    """Days of a calendar that loans live in; the year 26 is a slip."""
    return pl.when(day.dt.year().is_between(*YEARS)).then(day)


def rate_ppm(text: pl.Expr) -> pl.Expr:
    """A fraction a year with at most six decimals into parts per million; null beyond 1,000% a year."""
    ppm = (text.cast(pl.Decimal(20, 6), strict=False) * money.PPM).cast(pl.Int64, strict=False)
    return pl.when(text.str.contains(_RATE) & (ppm <= money.RATE_LIMIT_PPM)).then(ppm)


def plain_number(text: pl.Expr, amounts: str) -> pl.Expr:
    """A number as the mapping declares amounts, in plain digits; null where it is no such number."""
    plain = text.str.replace_all(",", "", literal=True).str.strip_prefix("+")
    if amounts == "scientific":  # spreadsheets write 100000 as 1.00E+05: as many digits as they kept
        digits = text.cast(pl.Decimal(30, 6), strict=False).cast(pl.String)
        plain = digits.str.strip_chars_end("0").str.strip_suffix(".")
    return pl.when(text.str.contains(FORMS[amounts])).then(plain)


def minor_units(text: pl.Expr, amounts: str) -> pl.Expr:
    """Decimal text into minor units of the row's `currency`; null where it is no such amount (too many decimals among them)."""
    places = pl.col("currency").replace_strict(
        {c: money.decimals(c) for c in money.currencies()}, default=None, return_dtype=pl.Int64
    )
    plain = plain_number(text, amounts)
    whole = plain.str.extract(r"^-?([0-9]+)")
    fraction = plain.str.extract(r"\.([0-9]+)$").fill_null("")
    fits = fraction.str.len_chars() <= places
    digits = (
        whole
        + fraction
        + pl.lit("0").repeat_by((places - fraction.str.len_chars().cast(pl.Int64)).clip(0)).list.join("")
    )
    minor = digits.cast(pl.Int64, strict=False) * pl.when(plain.str.starts_with("-")).then(-1).otherwise(1)
    return pl.when(fits & (minor.abs() <= money.AMOUNT_LIMIT_MINOR)).then(minor)


def instant(text: pl.Expr, mapping: TapeMapping, zones: Sequence[str]) -> pl.Expr:
    """Instants with their offset; local times and dates (noon) in the mapping's zone, else in the account's business zone."""
    aware = [
        text.str.to_datetime(form, time_unit="us", time_zone="UTC", strict=False)
        for form in mapping.instants
        if "z" in form
    ]
    naive = [text.str.to_datetime(form, time_unit="us", strict=False) for form in mapping.instants if "z" not in form]
    noon = pl.duration(hours=12)
    naive += [text.str.to_date(form, strict=False).cast(pl.Datetime("us")) + noon for form in mapping.dates]
    local = pl.coalesce(naive)
    placed = [
        pl.when(pl.lit(True) if mapping.zone else pl.col("zone") == zone).then(
            local.dt.replace_time_zone(zone, ambiguous="earliest", non_existent="null").dt.convert_time_zone("UTC")
        )
        for zone in ([mapping.zone] if mapping.zone else zones)
    ]
    return pl.coalesce(*aware, *placed, pl.lit(None, pl.Datetime("us", "UTC")))
