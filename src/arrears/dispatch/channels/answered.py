"""An answer that is there before anybody waits for it."""

from __future__ import annotations

import asyncio

from arrears.dispatch.channel import Answer


def known(answer: Answer) -> asyncio.Future[Answer]:
    """`answer`, to be awaited like one that is still to come. Call it in the running loop."""
    future: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
    future.set_result(answer)
    return future
