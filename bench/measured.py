"""What one row of the table measured, and how: repetitions, the shortest and the median, and peak memory of the process."""

from __future__ import annotations

import json
import resource
import statistics
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

REPETITIONS = 5
BUDGET_SECONDS = 60.0


@dataclass(frozen=True)
class Task:
    """What a row is asked to do: the book's folder, the arrears' own answers, the day, and whether in a hurry."""

    book: Path
    answers: Path
    scratch: Path
    as_of: str
    quick: bool


@dataclass(frozen=True)
class Measured:
    """`things` (accounts, contacts, starts) were done in each of `seconds`. `peak_bytes`: resident memory, before answers are compared.

    `same` maps the name of a comparison to its result in words; `note` is what a reader must know about this run.
    """

    things: int
    seconds: tuple[float, ...]
    peak_bytes: int
    same: dict[str, str] = field(default_factory=dict)
    note: str = ""

    @property
    def shortest(self) -> float:
        """Seconds of the shortest repetition: the one that the rest of the machine disturbed least."""
        return min(self.seconds)

    @property
    def median(self) -> float:
        """Seconds of the median repetition."""
        return statistics.median(self.seconds)

    @property
    def rate(self) -> float:
        """Things a second in the shortest repetition."""
        return self.things / self.shortest

    def write(self, path: Path) -> None:
        """Into a file, for the process that prints the table."""
        path.write_text(json.dumps(asdict(self)), "utf-8")


def read_measured(path: Path) -> Measured:
    """The counterpart of `Measured.write`."""
    found: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return Measured(**{**found, "seconds": tuple(found["seconds"])})


def repeat(act: Callable[[], Any], quick: bool) -> tuple[float, ...]:
    """Seconds of each repetition of `act`: at least one, then more while there are fewer than five and a minute allows."""
    seconds: list[float] = []
    while not seconds or (not quick and len(seconds) < REPETITIONS and sum(seconds) + min(seconds) < BUDGET_SECONDS):
        seconds.append(timed(act))
    return tuple(seconds)


def timed(act: Callable[[], Any]) -> float:
    """Seconds that `act` takes on the clock."""
    begun = time.perf_counter()
    act()
    return time.perf_counter() - begun


def peak_bytes(of_children: bool = False) -> int:
    """The most memory that this process (or the largest of its finished children) ever held, from ru_maxrss (kibibytes)."""
    who = resource.RUSAGE_CHILDREN if of_children else resource.RUSAGE_SELF
    return resource.getrusage(who).ru_maxrss * 1024
