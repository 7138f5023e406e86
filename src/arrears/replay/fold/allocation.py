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

from .amounts import days_past_due, first_open, interest_open, payable_penalty, pools, tail


@compiled
def in_plan(k, s):
    """Whether item `k` is an instalment of the plan in force."""
    return s[S_PLAN] == PLAN_CURRENT and k >= s[S_PLAN_LOW]


@compiled
def take_penalty(k, wanted, s, q):
    """Settle up to `wanted` of running total `k`; the compounded base never exceeds what stays payable (rule 10)."""
    payable = payable_penalty(k, s, q)
    taken = min(wanted, payable)
    q[k, Q_PENALTY_SETTLED] += taken
    q[k, Q_PENALTY_BASE] = min(q[k, Q_PENALTY_BASE], payable - taken)
    return taken


@compiled
def take_fee(k, wanted, paying, s, q):
    """Settle up to `wanted` of the fees of item `k`: the scheduled fee (once fallen due), then charges."""
    scheduled = min(wanted, q[k, Q_SCHEDULED_FEE]) if q[k, Q_FALLEN] else 0
    charge = min(wanted - scheduled, q[k, Q_CHARGE])
    q[k, Q_SCHEDULED_FEE] -= scheduled
    q[k, Q_CHARGE] -= charge
    s[S_DUE_FEE] -= scheduled + charge
    if paying and in_plan(k, s):
        s[S_PLAN_PAID_FEE] += scheduled
    return scheduled + charge


@compiled
def take_interest(k, wanted, paying, s, q):
    """Settle up to `wanted` of the due interest of item `k`."""
    if not q[k, Q_FALLEN]:
        return 0
    taken = min(wanted, q[k, Q_INTEREST])
    q[k, Q_INTEREST] -= taken
    s[S_DUE_INTEREST] -= taken
    if paying and in_plan(k, s):
        s[S_PLAN_PAID_INTEREST] += taken
    return taken


@compiled
def take_principal(k, wanted, paying, s, q):
    """Settle up to `wanted` of the due principal of item `k`."""
    if not q[k, Q_FALLEN]:
        return 0
    taken = min(wanted, q[k, Q_PRINCIPAL])
    q[k, Q_PRINCIPAL] -= taken
    s[S_DUE_PRINCIPAL] -= taken
    if paying and in_plan(k, s):
        s[S_PLAN_PAID_PRINCIPAL] += taken
    return taken


@compiled
def take_tail(wanted, paying, s):
    """Settle up to `wanted` of the interest payable after the last due date."""
    taken = min(wanted, tail(s))
    s[S_INTEREST_BILLED] += taken
    if paying and s[S_PLAN] == PLAN_CURRENT:
        s[S_PLAN_PAID_INTEREST] += taken
    return taken


@compiled
def take_item(category, k, wanted, paying, s, q):
    """Settle up to `wanted` of one category of item `k` (penalty: of its own running total)."""
    if category == FEE:
        return take_fee(k, wanted, paying, s, q)
    if category == PENALTY:
        return take_penalty(k, wanted, s, q)
    if category == INTEREST:
        taken = take_interest(k, wanted, paying, s, q)
        if k == s[S_ITEMS] - 1 and taken < wanted:
            taken += take_tail(wanted - taken, paying, s)
        return taken
    return take_principal(k, wanted, paying, s, q)


@compiled
def take(category, wanted, paying, s, q):
    """Settle up to `wanted` of what is due in a category, oldest item first; returns what was settled."""
    if category == FEE:
        return take_fees(wanted, paying, s, q)
    if category == PENALTY:
        return take_penalties(wanted, s, q)
    if category == INTEREST:
        return take_interests(wanted, paying, s, q)
    return take_principals(wanted, paying, s, q)


@compiled
def take_fees(wanted, paying, s, q):
    """Settle up to `wanted` of the fees of all items."""
    left = wanted
    for k in range(s[S_ITEMS]):
        if left == 0 or s[S_DUE_FEE] == 0:
            break
        left -= take_fee(k, left, paying, s, q)
    return wanted - left


@compiled
def take_penalties(wanted, s, q):
    """Settle up to `wanted` of all running totals."""
    left = wanted
    for k in range(pools(s)):
        if left == 0:
            break
        left -= take_penalty(k, left, s, q)
    return wanted - left


@compiled
def take_interests(wanted, paying, s, q):
    """Settle up to `wanted` of the due interest of all items, then of the tail."""
    left = wanted
    for k in range(first_open(s, q), s[S_NEXT]):
        if left == 0 or s[S_DUE_INTEREST] == 0:
            break
        left -= take_interest(k, left, paying, s, q)
    if left > 0:
        left -= take_tail(left, paying, s)
    return wanted - left


@compiled
def take_principals(wanted, paying, s, q):
    """Settle up to `wanted` of the due principal of all items."""
    left = wanted
    for k in range(first_open(s, q), s[S_NEXT]):
        if left == 0 or s[S_DUE_PRINCIPAL] == 0:
            break
        left -= take_principal(k, left, paying, s, q)
    return wanted - left


@compiled
def order_of(i, late, s):
    """The i-th category of the allocation order."""
    return s[T_ORDER_AFTER + i] if late else s[T_ORDER + i]


@compiled
def nothing_due(s, q):
    """Whether there is surely nothing for a payment to go over: most payments come early and wait for their due date."""
    return (
        s[T_BY] == BY_DEBT
        and s[S_DUE_FEE] == 0
        and s[S_DUE_INTEREST] == 0
        and s[S_DUE_PRINCIPAL] == 0
        and payable_penalty(0, s, q) == 0
        and tail(s) == 0
    )


@compiled
def allocate(day, s, q, e):
    """The credit goes over everything due (rule 14)."""
    if s[S_CREDIT] == 0 or nothing_due(s, q):
        return
    late = s[T_AFTER_DAYS] >= 0 and days_past_due(day, s, q, e) > s[T_AFTER_DAYS]
    if s[T_BY] == BY_DEBT:
        for i in range(N_CATEGORIES):
            if s[S_CREDIT] == 0:
                break
            category = order_of(i, late, s)
            taken = take(category, s[S_CREDIT], True, s, q)
            s[S_CREDIT] -= taken
            s[S_PAID_FEE + category] += taken
        return
    for k in range(s[S_ITEMS]):
        for i in range(N_CATEGORIES):
            category = order_of(i, late, s)
            taken = take_item(category, k, s[S_CREDIT], True, s, q)
            s[S_CREDIT] -= taken
            s[S_PAID_FEE + category] += taken


@compiled
def prepay_item(k, day, s, q):
    """Credit over the principal of one instalment that is not yet due; its interest goes with it where the period has not begun."""
    taken = min(s[S_CREDIT], q[k, Q_PRINCIPAL])
    if taken == 0:
        return
    q[k, Q_PRINCIPAL] -= taken
    s[S_NOT_DUE_PRINCIPAL] -= taken
    s[S_CREDIT] -= taken
    s[S_PAID_PRINCIPAL] += taken
    if in_plan(k, s):
        s[S_PLAN_PAID_PRINCIPAL] += taken
    begins_on = q[k - 1, Q_DUE_ON] if k > s[S_LOW] else s[S_SCHEDULE_FROM]
    if q[k, Q_PRINCIPAL] == 0 and s[T_METHOD] == SCHEDULED and begins_on >= day:
        q[k, Q_INTEREST] = 0
        q[k, Q_SCHEDULED_FEE] = 0


@compiled
def prepay(day, s, q):
    """The credit left after what is due pays accrued interest, then principal not yet due, the last instalment first (rule 15)."""
    if s[S_NEXT] < s[S_HIGH]:
        accrued = min(s[S_CREDIT], interest_open(s))
        s[S_INTEREST_BILLED] += accrued
        s[S_CREDIT] -= accrued
        s[S_PAID_INTEREST] += accrued
        if s[S_PLAN] == PLAN_CURRENT:
            s[S_PLAN_PAID_INTEREST] += accrued
    for k in range(s[S_HIGH] - 1, s[S_NEXT] - 1, -1):
        if s[S_CREDIT] == 0:
            break
        prepay_item(k, day, s, q)


@compiled
def forgive(category, wanted, s, q):
    """Waive or adjust away up to `wanted` of a category: what is due, then (principal) what is not yet due (rule 18)."""
    taken = take(category, wanted, False, s, q)
    if category == PRINCIPAL:
        for k in range(s[S_HIGH] - 1, s[S_NEXT] - 1, -1):
            part = min(wanted - taken, q[k, Q_PRINCIPAL])
            q[k, Q_PRINCIPAL] -= part
            s[S_NOT_DUE_PRINCIPAL] -= part
            taken += part
    return taken
