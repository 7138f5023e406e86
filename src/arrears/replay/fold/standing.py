"""What events say about the person and the relation, beside the money: contacts, promises, flags."""

from arrears.replay.jit import compiled
from arrears.replay.layout import (
    D_IN,
    E_AMOUNT,
    E_BY_ON,
    E_CHANNEL,
    E_DIRECTION,
    E_KIND,
    E_MASK,
    E_ON,
    E_OUTCOME,
    K_BANKRUPTCY,
    K_CEASE,
    K_COMPLAINT_CLOSED,
    K_COMPLAINT_OPENED,
    K_CONSENT,
    K_CONTACT,
    K_CONTACT_INVALID,
    K_DECEASED,
    K_DISPUTE_CLOSED,
    K_DISPUTE_OPENED,
    K_ENFORCEMENT_APPLIED,
    K_FROZEN,
    K_HARDSHIP_GRANTED,
    K_HARDSHIP_REFUSED,
    K_HARDSHIP_REQUESTED,
    K_JUDGMENT,
    K_OPT_OUT,
    K_PLACED,
    K_PROMISE,
    K_RECALLED,
    K_RELEASED,
    K_REPRESENTED,
    K_SOLD,
    K_SUIT_FILED,
    K_VULNERABLE,
    M_OTHER_PARTY,
    M_OTHER_PERSON,
    N_CHANNELS,
    NONE,
    O_CONVERSATION,
    O_WRONG_NUMBER,
    S_7D_BY_CHANNEL,
    S_30D_BY_CHANNEL,
    S_AS_ON,
    S_BAD_ADDRESSES,
    S_BAD_EMAILS,
    S_BAD_PHONES,
    S_BANKRUPT,
    S_BROKEN,
    S_CEASED,
    S_COMPLAINTS,
    S_CONVERSATIONS_7D,
    S_CONVERSATIONS_TODAY,
    S_DAY_PAID,
    S_DAY_PAID_ON,
    S_DECEASED,
    S_DISPUTES,
    S_ENFORCEMENT,
    S_FROZEN,
    S_HARDSHIP_REQUESTED,
    S_INBOUND_7D,
    S_INBOUND_30D,
    S_JUDGMENT,
    S_KEPT,
    S_LAST_ATTEMPT,
    S_LAST_BY_CHANNEL,
    S_LAST_CONVERSATION,
    S_LAST_INBOUND,
    S_OPTED_OUT,
    S_PLACED,
    S_PROMISE_AMOUNT,
    S_PROMISE_BY,
    S_PROMISE_GOT,
    S_PROMISE_OPEN,
    S_REPRESENTED,
    S_SOLD,
    S_SUIT_FILED,
    S_TODAY_BY_CHANNEL,
    S_VULNERABLE,
    T_TOLERANCE,
)  # fmt: skip

# channels in the order of facts.schema.CHANNELS
SMS, CALL, VOICEBOT, EMAIL, LETTER, VISIT = range(6)


@compiled
def note_contact(i, s, e):
    """A contact with a borrower: an attempt of ours, or the borrower coming forward; conversations either way."""
    day = e[i, E_ON]
    age = s[S_AS_ON] - day
    if e[i, E_OUTCOME] == O_CONVERSATION:
        s[S_LAST_CONVERSATION] = day
        s[S_CONVERSATIONS_TODAY] += age == 0
        s[S_CONVERSATIONS_7D] += age < 7
    if e[i, E_OUTCOME] == O_WRONG_NUMBER and not e[i, E_MASK] & M_OTHER_PERSON:
        note_invalid(e[i, E_CHANNEL], s)
    if e[i, E_DIRECTION] == D_IN:
        s[S_LAST_INBOUND] = day
        s[S_INBOUND_7D] += age < 7
        s[S_INBOUND_30D] += age < 30
        return
    s[S_LAST_ATTEMPT] = day
    channel = e[i, E_CHANNEL]
    if channel < 0:
        return
    s[S_LAST_BY_CHANNEL + channel] = day
    s[S_TODAY_BY_CHANNEL + channel] += age == 0
    s[S_7D_BY_CHANNEL + channel] += age < 7
    s[S_30D_BY_CHANNEL + channel] += age < 30


@compiled
def note_invalid(channel, s):
    """One number or address of the borrower is known not to work."""
    if channel == SMS or channel == CALL or channel == VOICEBOT:
        s[S_BAD_PHONES] += 1
    elif channel == EMAIL:
        s[S_BAD_EMAILS] += 1
    elif channel == LETTER or channel == VISIT:
        s[S_BAD_ADDRESSES] += 1


@compiled
def note_promise(day, amount, by, s):
    """A promise to pay; one made while another is open takes its place (rule 25)."""
    settle_promise(day, s)
    s[S_PROMISE_OPEN] = 1
    s[S_PROMISE_AMOUNT] = amount
    s[S_PROMISE_BY] = by
    s[S_PROMISE_GOT] = s[S_DAY_PAID] if s[S_DAY_PAID_ON] == day else 0
    keep_promise(s)


@compiled
def settle_promise(day, s):
    """A promise whose day has passed by `day` is broken."""
    if s[S_PROMISE_OPEN] and day > s[S_PROMISE_BY]:
        s[S_PROMISE_OPEN] = 0
        s[S_BROKEN] += 1


@compiled
def keep_promise(s):
    """A promise that what has come in reaches is kept."""
    if s[S_PROMISE_OPEN] and s[S_PROMISE_GOT] >= s[S_PROMISE_AMOUNT] - s[T_TOLERANCE]:
        s[S_PROMISE_OPEN] = 0
        s[S_KEPT] += 1


@compiled
def note_payment(day, amount, s):
    """A payment counts for the open promise."""
    settle_promise(day, s)
    s[S_DAY_PAID] = amount + (s[S_DAY_PAID] if s[S_DAY_PAID_ON] == day else 0)
    s[S_DAY_PAID_ON] = day
    s[S_PROMISE_GOT] += amount
    keep_promise(s)


@compiled
def channel_bits(channel):
    """The bit of a channel, or of all channels where none is named."""
    return (1 << N_CHANNELS) - 1 if channel < 0 else 1 << channel


@compiled
def note_choice(kind, channel, s):
    """Opt-outs and consents."""
    if kind == K_OPT_OUT:
        s[S_OPTED_OUT] |= channel_bits(channel)
    else:
        s[S_OPTED_OUT] &= ~channel_bits(channel)


@compiled
def note_hardship(kind, s):
    """A request stands until it is granted or refused."""
    s[S_HARDSHIP_REQUESTED] = 1 if kind == K_HARDSHIP_REQUESTED else 0


@compiled
def note_legal(kind, s):
    """Court and business events."""
    if kind == K_SUIT_FILED:
        s[S_SUIT_FILED] = 1
    elif kind == K_JUDGMENT:
        s[S_JUDGMENT] = 1
    elif kind == K_ENFORCEMENT_APPLIED:
        s[S_ENFORCEMENT] = 1
    elif kind == K_FROZEN:
        s[S_FROZEN] = 1
    elif kind == K_RELEASED:
        s[S_FROZEN] = 0
    elif kind == K_PLACED:
        s[S_PLACED] = 1
    elif kind == K_RECALLED:
        s[S_PLACED] = 0
    elif kind == K_SOLD:
        s[S_SOLD] = 1


@compiled
def note_person(kind, s):
    """Flags about the person, disputes and complaints."""
    if kind == K_DISPUTE_OPENED:
        s[S_DISPUTES] += 1
    elif kind == K_DISPUTE_CLOSED:
        s[S_DISPUTES] = max(0, s[S_DISPUTES] - 1)
    elif kind == K_COMPLAINT_OPENED:
        s[S_COMPLAINTS] += 1
    elif kind == K_COMPLAINT_CLOSED:
        s[S_COMPLAINTS] = max(0, s[S_COMPLAINTS] - 1)
    elif kind == K_REPRESENTED:
        s[S_REPRESENTED] = 1
    elif kind == K_CEASE:
        s[S_CEASED] = 1
    elif kind == K_VULNERABLE:
        s[S_VULNERABLE] = 1
    elif kind == K_DECEASED:
        s[S_DECEASED] = 1
    elif kind == K_BANKRUPTCY:
        s[S_BANKRUPT] = 1


@compiled
def note(i, s, e):
    """Any event that moves no money: event `i` of those that count. What is somebody else's leaves the account as it stands."""
    if e[i, E_MASK] & M_OTHER_PARTY:
        return
    kind = e[i, E_KIND]
    if kind == K_CONTACT:
        note_contact(i, s, e)
    elif kind == K_PROMISE:
        if e[i, E_AMOUNT] != NONE and e[i, E_BY_ON] != NONE:
            note_promise(e[i, E_ON], e[i, E_AMOUNT], e[i, E_BY_ON], s)
    elif kind == K_OPT_OUT or kind == K_CONSENT:
        note_choice(kind, e[i, E_CHANNEL], s)
    elif kind == K_HARDSHIP_REQUESTED or kind == K_HARDSHIP_GRANTED or kind == K_HARDSHIP_REFUSED:
        note_hardship(kind, s)
    elif kind == K_CONTACT_INVALID:
        note_invalid(e[i, E_CHANNEL], s)
    elif kind >= K_SUIT_FILED:
        note_legal(kind, s)
    else:
        note_person(kind, s)
