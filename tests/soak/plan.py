"""What a run of the soak is told, and how often each thing happens in it."""

from dataclasses import dataclass

#: What happens, by weight. The first four are kills; they are what `kills` counts.
WEIGHTS = {
    "kill_worker": 74, "kill_writer": 10, "kill_database": 6, "kill_night": 5, "freeze_worker": 3, "step_clock": 2,
}  # fmt: skip
KILLS = ("kill_worker", "kill_writer", "kill_database", "kill_night")


@dataclass(frozen=True)
class Plan:
    """One run. Times are seconds.

    `kills`: so many, unless `seconds` are over before. `gone`: how long the database is gone, and its disk full (each once a run and once
    every 200 kills). `misbehave`: the part of messages that the provider treats badly. `pause`: between two things that happen, at most.
    `lease`: of a worker; one that is frozen is frozen for longer. `linger`: what a hand-over takes, at most.
    """

    backend: str = "sqlite"
    #: `line`: a provider with a protocol of its own; `smpp`: the product's SMS channel and a stand-in for an SMSC.
    provider: str = "line"
    kills: int = 20
    seconds: float = 60.0
    seed: int = 1
    workers: int = 3
    loans: int = 400
    gone: float = 3.0
    misbehave: float = 0.1
    pause: float = 0.6
    lease: float = 1.5
    linger: float = 0.02
    batch: int = 12
    writes: float = 0.3
    drain: float = 60.0
    #: If named, nothing else happens; and the rarer things do not.
    only: str = ""
    nights: bool = True
