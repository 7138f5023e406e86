"""The fold: one account's facts, up to an instant, into its position and standing.

`fold` is read from top to bottom like docs/reference/money.md: prepare, then day by day what the calendar brings and what
happened, then the result. `fold_book` runs it over many accounts.
"""

import numpy as np

from arrears.replay.jit import compiled
from arrears.replay.layout import (
    BY_DEBT,
    FAR,
    INTEREST,
    K_ADJUSTMENT,
    K_CHARGE_OFF,
    K_FEE,
    K_PAYMENT,
    K_PAYMENT_REVERSED,
    K_PLAN,
    K_PLAN_CANCELLED,
    K_REFUND,
    K_WAIVER,
    L_ADJUSTMENT,
    L_CHARGE_OFF,
    L_CREDIT_USED,
    L_FEE,
    L_PAYMENT,
    L_PAYMENT_STRUCK,
    L_REFUND,
    L_WAIVER,
    M_CATEGORY,
    M_INTEREST,
    M_LATE_FEE,
    M_PENALTY,
    M_PREPAY,
    N_CHANNELS,
    N_Q,
    N_S,
    N_X,
    NONE,
    OK,
    PENALTY,
    PRINCIPAL,
    Q_CHARGE,
    Q_DUE_ON,
    Q_FALLEN,
    Q_INTEREST,
    Q_PENALTY_WHOLE,
    Q_PRINCIPAL,
    Q_SCHEDULED_FEE,
    S_ADJUSTED,
    S_AS_ON,
    S_CHARGED_OFF,
    S_CHARGED_OFF_ON,
    S_COMPOUND_NEXT,
    S_COMPOUND_STEP,
    S_CREDIT,
    S_CURRENT,
    S_DAY,
    S_DAY_PAID_ON,
    S_DUE_FEE,
    S_DUE_INTEREST,
    S_DUE_PRINCIPAL,
    S_FREEZE_CHARGED_OFF,
    S_GRACE_NEXT,
    S_HIGH,
    S_ITEMS,
    S_LAST_ATTEMPT,
    S_LAST_BY_CHANNEL,
    S_LAST_CONVERSATION,
    S_LAST_INBOUND,
    S_LAST_PAYMENT,
    S_LAST_PAYMENT_ON,
    S_LATE_NEXT,
    S_LOW,
    S_NEXT,
    S_NOT_DUE_PRINCIPAL,
    S_OLDEST,
    S_PAID_FEE,
    S_PAID_INTEREST,
    S_PAID_PENALTY,
    S_PAID_PRINCIPAL,
    S_PAUSES,
    S_PAYMENTS,
    S_RECOVERED,
    S_REFUND_CHARGED,
    S_REFUNDED,
    S_REVERSED,
    S_SCHEDULE_FROM,
    S_STATUS,
    S_WAIVED,
    S_WORST,
    S_WORST_12M,
    T_BY,
    T_COMPOUND,
    T_PENALTY_RATE,
    T_RATE,
)  # fmt: skip

from .accrual import accrue
from .allocation import allocate, forgive, prepay
from .amounts import days_past_due
from .days import months_after, year_month_day
from .pauses import counts, look_ahead, merge, pauses_today
from .plan import begin_plan, cancel_plan
from .result import write_result
from .schedule import charge_late_fees, compound, fall_due, next_calendar_day, pass_grace
from .standing import note, note_payment, settle_promise
from .trace import owed, write_line


@compiled
def own_terms(account, t, p):
    """The terms of the account, with its own rates where it has them, into `t`."""
    t[:] = p.terms_table[p.terms[account]]
    if p.rate[account] != NONE:
        t[T_RATE] = p.rate[account]
    if p.penalty_rate[account] != NONE:
        t[T_PENALTY_RATE] = p.penalty_rate[account]


@compiled
def open_account(account, s, q, t, p):
    """State and items as they stand when the loan is opened."""
    s[:] = 0
    first = p.instalments_at[account]
    n = p.instalments_at[account + 1] - first
    q[:, 0] = 0
    q[Q_FALLEN, 0] = 1
    q[Q_DUE_ON, 0] = p.opened_on[account]
    for i in range(n):
        k = i + 1
        q[:, k] = 0
        q[Q_DUE_ON, k] = p.due_on[first + i]
        q[Q_SCHEDULED_FEE, k] = p.fee[first + i]
        q[Q_INTEREST, k] = p.interest[first + i]
        q[Q_PRINCIPAL, k] = p.principal[first + i]
        s[S_NOT_DUE_PRINCIPAL] += p.principal[first + i]
    s[S_ITEMS] = s[S_HIGH] = n + 1
    s[S_LOW] = s[S_NEXT] = s[S_OLDEST] = s[S_GRACE_NEXT] = s[S_LATE_NEXT] = 1
    s[S_DAY] = s[S_SCHEDULE_FROM] = p.opened_on[account]
    s[S_AS_ON] = p.as_on[account]
    s[S_COMPOUND_NEXT] = FAR
    if t[T_COMPOUND] and n > 0:
        s[S_COMPOUND_STEP] = 1
        _, _, day_of_month = year_month_day(q[Q_DUE_ON, 1])
        s[S_COMPOUND_NEXT] = months_after(q[Q_DUE_ON, 1], 1, day_of_month)
    for i in range(N_CHANNELS):
        s[S_LAST_BY_CHANNEL + i] = NONE
    for i in (
        S_LAST_CONVERSATION,
        S_LAST_INBOUND,
        S_LAST_ATTEMPT,
        S_LAST_PAYMENT_ON,
        S_CHARGED_OFF_ON,
        S_DAY_PAID_ON,
    ):
        s[i] = NONE


@compiled
def note_worst(day, s, q, t, merged):
    """Days past due at the end of `day` may be the worst so far."""
    days = days_past_due(day, s, q, t, merged)
    s[S_WORST] = max(s[S_WORST], days)
    if day > s[S_AS_ON] - 365:
        s[S_WORST_12M] = max(s[S_WORST_12M], days)


@compiled
def advance(day, s, q, t, pauses, merged, lines):
    """Everything of `day` that comes before its events: accrual, compounding, grace, due dates, late fees, credit."""
    if day > s[S_DAY]:
        note_worst(day - 1, s, q, t, merged)
        accrue(s[S_DAY], day, s, q, t, pauses, lines)
        s[S_DAY] = day
    if s[S_COMPOUND_NEXT] <= day:
        compound(day, s, q, t, lines)
    pass_grace(day, s, q, t, lines)
    while s[S_NEXT] < s[S_HIGH] and q[Q_DUE_ON, s[S_NEXT]] <= day:
        fall_due(s[S_NEXT], day, s, q, t, lines)
    charge_late_fees(day, s, q, t, pauses, lines)
    use_credit(day, s, q, t, merged, lines)


@compiled
def use_credit(day, s, q, t, merged, lines):
    """Credit goes over what has become due (step f of a day)."""
    if s[S_CREDIT] == 0:
        return
    credit, fee, penalty, interest, principal = (
        s[S_CREDIT],
        s[S_PAID_FEE],
        s[S_PAID_PENALTY],
        s[S_PAID_INTEREST],
        s[S_PAID_PRINCIPAL],
    )
    allocate(day, s, q, t, merged)
    if lines.shape[0] > 0 and credit > s[S_CREDIT]:
        write_line(
            s, q, t, lines, L_CREDIT_USED, day, -1, 0, credit - s[S_CREDIT], s[S_PAID_FEE] - fee,
            s[S_PAID_PENALTY] - penalty, s[S_PAID_INTEREST] - interest, s[S_PAID_PRINCIPAL] - principal,
        )  # fmt: skip


@compiled
def pay(j, event, day, struck, s, q, t, p, merged, lines):
    """A payment, less what was reversed of it."""
    amount = p.amount[j] - struck
    s[S_REVERSED] += struck
    if amount <= 0:
        if lines.shape[0] > 0:
            write_line(s, q, t, lines, L_PAYMENT_STRUCK, day, event, 0, struck, 0, 0, 0, 0)
        return
    s[S_PAYMENTS] += amount
    s[S_LAST_PAYMENT_ON] = day
    s[S_LAST_PAYMENT] = amount
    if s[S_CHARGED_OFF_ON] != NONE:
        s[S_RECOVERED] += amount
    note_payment(day, amount, s, t)
    fee, penalty, interest, principal = (
        s[S_PAID_FEE],
        s[S_PAID_PENALTY],
        s[S_PAID_INTEREST],
        s[S_PAID_PRINCIPAL],
    )
    s[S_CREDIT] += amount
    allocate(day, s, q, t, merged)
    if p.mask[j] & M_PREPAY:
        prepay(day, s, q, t)
    if lines.shape[0] > 0:
        write_line(
            s, q, t, lines, L_PAYMENT, day, event, 0, amount, s[S_PAID_FEE] - fee,
            s[S_PAID_PENALTY] - penalty, s[S_PAID_INTEREST] - interest, s[S_PAID_PRINCIPAL] - principal,
        )  # fmt: skip


@compiled
def charge(amount, s, q):
    """A charge of the current item."""
    q[Q_CHARGE, s[S_CURRENT]] += amount
    s[S_DUE_FEE] += amount


@compiled
def category_of(mask):
    """The category an event names, -1 if none."""
    return ((mask & M_CATEGORY) >> 1) - 1


@compiled
def write_category_line(code, category, amount, event, day, s, q, t, lines):
    """A line about one category."""
    if lines.shape[0] > 0:
        write_line(
            s, q, t, lines, code, day, event, category, amount, amount if category == 0 else 0,
            amount if category == PENALTY else 0, amount if category == INTEREST else 0,
            amount if category == PRINCIPAL else 0,
        )  # fmt: skip


@compiled
def waive(j, event, day, s, q, t, p, lines):
    """A waiver by category (rule 18)."""
    category = max(0, category_of(p.mask[j]))
    wanted = 1 << 60 if p.amount[j] == NONE else p.amount[j]
    taken = forgive(category, wanted, s, q, t)
    s[S_WAIVED] += taken
    write_category_line(L_WAIVER, category, taken, event, day, s, q, t, lines)


@compiled
def adjust(j, event, day, s, q, t, p, lines):
    """An adjustment: negative like a waiver, positive added to the current item (rule 18)."""
    category = category_of(p.mask[j])
    category = PRINCIPAL if category < 0 else category
    amount = p.amount[j]
    if amount < 0:
        amount = -forgive(category, -amount, s, q, t)
    else:
        add_to_current(category, amount, s, q, t)
    s[S_ADJUSTED] += amount
    write_category_line(L_ADJUSTMENT, category, amount, event, day, s, q, t, lines)


@compiled
def add_to_current(category, amount, s, q, t):
    """A positive adjustment."""
    k = s[S_CURRENT]
    before_first = s[S_NEXT] == s[S_LOW]
    if category == PENALTY:
        q[Q_PENALTY_WHOLE, 0 if t[T_BY] == BY_DEBT else k] += amount
    elif category < PENALTY or (before_first and s[S_LOW] == s[S_HIGH]):
        charge(amount, s, q)
    elif before_first:
        row = Q_INTEREST if category == INTEREST else Q_PRINCIPAL
        q[row, s[S_LOW]] += amount
        s[S_NOT_DUE_PRINCIPAL] += amount if category == PRINCIPAL else 0
    elif category == INTEREST:
        q[Q_INTEREST, k] += amount
        s[S_DUE_INTEREST] += amount
        s[S_OLDEST] = min(s[S_OLDEST], k)
    else:
        q[Q_PRINCIPAL, k] += amount
        s[S_DUE_PRINCIPAL] += amount
        s[S_OLDEST] = min(s[S_OLDEST], k)


@compiled
def refund(j, event, day, s, q, t, p, lines):
    """Money back to the borrower: from the credit, the excess is owed again (rule 17)."""
    amount = p.amount[j]
    from_credit = min(amount, s[S_CREDIT])
    s[S_CREDIT] -= from_credit
    s[S_REFUNDED] += amount
    excess = amount - from_credit
    s[S_REFUND_CHARGED] += excess
    charge(excess, s, q)
    if lines.shape[0] > 0:
        write_line(s, q, t, lines, L_REFUND, day, event, 0, amount, excess, 0, 0, 0)


@compiled
def charge_off(j, event, day, s, q, t, p, lines):
    """The lender writes the debt off its books; it is still owed (rule 19)."""
    s[S_CHARGED_OFF] = owed(s, q, t) if p.amount[j] == NONE else p.amount[j]
    s[S_CHARGED_OFF_ON] = day
    s[S_FREEZE_CHARGED_OFF] = p.mask[j] & (M_INTEREST | M_PENALTY | M_LATE_FEE)
    if lines.shape[0] > 0:
        write_line(s, q, t, lines, L_CHARGE_OFF, day, event, 0, s[S_CHARGED_OFF], 0, 0, 0, 0)


@compiled
def add_fee(j, event, day, s, q, t, p, lines):
    """A fee by event."""
    charge(p.amount[j], s, q)
    if lines.shape[0] > 0:
        write_line(s, q, t, lines, L_FEE, day, event, s[S_CURRENT], p.amount[j], p.amount[j], 0, 0, 0)


@compiled
def happen(account, j, event, day, struck, s, q, t, p, merged, lines):
    """One event that moves money, then credit over what it made due."""
    kind = p.kind[j]
    if kind == K_PAYMENT:
        pay(j, event, day, struck, s, q, t, p, merged, lines)
    elif kind == K_FEE:
        add_fee(j, event, day, s, q, t, p, lines)
    elif kind == K_WAIVER:
        waive(j, event, day, s, q, t, p, lines)
    elif kind == K_ADJUSTMENT:
        adjust(j, event, day, s, q, t, p, lines)
    elif kind == K_REFUND:
        refund(j, event, day, s, q, t, p, lines)
    elif kind == K_CHARGE_OFF:
        charge_off(j, event, day, s, q, t, p, lines)
    elif kind == K_PLAN:
        begin_plan(account, j, event, day, s, q, t, p, lines)
    elif kind == K_PLAN_CANCELLED:
        cancel_plan(event, day, s, q, t, merged, lines)
    use_credit(day, s, q, t, merged, lines)


@compiled
def moves_money(kind):
    """Whether an event of the kind can change the ledger on its day."""
    return kind <= K_REFUND or kind == K_PLAN or kind == K_PLAN_CANCELLED


@compiled
def run_until(day, s, q, t, pauses, merged, lines):
    """Let the calendar pass, step by step, through `day`."""
    n = s[S_PAUSES]
    while s[S_STATUS] == OK:
        following = next_calendar_day(s[S_DAY], s, q, t, pauses, n)
        if following >= day:
            break
        advance(following, s, q, t, pauses, merged, lines)
    advance(day, s, q, t, pauses, merged, lines)


@compiled
def fold(account, known_at, s, q, t, p, reversed_amount, pauses, merged, lines, out, column):
    """Position and standing of one account into `out[:, column]`; explanation lines into `lines` if it has room."""
    own_terms(account, t, p)
    open_account(account, s, q, t, p)
    look_ahead(account, known_at, s, p, reversed_amount, pauses)
    if s[S_PAUSES] > 0:
        merge(s, pauses, merged)
        pauses_today(s, pauses, merged)
    first = p.events_at[account]
    for j in range(first, p.events_at[account + 1]):
        if s[S_STATUS] != OK or not counts(j, account, known_at, p) or p.kind[j] == K_PAYMENT_REVERSED:
            continue
        if not moves_money(p.kind[j]):
            note(j, s, t, p)
            continue
        if p.amount[j] == NONE and (
            p.kind[j] == K_PAYMENT or p.kind[j] == K_FEE or p.kind[j] == K_ADJUSTMENT or p.kind[j] == K_REFUND
        ):
            continue
        day = max(p.on[j], s[S_DAY])
        run_until(day, s, q, t, pauses, merged, lines)
        happen(account, j, j - first, day, reversed_amount[j - first], s, q, t, p, merged, lines)
    if s[S_AS_ON] >= s[S_DAY]:
        run_until(s[S_AS_ON], s, q, t, pauses, merged, lines)
        note_worst(s[S_AS_ON], s, q, t, merged)
    settle_promise(s[S_AS_ON], s)
    write_result(account, s, q, t, p, merged, out, column)


@compiled
def room_needed(lo, hi, p):
    """The most items and the most events of any account from `lo` to `hi`."""
    items = 1
    events = 1
    for account in range(lo, hi):
        n = p.instalments_at[account + 1] - p.instalments_at[account]
        n += p.plans_at[account + 1] - p.plans_at[account] + 2
        items = max(items, n)
        events = max(events, p.events_at[account + 1] - p.events_at[account] + 1)
    return items, events


@compiled
def fold_range(lo, hi, known_at, p, out):
    """Fold the accounts from `lo` to `hi`, one after the other, in scratch room of their own."""
    items, events = room_needed(lo, hi, p)
    s = np.zeros(N_S, np.int64)
    q = np.zeros((N_Q, items), np.int64)
    t = np.zeros(p.terms_table.shape[1], np.int64)
    reversed_amount = np.zeros(events, np.int64)
    pauses = np.zeros((5, events), np.int64)
    merged = np.zeros((2, events), np.int64)
    lines = np.zeros((0, N_X), np.int64)
    for account in range(lo, hi):
        fold(account, known_at, s, q, t, p, reversed_amount, pauses, merged, lines, out, account)
