"""The storm: processes that work, and what happens to them."""

import contextlib
import itertools
import os
import random
import signal
import time
from collections import Counter
from datetime import UTC, datetime, timedelta

from sqlalchemy import text

from tests.soak import borrowers
from tests.soak.clocks import LONGEST_STEPS_S, drawn_steps
from tests.soak.cradle import Cradle, is_alive
from tests.soak.nights import Nights
from tests.soak.plan import KILLS, WEIGHTS
from tests.soak.processes import start_line_provider, start_smsc
from tests.soak.smpp import fault_options


class Storm:
    """One storm over a filled store. `happened` counts what was done, `kills` the kills among it."""

    def __init__(self, plan, folder, database, store):
        self.plan, self.folder, self.database, self.store = plan, folder, database, store
        self.draw = random.Random(plan.seed)
        self.happened, self.number = Counter(), itertools.count()
        self.shift_us = (borrowers.MORNING - datetime.now(UTC)) // timedelta(microseconds=1)
        self.began_ns = time.monotonic_ns()
        self.workers, self.writer = [], None

    @property
    def kills(self):
        return sum(self.happened[name] for name in KILLS)

    def run(self):
        """From the first birth to the last worker's end."""
        with contextlib.ExitStack() as closing:
            provider, self.port = self._start_provider()
            closing.callback(_end, provider)
            self.cradle = Cradle(self.folder / "errors.txt")
            closing.callback(self.cradle.close)
            self.nights = Nights(self.cradle, self.folder)
            closing.callback(self.nights.close)
            closing.callback(self._kill_all)
            self._blow()
            self._calm_down()
            if self.plan.nights:
                self.nights.finish()

    def _start_provider(self):
        if self.plan.provider == "smpp":
            return start_smsc(self.folder, *fault_options(self.plan.misbehave))
        return start_line_provider(self.folder, self.plan.misbehave)

    # --- births -------------------------------------------------------------------------------------------------

    def _worker(self, steps=(), **more):
        name = f"w{next(self.number)}"
        told = {"url": self.database.url, "keys": str(self.folder / "keys"), "port": self.port, "name": name, "shift_us": self.shift_us,
                "provider": self.plan.provider, "noted": str(self.folder / f"handed-{name}.jsonl"),
                "linger": self.plan.linger, "lease": self.plan.lease, "batch": self.plan.batch, "steps": steps, **more}  # fmt: skip
        return self.cradle.born("worker", **told)

    def _writer(self):
        name = f"f{next(self.number)}"
        return self.cradle.born(
            "writer", url=self.database.url, keys=str(self.folder / "keys"), name=name, shift_us=self.shift_us,
            acks=str(self.folder / f"acks-{name}.jsonl"), accounts=self.plan.loans, seed=self.plan.seed, pause=self.plan.writes,
        )  # fmt: skip

    def _users(self):
        """Who has the database open."""
        return [process for process in (*self.workers, self.writer) if process]

    # --- what happens -------------------------------------------------------------------------------------------

    def _blow(self):
        """Until so many kills are done, or the time is over; what a run does rarely is spread over it."""
        self.workers = [self._worker() for _ in range(self.plan.workers)]
        self.writer = self._writer()
        if self.plan.nights:
            self.nights.begin()
        until, rare = time.monotonic() + self.plan.seconds, self._rare()
        while self.kills < self.plan.kills and time.monotonic() < until:
            time.sleep(self.draw.uniform(0.1, 1.0) * self.plan.pause)
            self._bury()
            (what,) = self.draw.choices(list(WEIGHTS), list(WEIGHTS.values()))
            what = self.plan.only or what
            if rare and self.kills >= rare[0][0]:
                _, what = rare.pop(0)
            getattr(self, f"_{what}")()
            self.happened[what] += 1

    def _rare(self):
        """When, by kills, the database is gone and the disk full; a short run has each once, and each common thing at least once."""
        if self.plan.only:
            return []
        common = [(2, "freeze_worker"), (3, "step_clock"), (3, "kill_writer"), (4, "kill_database"), (5, "kill_night")]
        seldom = [
            (at, what)
            for at in range(self.plan.kills // 3, self.plan.kills, 200)
            for what in ("database_gone", "disk_full")
        ]
        return sorted([*common, *seldom])

    def _bury(self):
        """A process that ended by itself is a fault of the run: none may."""
        dead = [process for process in self._users() if not is_alive(process)]
        if dead:
            self.happened["ended_by_itself"] += len(dead)
        self.workers = [process if is_alive(process) else self._worker() for process in self.workers]
        self.writer = self.writer if is_alive(self.writer) else self._writer()

    def _kill_worker(self, steps=()):
        place = self.draw.randrange(len(self.workers))
        self.cradle.end(self.workers[place])
        self.workers[place] = self._worker(steps)

    def _step_clock(self):
        """A worker whose clock steps while it works; the one in whose place it comes is told to stop, and does."""
        place = self.draw.randrange(len(self.workers))
        if not self.cradle.end(self.workers[place], signal.SIGTERM):
            self.happened["did_not_stop"] += 1
        self.workers[place] = self._worker(drawn_steps(self.draw))

    def _kill_writer(self):
        self.cradle.end(self.writer)
        self.writer = self._writer()

    def _kill_database(self):
        self.database.kill(self._users())
        if self.database.name == "sqlite":
            self.workers, self.writer = [self._worker() for _ in self.workers], self._writer()
        self.database.start()

    def _kill_night(self):
        if self.plan.nights:
            self.nights.kill()

    def _freeze_worker(self):
        """A worker stands still for longer than its lease, and goes on as if nothing had been."""
        frozen = self.draw.choice(self.workers)
        os.kill(frozen, signal.SIGSTOP)
        time.sleep(self.plan.lease * self.draw.uniform(1.2, 2.0))
        os.kill(frozen, signal.SIGCONT)

    def _database_gone(self):
        with self.database.gone(self._users()):
            time.sleep(self.plan.gone)

    def _disk_full(self):
        with self.database.full(self._users()):
            time.sleep(min(self.plan.gone, 5.0))

    # --- the end ------------------------------------------------------------------------------------------------

    def _calm_down(self):
        """The writer stops; the workers stop as they should; one worker goes on until nothing moves any more.

        Its clock is ahead of whatever the others' clocks have stepped to, so leases and look-ups of theirs have their time.
        """
        for process in (self.writer, *self.workers):
            if not self.cradle.end(process, signal.SIGTERM):
                self.happened["did_not_stop"] += 1
        self.writer, self.workers = self._writer(), []
        time.sleep(0.2)
        self.cradle.end(self.writer, signal.SIGTERM)  # it lifted what stopped everything
        self.writer = None
        self.shift_us += round((LONGEST_STEPS_S + 120) * 1e6)
        last = self._worker(lease=2.0, linger=0.0, batch=200)
        self.workers = [last]
        until = time.monotonic() + self.plan.drain
        while time.monotonic() < until and self._moving():
            time.sleep(0.1)
        self.cradle.end(last, signal.SIGTERM)
        self.workers = []

    def _moving(self):
        """Work that is in somebody's hands, may be claimed, or is still looked up. What an account's own switch keeps back is not."""
        query = (
            "SELECT count(*) FROM outbox o WHERE state = 'leased' OR (state = 'ready' AND NOT EXISTS (SELECT 1 FROM stops s WHERE"
            " s.lifted_at IS NULL AND s.scope = 'account' AND s.subject = o.account_id)) OR (state = 'unknown' AND EXISTS"
            " (SELECT 1 FROM attempts a WHERE a.key = o.key AND (a.answer IS NULL OR a.answer = 'unknown') AND a.looked_up < 5))"
        )
        with self.store.read() as connection:
            return connection.execute(text(query)).scalar()

    def _kill_all(self):
        for process in self._users():
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, signal.SIGCONT)
            self.cradle.end(process)


def _end(process):
    process.kill()
    process.wait()
