"""The annual rate of a loan: what it costs a year, from the sums lent and paid and the times at which they change hands.

`compound_rate` is the rate at which everything lent and everything paid are worth the same on the first day (equal present values:
the formula of Directive 2008/48/EC, Annex I; the internal rate of return). `simple_rate` charges interest on the principal in use
alone, and each payment settles the interest run up before it pays principal: where all intervals are months it is twelve times the
monthly rate. Both are rounded once, to ten decimals, half up. Money in minor units, time in years, exact.

Flows with no rate, or for which more than one rate could hold, are refused with a `NoRate`: nothing is guessed.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, localcontext
from fractions import Fraction
from itertools import accumulate, groupby
from math import lcm
from typing import Protocol, TypeVar

#: A rate is found in whole parts of this size a year.
PARTS = 10**10
#: The largest rate that is looked for: 10,000 a year, a million percent.
RATE_LIMIT = 10_000
#: The last part, from which on nothing is looked for.
LAST = RATE_LIMIT * PARTS
#: So often a range of rates is halved in binary fractions, until what is left is less than a part.
_HALVINGS = 50
#: Digits carried. Rounding errors stay more than thirty digits below half a part, for forty years and 10**13 minor units.
_DIGITS = 60

#: A number of either kind: exact to `_DIGITS`, or a binary fraction for a first guess.
_Number = TypeVar("_Number", Decimal, float)


class Worth(Protocol):
    """What flows come to at a rate: below zero under the one that is looked for, above zero over it."""

    def __call__(self, rate: _Number, /) -> _Number:
        """At the rate, a year."""


_WHY = {
    "no_credit": "nothing is lent on the first day",
    "paid_less": "less is paid than was lent",
    "several": "money is lent again after payments began, so more than one rate may hold",
    "too_high": f"the rate is above {RATE_LIMIT * 100:,}% a year",
}


class NoRate(ValueError):
    """There is no one annual rate. `code`: `no_credit` `paid_less` `several` `too_high`; the text says the same for people."""

    def __init__(self, code: str) -> None:
        super().__init__(_WHY[code])
        self.code = code


@dataclass(frozen=True, slots=True)
class Flow:
    """A sum that changes hands `at` so many years after the first day. `minor`: above zero lent, below zero paid, minor units."""

    at: Fraction
    minor: int


def compound_rate(flows: Sequence[Flow]) -> Decimal:
    """The rate a year at which the present values of all flows add up to zero. NoRate where there is not exactly one from zero on.

    The running sum of the flows is above zero until it changes its sign once, for good. Then the worth of all flows at a rate of zero
    is what was lent less what was paid, not above zero, and it crosses zero at one rate only (Norstrøm's condition), which is bracketed.
    """
    netted = _netted(flows)
    below = [total < 0 for total in accumulate(flow.minor for flow in netted)]
    if below != sorted(below):
        raise NoRate("several")
    return _only_root(_present_worth(netted))


def simple_rate(flows: Sequence[Flow]) -> Decimal:
    """The rate a year of simple interest on the principal in use. NoRate where there is not exactly one from zero on.

    Payments begin when all is lent; then what is left at the end grows with the rate as long as it is not below zero.
    """
    netted = _netted(flows)
    paying = [flow.minor < 0 for flow in netted]
    if paying != sorted(paying):
        raise NoRate("several")
    return _only_root(_left_at_end(netted))


def percent_text(rate: Decimal, decimals: int = 2) -> str:
    """A rate in percent, rounded half up: ``percent_text(Decimal("0.1296203771")) == "12.96%"``."""
    return f"{(rate * 100).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP):f}%"


def _netted(flows: Sequence[Flow]) -> list[Flow]:
    """The flows in order of time, one at a time, nothing that is nil. NoRate if nothing is lent, or less is paid than was lent."""
    ordered = sorted(flows, key=lambda flow: flow.at)
    sums = [
        Flow(at, sum(flow.minor for flow in together)) for at, together in groupby(ordered, key=lambda flow: flow.at)
    ]
    netted = [flow for flow in sums if flow.minor]
    if not netted or netted[0].minor < 0:
        raise NoRate("no_credit")
    if sum(flow.minor for flow in netted) > 0:
        raise NoRate("paid_less")
    return netted


def _present_worth(flows: Sequence[Flow]) -> Worth:
    """What the flows are worth on the first day at a rate; below zero under the one that is looked for, above zero over it."""
    a_year = lcm(*(flow.at.denominator for flow in flows))
    steps = [int(flow.at * a_year) for flow in flows]
    gaps = [later - earlier for earlier, later in zip([steps[0], *steps], steps, strict=False)]

    def worth(rate: _Number) -> _Number:
        kind = type(rate)
        discount = (1 + rate) ** (kind(-1) / a_year)
        total = kind(0)
        for flow, gap in zip(reversed(flows), reversed(gaps), strict=True):
            total = (total + flow.minor) * discount**gap
        return total

    return worth


def _left_at_end(flows: Sequence[Flow]) -> Worth:
    """What is left to pay after the last flow when simple interest at a rate is settled with each."""
    gaps = [later.at - earlier.at for earlier, later in zip([flows[0], *flows], flows, strict=False)]

    def left(rate: _Number) -> _Number:
        balance = type(rate)(0)
        for flow, gap in zip(flows, gaps, strict=True):
            balance = balance * (1 + rate * gap.numerator / gap.denominator) + flow.minor
        return balance

    return left


def _only_root(worth: Worth) -> Decimal:
    """The rate nearest to where `worth` goes from below zero to above it, in parts. NoRate beyond `RATE_LIMIT`."""
    with localcontext() as context:
        context.prec = _DIGITS

        def is_above(part: int) -> bool:
            return worth((part + Decimal("0.5")) / PARTS) > 0

        looked_at = _around(_guess(worth), is_above)
        part = looked_at.start + bisect_left(looked_at, True, key=is_above)
        if part == LAST:
            raise NoRate("too_high")
        return Decimal(part) / PARTS


def _guess(worth: Worth) -> int:
    """The part near which `worth` crosses zero, in binary fractions: cheap, and right but for the last digits."""
    below, above = 0.0, float(RATE_LIMIT)
    for _ in range(_HALVINGS):
        middle = (below + above) / 2
        below, above = (below, middle) if worth(middle) > 0 else (middle, above)
    return round(below * PARTS)


def _around(guess: int, is_above: Callable[[int], bool]) -> range:
    """Parts among which, or next after which, lies the first that is above: in steps that double, out from a guess."""
    first, last, step = guess, guess, 1
    while first > 0 and is_above(first - 1):
        first, last, step = max(0, first - step), first - 1, 2 * step
    while last < LAST and not is_above(last):
        first, last, step = last + 1, min(LAST, last + step), 2 * step
    return range(first, last)
