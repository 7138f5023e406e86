"""What stands before the fold begins: which payments were reversed, and on which days nothing counts as past due."""

from arrears.replay.jit import compiled
from arrears.replay.layout import (
    FAR,
    K_BREATHING_SPACE,
    K_HARDSHIP_GRANTED,
    K_PAUSE_ENDED,
    K_PAYMENT,
    K_PAYMENT_REVERSED,
    M_INTEREST,
    M_LATE_FEE,
    M_PENALTY,
    NONE,
    S_AS_ON,
    S_BREATHING_SPACE,
    S_BREATHING_SPACE_UNTIL,
    S_HARDSHIP,
    S_HARDSHIP_UNTIL,
    S_MERGED,
    S_PAUSED,
    S_PAUSED_UNTIL,
    S_PAUSES,
)  # fmt: skip


@compiled
def counts(j, account, known_at, p):
    """Whether event row `j` had happened by as_of and was known by known_at (rule 2)."""
    return p.at[j] <= p.cut_at[account] and p.recorded_at[j] <= known_at


@compiled
def look_ahead(account, known_at, s, p, reversed_amount, pauses):
    """First pass over the events: reversals by payment, and pauses in order of their events."""
    first = p.events_at[account]
    last = p.events_at[account + 1]
    for j in range(first, last):
        reversed_amount[j - first] = 0
    for j in range(first, last):
        kind = p.kind[j]
        if kind == K_PAYMENT_REVERSED:
            if counts(j, account, known_at, p) and p.ref[j] >= 0:
                strike(j, first, p, reversed_amount)
        elif kind == K_HARDSHIP_GRANTED or kind == K_BREATHING_SPACE or kind == K_PAUSE_ENDED:
            if counts(j, account, known_at, p):
                mark_pause(j, j - first, s, p, pauses)


@compiled
def strike(j, first, p, reversed_amount):
    """A reversal takes its payment, or the part it names, out of the account (rule 16)."""
    target = first + p.ref[j]
    if p.kind[target] != K_PAYMENT or p.amount[target] == NONE:
        return
    whole = p.amount[target]
    part = whole if p.amount[j] == NONE else p.amount[j]
    reversed_amount[p.ref[j]] = min(whole, reversed_amount[p.ref[j]] + part)


@compiled
def mark_pause(j, event, s, p, pauses):
    """Open a pause, or end those that are open (rule 20)."""
    n = s[S_PAUSES]
    if p.kind[j] != K_PAUSE_ENDED:
        pauses[0, n] = p.on[j] if p.from_on[j] == NONE else p.from_on[j]
        pauses[1, n] = FAR if p.until_on[j] == NONE else p.until_on[j]
        pauses[2, n] = p.mask[j] & (M_INTEREST | M_PENALTY | M_LATE_FEE)
        pauses[3, n] = event
        pauses[4, n] = p.kind[j]
        s[S_PAUSES] = n + 1
        return
    for i in range(n):
        if (p.ref[j] < 0 or p.ref[j] == pauses[3, i]) and pauses[1, i] >= p.on[j]:
            pauses[1, i] = p.on[j] - 1


@compiled
def merge(s, pauses, merged):
    """Disjoint spans of days that are in any pause, in order, into `merged`."""
    n = s[S_PAUSES]
    count = 0
    reach = NONE
    while True:
        following = FAR
        for i in range(n):
            if pauses[1, i] > reach and pauses[0, i] <= pauses[1, i]:
                following = min(following, max(pauses[0, i], reach + 1))
        if following == FAR:
            break
        end = following
        for _ in range(n):
            for i in range(n):
                if pauses[0, i] <= end + 1 and pauses[1, i] > end and pauses[0, i] <= pauses[1, i]:
                    end = pauses[1, i]
        merged[0, count] = following
        merged[1, count] = end
        count += 1
        reach = end
    s[S_MERGED] = count


@compiled
def pauses_today(s, pauses, merged):
    """Which pauses hold on the day of as_of, and until when."""
    day = s[S_AS_ON]
    for i in range(s[S_PAUSES]):
        if pauses[0, i] <= day <= pauses[1, i]:
            if pauses[4, i] == K_BREATHING_SPACE:
                s[S_BREATHING_SPACE] = 1
                s[S_BREATHING_SPACE_UNTIL] = max(s[S_BREATHING_SPACE_UNTIL], pauses[1, i])
            else:
                s[S_HARDSHIP] = 1
                s[S_HARDSHIP_UNTIL] = max(s[S_HARDSHIP_UNTIL], pauses[1, i])
    for i in range(s[S_MERGED]):
        if merged[0, i] <= day <= merged[1, i]:
            s[S_PAUSED] = 1
            s[S_PAUSED_UNTIL] = merged[1, i]
