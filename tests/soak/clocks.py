"""Clocks of the soak's processes: the wall's, moved to the morning after the night; a faulty one steps besides."""

import random
import time
from datetime import UTC, datetime, timedelta

#: How far two steps move a clock at most, seconds.
STEP_S = 2400.0
LONGEST_STEPS_S = 2 * STEP_S


def clock(shift_us, steps=()):
    """A clock as desks take it. `shift_us`: microseconds that it is moved by; `steps`: (seconds after now, seconds that it then steps by)."""
    begun = time.monotonic()

    def now(connection=None):
        since = time.monotonic() - begun
        stepped = sum(by for after, by in steps if since >= after)
        return datetime.now(UTC) + timedelta(microseconds=shift_us, seconds=stepped)

    return now


def drawn_steps(draw: random.Random):
    """Two steps of up to forty minutes, back or forth: the day's window and the week of the law are left by neither."""
    return [(draw.uniform(0.0, 1.5), draw.choice((-1, 1)) * draw.uniform(2.0, STEP_S)) for _ in range(2)]
