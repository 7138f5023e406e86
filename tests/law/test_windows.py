"""The guard for a night says what the guard for one contact says, account by account."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arrears.law import Question, history_of, may, on_day, stack
from arrears.law.clock import midnight
from arrears.law.part_events import PartEvents
from arrears.law.windows import windows
from tests.examples import examples
from tests.law.books import CHANNELS, ON, account, book_of

ROLES = {"P1": "borrower", "P2": "third_party"}


def asked_of(one, name, row, channel, binds):
    """The stack and the question for one account, as the command line would ask it."""
    laws = stack(one["law"], one["region"])
    zones = tuple(dict.fromkeys((one["time_zone"] or laws.zone, *(one["other_zones"] or ()))))
    question = Question(
        channel, midnight(ON, zones[0]), zones, person="P1", accounts=(name,), binds=binds,
        lender_kind=one["lender_kind"], product=one["product"], region=one["region"], standing=row,
    )  # fmt: skip
    return laws, question


@given(
    accounts=st.lists(account(), min_size=1, max_size=6),
    channel=st.sampled_from(CHANNELS),
    binds=st.sampled_from(["lender", "agency"]),
)
@examples(60)
def test_the_night_and_the_guard_agree_on_verdict_and_first_instant(accounts, channel, binds):
    typed, frame, events = book_of(accounts)

    night = windows(frame, PartEvents(typed), ON, channel, binds)

    for number, one in enumerate(accounts):
        name, row = f"A{number:03d}", frame.row(number, named=True)
        laws, question = asked_of(one, name, row, channel, binds)
        history = history_of((event for event in events if event["account_id"] == name), ROLES)
        verdict = on_day(laws, question, history, ON)
        found = night.row(number, named=True)
        assert found["verdict"] == verdict.verdict, (found, [clause.id for clause in verdict.clauses])
        if found["verdict"] == "allowed":
            assert found["not_before"] == verdict.not_before
            inside = found["not_after"] - timedelta(microseconds=1)
            assert may(laws, _at(question, inside), history).verdict == "allowed"
            assert found["not_after"] == midnight(ON + timedelta(days=1), question.zones[0]) or (
                may(laws, _at(question, found["not_after"]), history).verdict != "allowed"
            )


def _at(question, at):
    from dataclasses import replace

    return replace(question, at=at)


def test_clauses_that_close_an_account_at_night_are_those_the_guard_names():
    from tests.law.books import BEGIN

    contacts = [
        {"kind": "contact", "channel": "call", "direction": "out", "outcome": "conversation", "person_id": "P1",
         "at": BEGIN - timedelta(days=day, hours=5), "recorded_at": BEGIN, "data": None}
        for day in range(1, 6)
    ]  # fmt: skip
    one = {"law": "cn", "lender_kind": "bank", "product": "credit_card", "time_zone": None, "other_zones": None,
           "region": None, "standing": {"plan_current": True}, "events": contacts}  # fmt: skip
    typed, frame, _ = book_of([one])

    night = windows(frame, PartEvents(typed), ON, "call")

    assert night["verdict"].to_list() == ["never"]
    assert "CN-CARD-2" in night["clauses"][0].split(",")


def test_a_law_without_a_pack_is_not_cleared_and_says_so():
    one = {"law": "none", "lender_kind": None, "product": "x", "time_zone": None, "other_zones": None, "region": None,
           "standing": {}, "events": []}  # fmt: skip
    typed, frame, _ = book_of([one, one])
    frame = frame.with_columns(law=frame["law"].scatter([1], ["xx"]))

    night = windows(frame, PartEvents(typed), ON, "sms")

    assert night["verdict"].to_list() == ["allowed", "no_pack"]


if __name__ == "__main__":
    pytest.main([__file__])
