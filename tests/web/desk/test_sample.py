"""The sample of the book that previews of a strategy look at."""

from datetime import timedelta

import pytest

from arrears.store.tables import SLOTS
from arrears.web.desk import sample
from arrears.web.desk.sample import DRAWN, KEPT, Sampler, slots_for
from tests.dispatch.field import NOW, put_accounts


@pytest.mark.parametrize("accounts", [0, 3, DRAWN, 100_000, 1_000_000, 10_000_000])
def test_the_slots_that_are_drawn_hold_about_the_accounts_that_are_wanted(accounts):
    slots = slots_for(accounts)

    wanted = min(accounts, DRAWN)
    assert abs(slots * accounts / SLOTS - wanted) <= max(accounts / SLOTS, 1) / 2 or slots == 1
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


def test_a_book_of_which_some_slots_hold_many_is_not_counted_and_its_size_is_told_as_about(
    store, personal, monkeypatch
):
    put_accounts(store, personal, [f"A{number}" for number in range(400)])
    monkeypatch.setattr(sample, "COUNTED", SLOTS // 2)
    monkeypatch.setattr(sample, "MANY", 100)

    drawn = sample.draw(store, NOW)

    assert drawn.about
    assert drawn.accounts % 2 == 0 and abs(drawn.accounts - 400) < 80
    assert drawn.typed.accounts.height == 400
