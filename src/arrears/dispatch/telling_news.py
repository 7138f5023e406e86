"""The tellers of a process, one a subscriber, until they are told to stop."""

from __future__ import annotations

import asyncio
import random
import signal
from collections.abc import Sequence

from arrears.dispatch.claim import database_clock, worker_name
from arrears.dispatch.subscribers import Subscription
from arrears.dispatch.teller import Teller
from arrears.store.connect import Store


def tell_all(store: Store, subscriptions: Sequence[Subscription], until_empty: bool) -> dict[str, int]:
    """Tell these subscribers until SIGTERM or SIGINT, or until nothing may be told now; gives how many pieces each was told."""
    return asyncio.run(_tell_all(store, subscriptions, until_empty))


async def _tell_all(store: Store, subscriptions: Sequence[Subscription], until_empty: bool) -> dict[str, int]:
    tellers = [Teller(store, one, worker_name(one.name), database_clock, random.random) for one in subscriptions]

    def stop() -> None:
        for teller in tellers:
            teller.stop()

    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop)
    await asyncio.gather(*(teller.run(until_empty) for teller in tellers))
    return {teller.to.name: teller.told for teller in tellers}
