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
    M_OTHER_PARTY,
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
        kind = e[i, E_KIND]
        if kind == K_PAYMENT_REVERSED:
            strike(i, s, e)
        elif kind == K_HARDSHIP_GRANTED or kind == K_BREATHING_SPACE or kind == K_PAUSE_ENDED:
            mark_pause(i, s, e)


@compiled
def strike(i, s, e):
    """A reversal takes its payment, or the part it names, out of the account (rule 16)."""
    for k in range(s[S_EVENTS]):
        if e[k, E_PLACE] == e[i, E_REF] and e[k, E_KIND] == K_PAYMENT and e[k, E_AMOUNT] != NONE:
            whole = e[k, E_AMOUNT]
            part = whole if e[i, E_AMOUNT] == NONE else e[i, E_AMOUNT]
            e[k, E_STRUCK] = min(whole, e[k, E_STRUCK] + part)


@compiled
def mark_pause(i, s, e):
    """Open a pause, or end those that are open (rule 20); somebody else's pauses nothing here (rule 28)."""
    if e[i, E_MASK] & M_OTHER_PARTY:
        return
    n = s[S_PAUSES]
    if e[i, E_KIND] != K_PAUSE_ENDED:
        e[n, E_PAUSE_FROM] = e[i, E_ON] if e[i, E_FROM_ON] == NONE else e[i, E_FROM_ON]
        e[n, E_PAUSE_UNTIL] = FAR if e[i, E_UNTIL_ON] == NONE else e[i, E_UNTIL_ON]
        e[n, E_PAUSE_FREEZE] = e[i, E_MASK] & (M_INTEREST | M_PENALTY | M_LATE_FEE)
        e[n, E_PAUSE_PLACE] = e[i, E_PLACE]
        e[n, E_PAUSE_KIND] = e[i, E_KIND]
        s[S_PAUSES] = n + 1
        return
    for k in range(n):
        if (e[i, E_REF] < 0 or e[i, E_REF] == e[k, E_PAUSE_PLACE]) and e[k, E_PAUSE_UNTIL] >= e[i, E_ON]:
            e[k, E_PAUSE_UNTIL] = e[i, E_ON] - 1


@compiled
def merge(s, e):
    """Disjoint spans of days that are in any pause, in order, into `merged`."""
    n = s[S_PAUSES]
    count = 0
    reach = NONE
    while True:
        following = FAR
        for i in range(n):
            if e[i, E_PAUSE_UNTIL] > reach and e[i, E_PAUSE_FROM] <= e[i, E_PAUSE_UNTIL]:
                following = min(following, max(e[i, E_PAUSE_FROM], reach + 1))
        if following == FAR:
            break
        end = following
        for _ in range(n):
            for i in range(n):
                if (
                    e[i, E_PAUSE_FROM] <= end + 1
                    and e[i, E_PAUSE_UNTIL] > end
                    and e[i, E_PAUSE_FROM] <= e[i, E_PAUSE_UNTIL]
                ):
                    end = e[i, E_PAUSE_UNTIL]
        e[count, E_SPAN_FROM] = following
        e[count, E_SPAN_UNTIL] = end
        count += 1
        reach = end
    s[S_MERGED] = count


@compiled
def pauses_today(s, e):
    """Which pauses hold on the day of as_of, and until when."""
    day = s[S_AS_ON]
    for i in range(s[S_PAUSES]):
        if e[i, E_PAUSE_FROM] <= day <= e[i, E_PAUSE_UNTIL]:
            if e[i, E_PAUSE_KIND] == K_BREATHING_SPACE:
                s[S_BREATHING_SPACE] = 1
                s[S_BREATHING_SPACE_UNTIL] = max(s[S_BREATHING_SPACE_UNTIL], e[i, E_PAUSE_UNTIL])
            else:
                s[S_HARDSHIP] = 1
                s[S_HARDSHIP_UNTIL] = max(s[S_HARDSHIP_UNTIL], e[i, E_PAUSE_UNTIL])
    for i in range(s[S_MERGED]):
        if e[i, E_SPAN_FROM] <= day <= e[i, E_SPAN_UNTIL]:
            s[S_PAUSED] = 1
            s[S_PAUSED_UNTIL] = e[i, E_SPAN_UNTIL]
