"""How often a client asks: one bucket for each (an address, or a program with a token) and one for all together, kept in this process.

Several processes each keep their own, so the limits hold for each of them.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from datetime import datetime

from arrears.notice.rate import EACH, TOGETHER, Bucket, Limit, take, wait_seconds

CLIENTS_KEPT = 100_000
#: Codes asked for: a household or an office behind one address; all together what an SMSC and a budget bear.
CODES_EACH, CODES_TOGETHER = Limit(burst=5, per_minute=2), Limit(burst=300, per_minute=120)
#: Codes and passwords tried.
TRIES_EACH, TRIES_TOGETHER = Limit(burst=10, per_minute=6), Limit(burst=600, per_minute=300)
#: Requests of programs to the API: more than a bank feed or a system of customers asks, less than a loop that went wrong.
ASKED_EACH, ASKED_TOGETHER = Limit(burst=600, per_minute=600), Limit(burst=6000, per_minute=3000)


class LookUps:
    """The buckets. Clients stand in memory only, the most recently seen of them."""

    def __init__(self, each: Limit = EACH, together: Limit = TOGETHER) -> None:
        self._limits = (each, together)
        self._lock = threading.Lock()
        self._each: OrderedDict[str, Bucket] = OrderedDict()
        self._together: Bucket | None = None

    def wait(self, client: str, now: datetime) -> float:
        """0 if `client` may ask now (and it is counted), else the seconds until it may."""
        with self._lock:
            one, together = self._limits
            free, each = take(self._each.pop(client, None), one, now)
            self._each[client] = each
            if len(self._each) > CLIENTS_KEPT:
                self._each.popitem(last=False)
            if not free:
                return wait_seconds(each, one)
            free, self._together = take(self._together, together, now)
            return 0.0 if free else wait_seconds(self._together, together)
