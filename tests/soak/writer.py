"""The writer of the soak: payments, opt-outs, ceases and stop switches by the product's own functions, each noted when it is acknowledged.

What is acknowledged stands in a file of this writer as one JSON line, with the instant of the machine's monotonic clock that was read
after the function had returned. A writer that is killed in between has acknowledged nothing.
"""

import json
import os
import random
import re
import signal
import time
from pathlib import Path

from sqlalchemy import text

from arrears.dispatch.channel import Returned
from arrears.dispatch.faults import StoreAway, away
from arrears.dispatch.inbound import concerned, record_inbound
from arrears.dispatch.sorting import sort_text
from arrears.dispatch.stops import lift_stop, open_stops, set_stop
from arrears.payments.entries import Entry, Statement
from arrears.payments.take_in import take_in
from arrears.store.connect import open_store
from arrears.store.facts import record_event
from arrears.store.personal import open_personal
from arrears.store.seals import seal
from tests.soak import borrowers
from tests.soak.clocks import clock

#: What is recorded, and how often. `stop_all` stops everything for a moment and lifts it again.
WEIGHTS = {"payment": 6, "opt_out": 5, "cease": 5, "stop": 2, "stop_all": 0.5, "seal": 0.5}
SEEN_MINOR = 1_00
REFERENCE = re.compile(r"loan (?P<account>A[0-9]{6})")
WAIT_SECONDS = 120.0


class Writer:
    """`acts` are tried until the store is there; `told` keeps what was acknowledged."""

    def __init__(self, url, keys, name, shift_us, acks):
        self.url, self.keys, self.name = url, keys, name
        self.now = clock(shift_us)
        self.file = os.open(acks, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        self.count, self.asked = 0, time.monotonic_ns()

    @away
    def open(self):
        self.store = open_store(self.url)
        self.personal = open_personal(self.store, Path(self.keys))

    def told(self, kind, **more):
        """Acknowledged, now."""
        at = time.monotonic_ns()
        line = {"kind": kind, "at": at, "took": at - self.asked, "by": self.name, **more}
        os.write(self.file, json.dumps(line).encode() + b"\n")

    def until_done(self, act, *given):
        """An act again until the store does it; what came of a try that failed nobody knows, and the product must bear the same again."""
        while True:
            try:
                return away(act)(*given)
            except StoreAway:
                time.sleep(0.05)

    def write(self, kind, number):
        """One thing of a kind, about a loan by number."""
        self.count += 1
        self.asked = time.monotonic_ns()
        self.until_done(getattr(self, f"_{kind}"), number, self.now(), f"{self.name}-{self.count}")

    def _payment(self, number, at, name):
        account = borrowers.account_id(number)
        entry = Entry(f"pay-{name}", "payment", SEEN_MINOR, "USD", at.date(), at, (f"loan {account}",))
        take_in(self.store, self.personal, [Statement(name, name, (entry,))], self.now(), REFERENCE)
        self.told("payment", accounts=[account], events=[[account, entry.entry_id]])

    def _opt_out(self, number, at, name):
        one = Returned("inbound", "sms", at, sender=borrowers.phone(number), text="STOP")
        with self.store.read() as connection:
            whom = concerned(connection, self.personal, one)
        accounts = sorted({reached.account_id for reached in whom})
        with self.store.hold(accounts, WAIT_SECONDS), self.store.begin() as connection:
            record_inbound(connection, self.personal, one, whom, self.now(), lambda words: sort_text(words).kind)
            events = [[account, event] for account in accounts for event in _opt_outs(connection, account)]
        self.told("opt_out", accounts=accounts, events=events)

    def _cease(self, number, at, name):
        account = borrowers.account_id(number)
        row = {"event_id": f"cease-{name}", "account_id": account, "person_id": borrowers.person_id(number), "kind": "cease",
               "at": at, "recorded_at": at}  # fmt: skip
        with self.store.hold([account], WAIT_SECONDS), self.store.begin() as connection:
            record_event(connection, row, self.personal)
        self.told("cease", accounts=[account], events=[[account, row["event_id"]]])

    def _stop(self, number, at, name):
        account = borrowers.account_id(number)
        self._switch("account", account, name)
        self.told("stop", accounts=[account], events=[], switch=name)

    def _stop_all(self, number, at, name):
        self._switch("all", "", name)
        self.told("stop_all", accounts=[], events=[], switch=name)
        time.sleep(random.uniform(0.05, 0.3))
        self.until_done(self.lift_all)

    def _switch(self, scope, subject, name):
        """Once, however often it is tried: the switch of a try that was done after all is there."""
        with self.store.hold_all(WAIT_SECONDS), self.store.begin() as connection:
            if not any(one.set_by == name for one in open_stops(connection).switches):
                set_stop(connection, scope, subject, name, "soak", self.now())

    def lift_all(self):
        """Lift the switches for everything, mine and those that a writer before me left; noted before it is done."""
        with self.store.begin() as connection:
            for one in open_stops(connection).switches:
                if one.scope == "all":
                    self.told("lift_begins", accounts=[], events=[], switch=one.set_by)
                    lift_stop(connection, one.number, self.name, self.now())

    def _seal(self, number, at, name):
        seal(self.store, self.now())


def _opt_outs(connection, account):
    """The opt-outs of an account in this transaction, by plain SQL."""
    rows = connection.execute(
        text("SELECT event_id FROM events WHERE account_id = :a AND kind = 'opt_out'"), {"a": account}
    )
    return [event for (event,) in rows]


def live(url, keys, name, shift_us, acks, accounts, seed, pause):
    """Write until terminated, about loans from 0 to `accounts`; `pause`: seconds between two, at most."""
    stopping = []
    signal.signal(signal.SIGTERM, lambda *_: stopping.append(True))
    draw = random.Random(f"{seed}-{name}")
    writer = Writer(url, keys, name, shift_us, acks)
    writer.until_done(writer.open)
    writer.until_done(writer.lift_all)
    while not stopping:
        (kind,) = draw.choices(list(WEIGHTS), list(WEIGHTS.values()))
        writer.write(kind, draw.randrange(accounts))
        time.sleep(draw.uniform(0.0, pause))
