"""What happened to the money: one function an event kind (rules 14 to 19)."""

from arrears.replay.jit import compiled
from arrears.replay.layout import (
    BY_DEBT,
    E_AMOUNT,
    E_KIND,
    E_MASK,
    E_PLACE,
    E_STRUCK,
    INTEREST,
    K_ADJUSTMENT,
    K_CHARGE_OFF,
    K_FEE,
    K_PAYMENT,
    K_PLAN,
    K_PLAN_CANCELLED,
    K_REFUND,
    K_WAIVER,
    L_ADJUSTMENT,
    L_CHARGE_OFF,
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
    NONE,
    PENALTY,
    PRINCIPAL,
    Q_CHARGE,
    Q_INTEREST,
    Q_PENALTY_WHOLE,
    Q_PRINCIPAL,
    S_ADJUSTED,
    S_CHARGED_OFF,
    S_CHARGED_OFF_ON,
    S_CREDIT,
    S_CURRENT,
    S_DUE_FEE,
    S_DUE_INTEREST,
    S_DUE_PRINCIPAL,
    S_FREEZE_CHARGED_OFF,
    S_HIGH,
    S_LAST_PAYMENT,
    S_LAST_PAYMENT_ON,
    S_LOW,
    S_NEXT,
    S_NOT_DUE_PRINCIPAL,
    S_OLDEST,
    S_OPEN,
    S_PAID_FEE,
    S_PAID_INTEREST,
    S_PAID_PENALTY,
    S_PAID_PRINCIPAL,
    S_PAYMENTS,
    S_RECOVERED,
    S_REFUND_CHARGED,
    S_REFUNDED,
    S_REVERSED,
    S_WAIVED,
    T_BY,
)  # fmt: skip

from .allocation import allocate, forgive, prepay
from .plan import begin_plan, cancel_plan
from .standing import note_payment
from .trace import owed, write_line


@compiled
def pay(i, day, s, q, e, lines):
    """A payment, less what was reversed of it."""
    event, struck = e[i, E_PLACE], e[i, E_STRUCK]
    amount = e[i, E_AMOUNT] - struck
    s[S_REVERSED] += struck
    if amount <= 0:
        if lines is not None:
            write_line(s, q, lines, L_PAYMENT_STRUCK, day, event, 0, struck, 0, 0, 0, 0)
        return
    s[S_PAYMENTS] += amount
    s[S_LAST_PAYMENT_ON] = day
    s[S_LAST_PAYMENT] = amount
    if s[S_CHARGED_OFF_ON] != NONE:
        s[S_RECOVERED] += amount
    note_payment(day, amount, s)
    fee, penalty, interest, principal = (
        s[S_PAID_FEE],
        s[S_PAID_PENALTY],
        s[S_PAID_INTEREST],
        s[S_PAID_PRINCIPAL],
    )
    s[S_CREDIT] += amount
    allocate(day, s, q, e)
    if e[i, E_MASK] & M_PREPAY:
        prepay(day, s, q)
    if lines is not None:
        write_line(
            s, q, lines, L_PAYMENT, day, event, 0, amount, s[S_PAID_FEE] - fee,
            s[S_PAID_PENALTY] - penalty, s[S_PAID_INTEREST] - interest, s[S_PAID_PRINCIPAL] - principal,
        )  # fmt: skip


@compiled
def charge(amount, s, q):
    """A charge of the current item."""
    q[s[S_CURRENT], Q_CHARGE] += amount
    s[S_DUE_FEE] += amount


@compiled
def category_of(mask):
    """The category an event names, -1 if none."""
    return ((mask & M_CATEGORY) >> 1) - 1


@compiled
def write_category_line(code, category, amount, event, day, s, q, lines):
    """A line about one category."""
    if lines is not None:
        write_line(
            s, q, lines, code, day, event, category, amount, amount if category == 0 else 0,
            amount if category == PENALTY else 0, amount if category == INTEREST else 0,
            amount if category == PRINCIPAL else 0,
        )  # fmt: skip


@compiled
def waive(i, day, s, q, e, lines):
    """A waiver by category (rule 18)."""
    category = max(0, category_of(e[i, E_MASK]))
    wanted = 1 << 60 if e[i, E_AMOUNT] == NONE else e[i, E_AMOUNT]
    taken = forgive(category, wanted, s, q)
    s[S_WAIVED] += taken
    write_category_line(L_WAIVER, category, taken, e[i, E_PLACE], day, s, q, lines)


@compiled
def adjust(i, day, s, q, e, lines):
    """An adjustment: negative like a waiver, positive added to the current item (rule 18)."""
    category = category_of(e[i, E_MASK])
    category = PRINCIPAL if category < 0 else category
    amount = e[i, E_AMOUNT]
    if amount < 0:
        amount = -forgive(category, -amount, s, q)
    else:
        add_to_current(category, amount, s, q)
    s[S_ADJUSTED] += amount
    write_category_line(L_ADJUSTMENT, category, amount, e[i, E_PLACE], day, s, q, lines)


@compiled
def add_to_current(category, amount, s, q):
    """A positive adjustment."""
    k = s[S_CURRENT]
    before_first = s[S_NEXT] == s[S_LOW]
    if category == PENALTY:
        q[0 if s[T_BY] == BY_DEBT else k, Q_PENALTY_WHOLE] += amount
    elif category < PENALTY or (before_first and s[S_LOW] == s[S_HIGH]):
        charge(amount, s, q)
    elif before_first:
        row = Q_INTEREST if category == INTEREST else Q_PRINCIPAL
        q[s[S_LOW], row] += amount
        s[S_NOT_DUE_PRINCIPAL] += amount if category == PRINCIPAL else 0
    elif category == INTEREST:
        q[k, Q_INTEREST] += amount
        s[S_DUE_INTEREST] += amount
        s[S_OLDEST] = min(s[S_OLDEST], k)
        s[S_OPEN] = min(s[S_OPEN], k)
    else:
        q[k, Q_PRINCIPAL] += amount
        s[S_DUE_PRINCIPAL] += amount
        s[S_OLDEST] = min(s[S_OLDEST], k)
        s[S_OPEN] = min(s[S_OPEN], k)


@compiled
def refund(i, day, s, q, e, lines):
    """Money back to the borrower: from the credit, the excess is owed again (rule 17)."""
    amount = e[i, E_AMOUNT]
    from_credit = min(amount, s[S_CREDIT])
    s[S_CREDIT] -= from_credit
    s[S_REFUNDED] += amount
    excess = amount - from_credit
    s[S_REFUND_CHARGED] += excess
    charge(excess, s, q)
    if lines is not None:
        write_line(s, q, lines, L_REFUND, day, e[i, E_PLACE], 0, amount, excess, 0, 0, 0)


@compiled
def charge_off(i, day, s, q, e, lines):
    """The lender writes the debt off its books; it is still owed (rule 19)."""
    s[S_CHARGED_OFF] = owed(s, q) if e[i, E_AMOUNT] == NONE else e[i, E_AMOUNT]
    s[S_CHARGED_OFF_ON] = day
    s[S_FREEZE_CHARGED_OFF] = e[i, E_MASK] & (M_INTEREST | M_PENALTY | M_LATE_FEE)
    if lines is not None:
        write_line(s, q, lines, L_CHARGE_OFF, day, e[i, E_PLACE], 0, s[S_CHARGED_OFF], 0, 0, 0, 0)


@compiled
def add_fee(i, day, s, q, e, lines):
    """A fee by event."""
    charge(e[i, E_AMOUNT], s, q)
    if lines is not None:
        write_line(s, q, lines, L_FEE, day, e[i, E_PLACE], s[S_CURRENT], e[i, E_AMOUNT], e[i, E_AMOUNT], 0, 0, 0)


@compiled
def happen(i, day, s, q, e, lines):
    """One event that moves money: event `i` of those that count."""
    kind = e[i, E_KIND]
    if kind == K_PAYMENT:
        pay(i, day, s, q, e, lines)
    elif kind == K_FEE:
        add_fee(i, day, s, q, e, lines)
    elif kind == K_WAIVER:
        waive(i, day, s, q, e, lines)
    elif kind == K_ADJUSTMENT:
        adjust(i, day, s, q, e, lines)
    elif kind == K_REFUND:
        refund(i, day, s, q, e, lines)
    elif kind == K_CHARGE_OFF:
        charge_off(i, day, s, q, e, lines)
    elif kind == K_PLAN:
        begin_plan(i, day, s, q, e, lines)
    elif kind == K_PLAN_CANCELLED:
        cancel_plan(e[i, E_PLACE], day, s, q, e, lines)


@compiled
def moves_money(kind):
    """Whether an event of the kind can change the ledger on its day."""
    return kind <= K_REFUND or kind == K_PLAN or kind == K_PLAN_CANCELLED
