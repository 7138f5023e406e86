"""The end of the fold: state and items into the columns of position and standing (`layout.OUT`)."""

from arrears.replay.jit import compiled
from arrears.replay.layout import (
    FAR,
    N_CHANNELS,
    NONE,
    O_7D_BY_CHANNEL,
    O_30D_BY_CHANNEL,
    O_ACCRUED_INTEREST,
    O_ATTEMPTS_7D,
    O_ATTEMPTS_30D,
    O_ATTEMPTS_TODAY,
    O_BANKRUPT,
    O_BREATHING_SPACE,
    O_BREATHING_SPACE_UNTIL,
    O_CEASED,
    O_CHARGED_OFF_AMOUNT,
    O_CHARGED_OFF_ON,
    O_COMPLAINT_OPEN,
    O_CONVERSATIONS_7D,
    O_CONVERSATIONS_TODAY,
    O_CREDIT,
    O_DAYS_PAST_DUE,
    O_DECEASED,
    O_DISPUTED,
    O_DUE_FEE,
    O_DUE_INTEREST,
    O_DUE_PENALTY,
    O_DUE_PRINCIPAL,
    O_DUE_TOTAL,
    O_ENFORCEMENT,
    O_FIRST_DUE_ON,
    O_FROZEN,
    O_HARDSHIP,
    O_HARDSHIP_REQUESTED,
    O_HARDSHIP_UNTIL,
    O_INBOUND_7D,
    O_INBOUND_30D,
    O_JUDGMENT,
    O_LAST_ATTEMPT_ON,
    O_LAST_BY_CHANNEL,
    O_LAST_CONVERSATION_ON,
    O_LAST_DUE_ON,
    O_LAST_INBOUND_ON,
    O_LAST_PAYMENT_AMOUNT,
    O_LAST_PAYMENT_ON,
    O_MISSED_INSTALMENTS,
    O_NEXT_DUE_AMOUNT,
    O_NEXT_DUE_ON,
    O_NOT_DUE_PRINCIPAL,
    O_OLDEST_DUE_ON,
    O_OPTED_OUT,
    O_PAID_FEE,
    O_PAID_INTEREST,
    O_PAID_PENALTY,
    O_PAID_PRINCIPAL,
    O_PAID_TOTAL,
    O_PAST_DUE_TOTAL,
    O_PAUSED,
    O_PAUSED_UNTIL,
    O_PAYMENTS,
    O_PAYOFF,
    O_PLACED,
    O_PLAN_BROKEN,
    O_PLAN_BROKEN_ON,
    O_PLAN_CURRENT,
    O_PLAN_IN_REPAIR,
    O_PLAN_REPAIR_UNTIL,
    O_PLAN_REPAIRED_ON,
    O_PLAN_SINCE,
    O_PLAN_STATUS,
    O_PRINCIPAL_DAYS,
    O_PRINCIPAL_OUTSTANDING,
    O_PROMISE_AMOUNT,
    O_PROMISE_DUE_ON,
    O_PROMISES_BROKEN,
    O_PROMISES_KEPT,
    O_PROMISES_OPEN,
    O_RECOVERED,
    O_REFUND_CHARGED,
    O_REFUNDED,
    O_REPRESENTED,
    O_REVERSED,
    O_SETTLED,
    O_SOLD,
    O_STATUS,
    O_SUIT_FILED,
    O_TODAY_BY_CHANNEL,
    O_USABLE_ADDRESS,
    O_USABLE_EMAIL,
    O_USABLE_PHONE,
    O_VULNERABLE,
    O_WAIVED_TOTAL,
    O_WORST_DAYS_PAST_DUE,
    O_WORST_DAYS_PAST_DUE_12M,
    OK,
    PLAN_BROKEN,
    PLAN_CURRENT,
    PLAN_IN_REPAIR,
    Q_DUE_ON,
    S_7D_BY_CHANNEL,
    S_30D_BY_CHANNEL,
    S_ADDRESSES,
    S_AS_ON,
    S_BAD_ADDRESSES,
    S_BAD_EMAILS,
    S_BAD_PHONES,
    S_BANKRUPT,
    S_BREATHING_SPACE,
    S_BREATHING_SPACE_UNTIL,
    S_BROKEN,
    S_CEASED,
    S_CHARGED_OFF,
    S_CHARGED_OFF_ON,
    S_COMPLAINTS,
    S_CONVERSATIONS_7D,
    S_CONVERSATIONS_TODAY,
    S_CREDIT,
    S_DECEASED,
    S_DISPUTES,
    S_DUE_FEE,
    S_DUE_INTEREST,
    S_DUE_PRINCIPAL,
    S_EMAILS,
    S_ENFORCEMENT,
    S_FROZEN,
    S_HARDSHIP,
    S_HARDSHIP_REQUESTED,
    S_HARDSHIP_UNTIL,
    S_HIGH,
    S_INBOUND_7D,
    S_INBOUND_30D,
    S_ITEMS,
    S_JUDGMENT,
    S_KEPT,
    S_LAST_ATTEMPT,
    S_LAST_BY_CHANNEL,
    S_LAST_CONVERSATION,
    S_LAST_INBOUND,
    S_LAST_PAYMENT,
    S_LAST_PAYMENT_ON,
    S_LOW,
    S_NEXT,
    S_NOT_DUE_PRINCIPAL,
    S_OPTED_OUT,
    S_PAID_FEE,
    S_PAID_INTEREST,
    S_PAID_PENALTY,
    S_PAID_PRINCIPAL,
    S_PAUSED,
    S_PAUSED_UNTIL,
    S_PAYMENTS,
    S_PHONES,
    S_PLACED,
    S_PLAN,
    S_PLAN_BROKEN_ON,
    S_PLAN_REPAIR_UNTIL,
    S_PLAN_REPAIRED_ON,
    S_PLAN_SINCE,
    S_PRINCIPAL_DAYS,
    S_PROMISE_AMOUNT,
    S_PROMISE_BY,
    S_PROMISE_OPEN,
    S_RECOVERED,
    S_REFUND_CHARGED,
    S_REFUNDED,
    S_REPRESENTED,
    S_REVERSED,
    S_SOLD,
    S_STATUS,
    S_SUIT_FILED,
    S_TODAY_BY_CHANNEL,
    S_VULNERABLE,
    S_WAIVED,
    S_WORST,
    S_WORST_12M,
    T_TOLERANCE,
)  # fmt: skip

from .amounts import days_past_due, due_penalty, interest_open, oldest_unpaid, tail, unpaid
from .keeping import plan_status
from .trace import owed


@compiled
def write_money(s, q, row, out, c):
    """What is owed, by category, and what falls due next; minor units."""
    penalty = due_penalty(s, q)
    interest = s[S_DUE_INTEREST] + tail(s)
    total = s[S_DUE_FEE] + penalty + interest + s[S_DUE_PRINCIPAL]
    accrued = interest_open(s) if s[S_NEXT] < s[S_HIGH] else 0
    out[row[O_DUE_FEE], c] = s[S_DUE_FEE]
    out[row[O_DUE_PENALTY], c] = penalty
    out[row[O_DUE_INTEREST], c] = interest
    out[row[O_DUE_PRINCIPAL], c] = s[S_DUE_PRINCIPAL]
    out[row[O_DUE_TOTAL], c] = total
    out[row[O_ACCRUED_INTEREST], c] = accrued
    out[row[O_PRINCIPAL_DAYS], c] = s[S_PRINCIPAL_DAYS]
    out[row[O_PRINCIPAL_OUTSTANDING], c] = s[S_DUE_PRINCIPAL] + s[S_NOT_DUE_PRINCIPAL]
    out[row[O_PAYOFF], c] = owed(s, q)
    out[row[O_SETTLED], c] = total + s[S_NOT_DUE_PRINCIPAL] + accrued == 0
    out[row[O_PAID_TOTAL], c] = s[S_PAID_FEE] + s[S_PAID_PENALTY] + s[S_PAID_INTEREST] + s[S_PAID_PRINCIPAL]
    last = s[S_NEXT] - 1
    today = unpaid(last, q) if last >= s[S_LOW] and q[last, Q_DUE_ON] == s[S_AS_ON] else 0
    out[row[O_PAST_DUE_TOTAL], c] = total - today


@compiled
def write_dates(s, q, e, row, out, c):
    """Due dates, days past due and missed instalments."""
    oldest = oldest_unpaid(s, q)
    out[row[O_OLDEST_DUE_ON], c] = q[oldest, Q_DUE_ON] if oldest < s[S_NEXT] else NONE
    out[row[O_DAYS_PAST_DUE], c] = days_past_due(s[S_AS_ON], s, q, e)
    missed = 0
    for k in range(oldest, s[S_NEXT]):
        missed += unpaid(k, q) > s[T_TOLERANCE] and q[k, Q_DUE_ON] < s[S_AS_ON]
    out[row[O_MISSED_INSTALMENTS], c] = missed
    out[row[O_FIRST_DUE_ON], c] = q[1, Q_DUE_ON] if s[S_ITEMS] > 1 else NONE
    out[row[O_LAST_DUE_ON], c] = q[s[S_HIGH] - 1, Q_DUE_ON] if s[S_HIGH] > s[S_LOW] else NONE
    ahead = s[S_NEXT] < s[S_HIGH]
    out[row[O_NEXT_DUE_ON], c] = q[s[S_NEXT], Q_DUE_ON] if ahead else NONE
    out[row[O_NEXT_DUE_AMOUNT], c] = unpaid(s[S_NEXT], q) + interest_open(s) if ahead else 0


@compiled
def write_commitments(s, q, row, out, c):
    """Promises, plan, pauses."""
    status = plan_status(s, q)
    out[row[O_PLAN_STATUS], c] = status
    out[row[O_PLAN_CURRENT], c] = status == PLAN_CURRENT
    out[row[O_PLAN_IN_REPAIR], c] = status == PLAN_IN_REPAIR
    out[row[O_PLAN_BROKEN], c] = status == PLAN_BROKEN
    out[row[O_PLAN_REPAIR_UNTIL], c] = s[S_PLAN_REPAIR_UNTIL] if status == PLAN_IN_REPAIR else NONE
    out[row[O_PLAN_SINCE], c] = s[S_PLAN_SINCE] if s[S_PLAN] > 0 else NONE
    out[row[O_PLAN_BROKEN_ON], c] = s[S_PLAN_BROKEN_ON] if s[S_PLAN] > 0 else NONE
    out[row[O_PLAN_REPAIRED_ON], c] = s[S_PLAN_REPAIRED_ON] if s[S_PLAN] > 0 else NONE
    is_open = s[S_PROMISE_OPEN] > 0
    out[row[O_PROMISE_AMOUNT], c] = s[S_PROMISE_AMOUNT] if is_open else 0
    out[row[O_PROMISE_DUE_ON], c] = s[S_PROMISE_BY] if is_open else NONE
    out[row[O_PAUSED_UNTIL], c] = until(s[S_PAUSED], s[S_PAUSED_UNTIL])
    out[row[O_HARDSHIP_UNTIL], c] = until(s[S_HARDSHIP], s[S_HARDSHIP_UNTIL])
    out[row[O_BREATHING_SPACE_UNTIL], c] = until(s[S_BREATHING_SPACE], s[S_BREATHING_SPACE_UNTIL])


@compiled
def until(holds, day):
    """The last day of something that holds and has an end."""
    return day if holds and day < FAR else NONE


@compiled
def write_contacts(s, row, out, c):
    """Contact history by channel, opt-outs, and what can still be reached."""
    today = week = month = 0
    for i in range(N_CHANNELS):
        today += s[S_TODAY_BY_CHANNEL + i]
        week += s[S_7D_BY_CHANNEL + i]
        month += s[S_30D_BY_CHANNEL + i]
        out[row[O_OPTED_OUT + i], c] = (s[S_OPTED_OUT] >> i) & 1
        out[row[O_LAST_BY_CHANNEL + i], c] = s[S_LAST_BY_CHANNEL + i]
        out[row[O_TODAY_BY_CHANNEL + i], c] = s[S_TODAY_BY_CHANNEL + i]
        out[row[O_7D_BY_CHANNEL + i], c] = s[S_7D_BY_CHANNEL + i]
        out[row[O_30D_BY_CHANNEL + i], c] = s[S_30D_BY_CHANNEL + i]
    out[row[O_ATTEMPTS_TODAY], c] = today
    out[row[O_ATTEMPTS_7D], c] = week
    out[row[O_ATTEMPTS_30D], c] = month
    out[row[O_DISPUTED], c] = s[S_DISPUTES] > 0
    out[row[O_COMPLAINT_OPEN], c] = s[S_COMPLAINTS] > 0
    out[row[O_USABLE_PHONE], c] = s[S_PHONES] > s[S_BAD_PHONES]
    out[row[O_USABLE_EMAIL], c] = s[S_EMAILS] > s[S_BAD_EMAILS]
    out[row[O_USABLE_ADDRESS], c] = s[S_ADDRESSES] > s[S_BAD_ADDRESSES]


@compiled
def write_result(s, q, e, row, out, c):
    """All of `layout.OUT` for one account, each into its row of `out` (`row`); of a refused account only the status is written."""
    out[row[O_STATUS], c] = s[S_STATUS]
    if s[S_STATUS] != OK:
        return
    write_money(s, q, row, out, c)
    write_dates(s, q, e, row, out, c)
    write_commitments(s, q, row, out, c)
    write_contacts(s, row, out, c)
    out[row[O_PAID_FEE], c] = s[S_PAID_FEE]
    out[row[O_PAID_PENALTY], c] = s[S_PAID_PENALTY]
    out[row[O_PAID_INTEREST], c] = s[S_PAID_INTEREST]
    out[row[O_PAID_PRINCIPAL], c] = s[S_PAID_PRINCIPAL]
    out[row[O_REFUNDED], c] = s[S_REFUNDED]
    out[row[O_WAIVED_TOTAL], c] = s[S_WAIVED]
    out[row[O_CHARGED_OFF_AMOUNT], c] = s[S_CHARGED_OFF]
    out[row[O_RECOVERED], c] = s[S_RECOVERED]
    out[row[O_LAST_PAYMENT_AMOUNT], c] = s[S_LAST_PAYMENT]
    out[row[O_CREDIT], c] = s[S_CREDIT]
    out[row[O_NOT_DUE_PRINCIPAL], c] = s[S_NOT_DUE_PRINCIPAL]
    out[row[O_WORST_DAYS_PAST_DUE], c] = s[S_WORST]
    out[row[O_WORST_DAYS_PAST_DUE_12M], c] = s[S_WORST_12M]
    out[row[O_PROMISES_KEPT], c] = s[S_KEPT]
    out[row[O_PROMISES_BROKEN], c] = s[S_BROKEN]
    out[row[O_PROMISES_OPEN], c] = s[S_PROMISE_OPEN]
    out[row[O_LAST_PAYMENT_ON], c] = s[S_LAST_PAYMENT_ON]
    out[row[O_CHARGED_OFF_ON], c] = s[S_CHARGED_OFF_ON]
    out[row[O_LAST_CONVERSATION_ON], c] = s[S_LAST_CONVERSATION]
    out[row[O_LAST_INBOUND_ON], c] = s[S_LAST_INBOUND]
    out[row[O_LAST_ATTEMPT_ON], c] = s[S_LAST_ATTEMPT]
    out[row[O_INBOUND_7D], c] = s[S_INBOUND_7D]
    out[row[O_INBOUND_30D], c] = s[S_INBOUND_30D]
    out[row[O_CONVERSATIONS_TODAY], c] = s[S_CONVERSATIONS_TODAY]
    out[row[O_CONVERSATIONS_7D], c] = s[S_CONVERSATIONS_7D]
    out[row[O_PAUSED], c] = s[S_PAUSED]
    out[row[O_HARDSHIP_REQUESTED], c] = s[S_HARDSHIP_REQUESTED]
    out[row[O_HARDSHIP], c] = s[S_HARDSHIP]
    out[row[O_REPRESENTED], c] = s[S_REPRESENTED]
    out[row[O_CEASED], c] = s[S_CEASED]
    out[row[O_VULNERABLE], c] = s[S_VULNERABLE]
    out[row[O_DECEASED], c] = s[S_DECEASED]
    out[row[O_BANKRUPT], c] = s[S_BANKRUPT]
    out[row[O_BREATHING_SPACE], c] = s[S_BREATHING_SPACE]
    out[row[O_SUIT_FILED], c] = s[S_SUIT_FILED]
    out[row[O_JUDGMENT], c] = s[S_JUDGMENT]
    out[row[O_ENFORCEMENT], c] = s[S_ENFORCEMENT]
    out[row[O_FROZEN], c] = s[S_FROZEN]
    out[row[O_PLACED], c] = s[S_PLACED]
    out[row[O_SOLD], c] = s[S_SOLD]
    out[row[O_PAYMENTS], c] = s[S_PAYMENTS]
    out[row[O_REVERSED], c] = s[S_REVERSED]
    out[row[O_REFUND_CHARGED], c] = s[S_REFUND_CHARGED]
