"""Live parts of pages: text that is sent anew when it has changed (server-sent events), and counts that are shared for some seconds."""

from __future__ import annotations

import threading
import time
from collections.abc import AsyncIterator, Callable
from typing import Generic, TypeVar

from anyio import sleep
from fastapi import Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response, StreamingResponse

from arrears.web import session_rows
from arrears.web.served import served_by
from arrears.web.sessions import Staff

T = TypeVar("T")
#: Seconds between two looks, and after how many the stream ends: the browser asks again, and is asked again who it is and what they may.
EVERY, LOOKS = 5.0, 120


class Recent(Generic[T]):
    """A value that is computed at most once in so many seconds, by key."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._lock = threading.Lock()
        self._known: dict[str, tuple[float, T]] = {}

    def of(self, key: str, compute: Callable[[], T]) -> T:
        """The value, computed anew if it is older."""
        with self._lock:
            known = self._known.get(key)
            if known is not None and time.monotonic() - known[0] < self.seconds:
                return known[1]
            value = compute()
            self._known[key] = (time.monotonic(), value)
            return value


def stream(
    request: Request, who: Staff, render: Callable[[], str], every: float = EVERY, looks: int = LOOKS
) -> Response:  # fmt: skip
    """A stream of what `render` gives, whenever that has changed. It runs in a thread, for it reads the store, and ends with the session."""
    served = served_by(request)

    async def events() -> AsyncIterator[str]:
        before = None
        for look in range(looks):
            if look:
                await sleep(every)
            if await request.is_disconnected() or not await run_in_threadpool(
                session_rows.is_open, served.store, who.kind, who.session_id, served.now()
            ):
                return
            text = await run_in_threadpool(render)
            if text != before:
                before = text
                yield "".join(f"data: {line}\n" for line in text.splitlines()) + "\n"

    return StreamingResponse(events(), media_type="text/event-stream", headers={"x-accel-buffering": "no"})
