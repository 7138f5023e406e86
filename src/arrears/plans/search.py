"""The search for an offer: how many instalments, and how much is waived, so that the lender gets most or the borrower pays least.

A small mixed-integer programme, solved by HiGHS. One number of instalments is chosen; what is paid over them is what is owed with the
interest of that length, less what is waived; it must fit the instalment that the borrower can keep. HiGHS chooses the length and the
sum of waivers; cents are then made exact by whole-number arithmetic (`offers`), so that no tolerance of a solver reaches a borrower.
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
    if not lengths:
        return None
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


def _model(base_minor: int, lengths: Sequence[Length], most_waived: int, cheapest: bool) -> tuple[Any, int]:
    """Columns: z (length chosen, binary), t (paid over it), w (waived). Amounts are counted in `unit`, so that numbers stay small."""
    count = len(lengths)
    unit = max(1, base_minor // 100_000)
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
