"""What a court takes for a claim: fees by dated, cited scales, from `costs.yaml` beside this module.

Fees are exact fractions of a minor unit and are rounded once, half up, to the minor unit.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from functools import cache
from typing import Any

from arrears import money
from arrears.facts.beside import yaml_beside


@dataclass(frozen=True)
class Band:
    """A part of the amount, up to `up_to_minor` (None: without end), bearing a fixed sum or a rate."""

    up_to_minor: int | None
    flat_minor: int
    rate: Fraction


@dataclass(frozen=True)
class Scale:
    """One scale of fees. `of`, `part`: a part of another scale instead of bands. `most_minor`: a ceiling. Words by language (zh, en)."""

    id: str
    law: str
    currency: str
    what: str
    name: Mapping[str, str]
    says: Mapping[str, str]
    instrument: str
    article: str
    note: str
    from_on: date
    until_on: date | None
    confirmed: str
    paid: Mapping[str, str]
    borne_by: Mapping[str, str]
    bands: tuple[Band, ...]
    of: str | None
    part: Fraction
    most_minor: int | None
    examples: tuple[Mapping[str, str], ...]

    @property
    def source(self) -> str:
        """Instrument and article in one line."""
        return f"{self.instrument} {self.article}"

    def in_force(self, day: date) -> bool:
        """Whether the scale is in force on `day`."""
        return self.from_on <= day and (self.until_on is None or day <= self.until_on)

    def as_json(self, language: str) -> dict[str, Any]:
        """The scale as the legal commands return it, in the form of a clause."""
        tongue = "zh" if language == "zh-CN" else "en"
        until = self.until_on.isoformat() if self.until_on else None
        return {
            "id": self.id, "source": self.source, "text": self.says[tongue],
            "in_force": {"from": self.from_on.isoformat(), "until": until}, "force": "regulation", "confirmed": self.confirmed,
        }  # fmt: skip


def fee_minor(law: str, what: str, amount_minor: int, currency: str, on: date) -> tuple[int, Scale] | None:
    """The fee for a claim (minor units) and its scale; None where none is encoded for the law, the currency or the day.

    `what`: case, simple, payment_order, enforcement, preservation.
    """
    scale = _scale(law, what, currency, on)
    if scale is None:
        return None
    exact = _exact(scale, amount_minor, on)
    return int((2 * exact + 1) // 2), scale


def _scale(law: str, what: str, currency: str, on: date) -> Scale | None:
    found = [scale for scale in scales() if (scale.law, scale.what, scale.currency) == (law, what, currency)]
    return next((scale for scale in found if scale.in_force(on)), None)


def _exact(scale: Scale, amount_minor: int, on: date) -> Fraction:
    if scale.of is not None:
        whole = _scale(scale.law, scale.of, scale.currency, on)
        return scale.part * _exact(whole, amount_minor, on) if whole is not None else Fraction(0)
    fee, below = Fraction(0), 0
    for band in scale.bands:
        top = amount_minor if band.up_to_minor is None else min(amount_minor, band.up_to_minor)
        fee += band.flat_minor + band.rate * max(0, top - below)
        if band.up_to_minor is None or amount_minor <= band.up_to_minor:
            break
        below = band.up_to_minor
    return fee if scale.most_minor is None else min(fee, Fraction(scale.most_minor))


@cache
def scales() -> tuple[Scale, ...]:
    """Every scale."""
    return tuple(_read(row) for row in yaml_beside("arrears.legal", "costs.yaml")["scales"])


def _read(row: Mapping[str, Any]) -> Scale:
    currency = row["currency"]
    most = row.get("most")
    return Scale(
        row["id"], row["law"], currency, row["what"], row["name"], row["says"], row["source"]["instrument"],
        row["source"]["article"], row["source"].get("note", ""), date.fromisoformat(str(row["in_force"]["from"])), _day(row["in_force"].get("until")),
        row["confirmed"], row["paid"], row["borne_by"], tuple(_band(band, currency) for band in row.get("bands", ())),
        row.get("of"), Fraction(row.get("part", 1)), None if most is None else money.to_minor(most, currency), tuple(row["examples"]),
    )  # fmt: skip


def _day(text: Any) -> date | None:
    return None if text is None else date.fromisoformat(str(text))


def _band(row: Mapping[str, Any], currency: str) -> Band:
    up_to = row["up_to"]
    return Band(
        None if up_to is None else money.to_minor(up_to, currency),
        money.to_minor(row.get("flat", 0), currency),
        Fraction(row.get("rate", 0)),
    )
