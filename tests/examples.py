"""How many examples Hypothesis tries of a property."""

import os

from hypothesis import HealthCheck, settings

#: How many times the number that each run of the tests tries (`make properties TIMES=50`).
TIMES = int(os.environ.get("ARREARS_TIMES", "1"))


def examples(number):
    """Settings of a property of which each run tries so many examples. How long one takes is no fault."""
    return settings(max_examples=number * TIMES, deadline=None, suppress_health_check=list(HealthCheck))
