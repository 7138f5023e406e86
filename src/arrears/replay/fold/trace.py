"""Lines of the explanation, written only when the caller hands in room for them."""

from arrears.replay.jit import compiled
from arrears.replay.layout import (
    L_PENALTY,
    S_CREDIT,
    S_DUE_FEE,
    S_DUE_INTEREST,
    S_DUE_PRINCIPAL,
    S_HIGH,
    S_LINES,
    S_NEXT,
    S_NOT_DUE_PRINCIPAL,
    X_AMOUNT,
    X_BALANCE,
    X_BASE,
    X_CODE,
    X_CREDIT,
    X_DAYS,
    X_EVENT,
    X_FEE,
    X_FROM,
    X_INTEREST,
    X_ITEM,
    X_ON,
    X_OWED,
    X_PENALTY,
    X_PRINCIPAL,
)  # fmt: skip

from .amounts import due_penalty, interest_open, tail


@compiled
def due_total(s, q):
    """Everything due: fees, payable penalty, interest (with the tail), principal."""
    return s[S_DUE_FEE] + due_penalty(s, q) + s[S_DUE_INTEREST] + tail(s) + s[S_DUE_PRINCIPAL]


@compiled
def owed(s, q):
    """What would settle the account at this moment: due, not yet due principal, accrued interest, less credit."""
    total = due_total(s, q) + s[S_NOT_DUE_PRINCIPAL] - s[S_CREDIT]
    if s[S_NEXT] < s[S_HIGH]:
        total += interest_open(s)
    return total if total > 0 else 0


@compiled
def close_line(s, q, lines):
    """Fill in what stands after the newest line."""
    n = s[S_LINES] - 1
    lines[n, X_BALANCE] = due_total(s, q)
    lines[n, X_OWED] = owed(s, q)
    lines[n, X_CREDIT] = s[S_CREDIT]


@compiled
def write_line(s, q, lines, code, on, event, item, amount, fee, penalty, interest, principal):
    """Append a line: what happened on `on`, its amount, and what it went to or came from by category."""
    n = s[S_LINES]
    if n >= lines.shape[0]:
        return
    s[S_LINES] = n + 1
    lines[n, X_CODE] = code
    lines[n, X_ON] = on
    lines[n, X_AMOUNT] = amount
    lines[n, X_FEE] = fee
    lines[n, X_PENALTY] = penalty
    lines[n, X_INTEREST] = interest
    lines[n, X_PRINCIPAL] = principal
    lines[n, X_ITEM] = item
    lines[n, X_EVENT] = event
    close_line(s, q, lines)


@compiled
def write_accrual(s, q, lines, code, start, end, base, amount):
    """A line for interest of the nights from `start` to `end` on `base`; it continues the last line where nothing changed."""
    n = s[S_LINES]
    if n >= lines.shape[0] or base == 0:
        return
    if n > 0 and lines[n - 1, X_CODE] == code and lines[n - 1, X_BASE] == base and lines[n - 1, X_ON] == start:
        n -= 1
    else:
        s[S_LINES] = n + 1
        lines[n, X_CODE] = code
        lines[n, X_BASE] = base
        lines[n, X_FROM] = start
        lines[n, X_EVENT] = -1
    lines[n, X_ON] = end
    lines[n, X_DAYS] = end - lines[n, X_FROM]
    lines[n, X_AMOUNT] += amount
    if code == L_PENALTY:
        lines[n, X_PENALTY] += amount
    else:
        lines[n, X_INTEREST] += amount
    close_line(s, q, lines)
