"""Where each number of the fold stands: indices into its arrays, and codes it shares with the tables of facts.

The fold works on plain int64 arrays so that the same code runs compiled over millions of accounts and step by step over one.
`Packed` holds the facts of many accounts: `A_*` and `P_*` are the rows of its blocks. Of one account the fold has three
arrays: `s`, its state `S_*` and terms `T_*`; `q`, its items, one a row, columns `Q_*`; `e`, what happened, columns `E_*`. (Few arrays,
because each one handed on costs a compiled call more than most calls do.) `X_*` are the columns of an explanation line.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from arrears.facts.schema import CATEGORIES, CHANNELS, DIRECTIONS, KINDS, OUTCOMES

NONE = -(1 << 62)  # "no amount", "no day"
NO_DAY = -(1 << 31)  # the same, where days stand in 32 bits
NO_CODE = 255  # where a code is told of nothing
FAR = 1 << 40  # a day that never comes
PRODUCT_LIMIT = 1 << 62  # amount × rate may not exceed this

OK, OVERFLOW = 0, 1

FEE, PENALTY, INTEREST, PRINCIPAL = range(4)
HALF_EVEN, HALF_UP, DOWN = range(3)
SCHEDULED, DAILY = range(2)
ON_PRINCIPAL, ON_PRINCIPAL_AND_INTEREST = range(2)
FROM_DUE, FROM_GRACE_END = range(2)
BY_DEBT, BY_INSTALMENT = range(2)
PLAN_NONE, PLAN_CURRENT, PLAN_IN_REPAIR, PLAN_BROKEN, PLAN_COMPLETED, PLAN_CANCELLED = range(6)
PLAN_STATUS = ("none", "current", "in_repair", "broken", "completed", "cancelled")

# bits of an event's mask
M_PREPAY = 1
M_CATEGORY = 2 | 4 | 8  # category + 1, shifted by one
M_INTEREST, M_PENALTY, M_LATE_FEE = 16, 32, 64  # what is frozen
M_WITH_FEE, M_WITH_PENALTY = 128, 256  # what a plan includes
M_OTHER_PARTY = 512  # of somebody else: it does not count for the standing of the account (`facts.whose`)
M_OTHER_PERSON = 1024  # of another borrower than the one whom contact is planned with
GRACE_SHIFT = 16  # a plan's grace days stand above this bit

(
    K_PAYMENT, K_PAYMENT_REVERSED, K_FEE, K_WAIVER, K_ADJUSTMENT, K_CHARGE_OFF, K_REFUND, K_CONTACT, K_PROMISE, K_PLAN,
    K_PLAN_CANCELLED, K_DISPUTE_OPENED, K_DISPUTE_CLOSED, K_HARDSHIP_REQUESTED, K_HARDSHIP_GRANTED, K_HARDSHIP_REFUSED,
    K_REPRESENTED, K_CEASE, K_OPT_OUT, K_CONSENT, K_INCONVENIENT, K_VULNERABLE, K_DECEASED, K_BANKRUPTCY,
    K_BREATHING_SPACE, K_PAUSE_ENDED, K_COMPLAINT_OPENED, K_COMPLAINT_CLOSED, K_CONTACT_INVALID, K_DELIVERY,
    K_NOTICE_SERVED, K_DEMAND, K_ACKNOWLEDGED, K_SUIT_FILED, K_JUDGMENT, K_ENFORCEMENT_APPLIED, K_FROZEN, K_RELEASED, K_DECISION,
    K_OVERRIDE, K_PLACED, K_RECALLED, K_SOLD,
) = range(len(KINDS))  # fmt: skip
D_OUT, D_IN = range(len(DIRECTIONS))
O_WRONG_NUMBER = OUTCOMES.index("wrong_number")
O_CONVERSATION = OUTCOMES.index("conversation")
N_CHANNELS = len(CHANNELS)
N_CATEGORIES = len(CATEGORIES)

# facts of an account, of a row of a plan
A_OPENED_ON, A_TERMS, A_RATE, A_PENALTY_RATE, A_AS_ON, A_CUT_AT, A_PHONES, A_EMAILS, A_ADDRESSES, N_A = range(10)
P_EVENT, P_NUMBER, P_DUE_ON, P_PRINCIPAL, P_INTEREST, P_FEE, N_P = range(7)
# facts of an event
(
    E_ON, E_KIND, E_AMOUNT, E_CHANNEL, E_DIRECTION, E_OUTCOME, E_BY_ON, E_FROM_ON, E_UNTIL_ON, E_MASK, E_REF, N_TOLD,
) = range(12)  # fmt: skip

# what the fold keeps of one account's events beside what is told of those that count: the event's place among all of the
# account's, and how much of a payment was reversed; then its pauses, the disjoint spans they cover, and the rows of its plans
(
    E_PLACE, E_STRUCK, E_PAUSE_FROM, E_PAUSE_UNTIL, E_PAUSE_FREEZE, E_PAUSE_PLACE, E_PAUSE_KIND, E_SPAN_FROM, E_SPAN_UNTIL,
    E_PLAN_PLACE, E_PLAN_NUMBER, E_PLAN_DUE_ON, E_PLAN_PRINCIPAL, E_PLAN_INTEREST, E_PLAN_FEE, N_OWN,
) = range(N_TOLD, N_TOLD + 16)  # fmt: skip

# one item, the columns of a row: an instalment of the loan or of a plan; item 0 is the time before the first
(
    Q_DUE_ON, Q_FALLEN, Q_SCHEDULED_FEE, Q_CHARGE, Q_INTEREST, Q_PRINCIPAL,
    Q_LATENT, Q_LATENT_WHOLE, Q_LATENT_PART, Q_PENALTY_FROM,
    Q_PENALTY_WHOLE, Q_PENALTY_PART, Q_PENALTY_SETTLED, Q_PENALTY_BASE,
    Q_SAVED_FEE, Q_SAVED_CHARGE, Q_SAVED_PENALTY, Q_SAVED_INTEREST, Q_SAVED_PRINCIPAL, Q_SAVED_FALLEN,
    N_Q,
) = range(21)  # fmt: skip

# the state of one account; a block of N_CHANNELS follows each S_*_BY_CHANNEL
_STATE = (
    "status", "day", "items", "low", "next", "high", "oldest", "open", "grace_next", "late_next", "compound_next", "compound_step",
    "due_fee", "due_interest", "due_principal", "not_due_principal", "principal_days",
    "interest_whole", "interest_part", "interest_billed", "schedule_from",
    "credit", "paid_fee", "paid_penalty", "paid_interest", "paid_principal", "payments", "reversed", "refunded",
    "refund_charged", "waived", "adjusted", "recovered", "charged_off", "charged_off_on", "freeze_charged_off",
    "last_payment_on", "last_payment",
    "worst", "worst_12m",
    "plan", "plan_since", "plan_freeze", "plan_grace", "plan_repair_days", "plan_kept", "plan_broken_on", "plan_repair_until",
    "plan_repaired_on", "plan_paid_fee", "plan_paid_interest", "plan_paid_principal",
    "plan_low", "saved_low", "saved_next", "saved_high", "saved_billed", "saved_schedule_from", "current",
    "promise_open", "promise_amount", "promise_by", "promise_got", "kept", "broken", "day_paid", "day_paid_on",
    "pauses", "merged", "lines",
    "disputes", "hardship_requested", "represented", "ceased", "opted_out", "vulnerable", "deceased", "bankrupt",
    "complaints", "suit_filed", "judgment", "enforcement", "frozen", "placed", "sold", "bad_phones", "bad_emails",
    "bad_addresses", "last_conversation", "last_inbound", "last_attempt", "inbound_7d", "inbound_30d",
    "conversations_today", "conversations_7d", "hardship_until", "breathing_space_until", "paused_until",
    "hardship", "breathing_space", "paused", "as_on", "events", "plan_rows", "phones", "emails", "addresses",
)  # fmt: skip
S = {name: index for index, name in enumerate(_STATE)}
(
    S_STATUS, S_DAY, S_ITEMS, S_LOW, S_NEXT, S_HIGH, S_OLDEST, S_OPEN, S_GRACE_NEXT, S_LATE_NEXT, S_COMPOUND_NEXT, S_COMPOUND_STEP,
    S_DUE_FEE, S_DUE_INTEREST, S_DUE_PRINCIPAL, S_NOT_DUE_PRINCIPAL, S_PRINCIPAL_DAYS,
    S_INTEREST_WHOLE, S_INTEREST_PART, S_INTEREST_BILLED, S_SCHEDULE_FROM,
    S_CREDIT, S_PAID_FEE, S_PAID_PENALTY, S_PAID_INTEREST, S_PAID_PRINCIPAL, S_PAYMENTS, S_REVERSED, S_REFUNDED,
    S_REFUND_CHARGED, S_WAIVED, S_ADJUSTED, S_RECOVERED, S_CHARGED_OFF, S_CHARGED_OFF_ON, S_FREEZE_CHARGED_OFF,
    S_LAST_PAYMENT_ON, S_LAST_PAYMENT,
    S_WORST, S_WORST_12M,
    S_PLAN, S_PLAN_SINCE, S_PLAN_FREEZE, S_PLAN_GRACE, S_PLAN_REPAIR_DAYS, S_PLAN_KEPT, S_PLAN_BROKEN_ON, S_PLAN_REPAIR_UNTIL,
    S_PLAN_REPAIRED_ON, S_PLAN_PAID_FEE, S_PLAN_PAID_INTEREST, S_PLAN_PAID_PRINCIPAL,
    S_PLAN_LOW, S_SAVED_LOW, S_SAVED_NEXT, S_SAVED_HIGH, S_SAVED_BILLED, S_SAVED_SCHEDULE_FROM, S_CURRENT,
    S_PROMISE_OPEN, S_PROMISE_AMOUNT, S_PROMISE_BY, S_PROMISE_GOT, S_KEPT, S_BROKEN, S_DAY_PAID, S_DAY_PAID_ON,
    S_PAUSES, S_MERGED, S_LINES,
    S_DISPUTES, S_HARDSHIP_REQUESTED, S_REPRESENTED, S_CEASED, S_OPTED_OUT, S_VULNERABLE, S_DECEASED, S_BANKRUPT,
    S_COMPLAINTS, S_SUIT_FILED, S_JUDGMENT, S_ENFORCEMENT, S_FROZEN, S_PLACED, S_SOLD, S_BAD_PHONES, S_BAD_EMAILS,
    S_BAD_ADDRESSES, S_LAST_CONVERSATION, S_LAST_INBOUND, S_LAST_ATTEMPT, S_INBOUND_7D, S_INBOUND_30D,
    S_CONVERSATIONS_TODAY, S_CONVERSATIONS_7D, S_HARDSHIP_UNTIL, S_BREATHING_SPACE_UNTIL, S_PAUSED_UNTIL,
    S_HARDSHIP, S_BREATHING_SPACE, S_PAUSED, S_AS_ON, S_EVENTS, S_PLAN_ROWS, S_PHONES, S_EMAILS, S_ADDRESSES,
) = range(len(_STATE))  # fmt: skip
S_LAST_BY_CHANNEL = len(_STATE)
S_TODAY_BY_CHANNEL = S_LAST_BY_CHANNEL + N_CHANNELS
S_7D_BY_CHANNEL = S_TODAY_BY_CHANNEL + N_CHANNELS
S_30D_BY_CHANNEL = S_7D_BY_CHANNEL + N_CHANNELS
N_S = S_30D_BY_CHANNEL + N_CHANNELS

# the terms of the account, behind its state
TERMS_FIELDS = (
    "method", "rate", "basis", "stops_on_overdue", "penalty_rate", "penalty_basis", "penalty_on", "penalty_from",
    "penalty_grace", "compound", "late_amount", "late_percent", "late_max", "late_grace", "due_day_counts",
    "past_due_grace", "tolerance", "by", "rounding", "after_days",
    "order_1", "order_2", "order_3", "order_4", "after_1", "after_2", "after_3", "after_4",
)  # fmt: skip
(
    T_METHOD, T_RATE, T_BASIS, T_STOPS_ON_OVERDUE, T_PENALTY_RATE, T_PENALTY_BASIS, T_PENALTY_ON, T_PENALTY_FROM,
    T_PENALTY_GRACE, T_COMPOUND, T_LATE_AMOUNT, T_LATE_PERCENT, T_LATE_MAX, T_LATE_GRACE, T_DUE_DAY_COUNTS,
    T_PAST_DUE_GRACE, T_TOLERANCE, T_BY, T_ROUNDING, T_AFTER_DAYS, T_ORDER, _2, _3, _4, T_ORDER_AFTER, _6, _7, _8,
) = range(N_S, N_S + len(TERMS_FIELDS))  # fmt: skip
N_ST = N_S + len(TERMS_FIELDS)

# what the fold hands back for an account, one row of the output each
OUT = (
    "status", "due_fee", "due_penalty", "due_interest", "due_principal", "due_total", "past_due_total",
    "not_due_principal", "accrued_interest", "principal_outstanding", "credit", "payoff", "next_due_amount",
    "last_payment_amount", "paid_fee", "paid_penalty", "paid_interest", "paid_principal", "paid_total", "refunded",
    "waived_total", "charged_off_amount", "recovered", "promise_amount", "days_past_due", "worst_days_past_due",
    "worst_days_past_due_12m", "missed_instalments", "promises_kept", "promises_broken", "promises_open",
    "oldest_due_on", "first_due_on", "last_due_on", "next_due_on", "last_payment_on", "charged_off_on",
    "promise_due_on", "paused_until", "plan_since", "plan_broken_on", "plan_repaired_on", "plan_repair_until", "hardship_until", "breathing_space_until",
    "last_conversation_on", "last_inbound_on", "last_attempt_on",
    "attempts_today", "attempts_7d", "attempts_30d", "inbound_7d", "inbound_30d", "conversations_today",
    "conversations_7d",
    "paused", "disputed", "hardship_requested", "hardship", "represented", "ceased", "vulnerable", "deceased",
    "bankrupt", "breathing_space", "complaint_open", "suit_filed", "judgment", "enforcement", "frozen", "placed",
    "sold", "settled", "plan_current", "plan_in_repair", "plan_broken", "usable_phone", "usable_email", "usable_address",
    "plan_status", "payments", "reversed", "refund_charged", "principal_days",
    *(f"opted_out_{channel}" for channel in CHANNELS),
    *(f"last_attempt_on_{channel}" for channel in CHANNELS),
    *(f"attempts_today_{channel}" for channel in CHANNELS),
    *(f"attempts_7d_{channel}" for channel in CHANNELS),
    *(f"attempts_30d_{channel}" for channel in CHANNELS),
)  # fmt: skip
OUT_INDEX = {name: index for index, name in enumerate(OUT)}
(
    O_STATUS, O_DUE_FEE, O_DUE_PENALTY, O_DUE_INTEREST, O_DUE_PRINCIPAL, O_DUE_TOTAL, O_PAST_DUE_TOTAL,
    O_NOT_DUE_PRINCIPAL, O_ACCRUED_INTEREST, O_PRINCIPAL_OUTSTANDING, O_CREDIT, O_PAYOFF, O_NEXT_DUE_AMOUNT,
    O_LAST_PAYMENT_AMOUNT, O_PAID_FEE, O_PAID_PENALTY, O_PAID_INTEREST, O_PAID_PRINCIPAL, O_PAID_TOTAL,
    O_REFUNDED, O_WAIVED_TOTAL, O_CHARGED_OFF_AMOUNT, O_RECOVERED, O_PROMISE_AMOUNT, O_DAYS_PAST_DUE,
    O_WORST_DAYS_PAST_DUE, O_WORST_DAYS_PAST_DUE_12M, O_MISSED_INSTALMENTS, O_PROMISES_KEPT, O_PROMISES_BROKEN,
    O_PROMISES_OPEN, O_OLDEST_DUE_ON, O_FIRST_DUE_ON, O_LAST_DUE_ON, O_NEXT_DUE_ON, O_LAST_PAYMENT_ON,
    O_CHARGED_OFF_ON, O_PROMISE_DUE_ON, O_PAUSED_UNTIL, O_PLAN_SINCE, O_PLAN_BROKEN_ON, O_PLAN_REPAIRED_ON, O_PLAN_REPAIR_UNTIL,
    O_HARDSHIP_UNTIL, O_BREATHING_SPACE_UNTIL,
    O_LAST_CONVERSATION_ON, O_LAST_INBOUND_ON, O_LAST_ATTEMPT_ON, O_ATTEMPTS_TODAY, O_ATTEMPTS_7D, O_ATTEMPTS_30D,
    O_INBOUND_7D, O_INBOUND_30D, O_CONVERSATIONS_TODAY, O_CONVERSATIONS_7D, O_PAUSED, O_DISPUTED,
    O_HARDSHIP_REQUESTED, O_HARDSHIP, O_REPRESENTED, O_CEASED, O_VULNERABLE, O_DECEASED, O_BANKRUPT,
    O_BREATHING_SPACE, O_COMPLAINT_OPEN, O_SUIT_FILED, O_JUDGMENT, O_ENFORCEMENT, O_FROZEN, O_PLACED, O_SOLD,
    O_SETTLED, O_PLAN_CURRENT, O_PLAN_IN_REPAIR, O_PLAN_BROKEN, O_USABLE_PHONE, O_USABLE_EMAIL, O_USABLE_ADDRESS, O_PLAN_STATUS,
    O_PAYMENTS, O_REVERSED, O_REFUND_CHARGED, O_PRINCIPAL_DAYS, O_OPTED_OUT,
) = range(85)  # fmt: skip
O_LAST_BY_CHANNEL = O_OPTED_OUT + N_CHANNELS
O_TODAY_BY_CHANNEL = O_LAST_BY_CHANNEL + N_CHANNELS
O_7D_BY_CHANNEL = O_TODAY_BY_CHANNEL + N_CHANNELS
O_30D_BY_CHANNEL = O_7D_BY_CHANNEL + N_CHANNELS

# the lines of an explanation
LINE_CODES = (
    "falls_due", "penalty", "grace_passed", "compounded", "late_fee", "payment", "credit_used", "fee", "waiver",
    "adjustment", "charge_off", "refund", "plan", "plan_cancelled", "payment_struck", "tail_interest",
    "plan_missed", "plan_repaired", "plan_broken",
)  # fmt: skip
(
    L_FALLS_DUE, L_PENALTY, L_GRACE_PASSED, L_COMPOUNDED, L_LATE_FEE, L_PAYMENT, L_CREDIT_USED, L_FEE, L_WAIVER,
    L_ADJUSTMENT, L_CHARGE_OFF, L_REFUND, L_PLAN, L_PLAN_CANCELLED, L_PAYMENT_STRUCK, L_TAIL_INTEREST,
    L_PLAN_MISSED, L_PLAN_REPAIRED, L_PLAN_BROKEN,
) = range(len(LINE_CODES))  # fmt: skip
(
    X_CODE, X_ON, X_AMOUNT, X_FEE, X_PENALTY, X_INTEREST, X_PRINCIPAL, X_BALANCE, X_OWED, X_ITEM, X_DAYS, X_BASE, X_EVENT,
    X_CREDIT, X_FROM, N_X,
) = range(16)  # fmt: skip


class Instalments(NamedTuple):
    """Instalments in columns, account after account: days in 32 bits, minor units in 64."""

    due_on: Any
    principal: Any
    interest: Any
    fee: Any


class Events(NamedTuple):
    """Events in columns, account after account, as wide as a book holds them, so that they need not be copied.

    Days 32 bits (`NO_DAY`: not told; `by_on` of a plan is its repair days), codes 8 (`NO_CODE`), minor units 64 (`NONE`), instants 64 (microseconds UTC). `ref_ix`: the place of
    an event among the account's, -1 none.
    """

    on: Any
    kind: Any
    amount: Any
    channel: Any
    direction: Any
    outcome: Any
    by_on: Any
    from_on: Any
    until_on: Any
    mask: Any
    ref_ix: Any
    at: Any
    recorded_at: Any


class Packed(NamedTuple):
    """The facts of many accounts. `*_at` (accounts + 1 long) hold where each account's instalments, events, rows of plans begin.

    Accounts and plans are blocks of int64, one row a field, one column an account or row of a plan, `NONE` where nothing is told.
    """

    accounts: (
        Any  # A_*; terms: the account's row of `terms_table`; rates in ppm; cut_at: last instant that counts, µs UTC
    )
    instalments_at: Any
    instalments: Instalments
    events_at: Any
    events: Events
    plans_at: Any
    plans: Any  # P_*; number: 1… an instalment; -4…-1 a waiver of fee, penalty, interest, principal
    terms_table: Any  # one row a version, T_*

    @property
    def as_on(self) -> Any:
        """The day of as_of of each account, in its business zone."""
        return self.accounts[A_AS_ON]

    @property
    def opened_on(self) -> Any:
        """The day on which each account was opened."""
        return self.accounts[A_OPENED_ON]


class Results(NamedTuple):
    """What the fold gives: numbers of `OUT` for many accounts, one column an account.

    A night reads a third of them. The others share the first row, so that they cost no memory.
    """

    row: Any  # of each of OUT in `numbers`; without a sign, which spares compiled code a look at each use
    numbers: Any  # int64

    def of(self, name: str) -> Any:
        """One of `OUT`, for all accounts; it must be one of those that were asked for."""
        row = self.row[OUT_INDEX[name]]
        assert row > 0, name
        return self.numbers[row]
