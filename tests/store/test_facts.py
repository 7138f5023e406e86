"""Facts go in once, stay as they were told, and come back whole."""

import pytest
from polars.testing import assert_frame_equal

from arrears.errors import Refusal
from arrears.store.facts import facts_of, record, record_event
from tests.store.facts import account, event

TABLES = ("accounts", "instalments", "people", "events")


def same(found, expected):
    for table in TABLES:
        assert_frame_equal(getattr(found, table), getattr(expected, table), check_row_order=False)


def test_what_was_recorded_comes_back_as_it_was_told(store, personal):
    told = account("A1")

    with store.begin() as connection:
        assert record(connection, told, personal) == 7

    with store.read() as connection:
        same(facts_of(connection, ["A1"], personal), told)


def test_the_same_facts_again_change_nothing(store, personal):
    told = account("A1")
    with store.begin() as connection:
        record(connection, told, personal)

    with store.begin() as connection:
        again = record(connection, told, personal)

    assert again == 0
    with store.read() as connection:
        same(facts_of(connection, ["A1"], personal), told)


def test_the_same_id_with_other_content_is_refused_by_account_and_field_without_showing_what_is_personal(
    store, personal
):
    with store.begin() as connection:
        record(connection, account("A1"), personal)

    with pytest.raises(Refusal) as refused, store.begin() as connection:
        record_event(connection, event("A1", "E1", "payment", amount=51_00), personal)
    with pytest.raises(Refusal) as masked, store.begin() as connection:
        record_event(connection, event("A1", "E2", "contact", person_id="P-A1", channel="sms", direction="out",
                                       outcome="sent", data={"number": "+8610000000999"}), personal)  # fmt: skip

    (finding,) = refused.value.findings
    assert (finding.code, finding.account, finding.field) == ("conflict", "A1", "events.amount")
    assert masked.value.findings[0].field == "events.data" and "999" not in str(masked.value)


def test_an_event_of_an_account_that_is_not_there_is_refused(store, personal):
    with pytest.raises(Refusal, match="is not in the store"), store.begin() as connection:
        record_event(connection, event("A9", "E1", "payment", amount=1), personal)
