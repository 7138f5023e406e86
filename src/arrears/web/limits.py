"""How often codes are looked up: one bucket for each client address and one for all together, kept in this process.

Several processes each keep their own, so the limits hold for each of them.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from datetime import datetime

from arrears.notice.rate import EACH, TOGETHER, Bucket, take, wait_seconds

CLIENTS_KEPT = 100_000


class LookUps:
    """The buckets. Addresses stand in memory only, the most recently seen of them."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._each: OrderedDict[str, Bucket] = OrderedDict()
        self._together: Bucket | None = None

    def wait(self, client: str, now: datetime) -> float:
        """0 if `client` may look up now (and it is counted), else the seconds until it may."""
        with self._lock:
            free, each = take(self._each.pop(client, None), EACH, now)
            self._each[client] = each
            if len(self._each) > CLIENTS_KEPT:
                self._each.popitem(last=False)
            if not free:
                return wait_seconds(each, EACH)
            free, self._together = take(self._together, TOGETHER, now)
            return 0.0 if free else wait_seconds(self._together, TOGETHER)
