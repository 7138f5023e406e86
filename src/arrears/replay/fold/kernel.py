"""The fold: one account's facts, up to an instant, into its position and standing.

`fold` is read from top to bottom like docs/reference/money.md: prepare, then day by day what the calendar brings and what
happened. `fold_range` runs it over many accounts.
"""

import numpy as np

from arrears.replay.jit import compiled, entry
from arrears.replay.layout import (
    E_AMOUNT,
    E_KIND,
    E_ON,
    K_ADJUSTMENT,
    K_FEE,
    K_PAYMENT,
    K_PAYMENT_REVERSED,
    K_REFUND,
    L_CREDIT_USED,
    N_OWN,
    N_Q,
    N_ST,
    NONE,
    OK,
    Q_DUE_ON,
    S_AS_ON,
    S_COMPOUND_NEXT,
    S_CREDIT,
    S_DAY,
    S_EVENTS,
    S_HIGH,
    S_LINES,
    S_NEXT,
    S_PAID_FEE,
    S_PAID_INTEREST,
    S_PAID_PENALTY,
    S_PAID_PRINCIPAL,
    S_PAUSES,
    S_STATUS,
    S_WORST,
    S_WORST_12M,
    T_LATE_AMOUNT,
    T_LATE_PERCENT,
    T_PENALTY_GRACE,
)  # fmt: skip

from .accrual import accrue
from .allocation import allocate
from .amounts import days_past_due
from .happen import happen, moves_money
from .keeping import watch_plan
from .load import load
from .pauses import look_ahead, merge, pauses_today
from .result import write_result
from .schedule import charge_late_fees, compound, fall_due, next_calendar_day, pass_grace
from .standing import note, settle_promise
from .trace import write_line


@compiled
def note_worst(day, s, q, e):
    """Days past due at the end of `day` may be the worst so far."""
    days = days_past_due(day, s, q, e)
    s[S_WORST] = max(s[S_WORST], days)
    if day > s[S_AS_ON] - 365:
        s[S_WORST_12M] = max(s[S_WORST_12M], days)


@compiled
def advance(day, s, q, e, lines):
    """Everything of `day` that comes before its events: accrual, compounding, grace, due dates, late fees, credit, the plan."""
    if day > s[S_DAY]:
        note_worst(day - 1, s, q, e)
        accrue(s[S_DAY], day, s, q, e, lines)
        s[S_DAY] = day
    if s[S_COMPOUND_NEXT] <= day:
        compound(day, s, q, lines)
    if s[T_PENALTY_GRACE] > 0:
        pass_grace(day, s, q, lines)
    while s[S_NEXT] < s[S_HIGH] and q[s[S_NEXT], Q_DUE_ON] <= day:
        fall_due(s[S_NEXT], day, s, q, lines)
    if s[T_LATE_AMOUNT] > 0 or s[T_LATE_PERCENT] > 0:
        charge_late_fees(day, s, q, e, lines)
    use_credit(day, s, q, e, lines)
    watch_plan(day, s, q, lines)


@compiled
def use_credit(day, s, q, e, lines):
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
    allocate(day, s, q, e)
    if lines is not None and credit > s[S_CREDIT]:
        write_line(
            s, q, lines, L_CREDIT_USED, day, -1, 0, credit - s[S_CREDIT], s[S_PAID_FEE] - fee,
            s[S_PAID_PENALTY] - penalty, s[S_PAID_INTEREST] - interest, s[S_PAID_PRINCIPAL] - principal,
        )  # fmt: skip


@compiled
def run_until(day, s, q, e, lines):
    """Let the calendar pass, step by step, through `day`."""
    while s[S_STATUS] == OK:
        following = min(day, next_calendar_day(s[S_DAY], s, q, e))
        advance(following, s, q, e, lines)
        if following == day:
            break


@compiled
def names_no_amount(i, e):
    """Whether event `i` should say how much and does not: then it moves nothing."""
    kind = e[i, E_KIND]
    asked = kind == K_PAYMENT or kind == K_FEE or kind == K_ADJUSTMENT or kind == K_REFUND
    return asked and e[i, E_AMOUNT] == NONE


@compiled
def moves_ledger(i, s, e):
    """Whether event `i` moves money; one that does not is noted."""
    kind = e[i, E_KIND]
    if s[S_STATUS] != OK or kind == K_PAYMENT_REVERSED:
        return False
    if not moves_money(kind):
        note(i, s, e)
        return False
    return not names_no_amount(i, e)


@compiled
def fold(s, q, e, lines):
    """From the day the loan was opened to the day of as_of, event by event."""
    look_ahead(s, e)
    if s[S_PAUSES] > 0:
        merge(s, e)
        pauses_today(s, e)
    # the end is one more turn, in which nothing happens: the compiled code of the calendar is large, and so stands there once
    for i in range(s[S_EVENTS] + 1):
        ends = i == s[S_EVENTS]
        if not ends and not moves_ledger(i, s, e):
            continue
        day = s[S_AS_ON] if ends else max(e[i, E_ON], s[S_DAY])
        if day < s[S_DAY]:
            break
        run_until(day, s, q, e, lines)
        if not ends:
            happen(i, day, s, q, e, lines)
            use_credit(day, s, q, e, lines)
            watch_plan(day, s, q, lines)
        else:
            note_worst(day, s, q, e)
    settle_promise(s[S_AS_ON], s)


@compiled
def room_needed(lo, hi, p):
    """The most items, and the most events or rows of plans, of any account from `lo` to `hi`."""
    items = happened = 1
    for account in range(lo, hi):
        events = p.events_at[account + 1] - p.events_at[account]
        rows = p.plans_at[account + 1] - p.plans_at[account]
        items = max(items, p.instalments_at[account + 1] - p.instalments_at[account] + rows + 1)
        happened = max(happened, events, rows)
    return items, happened


@entry
def fold_range(lo, hi, known_at, p, row, out, lines=None):
    """Position and standing of the accounts from `lo` to `hi` into the columns of `out` (zeros), one after the other;
    `row` tells the row of each number (`layout.Results`).

    `lines` (rows of zeros, columns X_*), for a single account, is filled with its explanation. Returns how many lines there are.
    """
    items, happened = room_needed(lo, hi, p)
    s = np.zeros(N_ST, np.int64)
    q = np.zeros((items, N_Q), np.int64)
    e = np.zeros((happened, N_OWN), np.int64)
    for account in range(lo, hi):
        load(account, known_at, p, s, q, e)
        fold(s, q, e, lines)
        write_result(s, q, e, row, out, np.uint64(account))
    return s[S_LINES]
