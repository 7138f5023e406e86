"""What stands before the fold begins: which payments were reversed, and on which days nothing counts as past due."""

from arrears.replay.jit import compiled
from arrears.replay.layout import (
    E_AMOUNT,
    E_FROM_ON,
    E_KIND,
    E_MASK,
    E_ON,
    E_PAUSE_FREEZE,
    E_PAUSE_FROM,
    E_PAUSE_KIND,
    E_PAUSE_PLACE,
    E_PAUSE_UNTIL,
    E_PLACE,
    E_REF,
    E_SPAN_FROM,
    E_SPAN_UNTIL,
    E_STRUCK,
    E_UNTIL_ON,
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
    S_EVENTS,
    S_HARDSHIP,
    S_HARDSHIP_UNTIL,
    S_MERGED,
    S_PAUSED,
    S_PAUSED_UNTIL,
    S_PAUSES,
)  # fmt: skip


@compiled
def look_ahead(s, e):
    """First pass over the events: reversals by payment, and pauses in order of their events."""
    for i in range(s[S_EVENTS]):
        kind = e[E_KIND, i]
        if kind == K_PAYMENT_REVERSED:
            strike(i, s, e)
        elif kind == K_HARDSHIP_GRANTED or kind == K_BREATHING_SPACE or kind == K_PAUSE_ENDED:
            mark_pause(i, s, e)


@compiled
def strike(i, s, e):
    """A reversal takes its payment, or the part it names, out of the account (rule 16)."""
    for k in range(s[S_EVENTS]):
        if e[E_PLACE, k] == e[E_REF, i] and e[E_KIND, k] == K_PAYMENT and e[E_AMOUNT, k] != NONE:
            whole = e[E_AMOUNT, k]
            part = whole if e[E_AMOUNT, i] == NONE else e[E_AMOUNT, i]
            e[E_STRUCK, k] = min(whole, e[E_STRUCK, k] + part)


@compiled
def mark_pause(i, s, e):
    """Open a pause, or end those that are open (rule 20)."""
    n = s[S_PAUSES]
    if e[E_KIND, i] != K_PAUSE_ENDED:
        e[E_PAUSE_FROM, n] = e[E_ON, i] if e[E_FROM_ON, i] == NONE else e[E_FROM_ON, i]
        e[E_PAUSE_UNTIL, n] = FAR if e[E_UNTIL_ON, i] == NONE else e[E_UNTIL_ON, i]
        e[E_PAUSE_FREEZE, n] = e[E_MASK, i] & (M_INTEREST | M_PENALTY | M_LATE_FEE)
        e[E_PAUSE_PLACE, n] = e[E_PLACE, i]
        e[E_PAUSE_KIND, n] = e[E_KIND, i]
        s[S_PAUSES] = n + 1
        return
    for k in range(n):
        if (e[E_REF, i] < 0 or e[E_REF, i] == e[E_PAUSE_PLACE, k]) and e[E_PAUSE_UNTIL, k] >= e[E_ON, i]:
            e[E_PAUSE_UNTIL, k] = e[E_ON, i] - 1


@compiled
def merge(s, e):
    """Disjoint spans of days that are in any pause, in order, into `merged`."""
    n = s[S_PAUSES]
    count = 0
    reach = NONE
    while True:
        following = FAR
        for i in range(n):
            if e[E_PAUSE_UNTIL, i] > reach and e[E_PAUSE_FROM, i] <= e[E_PAUSE_UNTIL, i]:
                following = min(following, max(e[E_PAUSE_FROM, i], reach + 1))
        if following == FAR:
            break
        end = following
        for _ in range(n):
            for i in range(n):
                if (
                    e[E_PAUSE_FROM, i] <= end + 1
                    and e[E_PAUSE_UNTIL, i] > end
                    and e[E_PAUSE_FROM, i] <= e[E_PAUSE_UNTIL, i]
                ):
                    end = e[E_PAUSE_UNTIL, i]
        e[E_SPAN_FROM, count] = following
        e[E_SPAN_UNTIL, count] = end
        count += 1
        reach = end
    s[S_MERGED] = count


@compiled
def pauses_today(s, e):
    """Which pauses hold on the day of as_of, and until when."""
    day = s[S_AS_ON]
    for i in range(s[S_PAUSES]):
        if e[E_PAUSE_FROM, i] <= day <= e[E_PAUSE_UNTIL, i]:
            if e[E_PAUSE_KIND, i] == K_BREATHING_SPACE:
                s[S_BREATHING_SPACE] = 1
                s[S_BREATHING_SPACE_UNTIL] = max(s[S_BREATHING_SPACE_UNTIL], e[E_PAUSE_UNTIL, i])
            else:
                s[S_HARDSHIP] = 1
                s[S_HARDSHIP_UNTIL] = max(s[S_HARDSHIP_UNTIL], e[E_PAUSE_UNTIL, i])
    for i in range(s[S_MERGED]):
        if e[E_SPAN_FROM, i] <= day <= e[E_SPAN_UNTIL, i]:
            s[S_PAUSED] = 1
            s[S_PAUSED_UNTIL] = e[E_SPAN_UNTIL, i]
