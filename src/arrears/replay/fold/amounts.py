"""Sums over the items of an account: rounding, payable penalty, what is unpaid, days past due."""

from arrears.replay.jit import compiled
from arrears.replay.layout import (
    BY_DEBT,
    DOWN,
    E_SPAN_FROM,
    E_SPAN_UNTIL,
    HALF_UP,
    Q_DUE_ON,
    Q_INTEREST,
    Q_PENALTY_PART,
    Q_PENALTY_SETTLED,
    Q_PENALTY_WHOLE,
    Q_PRINCIPAL,
    Q_SCHEDULED_FEE,
    S_HIGH,
    S_INTEREST_BILLED,
    S_INTEREST_PART,
    S_INTEREST_WHOLE,
    S_ITEMS,
    S_MERGED,
    S_NEXT,
    S_OLDEST,
    S_OPEN,
    T_BASIS,
    T_BY,
    T_DUE_DAY_COUNTS,
    T_PAST_DUE_GRACE,
    T_PENALTY_BASIS,
    T_ROUNDING,
    T_TOLERANCE,
)  # fmt: skip

from .days import units_a_year


@compiled
def rounded(whole, part, divisor, rounding):
    """whole + part/divisor in whole minor units (rule 4); 0 ≤ part < divisor."""
    if part == 0 or rounding == DOWN:
        return whole
    twice = 2 * part
    if twice > divisor:
        return whole + 1
    if twice < divisor:
        return whole
    if rounding == HALF_UP:
        return whole + 1
    return whole + (whole & 1)


@compiled
def interest_divisor(s):
    """Parts of a minor unit in which contract interest is kept."""
    return 1_000_000 * units_a_year(s[T_BASIS])


@compiled
def penalty_divisor(s):
    """Parts of a minor unit in which penalty interest is kept."""
    return 1_000_000 * units_a_year(s[T_PENALTY_BASIS])


@compiled
def interest_open(s):
    """Contract interest accrued and not yet billed: not due before the last due date, the payable tail after it (rule 7)."""
    total = rounded(s[S_INTEREST_WHOLE], s[S_INTEREST_PART], interest_divisor(s), s[T_ROUNDING])
    return total - s[S_INTEREST_BILLED]


@compiled
def tail(s):
    """Interest payable after the last due date, beyond what the items hold."""
    return interest_open(s) if s[S_NEXT] == s[S_HIGH] else 0


@compiled
def pools(s):
    """How many running totals of penalty there are: one, or one for each item (rule 9)."""
    return 1 if s[T_BY] == BY_DEBT else s[S_ITEMS]


@compiled
def payable_penalty(k, s, q):
    """Payable penalty of running total `k`, minor units."""
    total = rounded(q[k, Q_PENALTY_WHOLE], q[k, Q_PENALTY_PART], penalty_divisor(s), s[T_ROUNDING])
    return total - q[k, Q_PENALTY_SETTLED]


@compiled
def due_penalty(s, q):
    """Payable penalty in all."""
    total = 0
    for k in range(pools(s)):
        total += payable_penalty(k, s, q)
    return total


@compiled
def unpaid(k, q):
    """What counts for days past due: scheduled fee, interest and principal of item `k` (rule 12)."""
    return q[k, Q_SCHEDULED_FEE] + q[k, Q_INTEREST] + q[k, Q_PRINCIPAL]


@compiled
def oldest_unpaid(s, q):
    """The first fallen-due item with more than the tolerance unpaid, or the index past them if there is none.

    Amounts of fallen items only fall, but for positive adjustments, which step the mark back: so it moves forward.
    """
    k = s[S_OLDEST]
    while k < s[S_NEXT] and unpaid(k, q) <= s[T_TOLERANCE]:
        k += 1
    s[S_OLDEST] = k
    return k


@compiled
def first_open(s, q):
    """The first fallen-due item with interest or principal left, or the index past them: the mark moves as that of `oldest_unpaid`."""
    k = s[S_OPEN]
    while k < s[S_NEXT] and q[k, Q_INTEREST] == 0 and q[k, Q_PRINCIPAL] == 0:
        k += 1
    s[S_OPEN] = k
    return k


@compiled
def paused_days(after, through, s, e):
    """Days x with after < x ≤ through that lie in a pause; `merged` holds disjoint spans."""
    total = 0
    for i in range(s[S_MERGED]):
        first = max(e[i, E_SPAN_FROM], after + 1)
        last = min(e[i, E_SPAN_UNTIL], through)
        if last >= first:
            total += last - first + 1
    return total


@compiled
def days_past_due(day, s, q, e):
    """Days past due at the end of `day`, as the account stands (rule 13)."""
    k = oldest_unpaid(s, q)
    if k >= s[S_NEXT]:
        return 0
    since = q[k, Q_DUE_ON] - s[T_DUE_DAY_COUNTS]
    if day <= since:
        return 0
    days = day - since - paused_days(since, day, s, e) - s[T_PAST_DUE_GRACE]
    return days if days > 0 else 0
