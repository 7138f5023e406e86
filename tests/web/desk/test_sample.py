"""The sample of the book that previews of a strategy look at."""

from datetime import timedelta

import pytest

from arrears.store.tables import SLOTS
from arrears.web.desk.sample import DRAWN, KEPT, Sampler, slots_for
from tests.dispatch.field import NOW, put_accounts


@pytest.mark.parametrize("accounts", [0, 3, DRAWN, 100_000, 1_000_000, 10_000_000])
def test_as_few_slots_are_drawn_as_hold_the_accounts_that_are_wanted(accounts):
    slots = slots_for(accounts)

    wanted = min(accounts, DRAWN)
    assert wanted <= slots * accounts / SLOTS < wanted + max(accounts / SLOTS, 1)
    assert 1 <= slots <= SLOTS


def test_a_sample_is_kept_for_some_minutes_and_says_of_what_instant_it_is(store, personal):
    put_accounts(store, personal, ["A1", "A2"])
    sampler = Sampler(store)

    first = sampler.sample(NOW)
    put_accounts(store, personal, ["A3"])
    kept, anew = sampler.sample(NOW + KEPT - timedelta(seconds=1)), sampler.sample(NOW + KEPT)

    assert kept is first and (first.at, anew.at) == (NOW, NOW + KEPT)
    assert [(one.accounts, one.typed.accounts["account_id"].to_list()) for one in (first, anew)] == [
        (2, ["A1", "A2"]), (3, ["A1", "A2", "A3"]),
    ]  # fmt: skip
