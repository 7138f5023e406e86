"""Equal monthly instalments from what a borrower knows by heart: how much was lent, how many instalments, how much each, the first day.

Contracts name the instalment; how much of it is interest follows from the whole (等额本息): one monthly rate at which the instalments pay
exactly the principal. No other rate enters, so the schedule always adds up to what was typed.
"""

from __future__ import annotations

from datetime import date

from arrears.calendar import month_later

#: Parts of the monthly rate that is looked for, and the most it may be (100% a month).
PARTS = 10**9


def level_instalments(principal: int, each: int, count: int, first_due_on: date) -> list[tuple[date, int, int]]:
    """Due date, principal and interest (minor units) of `count` monthly instalments of `each`.

    ValueError if together they do not even pay the principal. A day that a month does not have is its last day.
    """
    if count * each < principal:
        raise ValueError(f"{count} instalments of {each} do not pay {principal}")
    low, high = 0, PARTS
    while low < high:
        middle = (low + high + 1) // 2
        left = principal - sum(_split(principal, each, count - 1, middle))
        if left + _interest(left, middle) <= each:
            low = middle
        else:
            high = middle - 1
    parts = _split(principal, each, count - 1, low)
    parts.append(principal - sum(parts))
    return [(month_later(first_due_on, number), part, each - part) for number, part in enumerate(parts)]


def _split(principal: int, each: int, count: int, rate: int) -> list[int]:
    """The principal in each of `count` instalments at a monthly rate in `PARTS`."""
    left, parts = principal, []
    for _ in range(count):
        part = max(0, min(left, each - _interest(left, rate)))
        parts.append(part)
        left -= part
    return parts


def _interest(left: int, rate: int) -> int:
    """A month's interest, rounded half up."""
    return (2 * left * rate + PARTS) // (2 * PARTS)
