"""What the calendar brings: due dates, the end of grace, late fees, compounding (rules 5 to 11)."""

from arrears.replay.jit import compiled
from arrears.replay.layout import (
    BY_DEBT,
    DAILY,
    E_PAUSE_FROM,
    E_PAUSE_UNTIL,
    FAR,
    FROM_DUE,
    FROM_GRACE_END,
    L_COMPOUNDED,
    L_FALLS_DUE,
    L_GRACE_PASSED,
    L_LATE_FEE,
    M_LATE_FEE,
    NONE,
    PLAN_CURRENT,
    Q_CHARGE,
    Q_DUE_ON,
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
    Q_SCHEDULED_FEE,
    S_COMPOUND_NEXT,
    S_COMPOUND_STEP,
    S_CURRENT,
    S_DUE_FEE,
    S_DUE_INTEREST,
    S_DUE_PRINCIPAL,
    S_GRACE_NEXT,
    S_HIGH,
    S_INTEREST_BILLED,
    S_LATE_NEXT,
    S_NEXT,
    S_NOT_DUE_PRINCIPAL,
    S_PAUSES,
    S_PLAN,
    T_BY,
    T_LATE_AMOUNT,
    T_LATE_GRACE,
    T_LATE_MAX,
    T_LATE_PERCENT,
    T_METHOD,
    T_PENALTY_FROM,
    T_PENALTY_GRACE,
    T_ROUNDING,
    T_TOLERANCE,
)  # fmt: skip

from .accrual import frozen, penalty_base
from .amounts import interest_open, payable_penalty, penalty_divisor, pools, rounded, unpaid
from .days import months_after, year_month_day
from .keeping import next_plan_day
from .trace import write_line


@compiled
def grace_offset(s):
    """Days from a due date to the day on which its penalty grace matters: its end is passed, or the nights begin."""
    if s[T_PENALTY_GRACE] == 0:
        return FAR
    return s[T_PENALTY_GRACE] + (1 if s[T_PENALTY_FROM] == FROM_DUE else 0)


@compiled
def fall_due(k, day, s, q, lines):
    """Item `k` falls due on `day`; with daily interest the interest accrued so far is billed with it (rule 6)."""
    if s[T_METHOD] == DAILY:
        billed = interest_open(s)
        q[k, Q_INTEREST] += billed
        s[S_INTEREST_BILLED] += billed
    grace = s[T_PENALTY_GRACE]
    q[k, Q_FALLEN] = 1
    q[k, Q_LATENT] = 1 if grace > 0 and s[T_PENALTY_FROM] == FROM_DUE else 0
    q[k, Q_PENALTY_FROM] = day + (grace if s[T_PENALTY_FROM] == FROM_GRACE_END else 0)
    s[S_DUE_FEE] += q[k, Q_SCHEDULED_FEE]
    s[S_DUE_INTEREST] += q[k, Q_INTEREST]
    s[S_DUE_PRINCIPAL] += q[k, Q_PRINCIPAL]
    s[S_NOT_DUE_PRINCIPAL] -= q[k, Q_PRINCIPAL]
    s[S_NEXT] = k + 1
    s[S_CURRENT] = k
    if lines is not None:
        write_line(
            s, q, lines, L_FALLS_DUE, day, -1, k, unpaid(k, q),
            q[k, Q_SCHEDULED_FEE], 0, q[k, Q_INTEREST], q[k, Q_PRINCIPAL],
        )  # fmt: skip


@compiled
def pass_grace(day, s, q, lines):
    """Items whose grace ended unpaid: the penalty of all their nights is charged; paid in time: it is dropped (rule 8)."""
    offset = grace_offset(s)
    while s[S_GRACE_NEXT] < s[S_NEXT] and q[s[S_GRACE_NEXT], Q_DUE_ON] + offset <= day:
        k = s[S_GRACE_NEXT]
        s[S_GRACE_NEXT] += 1
        if q[k, Q_LATENT] and penalty_base(k, s, q) > 0:
            charge_latent(k, day, s, q, lines)
        q[k, Q_LATENT] = 0


@compiled
def charge_latent(k, day, s, q, lines):
    """Move the penalty kept during grace into its running total."""
    pool = 0 if s[T_BY] == BY_DEBT else k
    before = payable_penalty(pool, s, q)
    part = q[pool, Q_PENALTY_PART] + q[k, Q_LATENT_PART]
    divisor = penalty_divisor(s)
    q[pool, Q_PENALTY_WHOLE] += q[k, Q_LATENT_WHOLE] + part // divisor
    q[pool, Q_PENALTY_PART] = part % divisor
    if lines is not None:
        amount = payable_penalty(pool, s, q) - before
        write_line(s, q, lines, L_GRACE_PASSED, day, -1, k, amount, 0, amount, 0, 0)


@compiled
def charge_late_fees(day, s, q, e, lines):
    """The late fee of each item whose day has come (rule 11); a day that lies in a freeze brings none."""
    while s[S_LATE_NEXT] < s[S_NEXT] and q[s[S_LATE_NEXT], Q_DUE_ON] + s[T_LATE_GRACE] + 1 <= day:
        k = s[S_LATE_NEXT]
        s[S_LATE_NEXT] += 1
        on = q[k, Q_DUE_ON] + s[T_LATE_GRACE] + 1
        if on == day and unpaid(k, q) > s[T_TOLERANCE] and not frozen(day, s, e) & M_LATE_FEE:
            fee = late_fee(k, s, q)
            q[k, Q_CHARGE] += fee
            s[S_DUE_FEE] += fee
            if lines is not None and fee > 0:
                write_line(s, q, lines, L_LATE_FEE, day, -1, k, fee, fee, 0, 0, 0)


@compiled
def late_fee(k, s, q):
    """Flat amount plus percent of the item's unpaid interest and principal, at most the maximum; minor units."""
    base = q[k, Q_INTEREST] + q[k, Q_PRINCIPAL]
    share = (base // 1_000_000) * s[T_LATE_PERCENT]
    rest = (base % 1_000_000) * s[T_LATE_PERCENT]
    fee = s[T_LATE_AMOUNT] + rounded(share + rest // 1_000_000, rest % 1_000_000, 1_000_000, s[T_ROUNDING])
    return fee if s[T_LATE_MAX] == NONE or fee < s[T_LATE_MAX] else s[T_LATE_MAX]


@compiled
def compound(day, s, q, lines):
    """Payable penalty starts to carry penalty (rule 10)."""
    added = 0
    for k in range(pools(s)):
        payable = payable_penalty(k, s, q)
        added += payable - q[k, Q_PENALTY_BASE]
        q[k, Q_PENALTY_BASE] = payable
    s[S_COMPOUND_STEP] += 1
    _, _, day_of_month = year_month_day(q[1, Q_DUE_ON])
    s[S_COMPOUND_NEXT] = months_after(q[1, Q_DUE_ON], s[S_COMPOUND_STEP], day_of_month)
    if lines is not None and added > 0:
        write_line(s, q, lines, L_COMPOUNDED, day, -1, 0, added, 0, added, 0, 0)


@compiled
def next_calendar_day(day, s, q, e):
    """The next day after `day` on which the calendar alone changes something, or FAR."""
    following = FAR
    if s[S_NEXT] < s[S_HIGH]:
        following = min(following, q[s[S_NEXT], Q_DUE_ON])
    if s[S_GRACE_NEXT] < s[S_NEXT]:
        following = min(following, q[s[S_GRACE_NEXT], Q_DUE_ON] + grace_offset(s))
    if s[S_LATE_NEXT] < s[S_NEXT] and (s[T_LATE_AMOUNT] > 0 or s[T_LATE_PERCENT] > 0):
        following = min(following, q[s[S_LATE_NEXT], Q_DUE_ON] + s[T_LATE_GRACE] + 1)
    following = min(following, s[S_COMPOUND_NEXT])
    if s[S_PLAN] == PLAN_CURRENT:
        following = min(following, next_plan_day(s, q))
    for i in range(s[S_PAUSES]):
        if e[i, E_PAUSE_FROM] - 1 > day:
            following = min(following, e[i, E_PAUSE_FROM] - 1)
        if e[i, E_PAUSE_UNTIL] > day:
            following = min(following, e[i, E_PAUSE_UNTIL])
    return max(following, day)
