"""A plan takes the place of what is left of the loan, and gives it back when it is cancelled (rules 22 to 24)."""

from arrears.replay.jit import compiled
from arrears.replay.layout import (
    DAILY,
    E_BY_ON,
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
    S_PLAN_BROKEN_ON,
    S_PLAN_FREEZE,
    S_PLAN_GRACE,
    S_PLAN_KEPT,
    S_PLAN_LOW,
    S_PLAN_PAID_FEE,
    S_PLAN_PAID_INTEREST,
    S_PLAN_PAID_PRINCIPAL,
    S_PLAN_REPAIR_DAYS,
    S_PLAN_REPAIRED_ON,
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
        scheduled = q[k, Q_SCHEDULED_FEE] if q[k, Q_FALLEN] else 0
        q[k, Q_SCHEDULED_FEE] -= scheduled
        q[k, Q_CHARGE] += scheduled
        q[k, Q_SAVED_CHARGE] = 0
        if mask & M_WITH_FEE:
            q[k, Q_SAVED_CHARGE] = q[k, Q_CHARGE]
            s[S_DUE_FEE] -= q[k, Q_CHARGE]
            q[k, Q_CHARGE] = 0
    for k in range(pools(s)):
        q[k, Q_SAVED_PENALTY] = 0
        if mask & M_WITH_PENALTY:
            payable = payable_penalty(k, s, q)
            q[k, Q_SAVED_PENALTY] = payable
            q[k, Q_PENALTY_SETTLED] += payable
            q[k, Q_PENALTY_BASE] = 0


@compiled
def set_schedule_aside(s, q):
    """Keep what is left of the schedule in force, and empty its items; returns the principal set aside."""
    principal = 0
    for k in range(s[S_LOW], s[S_HIGH]):
        principal += q[k, Q_PRINCIPAL]
        q[k, Q_SAVED_FALLEN] = q[k, Q_FALLEN]
        q[k, Q_SAVED_FEE] = q[k, Q_SCHEDULED_FEE]
        q[k, Q_SAVED_INTEREST] = q[k, Q_INTEREST]
        q[k, Q_SAVED_PRINCIPAL] = q[k, Q_PRINCIPAL]
        q[k, Q_SCHEDULED_FEE] = 0
        q[k, Q_INTEREST] = 0
        q[k, Q_PRINCIPAL] = 0
        q[k, Q_LATENT] = 0
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
    category = e[row, E_PLAN_NUMBER] + 4
    wanted = e[row, E_PLAN_PRINCIPAL]
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
            q[k, field] = 0
        q[k, Q_DUE_ON] = e[row, E_PLAN_DUE_ON]
        q[k, Q_SCHEDULED_FEE] = e[row, E_PLAN_FEE]
        q[k, Q_INTEREST] = e[row, E_PLAN_INTEREST]
        q[k, Q_PRINCIPAL] = e[row, E_PLAN_PRINCIPAL]
        principal += e[row, E_PLAN_PRINCIPAL]
    s[S_HIGH] = s[S_ITEMS]
    s[S_NEXT] = s[S_OLDEST] = s[S_OPEN] = s[S_GRACE_NEXT] = s[S_LATE_NEXT] = s[S_LOW]
    s[S_NOT_DUE_PRINCIPAL] = principal
    return principal


@compiled
def begin_to_watch(i, s, e):
    """What was agreed for an instalment that is not paid; a new plan may be repaired whatever became of an earlier one."""
    s[S_PLAN_GRACE] = e[i, E_MASK] >> GRACE_SHIFT
    s[S_PLAN_REPAIR_DAYS] = e[i, E_BY_ON]
    s[S_PLAN_KEPT] = PLAN_CURRENT
    s[S_PLAN_BROKEN_ON] = s[S_PLAN_REPAIRED_ON] = NONE


@compiled
def begin_plan(i, day, s, q, e, lines):
    """The plan of event `i` begins on `day`."""
    event = e[i, E_PLACE]
    row = 0
    last = s[S_PLAN_ROWS]
    while row < last and e[row, E_PLAN_PLACE] < event:
        row += 1
    while row < last and e[row, E_PLAN_PLACE] == event and e[row, E_PLAN_NUMBER] < 0:
        waive_for_plan(row, day, event, s, q, e, lines)
        row += 1
    end = row
    while end < last and e[end, E_PLAN_PLACE] == event:
        end += 1
    mask = e[i, E_MASK]
    set_charges_aside(mask, s, q)
    replaced = set_schedule_aside(s, q)
    agreed = open_items(row, end, s, q, e)
    s[S_PLAN] = PLAN_CURRENT
    s[S_PLAN_SINCE] = day
    s[S_PLAN_LOW] = s[S_LOW]
    s[S_PLAN_FREEZE] = mask & (M_INTEREST | M_PENALTY | M_LATE_FEE)
    begin_to_watch(i, s, e)
    s[S_SCHEDULE_FROM] = day
    s[S_PLAN_PAID_FEE] = s[S_PLAN_PAID_INTEREST] = s[S_PLAN_PAID_PRINCIPAL] = 0
    while s[S_NEXT] < s[S_HIGH] and q[s[S_NEXT], Q_DUE_ON] <= day:
        fall_due(s[S_NEXT], day, s, q, lines)
    if lines is not None:
        write_line(s, q, lines, L_PLAN, day, event, s[S_LOW], agreed, 0, 0, 0, agreed - replaced)


@compiled
def drop_plan_items(s, q):
    """The plan's unpaid instalments fall away; charges on them stay due."""
    for k in range(s[S_LOW], s[S_HIGH]):
        if q[k, Q_FALLEN]:
            s[S_DUE_FEE] -= q[k, Q_SCHEDULED_FEE]
        q[k, Q_SCHEDULED_FEE] = 0
        q[k, Q_INTEREST] = 0
        q[k, Q_PRINCIPAL] = 0
        q[k, Q_LATENT] = 0
    s[S_DUE_INTEREST] = 0
    s[S_DUE_PRINCIPAL] = 0
    s[S_NOT_DUE_PRINCIPAL] = 0


@compiled
def restore_schedule(day, s, q):
    """What the plan replaced returns with its own due dates; nothing is charged for the time between."""
    for k in range(s[S_LOW]):
        q[k, Q_CHARGE] += q[k, Q_SAVED_CHARGE]
        s[S_DUE_FEE] += q[k, Q_SAVED_CHARGE]
        q[k, Q_SAVED_CHARGE] = 0
        q[k, Q_PENALTY_SETTLED] -= q[k, Q_SAVED_PENALTY]
        q[k, Q_SAVED_PENALTY] = 0
    s[S_LOW] = s[S_OLDEST] = s[S_OPEN] = s[S_SAVED_LOW]
    s[S_NEXT] = s[S_SAVED_NEXT]
    s[S_HIGH] = s[S_SAVED_HIGH]
    s[S_INTEREST_BILLED] = s[S_SAVED_BILLED]
    s[S_SCHEDULE_FROM] = s[S_SAVED_SCHEDULE_FROM]
    for k in range(s[S_LOW], s[S_HIGH]):
        q[k, Q_SCHEDULED_FEE] = q[k, Q_SAVED_FEE]
        q[k, Q_INTEREST] = q[k, Q_SAVED_INTEREST]
        q[k, Q_PRINCIPAL] = q[k, Q_SAVED_PRINCIPAL]
        if q[k, Q_SAVED_FALLEN]:
            s[S_DUE_INTEREST] += q[k, Q_INTEREST]
            s[S_DUE_PRINCIPAL] += q[k, Q_PRINCIPAL]
            q[k, Q_PENALTY_FROM] = max(q[k, Q_PENALTY_FROM], day)
        else:
            s[S_NOT_DUE_PRINCIPAL] += q[k, Q_PRINCIPAL]


@compiled
def cancel_plan(event, day, s, q, e, lines):
    """The plan in force ends on `day`; what was paid on it goes over what returns."""
    if s[S_PLAN] != PLAN_CURRENT:
        return
    s[S_PLAN] = PLAN_CANCELLED
    s[S_PLAN_FREEZE] = 0
    drop_plan_items(s, q)
    restore_schedule(day, s, q)
    while s[S_NEXT] < s[S_HIGH] and q[s[S_NEXT], Q_DUE_ON] <= day:
        k = s[S_NEXT]
        fall_due(k, day, s, q, lines)
        q[k, Q_LATENT] = 0
        q[k, Q_PENALTY_FROM] = day
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
