"""The search for an offer: how many instalments, and how much is waived, so that the lender gets most or the borrower pays least.

A small mixed-integer programme. One number of instalments is chosen; what is paid over them is what is owed with the interest of that
length, less what is waived; it must fit the instalment that the borrower can keep. Once the length is chosen the rest has a closed form:
where one length is clearly the best, that is the answer; where several come out even, HiGHS solves the programme whole. Cents are then
made exact by whole-number arithmetic (`kinds`), so that no tolerance of a solver reaches a borrower.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import highspy
from highspy._core import _Highs  # the solver itself: the class around it prints a banner as soon as it is made

#: Threads and seed are fixed so that the same case always gives the same offer.
_OPTIONS: dict[str, Any] = {
    "output_flag": False,
    "threads": 1,
    "random_seed": 0,
    "mip_rel_gap": 0.0,
    "mip_abs_gap": 1e-9,
}


#: By how much one length must be better than every other, in units of the programme, to need no solver: well above its tolerances.
CLEARLY = 1e-4


@dataclass(frozen=True)
class Length:
    """A number of instalments: the interest it costs (minor units), the most and least one instalment may be, and what one minor unit paid over it is worth to the lender today."""

    count: int
    interest_minor: int
    most_minor: int
    least_minor: int
    worth: float


@dataclass(frozen=True)
class Found:
    """The length that was chosen (its place among those asked about) and what is waived in all, about (minor units)."""

    place: int
    waived_minor: int


def best(base_minor: int, lengths: Sequence[Length], waivable: Mapping[str, int], cheapest: bool) -> Found | None:
    """The best length for the lender, or with `cheapest` the one at which the borrower pays least; None if nothing fits.

    `base_minor`: what is owed without the interest of the plan. `waivable`: by category, the most that may be waived.
    """
    most_waived = min(sum(waivable.values()), base_minor - 1)
    each = [_of_length(base_minor, one, most_waived, cheapest) for one in lengths]
    ranked = sorted((value, place) for place, (value, _) in enumerate(each) if value is not None)
    if not ranked:
        return None
    if len(ranked) > 1 and ranked[1][0] - ranked[0][0] <= CLEARLY * unit_of(base_minor):
        return solved(base_minor, lengths, waivable, cheapest)
    place = ranked[0][1]
    return Found(place, each[place][1])


def _of_length(base_minor: int, one: Length, most_waived: int, cheapest: bool) -> tuple[float | None, int]:
    """The optimum of the programme once its length is chosen, in closed form: what it counts (less is better; None: does not fit) and what is waived.

    The lender waives no more than it takes to fit the instalment; the borrower pays least where all is waived that may be.
    """
    owed, most, least = base_minor + one.interest_minor, one.count * one.most_minor, _least(one)
    waived = min(most_waived, owed - least) if cheapest else max(0, owed - most)
    paid = owed - waived
    if not (0 <= waived <= most_waived and least <= paid <= most):
        return None, 0
    return _cost(one, cheapest) * paid * (1 if cheapest else -1), waived


def solved(base_minor: int, lengths: Sequence[Length], waivable: Mapping[str, int], cheapest: bool) -> Found | None:
    """As `best`, by the solver alone."""
    most_waived = min(sum(waivable.values()), base_minor - 1)
    model, unit = _model(base_minor, lengths, most_waived, cheapest)
    solver = _Highs()
    for name, value in _OPTIONS.items():
        solver.setOptionValue(name, value)
    solver.passModel(model)
    solver.run()
    if solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
        return None
    values = solver.getSolution().col_value
    count = len(lengths)
    place = max(range(count), key=lambda index: values[index])
    return Found(place, min(most_waived, max(0, round(values[2 * count] * unit))))


def unit_of(base_minor: int) -> int:
    """In how many minor units the programme counts, so that its numbers stay small."""
    return max(1, base_minor // 100_000)


def _model(base_minor: int, lengths: Sequence[Length], most_waived: int, cheapest: bool) -> tuple[Any, int]:
    """Columns: z (length chosen, binary), t (paid over it), w (waived). Amounts are counted in `unit`, so that numbers stay small."""
    count = len(lengths)
    unit = unit_of(base_minor)
    total = (base_minor + max(one.interest_minor for one in lengths)) / unit
    cost = [0.0] * count + [_cost(one, cheapest) for one in lengths] + [0.0]
    lp = highspy.HighsLp()
    lp.num_col_ = 2 * count + 1
    lp.col_cost_ = cost
    lp.col_lower_ = [0.0] * (2 * count + 1)
    lp.col_upper_ = [1.0] * count + [total] * count + [most_waived / unit]
    lp.integrality_ = [highspy.HighsVarType.kInteger] * count + [highspy.HighsVarType.kContinuous] * (count + 1)
    lp.sense_ = highspy.ObjSense.kMinimize if cheapest else highspy.ObjSense.kMaximize
    _rows(lp, [
        (1.0, 1.0, dict.fromkeys(range(count), 1.0)),
        (base_minor / unit, base_minor / unit, {
            **{index: -one.interest_minor / unit for index, one in enumerate(lengths)},
            **{count + index: 1.0 for index in range(count)}, 2 * count: 1.0,
        }),
        *((-highspy.kHighsInf, 0.0, {count + index: 1.0, index: -one.count * one.most_minor / unit}) for index, one in enumerate(lengths)),
        *((0.0, highspy.kHighsInf, {count + index: 1.0, index: -_least(one) / unit}) for index, one in enumerate(lengths)),
    ])  # fmt: skip
    return lp, unit


def _cost(one: Length, cheapest: bool) -> float:
    """What a minor unit paid over a length counts: its worth, or (cheapest) itself and a trifle for what is worth less to the lender."""
    return 1.0 + 1e-6 * (1.0 - one.worth) if cheapest else one.worth


def _least(one: Length) -> int:
    """The least that so many instalments come to: all but the last are level, and not below the least instalment."""
    return one.least_minor * (one.count - 1) + 1 if one.count > 1 else 1


def _rows(lp: Any, rows: Sequence[tuple[float, float, Mapping[int, float]]]) -> None:
    """The constraints, row by row."""
    starts, indices, values = [0], [], []
    for _, _, entries in rows:
        indices += list(entries)
        values += list(entries.values())
        starts.append(len(indices))
    lp.num_row_ = len(rows)
    lp.row_lower_, lp.row_upper_ = [row[0] for row in rows], [row[1] for row in rows]
    lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    lp.a_matrix_.start_, lp.a_matrix_.index_, lp.a_matrix_.value_ = starts, indices, values
