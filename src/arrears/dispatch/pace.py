"""How fast a provider may be offered messages: so many a second, so many unanswered at once; and how long to wait after trouble."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

#: What may go at once after a pause, as a part of a second's allowance.
BURST_SECONDS = 0.25


class Pace:
    """A token bucket and a window. `monotonic`: a clock that never steps, seconds. Used in one event loop."""

    def __init__(self, per_second: float, window: int, monotonic: Callable[[], float]) -> None:
        if per_second <= 0 or window < 1:
            raise ValueError("a channel takes some messages a second, and one at a time at least")
        self.per_second, self.window, self.monotonic = per_second, window, monotonic
        self.burst = max(1.0, per_second * BURST_SECONDS)
        self.tokens, self.at = self.burst, monotonic()
        self.unanswered = 0
        self.freed = asyncio.Event()

    def take(self, most: int) -> int:
        """How many may go now, at most `most`; they count as sent and unanswered."""
        now = self.monotonic()
        self.tokens = min(self.burst, self.tokens + (now - self.at) * self.per_second)
        self.at = now
        taken = max(0, min(most, int(self.tokens), self.window - self.unanswered))
        self.tokens -= taken
        self.unanswered += taken
        return taken

    def give_back(self, unused: int) -> None:
        """They did not go after all: neither their token nor their place in the window is used."""
        self.tokens = min(self.burst, self.tokens + unused)
        self.answered(unused)

    def answered(self, count: int = 1) -> None:
        """Their places in the window are free again."""
        self.unanswered -= count
        self.freed.set()

    async def room(self, most: int, at_least: int = 1) -> int:
        """Wait until some may go, and take them. `at_least`: do not begin with fewer, so that work is done in batches (1 ≤ at_least)."""
        wanted = max(1, min(at_least, most, int(self.burst), self.window))
        while True:
            now = self.monotonic()
            tokens = min(self.burst, self.tokens + (now - self.at) * self.per_second)
            if tokens >= wanted and self.window - self.unanswered >= wanted:
                return self.take(most)
            self.freed.clear()
            short = max(0.0, wanted - tokens) / self.per_second
            try:
                await asyncio.wait_for(self.freed.wait(), max(short, 0.001) if short else None)
            except TimeoutError:
                continue


@dataclass(frozen=True)
class Backoff:
    """Waits that grow: `first` seconds, doubled each time up to `most`, of which a random part is waited (full jitter)."""

    first: float = 2.0
    most: float = 300.0

    def seconds(self, tries: int, draw: float) -> float:
        """The wait after so many tries (from 1). `draw`: from [0, 1), by the caller."""
        return min(self.most, self.first * 2.0 ** min(tries - 1, 30)) * (0.5 + draw / 2)
