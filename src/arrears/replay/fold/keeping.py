"""Whether the plan in force is kept: broken, repaired once within the days agreed, or broken for good (rule 23)."""

from arrears.replay.jit import compiled
from arrears.replay.layout import (
    FAR,
    L_PLAN_BROKEN,
    L_PLAN_MISSED,
    L_PLAN_REPAIRED,
    NONE,
    PLAN_BROKEN,
    PLAN_COMPLETED,
    PLAN_CURRENT,
    PLAN_IN_REPAIR,
    Q_DUE_ON,
    S_HIGH,
    S_LINES,
    S_LOW,
    S_NEXT,
    S_PLAN,
    S_PLAN_BROKEN_ON,
    S_PLAN_GRACE,
    S_PLAN_KEPT,
    S_PLAN_REPAIR_DAYS,
    S_PLAN_REPAIR_UNTIL,
    S_PLAN_REPAIRED_ON,
    T_TOLERANCE,
    X_FROM,
)  # fmt: skip

from .amounts import oldest_unpaid, unpaid
from .trace import write_line


@compiled
def watch_plan(day, s, q, lines):
    """Look whether the plan in force is kept, after everything that has happened on `day` so far."""
    if s[S_PLAN] != PLAN_CURRENT:
        return
    state = s[S_PLAN_KEPT]
    if state == PLAN_BROKEN and s[S_PLAN_REPAIR_DAYS] != NONE:
        return
    k = oldest_unpaid(s, q)
    missed = k < s[S_NEXT] and day - q[k, Q_DUE_ON] > s[S_PLAN_GRACE]
    if state == PLAN_CURRENT:
        if missed:
            miss(k, day, s, q, lines)
    elif state == PLAN_IN_REPAIR and day > s[S_PLAN_REPAIR_UNTIL]:
        s[S_PLAN_KEPT] = PLAN_BROKEN
        write_kept_line(L_PLAN_BROKEN, k, day, s, q, lines)
    elif not missed:
        s[S_PLAN_KEPT] = PLAN_CURRENT
        s[S_PLAN_REPAIRED_ON] = day
        write_kept_line(L_PLAN_REPAIRED, k, day, s, q, lines)


@compiled
def miss(k, day, s, q, lines):
    """Item `k` of the plan is unpaid past its grace: the plan can be repaired the first time, where days for that were agreed."""
    s[S_PLAN_BROKEN_ON] = day
    if s[S_PLAN_REPAIR_DAYS] > 0 and s[S_PLAN_REPAIRED_ON] == NONE:
        s[S_PLAN_KEPT] = PLAN_IN_REPAIR
        s[S_PLAN_REPAIR_UNTIL] = day + s[S_PLAN_REPAIR_DAYS]
        write_kept_line(L_PLAN_MISSED, k, day, s, q, lines)
    else:
        s[S_PLAN_KEPT] = PLAN_BROKEN
        write_kept_line(L_PLAN_BROKEN, k, day, s, q, lines)


@compiled
def write_kept_line(code, k, day, s, q, lines):
    """A line about the plan: what of it is unpaid past grace (from item `k` on); with a repair its last day stands in X_FROM."""
    if lines is None or s[S_LINES] >= lines.shape[0]:
        return
    amount = 0
    for item in range(k, s[S_NEXT]):
        amount += unpaid(item, q) if day - q[item, Q_DUE_ON] > s[S_PLAN_GRACE] else 0
    write_line(s, q, lines, code, day, -1, k, amount, 0, 0, 0, 0)
    lines[s[S_LINES] - 1, X_FROM] = s[S_PLAN_REPAIR_UNTIL]


@compiled
def next_plan_day(s, q):
    """The next day on which the calendar alone breaks the plan in force, or ends the time for its repair; FAR: none."""
    if s[S_PLAN_KEPT] == PLAN_IN_REPAIR:
        return s[S_PLAN_REPAIR_UNTIL] + 1
    k = oldest_unpaid(s, q)
    if s[S_PLAN_KEPT] != PLAN_CURRENT or k >= s[S_NEXT]:
        return FAR
    return q[k, Q_DUE_ON] + s[S_PLAN_GRACE] + 1


@compiled
def plan_status(s, q):
    """How the last plan stands."""
    if s[S_PLAN] != PLAN_CURRENT:
        return s[S_PLAN]
    if s[S_PLAN_KEPT] != PLAN_CURRENT:
        return s[S_PLAN_KEPT]
    for k in range(s[S_LOW], s[S_HIGH]):
        if unpaid(k, q) > s[T_TOLERANCE]:
            return PLAN_CURRENT
    return PLAN_COMPLETED
