"""The pace of a channel: what was agreed with the provider, lowered while it says that we send too fast."""

from __future__ import annotations

#: The pace is halved at most once in so many seconds, never below this part of what was agreed, and comes back by this part a second.
HALVED_ONCE_IN_S = 1.0
LEAST = 0.05
BACK_PER_S = 0.02


class Pace:
    """Messages a second. `now_s` is a clock that only goes forward, in seconds."""

    def __init__(self, agreed: float) -> None:
        self._agreed = agreed
        self._lowered = agreed
        self._since_s: float | None = None

    def at(self, now_s: float) -> float:
        """The pace now."""
        if self._since_s is None:
            return self._agreed
        found = self._lowered + self._agreed * BACK_PER_S * (now_s - self._since_s)
        return min(found, self._agreed)

    def slower(self, now_s: float) -> float:
        """The provider said that we are too fast: the pace from now on."""
        if self._since_s is None or now_s - self._since_s >= HALVED_ONCE_IN_S:
            self._lowered = max(self.at(now_s) / 2, self._agreed * LEAST)
            self._since_s = now_s
        return self.at(now_s)
