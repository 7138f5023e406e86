"""The window of an SMPP session: how many messages may wait for their answer at once, first come first served."""

from __future__ import annotations

import asyncio
from collections import deque


class Window:
    """`size` places. A message of several parts takes all its places at once, so that it leaves whole."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.free = size
        self._waiting: deque[tuple[int, asyncio.Future[None]]] = deque()

    async def take(self, places: int) -> None:
        """Wait until `places` (at most `size`) are free, and take them. ConnectionError if the session ends meanwhile."""
        if not self._waiting and places <= self.free:
            self.free -= places
            return
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((places, turn))
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled() and turn.exception() is None:
                self.give(places)
            raise

    def give(self, places: int) -> None:
        """Give places back, and let those in who fit."""
        self.free += places
        while self._waiting:
            needed, turn = self._waiting[0]
            if not turn.done():
                if needed > self.free:
                    return
                self.free -= needed
                turn.set_result(None)
            self._waiting.popleft()

    def end(self) -> None:
        """Nobody gets in any more: those who wait are told."""
        while self._waiting:
            _, turn = self._waiting.popleft()
            if not turn.done():
                turn.set_exception(ConnectionError("the session has ended"))
