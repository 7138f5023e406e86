"""The short form of the soak: everything that can happen, a few times over, on both backends; `make soak` is the long one."""

import pytest

from tests.soak.databases import BACKENDS
from tests.soak.plan import Plan
from tests.soak.soak import run


@pytest.mark.parametrize(("backend", "provider"), [*((name, "line") for name in BACKENDS), ("postgresql", "smpp")])
def test_whatever_is_killed_nothing_is_lost_nothing_sent_twice_and_nothing_sent_too_late(backend, provider, tmp_path):
    plan = Plan(backend, provider, kills=7, loans=100, workers=2, gone=1.0, pause=0.5, drain=30.0, nights=False)

    outcome = run(plan, tmp_path)

    assert outcome.faults() == {}
    assert outcome.reckoning.messages and outcome.reckoning.acknowledged
