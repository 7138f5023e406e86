"""What payments over time are worth to the lender, under the policy's stated assumptions. An expectation, no promise and no score of a person.

A plan lives another month with the chance `kept_each_month`; when it ends early, a share of what is left is recovered; what comes later
is worth less by the discount rate. Without a plan, a share of what is owed comes in after so many months, less the cost of collecting it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from arrears.money import PPM
from arrears.plans.policy import Assumptions
from arrears.plans.schedule import Row


def worth_of_plan(rows: Sequence[Row], on: date, assumed: Assumptions) -> int:
    """The expected worth of a schedule today, minor units rounded down."""
    left = sum(row.total_minor for row in rows)
    alive, worth = 1.0, 0.0
    for row in rows:
        months = _months(on, row.due_on)
        ends = alive * (1.0 - assumed.kept_ppm / PPM)
        worth += ends * left * assumed.after_break_ppm / PPM * _today(assumed, months)
        alive *= assumed.kept_ppm / PPM
        worth += alive * row.total_minor * _today(assumed, months)
        left -= row.total_minor
    return int(worth)


def worth_by_length(dates: Sequence[date], on: date, assumed: Assumptions) -> list[float]:
    """What one minor unit is worth today that is paid in level instalments on the first, the first two, and so on to all of the dates."""
    kept = assumed.kept_ppm / PPM
    alive, broken, lost, paid = 1.0, 0.0, 0.0, 0.0
    found = []
    for count, due_on in enumerate(dates, 1):
        today = _today(assumed, _months(on, due_on))
        breaks = alive * (1.0 - kept) * assumed.after_break_ppm / PPM * today
        alive *= kept
        broken, lost, paid = broken + breaks, lost + breaks * (count - 1), paid + alive * today
        found.append(broken + (paid - lost) / count)
    return found


def worth_of_no_plan(owed_minor: int, assumed: Assumptions) -> int:
    """The expected worth of going on without a plan, minor units; may be negative where collecting costs more than it brings."""
    gained = owed_minor * assumed.no_plan_ppm / PPM * _today(assumed, assumed.no_plan_months)
    return int(gained) - assumed.no_plan_cost_minor


def _today(assumed: Assumptions, months: float) -> float:
    return float((1.0 + assumed.discount_ppm / PPM) ** (-months / 12))


def _months(on: date, day: date) -> float:
    return (day - on).days * 12 / 365
