"""How often codes may be looked up: a token bucket, as a pure function of its state and the time.

The public page keeps one bucket for each client address and one for all together, and answers a person who is over the limit with a
wait, not with an answer. Guessing at `TOGETHER` for a whole year is 32 million of 2^55 codes: where a million codes are live, the chance
to hit any one of them is below one in a thousand, and a code alone confirms no text.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Limit:
    """`burst` look-ups at once, then `per_minute`."""

    burst: int
    per_minute: float


@dataclass(frozen=True)
class Bucket:
    """What is left of a limit at an instant (UTC)."""

    tokens: float
    at: datetime


#: For one client address: a person with a few messages, not a program.
EACH = Limit(burst=10, per_minute=6)
#: For all clients together.
TOGETHER = Limit(burst=600, per_minute=60)


def take(bucket: Bucket | None, limit: Limit, now: datetime) -> tuple[bool, Bucket]:
    """Whether one look-up may be made now, and the bucket after it. None: a client not seen before. A clock that went back adds nothing."""
    if bucket is None:
        bucket = Bucket(float(limit.burst), now)
    minutes = max(0.0, (now - bucket.at).total_seconds() / 60)
    tokens = min(float(limit.burst), bucket.tokens + minutes * limit.per_minute)
    at = max(now, bucket.at)
    return (True, Bucket(tokens - 1, at)) if tokens >= 1 else (False, Bucket(tokens, at))


def wait_seconds(bucket: Bucket, limit: Limit) -> float:
    """How long until the next look-up may be made."""
    return max(0.0, (1 - bucket.tokens) / limit.per_minute * 60)
