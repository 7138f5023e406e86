"""What a payment, a waiver or a negative adjustment goes over (rules 14, 15, 18)."""

from arrears.replay.jit import compiled
from arrears.replay.layout import (
    BY_DEBT,
    FEE,
    INTEREST,
    N_CATEGORIES,
    PENALTY,
    PLAN_CURRENT,
    PRINCIPAL,
    Q_CHARGE,
    Q_DUE_ON,
    Q_FALLEN,
    Q_INTEREST,
    Q_PENALTY_BASE,
    Q_PENALTY_SETTLED,
    Q_PRINCIPAL,
    Q_SCHEDULED_FEE,
    S_CREDIT,
    S_DUE_FEE,
    S_DUE_INTEREST,
    S_DUE_PRINCIPAL,
    S_HIGH,
    S_INTEREST_BILLED,
    S_ITEMS,
    S_LOW,
    S_NEXT,
    S_NOT_DUE_PRINCIPAL,
    S_PAID_FEE,
    S_PAID_INTEREST,
    S_PAID_PRINCIPAL,
    S_PLAN,
    S_PLAN_LOW,
    S_PLAN_PAID_FEE,
    S_PLAN_PAID_INTEREST,
    S_PLAN_PAID_PRINCIPAL,
    S_SCHEDULE_FROM,
    SCHEDULED,
    T_AFTER_DAYS,
    T_BY,
    T_METHOD,
    T_ORDER,
    T_ORDER_AFTER,
)  # fmt: skip

from .amounts import days_past_due, interest_open, payable_penalty, tail


@compiled
def in_plan(k, s):
    """Whether item `k` is an instalment of the plan in force."""
    return s[S_PLAN] == PLAN_CURRENT and k >= s[S_PLAN_LOW]


@compiled
def take_penalty(k, wanted, q, t):
    """Settle up to `wanted` of running total `k`; the compounded base never exceeds what stays payable (rule 10)."""
    payable = payable_penalty(k, q, t)
    taken = min(wanted, payable)
    q[Q_PENALTY_SETTLED, k] += taken
    q[Q_PENALTY_BASE, k] = min(q[Q_PENALTY_BASE, k], payable - taken)
    return taken


@compiled
def take_fee(k, wanted, paying, s, q):
    """Settle up to `wanted` of the fees of item `k`: the scheduled fee (once fallen due), then charges."""
    scheduled = min(wanted, q[Q_SCHEDULED_FEE, k]) if q[Q_FALLEN, k] else 0
    charge = min(wanted - scheduled, q[Q_CHARGE, k])
    q[Q_SCHEDULED_FEE, k] -= scheduled
    q[Q_CHARGE, k] -= charge
    s[S_DUE_FEE] -= scheduled + charge
    if paying and in_plan(k, s):
        s[S_PLAN_PAID_FEE] += scheduled
    return scheduled + charge


@compiled
def take_interest(k, wanted, paying, s, q):
    """Settle up to `wanted` of the due interest of item `k`."""
    if not q[Q_FALLEN, k]:
        return 0
    taken = min(wanted, q[Q_INTEREST, k])
    q[Q_INTEREST, k] -= taken
    s[S_DUE_INTEREST] -= taken
    if paying and in_plan(k, s):
        s[S_PLAN_PAID_INTEREST] += taken
    return taken


@compiled
def take_principal(k, wanted, paying, s, q):
    """Settle up to `wanted` of the due principal of item `k`."""
    if not q[Q_FALLEN, k]:
        return 0
    taken = min(wanted, q[Q_PRINCIPAL, k])
    q[Q_PRINCIPAL, k] -= taken
    s[S_DUE_PRINCIPAL] -= taken
    if paying and in_plan(k, s):
        s[S_PLAN_PAID_PRINCIPAL] += taken
    return taken


@compiled
def take_tail(wanted, paying, s, t):
    """Settle up to `wanted` of the interest payable after the last due date."""
    taken = min(wanted, tail(s, t))
    s[S_INTEREST_BILLED] += taken
    if paying and s[S_PLAN] == PLAN_CURRENT:
        s[S_PLAN_PAID_INTEREST] += taken
    return taken


@compiled
def take_item(category, k, wanted, paying, s, q, t):
    """Settle up to `wanted` of one category of item `k` (penalty: of its own running total)."""
    if category == FEE:
        return take_fee(k, wanted, paying, s, q)
    if category == PENALTY:
        return take_penalty(k, wanted, q, t)
    if category == INTEREST:
        taken = take_interest(k, wanted, paying, s, q)
        if k == s[S_ITEMS] - 1 and taken < wanted:
            taken += take_tail(wanted - taken, paying, s, t)
        return taken
    return take_principal(k, wanted, paying, s, q)


@compiled
def anything_due(category, s):
    """Whether a walk over the items can find something of the category (penalty and the tail are looked at anyway)."""
    if category == FEE:
        return s[S_DUE_FEE] > 0
    if category == PRINCIPAL:
        return s[S_DUE_PRINCIPAL] > 0
    return True


@compiled
def take(category, wanted, paying, s, q, t):
    """Settle up to `wanted` of what is due in a category, oldest item first; returns what was settled."""
    left = wanted
    if not anything_due(category, s):
        return 0
    if category == PENALTY and t[T_BY] == BY_DEBT:
        return take_penalty(0, wanted, q, t)
    if category == INTEREST and s[S_DUE_INTEREST] == 0:
        return take_tail(wanted, paying, s, t)
    for k in range(s[S_ITEMS]):
        if left == 0:
            break
        left -= take_item(category, k, left, paying, s, q, t)
    return wanted - left


@compiled
def order_of(i, late, t):
    """The i-th category of the allocation order."""
    return t[T_ORDER_AFTER + i] if late else t[T_ORDER + i]


@compiled
def allocate(day, s, q, t, merged):
    """The credit goes over everything due (rule 14)."""
    if s[S_CREDIT] == 0:
        return
    late = t[T_AFTER_DAYS] >= 0 and days_past_due(day, s, q, t, merged) > t[T_AFTER_DAYS]
    if t[T_BY] == BY_DEBT:
        for i in range(N_CATEGORIES):
            category = order_of(i, late, t)
            taken = take(category, s[S_CREDIT], True, s, q, t)
            s[S_CREDIT] -= taken
            s[S_PAID_FEE + category] += taken
        return
    for k in range(s[S_ITEMS]):
        for i in range(N_CATEGORIES):
            category = order_of(i, late, t)
            taken = take_item(category, k, s[S_CREDIT], True, s, q, t)
            s[S_CREDIT] -= taken
            s[S_PAID_FEE + category] += taken


@compiled
def prepay_item(k, day, s, q, t):
    """Credit over the principal of one instalment that is not yet due; its interest goes with it where the period has not begun."""
    taken = min(s[S_CREDIT], q[Q_PRINCIPAL, k])
    if taken == 0:
        return
    q[Q_PRINCIPAL, k] -= taken
    s[S_NOT_DUE_PRINCIPAL] -= taken
    s[S_CREDIT] -= taken
    s[S_PAID_PRINCIPAL] += taken
    if in_plan(k, s):
        s[S_PLAN_PAID_PRINCIPAL] += taken
    begins_on = q[Q_DUE_ON, k - 1] if k > s[S_LOW] else s[S_SCHEDULE_FROM]
    if q[Q_PRINCIPAL, k] == 0 and t[T_METHOD] == SCHEDULED and begins_on >= day:
        q[Q_INTEREST, k] = 0
        q[Q_SCHEDULED_FEE, k] = 0


@compiled
def prepay(day, s, q, t):
    """The credit left after what is due pays accrued interest, then principal not yet due, the last instalment first (rule 15)."""
    if s[S_NEXT] < s[S_HIGH]:
        accrued = min(s[S_CREDIT], interest_open(s, t))
        s[S_INTEREST_BILLED] += accrued
        s[S_CREDIT] -= accrued
        s[S_PAID_INTEREST] += accrued
        if s[S_PLAN] == PLAN_CURRENT:
            s[S_PLAN_PAID_INTEREST] += accrued
    for k in range(s[S_HIGH] - 1, s[S_NEXT] - 1, -1):
        if s[S_CREDIT] == 0:
            break
        prepay_item(k, day, s, q, t)


@compiled
def forgive(category, wanted, s, q, t):
    """Waive or adjust away up to `wanted` of a category: what is due, then (principal) what is not yet due (rule 18)."""
    taken = take(category, wanted, False, s, q, t)
    if category == PRINCIPAL:
        for k in range(s[S_HIGH] - 1, s[S_NEXT] - 1, -1):
            part = min(wanted - taken, q[Q_PRINCIPAL, k])
            q[Q_PRINCIPAL, k] -= part
            s[S_NOT_DUE_PRINCIPAL] -= part
            taken += part
    return taken
