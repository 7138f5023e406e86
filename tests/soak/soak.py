"""One soak from an empty database to its reckoning."""

import contextlib
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from arrears.store.connect import open_store
from arrears.store.personal import open_personal
from tests.soak import borrowers, ledger
from tests.soak.databases import BACKENDS
from tests.soak.plan import Plan
from tests.soak.reckoning import Reckoning, reckon, stored
from tests.soak.storm import Storm


@dataclass(frozen=True)
class Outcome:
    """What a soak came to. `happened`: how often each thing; `nights`: how many ended, and `nights_different` those with other bytes."""

    plan: Plan
    seconds: float
    kills: int
    happened: dict
    nights: int
    nights_killed: int
    nights_different: list
    reckoning: Reckoning

    def faults(self):
        """By kind, everything that must not be; empty if all promises were kept."""
        found = self.reckoning.faults()
        if self.nights_different:
            found["nights_different"] = self.nights_different
        if self.happened.get("ended_by_itself"):
            found["ended_by_itself"] = [self.happened["ended_by_itself"]]
        return found

    def as_json(self):
        return {**asdict(self), "faults": self.faults()}


def run(plan, folder=None):
    """Run a plan. `folder`: where the files of the run stay; None: nowhere."""
    with contextlib.ExitStack() as closing:
        if folder is None:
            folder = Path(closing.enter_context(tempfile.TemporaryDirectory()))
        database = BACKENDS[plan.backend](folder)
        closing.callback(database.close)
        store = open_store(database.url, create=True)
        closing.callback(store.close)
        borrowers.fill(store, open_personal(store, folder / "keys"), plan.loans)
        storm, begun = Storm(plan, folder, database, store), time.monotonic()
        storm.run()
        messages, told = ledger.TAKEN[plan.provider](folder), ledger.acknowledged(folder)
        reckoning = reckon(messages, told, stored(store), storm.began_ns)
        seconds = round(time.monotonic() - begun, 1)
        return Outcome(
            plan,
            seconds,
            storm.kills,
            dict(storm.happened),
            storm.nights.finished,
            storm.nights.killed,
            storm.nights.different,
            reckoning,
        )
