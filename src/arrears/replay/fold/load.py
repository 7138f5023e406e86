"""What is told of one account, out of the arrays of the book into the fold's own."""

import numpy as np

from arrears.replay.jit import compiled
from arrears.replay.layout import (
    A_ADDRESSES,
    A_AS_ON,
    A_CUT_AT,
    A_EMAILS,
    A_OPENED_ON,
    A_PENALTY_RATE,
    A_PHONES,
    A_RATE,
    A_TERMS,
    E_AMOUNT,
    E_BY_ON,
    E_CHANNEL,
    E_DIRECTION,
    E_FROM_ON,
    E_KIND,
    E_MASK,
    E_ON,
    E_OUTCOME,
    E_PLACE,
    E_PLAN_PLACE,
    E_REF,
    E_STRUCK,
    E_UNTIL_ON,
    FAR,
    K_PAYMENT,
    N_CHANNELS,
    N_P,
    N_Q,
    N_S,
    NO_CODE,
    NO_DAY,
    NONE,
    Q_DUE_ON,
    Q_FALLEN,
    Q_INTEREST,
    Q_PRINCIPAL,
    Q_SCHEDULED_FEE,
    S_ADDRESSES,
    S_AS_ON,
    S_CHARGED_OFF_ON,
    S_COMPOUND_NEXT,
    S_COMPOUND_STEP,
    S_DAY,
    S_DAY_PAID_ON,
    S_EMAILS,
    S_EVENTS,
    S_GRACE_NEXT,
    S_HIGH,
    S_ITEMS,
    S_LAST_ATTEMPT,
    S_LAST_BY_CHANNEL,
    S_LAST_CONVERSATION,
    S_LAST_INBOUND,
    S_LAST_PAYMENT_ON,
    S_LATE_NEXT,
    S_LOW,
    S_NEXT,
    S_NOT_DUE_PRINCIPAL,
    S_OLDEST,
    S_OPEN,
    S_PHONES,
    S_PLAN_ROWS,
    S_SCHEDULE_FROM,
    T_COMPOUND,
    T_PENALTY_RATE,
    T_RATE,
)  # fmt: skip

from .days import months_after, year_month_day


@compiled
def load(account, known_at, p, s, q, e):
    """Everything told of the account, as it stands when the loan is opened: nothing after this reads the book."""
    load_terms(account, p, s)
    load_account(account, p, s)
    load_instalments(account, p, s, q)
    load_events(account, known_at, p, s, e)
    load_plans(account, p, s, e)
    if s[T_COMPOUND] and s[S_ITEMS] > 1:
        s[S_COMPOUND_STEP] = 1
        _, _, day_of_month = year_month_day(q[1, Q_DUE_ON])
        s[S_COMPOUND_NEXT] = months_after(q[1, Q_DUE_ON], 1, day_of_month)


@compiled
def load_terms(account, p, s):
    """The terms of the account, with its own rates where it has them."""
    version = p.accounts[A_TERMS, account]
    for i in range(p.terms_table.shape[1]):
        s[N_S + i] = p.terms_table[version, i]
    if p.accounts[A_RATE, account] != NONE:
        s[T_RATE] = p.accounts[A_RATE, account]
    if p.accounts[A_PENALTY_RATE, account] != NONE:
        s[T_PENALTY_RATE] = p.accounts[A_PENALTY_RATE, account]


@compiled
def load_account(account, p, s):
    """A state in which nothing has happened yet."""
    for i in range(N_S):
        s[i] = 0
    s[S_DAY] = s[S_SCHEDULE_FROM] = p.accounts[A_OPENED_ON, account]
    s[S_AS_ON] = p.accounts[A_AS_ON, account]
    s[S_PHONES] = p.accounts[A_PHONES, account]
    s[S_EMAILS] = p.accounts[A_EMAILS, account]
    s[S_ADDRESSES] = p.accounts[A_ADDRESSES, account]
    s[S_COMPOUND_NEXT] = FAR
    for i in range(N_CHANNELS):
        s[S_LAST_BY_CHANNEL + i] = NONE
    s[S_LAST_CONVERSATION] = s[S_LAST_INBOUND] = s[S_LAST_ATTEMPT] = NONE
    s[S_LAST_PAYMENT_ON] = s[S_CHARGED_OFF_ON] = s[S_DAY_PAID_ON] = NONE


@compiled
def load_instalments(account, p, s, q):
    """The instalments as items; item 0 is the time before the first."""
    first = p.instalments_at[account]
    n = p.instalments_at[account + 1] - first
    for k in range(n + 1):
        for row in range(N_Q):
            q[k, row] = 0
    q[0, Q_FALLEN] = 1
    q[0, Q_DUE_ON] = s[S_DAY]
    for k in range(1, n + 1):
        told = np.uint64(first + k - 1)
        q[k, Q_DUE_ON] = p.instalments.due_on[told]
        q[k, Q_SCHEDULED_FEE] = p.instalments.fee[told]
        q[k, Q_INTEREST] = p.instalments.interest[told]
        q[k, Q_PRINCIPAL] = p.instalments.principal[told]
        s[S_NOT_DUE_PRINCIPAL] += q[k, Q_PRINCIPAL]
    s[S_ITEMS] = s[S_HIGH] = n + 1
    s[S_LOW] = s[S_NEXT] = s[S_OLDEST] = s[S_OPEN] = s[S_GRACE_NEXT] = s[S_LATE_NEXT] = 1


@compiled
def load_events(account, known_at, p, s, e):
    """The events that count: they had happened by as_of and were known by `known_at` (rule 2)."""
    first = p.events_at[account]
    n = 0
    for j in range(first, p.events_at[account + 1]):
        if p.events.at[j] <= p.accounts[A_CUT_AT, account] and p.events.recorded_at[j] <= known_at:
            # an index that cannot be negative spares compiled code a look at each use whether it counts from the end
            load_event(np.uint64(j), n, p.events, e)
            e[n, E_PLACE] = j - first
            e[n, E_STRUCK] = 0
            n += 1
    s[S_EVENTS] = n


@compiled
def load_event(j, n, told, e):
    """What is told of event `j`, as the account's event `n`."""
    e[n, E_ON] = told.on[j]
    e[n, E_KIND] = told.kind[j]
    e[n, E_AMOUNT] = told.amount[j]
    e[n, E_MASK] = told.mask[j]
    if e[n, E_KIND] == K_PAYMENT:
        return  # most events are payments, and of a payment nothing else is read
    e[n, E_CHANNEL] = code(told.channel[j])
    e[n, E_DIRECTION] = code(told.direction[j])
    e[n, E_OUTCOME] = code(told.outcome[j])
    e[n, E_BY_ON] = day(told.by_on[j])
    e[n, E_FROM_ON] = day(told.from_on[j])
    e[n, E_UNTIL_ON] = day(told.until_on[j])
    e[n, E_REF] = told.ref_ix[j]


@compiled
def code(told):
    """A code, -1 where nothing is told."""
    return -1 if told == NO_CODE else told


@compiled
def day(told):
    """A day, `NONE` where none is told."""
    return NONE if told == NO_DAY else told


@compiled
def load_plans(account, p, s, e):
    """The rows of the account's plans."""
    first = p.plans_at[account]
    n = p.plans_at[account + 1] - first
    for i in range(n):
        for row in range(N_P):
            e[i, E_PLAN_PLACE + row] = p.plans[row, first + i]
    s[S_PLAN_ROWS] = n
