"""Accrual of contract and penalty interest over the nights between two days (rules 4, 6 to 10, 20, 21)."""

from arrears.replay.jit import compiled
from arrears.replay.layout import (
    BY_DEBT,
    DAILY,
    E_PAUSE_FREEZE,
    E_PAUSE_FROM,
    E_PAUSE_UNTIL,
    L_PENALTY,
    L_TAIL_INTEREST,
    M_INTEREST,
    M_PENALTY,
    ON_PRINCIPAL_AND_INTEREST,
    OVERFLOW,
    PRODUCT_LIMIT,
    Q_FALLEN,
    Q_INTEREST,
    Q_LATENT,
    Q_LATENT_PART,
    Q_LATENT_WHOLE,
    Q_PENALTY_BASE,
    Q_PENALTY_FROM,
    Q_PENALTY_PART,
    Q_PENALTY_WHOLE,
    Q_PRINCIPAL,
    S_DUE_INTEREST,
    S_DUE_PRINCIPAL,
    S_FREEZE_CHARGED_OFF,
    S_HIGH,
    S_INTEREST_PART,
    S_INTEREST_WHOLE,
    S_NEXT,
    S_NOT_DUE_PRINCIPAL,
    S_PAUSES,
    S_PLAN_FREEZE,
    S_PRINCIPAL_DAYS,
    S_STATUS,
    T_BASIS,
    T_BY,
    T_COMPOUND,
    T_METHOD,
    T_PENALTY_BASIS,
    T_PENALTY_ON,
    T_PENALTY_RATE,
    T_RATE,
    T_STOPS_ON_OVERDUE,
)  # fmt: skip

from .amounts import due_penalty, first_open, interest_divisor, penalty_divisor, pools, tail
from .days import units
from .trace import write_accrual

SURELY_SMALL = 1 << 31  # the product of two such is within PRODUCT_LIMIT


@compiled
def frozen(day, s, e):
    """What does not accrue in the night that ends on `day`, as mask bits; `pauses` holds from, until, mask."""
    mask = s[S_PLAN_FREEZE] | s[S_FREEZE_CHARGED_OFF]
    for i in range(s[S_PAUSES]):
        if e[i, E_PAUSE_FROM] <= day <= e[i, E_PAUSE_UNTIL]:
            mask |= e[i, E_PAUSE_FREEZE]
    return mask


@compiled
def exact_add(whole, part, base, rate, count, divisor):
    """whole + part/divisor + base·rate·count/divisor, exact, as (whole, part); count in units of the basis.

    The product is divided before it is multiplied by the days, so int64 holds it (the caller has checked base·rate).
    """
    product = base * rate
    part = part + (product % divisor) * count
    whole = whole + (product // divisor) * count + part // divisor
    return whole, part % divisor


@compiled
def too_large(base, rate):
    """Whether base·rate would leave the range in which the arithmetic is exact."""
    if base < SURELY_SMALL and rate < SURELY_SMALL:  # spares nearly every account a division
        return False
    return rate > 0 and base > PRODUCT_LIMIT // rate


@compiled
def penalty_base(k, s, q):
    """The amount of item `k` on which penalty runs."""
    if s[T_PENALTY_ON] == ON_PRINCIPAL_AND_INTEREST:
        return q[k, Q_PRINCIPAL] + q[k, Q_INTEREST]
    return q[k, Q_PRINCIPAL]


@compiled
def accrue_interest(start, end, s):
    """Contract interest of the nights from `start` to `end` on not yet due and (if the terms say so) due principal."""
    base = s[S_NOT_DUE_PRINCIPAL]
    if not s[T_STOPS_ON_OVERDUE]:
        base += s[S_DUE_PRINCIPAL]
    if base == 0:
        return
    if too_large(base, s[T_RATE]):
        s[S_STATUS] = OVERFLOW
        return
    count = units(s[T_BASIS], end) - units(s[T_BASIS], start)
    s[S_INTEREST_WHOLE], s[S_INTEREST_PART] = exact_add(
        s[S_INTEREST_WHOLE], s[S_INTEREST_PART], base, s[T_RATE], count, interest_divisor(s)
    )


@compiled
def add_penalty(k, base, count, s, q):
    """Penalty on `base` to running total `k`."""
    if too_large(base, s[T_PENALTY_RATE]):
        s[S_STATUS] = OVERFLOW
        return
    q[k, Q_PENALTY_WHOLE], q[k, Q_PENALTY_PART] = exact_add(
        q[k, Q_PENALTY_WHOLE], q[k, Q_PENALTY_PART], base, s[T_PENALTY_RATE], count, penalty_divisor(s)
    )


@compiled
def add_latent(k, base, count, s, q):
    """Penalty of an item still in grace: kept apart until the grace is over (rule 8)."""
    if too_large(base, s[T_PENALTY_RATE]):
        s[S_STATUS] = OVERFLOW
        return
    q[k, Q_LATENT_WHOLE], q[k, Q_LATENT_PART] = exact_add(
        q[k, Q_LATENT_WHOLE], q[k, Q_LATENT_PART], base, s[T_PENALTY_RATE], count, penalty_divisor(s)
    )


@compiled
def accrue_penalty(start, end, s, q):
    """Penalty of the nights from `start` to `end`; returns the amount on which it ran."""
    count = units(s[T_PENALTY_BASIS], end) - units(s[T_PENALTY_BASIS], start)
    by_debt = s[T_BY] == BY_DEBT
    pooled = 0
    running = 0
    for k in range(first_open(s, q), s[S_NEXT]):
        base = penalty_base(k, s, q)
        if base == 0 or start < q[k, Q_PENALTY_FROM] or not q[k, Q_FALLEN]:
            continue
        if q[k, Q_LATENT]:
            add_latent(k, base, count, s, q)
            continue
        running += base
        if by_debt:
            pooled += base
        else:
            add_penalty(k, base, count, s, q)
    for k in range(pools(s)):
        running += q[k, Q_PENALTY_BASE]
        base = q[k, Q_PENALTY_BASE] + (pooled if k == 0 else 0)
        if base > 0:
            add_penalty(k, base, count, s, q)
    return running


@compiled
def carries_penalty(s):
    """Whether there can be anything on which penalty runs."""
    return s[S_DUE_PRINCIPAL] > 0 or s[S_DUE_INTEREST] > 0 or s[T_COMPOUND]


@compiled
def count_principal(start, end, s):
    """Principal outstanding in the nights from `start` to `end`, for caps on the total of charges (rule 26)."""
    base = s[S_DUE_PRINCIPAL] + s[S_NOT_DUE_PRINCIPAL]
    if too_large(base, end - start):
        s[S_STATUS] = OVERFLOW
        return
    s[S_PRINCIPAL_DAYS] += base * (end - start)


@compiled
def accrue(start, end, s, q, e, lines):
    """Everything that accrues in the nights from `start` to `end`, all of which share one frozen mask."""
    if end <= start:
        return
    count_principal(start, end, s)
    mask = frozen(end, s, e)
    if s[T_METHOD] == DAILY and s[T_RATE] > 0 and not mask & M_INTEREST:
        before = tail(s) if lines is not None else 0
        accrue_interest(start, end, s)
        if lines is not None and s[S_NEXT] == s[S_HIGH] and tail(s) > before:
            write_accrual(s, q, lines, L_TAIL_INTEREST, start, end, s[S_DUE_PRINCIPAL], tail(s) - before)
    if s[T_PENALTY_RATE] > 0 and carries_penalty(s) and not mask & M_PENALTY:
        before = due_penalty(s, q) if lines is not None else 0
        base = accrue_penalty(start, end, s, q)
        if lines is not None:
            write_accrual(s, q, lines, L_PENALTY, start, end, base, due_penalty(s, q) - before)
