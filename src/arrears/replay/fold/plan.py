"""A plan takes the place of what is left of the loan, and gives it back when it is cancelled (rules 22 to 24)."""

from arrears.replay.jit import compiled
from arrears.replay.layout import (
    DAILY,
    E_MASK,
    E_PLACE,
    E_PLAN_DUE_ON,
    E_PLAN_FEE,
    E_PLAN_INTEREST,
    E_PLAN_NUMBER,
    E_PLAN_PLACE,
    E_PLAN_PRINCIPAL,
    GRACE_SHIFT,
    L_PLAN,
    L_PLAN_CANCELLED,
    L_WAIVER,
    M_INTEREST,
    M_LATE_FEE,
    M_PENALTY,
    M_WITH_FEE,
    M_WITH_PENALTY,
    N_Q,
    NONE,
    PLAN_CANCELLED,
    PLAN_CURRENT,
    Q_CHARGE,
    Q_DUE_ON,
    Q_FALLEN,
    Q_INTEREST,
    Q_LATENT,
    Q_PENALTY_BASE,
    Q_PENALTY_FROM,
    Q_PENALTY_SETTLED,
    Q_PRINCIPAL,
    Q_SAVED_CHARGE,
    Q_SAVED_FALLEN,
    Q_SAVED_FEE,
    Q_SAVED_INTEREST,
    Q_SAVED_PENALTY,
    Q_SAVED_PRINCIPAL,
    Q_SCHEDULED_FEE,
    S_CREDIT,
    S_CURRENT,
    S_DUE_FEE,
    S_DUE_INTEREST,
    S_DUE_PRINCIPAL,
    S_GRACE_NEXT,
    S_HIGH,
    S_INTEREST_BILLED,
    S_ITEMS,
    S_LATE_NEXT,
    S_LOW,
    S_NEXT,
    S_NOT_DUE_PRINCIPAL,
    S_OLDEST,
    S_OPEN,
    S_PAID_FEE,
    S_PAID_INTEREST,
    S_PAID_PRINCIPAL,
    S_PLAN,
    S_PLAN_FREEZE,
    S_PLAN_GRACE,
    S_PLAN_LOW,
    S_PLAN_PAID_FEE,
    S_PLAN_PAID_INTEREST,
    S_PLAN_PAID_PRINCIPAL,
    S_PLAN_ROWS,
    S_PLAN_SINCE,
    S_SAVED_BILLED,
    S_SAVED_HIGH,
    S_SAVED_LOW,
    S_SAVED_NEXT,
    S_SAVED_SCHEDULE_FROM,
    S_SCHEDULE_FROM,
    S_WAIVED,
    T_METHOD,
)  # fmt: skip

from .allocation import allocate, forgive
from .amounts import payable_penalty, pools, tail
from .schedule import fall_due
from .trace import write_line


@compiled
def set_charges_aside(mask, s, q):
    """Fees of the past: inside the plan where it includes them, else charges that stay due."""
    for k in range(s[S_ITEMS]):
        scheduled = q[Q_SCHEDULED_FEE, k] if q[Q_FALLEN, k] else 0
        q[Q_SCHEDULED_FEE, k] -= scheduled
        q[Q_CHARGE, k] += scheduled
        q[Q_SAVED_CHARGE, k] = 0
        if mask & M_WITH_FEE:
            q[Q_SAVED_CHARGE, k] = q[Q_CHARGE, k]
            s[S_DUE_FEE] -= q[Q_CHARGE, k]
            q[Q_CHARGE, k] = 0
    for k in range(pools(s)):
        q[Q_SAVED_PENALTY, k] = 0
        if mask & M_WITH_PENALTY:
            payable = payable_penalty(k, s, q)
            q[Q_SAVED_PENALTY, k] = payable
            q[Q_PENALTY_SETTLED, k] += payable
            q[Q_PENALTY_BASE, k] = 0


@compiled
def set_schedule_aside(s, q):
    """Keep what is left of the schedule in force, and empty its items; returns the principal set aside."""
    principal = 0
    for k in range(s[S_LOW], s[S_HIGH]):
        principal += q[Q_PRINCIPAL, k]
        q[Q_SAVED_FALLEN, k] = q[Q_FALLEN, k]
        q[Q_SAVED_FEE, k] = q[Q_SCHEDULED_FEE, k]
        q[Q_SAVED_INTEREST, k] = q[Q_INTEREST, k]
        q[Q_SAVED_PRINCIPAL, k] = q[Q_PRINCIPAL, k]
        q[Q_SCHEDULED_FEE, k] = 0
        q[Q_INTEREST, k] = 0
        q[Q_PRINCIPAL, k] = 0
        q[Q_LATENT, k] = 0
    s[S_SAVED_LOW] = s[S_LOW]
    s[S_SAVED_NEXT] = s[S_NEXT]
    s[S_SAVED_HIGH] = s[S_HIGH]
    s[S_SAVED_BILLED] = s[S_INTEREST_BILLED]
    s[S_SAVED_SCHEDULE_FROM] = s[S_SCHEDULE_FROM]
    s[S_INTEREST_BILLED] += tail(s) if s[T_METHOD] == DAILY else 0
    s[S_DUE_INTEREST] = 0
    s[S_DUE_PRINCIPAL] = 0
    s[S_NOT_DUE_PRINCIPAL] = 0
    return principal


@compiled
def waive_for_plan(row, day, event, s, q, e, lines):
    """One waiver that the plan grants."""
    category = e[E_PLAN_NUMBER, row] + 4
    wanted = e[E_PLAN_PRINCIPAL, row]
    if wanted == NONE:
        wanted = 1 << 60
    taken = forgive(category, wanted, s, q)
    s[S_WAIVED] += taken
    if lines is not None:
        write_line(
            s, q, lines, L_WAIVER, day, event, category, taken,
            taken if category == 0 else 0, taken if category == 1 else 0, taken if category == 2 else 0,
            taken if category == 3 else 0,
        )  # fmt: skip


@compiled
def open_items(first, last, s, q, e):
    """The plan's instalments (rows `first` to `last` of the plans) as new items; returns their principal."""
    s[S_LOW] = s[S_ITEMS]
    principal = 0
    for row in range(first, last):
        k = s[S_ITEMS]
        s[S_ITEMS] += 1
        for field in range(N_Q):
            q[field, k] = 0
        q[Q_DUE_ON, k] = e[E_PLAN_DUE_ON, row]
        q[Q_SCHEDULED_FEE, k] = e[E_PLAN_FEE, row]
        q[Q_INTEREST, k] = e[E_PLAN_INTEREST, row]
        q[Q_PRINCIPAL, k] = e[E_PLAN_PRINCIPAL, row]
        principal += e[E_PLAN_PRINCIPAL, row]
    s[S_HIGH] = s[S_ITEMS]
    s[S_NEXT] = s[S_OLDEST] = s[S_OPEN] = s[S_GRACE_NEXT] = s[S_LATE_NEXT] = s[S_LOW]
    s[S_NOT_DUE_PRINCIPAL] = principal
    return principal


@compiled
def begin_plan(i, day, s, q, e, lines):
    """The plan of event `i` begins on `day`."""
    event = e[E_PLACE, i]
    row = 0
    last = s[S_PLAN_ROWS]
    while row < last and e[E_PLAN_PLACE, row] < event:
        row += 1
    while row < last and e[E_PLAN_PLACE, row] == event and e[E_PLAN_NUMBER, row] < 0:
        waive_for_plan(row, day, event, s, q, e, lines)
        row += 1
    end = row
    while end < last and e[E_PLAN_PLACE, end] == event:
        end += 1
    mask = e[E_MASK, i]
    set_charges_aside(mask, s, q)
    replaced = set_schedule_aside(s, q)
    agreed = open_items(row, end, s, q, e)
    s[S_PLAN] = PLAN_CURRENT
    s[S_PLAN_SINCE] = day
    s[S_PLAN_LOW] = s[S_LOW]
    s[S_PLAN_FREEZE] = mask & (M_INTEREST | M_PENALTY | M_LATE_FEE)
    s[S_PLAN_GRACE] = mask >> GRACE_SHIFT
    s[S_SCHEDULE_FROM] = day
    s[S_PLAN_PAID_FEE] = s[S_PLAN_PAID_INTEREST] = s[S_PLAN_PAID_PRINCIPAL] = 0
    while s[S_NEXT] < s[S_HIGH] and q[Q_DUE_ON, s[S_NEXT]] <= day:
        fall_due(s[S_NEXT], day, s, q, lines)
    if lines is not None:
        write_line(s, q, lines, L_PLAN, day, event, s[S_LOW], agreed, 0, 0, 0, agreed - replaced)


@compiled
def drop_plan_items(s, q):
    """The plan's unpaid instalments fall away; charges on them stay due."""
    for k in range(s[S_LOW], s[S_HIGH]):
        if q[Q_FALLEN, k]:
            s[S_DUE_FEE] -= q[Q_SCHEDULED_FEE, k]
        q[Q_SCHEDULED_FEE, k] = 0
        q[Q_INTEREST, k] = 0
        q[Q_PRINCIPAL, k] = 0
        q[Q_LATENT, k] = 0
    s[S_DUE_INTEREST] = 0
    s[S_DUE_PRINCIPAL] = 0
    s[S_NOT_DUE_PRINCIPAL] = 0


@compiled
def restore_schedule(day, s, q):
    """What the plan replaced returns with its own due dates; nothing is charged for the time between."""
    for k in range(s[S_LOW]):
        q[Q_CHARGE, k] += q[Q_SAVED_CHARGE, k]
        s[S_DUE_FEE] += q[Q_SAVED_CHARGE, k]
        q[Q_SAVED_CHARGE, k] = 0
        q[Q_PENALTY_SETTLED, k] -= q[Q_SAVED_PENALTY, k]
        q[Q_SAVED_PENALTY, k] = 0
    s[S_LOW] = s[S_OLDEST] = s[S_OPEN] = s[S_SAVED_LOW]
    s[S_NEXT] = s[S_SAVED_NEXT]
    s[S_HIGH] = s[S_SAVED_HIGH]
    s[S_INTEREST_BILLED] = s[S_SAVED_BILLED]
    s[S_SCHEDULE_FROM] = s[S_SAVED_SCHEDULE_FROM]
    for k in range(s[S_LOW], s[S_HIGH]):
        q[Q_SCHEDULED_FEE, k] = q[Q_SAVED_FEE, k]
        q[Q_INTEREST, k] = q[Q_SAVED_INTEREST, k]
        q[Q_PRINCIPAL, k] = q[Q_SAVED_PRINCIPAL, k]
        if q[Q_SAVED_FALLEN, k]:
            s[S_DUE_INTEREST] += q[Q_INTEREST, k]
            s[S_DUE_PRINCIPAL] += q[Q_PRINCIPAL, k]
            q[Q_PENALTY_FROM, k] = max(q[Q_PENALTY_FROM, k], day)
        else:
            s[S_NOT_DUE_PRINCIPAL] += q[Q_PRINCIPAL, k]


@compiled
def cancel_plan(event, day, s, q, e, lines):
    """The plan in force ends on `day`; what was paid on it goes over what returns."""
    if s[S_PLAN] != PLAN_CURRENT:
        return
    s[S_PLAN] = PLAN_CANCELLED
    s[S_PLAN_FREEZE] = 0
    drop_plan_items(s, q)
    restore_schedule(day, s, q)
    while s[S_NEXT] < s[S_HIGH] and q[Q_DUE_ON, s[S_NEXT]] <= day:
        k = s[S_NEXT]
        fall_due(k, day, s, q, lines)
        q[Q_LATENT, k] = 0
        q[Q_PENALTY_FROM, k] = day
    s[S_CURRENT] = s[S_NEXT] - 1 if s[S_NEXT] > s[S_LOW] else 0
    s[S_GRACE_NEXT] = s[S_LATE_NEXT] = s[S_NEXT]
    paid = s[S_PLAN_PAID_FEE] + s[S_PLAN_PAID_INTEREST] + s[S_PLAN_PAID_PRINCIPAL]
    s[S_PAID_FEE] -= s[S_PLAN_PAID_FEE]
    s[S_PAID_INTEREST] -= s[S_PLAN_PAID_INTEREST]
    s[S_PAID_PRINCIPAL] -= s[S_PLAN_PAID_PRINCIPAL]
    s[S_CREDIT] += paid
    allocate(day, s, q, e)
    if lines is not None:
        write_line(s, q, lines, L_PLAN_CANCELLED, day, event, s[S_LOW], paid, 0, 0, 0, 0)
