"""The reckoning: what the provider took and what was acknowledged, held against the store by plain SQL and by the auditor.

Nothing of the code that sends is used here. Each kind of fault has a list; every list must be empty.
"""

import csv
from collections import Counter, defaultdict
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import text

from arrears.audit import LogMapping, audit
from arrears.store.seals import verify_log
from tests.soak import borrowers
from tests.soak.ledger import Acknowledged, Message

#: Laws of the borrowers' place, as the auditor names them.
PACKS = ("us", "us-ma")
HEAD = (
    "account_id", "event_id", "person_id", "at", "channel", "outcome", "law", "region", "zone", "lender_kind", "product",
)  # fmt: skip
#: The last five of them, of every borrower.
PLACE = ("us", "US-MA", "America/New_York", "consumer_finance", "loan")


@dataclass
class Stored:
    """The store at the end: events by (account, id) with kind and reason; attempts by id with key, account, answer, start; states of work."""

    events: dict[tuple[str, str], tuple[str, str | None, str | None]]
    attempts: dict[str, tuple[str, str, str | None, datetime]]
    looked_up: int
    works: dict[str, str]
    log_fault: str | None
    sealed: int


@dataclass
class Reckoning:
    """The faults of a run by kind, and figures that are no faults.

    `behind`: messages handed over before the acknowledgement that reached the provider after it; `behind_ns`: the longest such way.
    """

    lost: list = field(default_factory=list)
    twice: list = field(default_factory=list)
    after: list = field(default_factory=list)
    unwritten: list = field(default_factory=list)
    wrongly_answered: list = field(default_factory=list)
    over_the_limit: list = field(default_factory=list)
    against_the_law: list = field(default_factory=list)
    log: list = field(default_factory=list)
    unfinished: list = field(default_factory=list)
    messages: int = 0
    acknowledged: int = 0
    unknown: int = 0
    behind: int = 0
    behind_ns: int = 0
    looked_up: int = 0
    states: dict = field(default_factory=dict)
    answers: dict = field(default_factory=dict)

    def faults(self):
        """The lists that are not empty."""
        return {name: found for name, found in asdict(self).items() if isinstance(found, list) and found}


def stored(store):
    """Read the store by plain SQL, and verify its log."""
    with store.read() as connection:
        events = {
            (account, event): (kind, ref, data)
            for account, event, kind, ref, data in connection.execute(
                text("SELECT account_id, event_id, kind, ref, data FROM events")
            )
        }
        attempts = {
            attempt: (key, account, answer, _instant(started))
            for attempt, key, account, answer, started in connection.execute(
                text("SELECT attempt_id, key, account_id, answer, started_at FROM attempts")
            )
        }
        works = dict(connection.execute(text("SELECT key, state FROM outbox")).all())
        looked_up = connection.execute(text("SELECT count(*) FROM attempts WHERE looked_up > 0")).scalar()
    verified = verify_log(store)
    return Stored(events, attempts, looked_up, works, verified.fault, verified.rows)


def _instant(value):
    """SQLite holds microseconds since 1970."""
    return (
        datetime.fromtimestamp(0, borrowers.MORNING.tzinfo) + timedelta(microseconds=value)
        if isinstance(value, int)
        else value
    )


def reckon(messages: list[Message], told: list[Acknowledged], there: Stored, began_ns: int) -> Reckoning:
    """Hold the three against each other. `began_ns`: the monotonic instant at which the soak's clocks stood at `borrowers.MORNING`."""
    found = Reckoning(messages=len(messages), acknowledged=sum(one.kind != "lift_begins" for one in told))
    found.lost = [event for one in told for event in one.events if event not in there.events]
    found.twice = [key for key, count in Counter(one.key for one in messages).items() if count > 1]
    _after(found, messages, told)
    _written(found, messages, there)
    _limits(found, messages, there, began_ns)
    found.log = [there.log_fault] if there.log_fault else []
    found.states = dict(Counter(there.works.values()))
    found.unknown = sum(answer in (None, "unknown") for _, _, answer, _ in there.attempts.values())
    found.looked_up = there.looked_up
    found.answers = dict(Counter(str(answer) for _, _, answer, _ in there.attempts.values()))
    found.unfinished = [key for key, state in there.works.items() if state == "leased"]
    return found


def _after(found, messages, told):
    """Messages that were sent after something was acknowledged that speaks against them."""
    first = {}
    for one in told:
        for account in one.accounts:
            first.setdefault(account, one)
    closed = _closed(told)
    for message in messages:
        stop = first.get(message.account)
        gone = message.gone_at or message.sent_at
        if stop is not None and gone > stop.at:
            found.after.append((message.account, stop.kind, gone - stop.at))
        elif stop is not None and message.arrived_at > stop.at:
            found.behind += 1
            found.behind_ns = max(found.behind_ns, message.arrived_at - stop.at)
        found.after += [(message.account, "stop_all", gone - begin) for begin, end in closed if begin < gone < end]


def _closed(told):
    """From when to when everything was stopped, as far as it was acknowledged and its lifting had not begun."""
    begins, lifted = {}, {}
    for one in told:
        if one.kind == "stop_all":
            begins[one.switch] = one.at
        elif one.kind == "lift_begins":
            lifted.setdefault(one.switch, one.at)
    return [(begin, lifted.get(switch, 1 << 62)) for switch, begin in begins.items()]


def _written(found, messages, there):
    """What the provider has stands in the store as an attempt and a contact that counts; what it does not have does not stand there as sent."""
    taken_back = {
        (account, ref)
        for (account, _), (kind, ref, data) in there.events.items()
        if kind == "delivery" and "not_taken" in (data or "")
    }
    taken = {one.attempt: one.whole for one in messages}
    for one in messages:
        contact = (one.account, f"contact-{one.attempt}")
        if one.attempt not in there.attempts or contact not in there.events or contact in taken_back:
            found.unwritten.append(one.attempt)
    for attempt, (key, _, answer, _) in there.attempts.items():
        has, whole, state = attempt in taken, taken.get(attempt, False), there.works[key]
        # of what is refused some parts may have been taken, never all; what is offered again has none there
        wrong = {"accepted": not whole, "refused": whole, "later": has, None: state != "unknown"}
        if wrong.get(answer, False):
            found.wrongly_answered.append((attempt, answer, state, has, whole))


def _limits(found, messages, there, began_ns):
    """The limit by counting, and every clause that a log can show by the auditor, on contacts as the provider knows them, unknown ones with them."""
    contacts = {one.attempt: (one.account, _wall(one.sent_at, began_ns)) for one in messages}
    for attempt, (_, account, answer, started) in there.attempts.items():
        if answer in (None, "unknown"):
            contacts.setdefault(attempt, (account, started))
    by_account = defaultdict(int)
    for account, _ in contacts.values():
        by_account[account] += 1
    found.over_the_limit = [account for account, count in by_account.items() if count > borrowers.MOST]
    if contacts:
        found.against_the_law = list(_audited(tuple(contacts.items())))


def _wall(at_ns, began_ns):
    return borrowers.MORNING + timedelta(microseconds=(at_ns - began_ns) // 1000)


@cache
def _audited(contacts):
    """What the auditor finds. Asked once about the same contacts: most faults that the tests plant leave them as they are."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "contacts.csv"
        _log(contacts, path)
        return [(one.clause, one.account_id) for one in audit(path, LogMapping(), PACKS, law="us").violations]


def _log(contacts, path):
    with path.open("w", newline="") as file:
        out = csv.writer(file)
        out.writerow(HEAD)
        for attempt, (account, at) in contacts:
            person = borrowers.person_id(int(account[1:]))
            out.writerow((account, attempt, person, at.isoformat(), "sms", "sent", *PLACE))
