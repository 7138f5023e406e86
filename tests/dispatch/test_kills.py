"""Workers killed with SIGKILL at random moments: nothing twice, nothing after a stop, nothing lost. The long form is `tests.soak.harness`."""

import pytest

from tests.soak.harness import Soak


@pytest.mark.parametrize("seed", [1])
def test_killed_workers_send_nothing_twice_nothing_after_a_recorded_stop_and_lose_nothing(store_url, tmp_path, seed):
    soak = Soak(store_url, tmp_path, accounts=150, workers=2, kills=10, misbehave=0.1, seed=seed, pause=0.6)

    outcome = soak.run()

    assert outcome.faults == [] and outcome.unfinished == 0
    assert outcome.kills == 10 and outcome.facts > 0 and outcome.messages > 0
