"""The clauses for mainland China: their examples hold, and the guard's waits are lawful instants."""

from datetime import UTC, date, datetime, timedelta

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from arrears.errors import Refusal
from arrears.facts.yaml_text import parse_yaml
from arrears.law import Contact, Question, load_pack, may, packs, run_examples, windows
from arrears.law.clauses import read_clauses

ZONES = [
    "Asia/Shanghai",
    "Asia/Urumqi",
    "Europe/Berlin",
    "America/New_York",
    "Australia/Lord_Howe",
    "Pacific/Apia",
    "Asia/Kathmandu",
]
INSTANTS = st.datetimes(datetime(2025, 1, 1), datetime(2027, 12, 31)).map(lambda at: at.replace(tzinfo=UTC))


def test_every_worked_example_of_every_pack_holds():
    for name in packs():
        count, findings = run_examples(load_pack(name))
        assert count >= 30 and findings == []


@given(
    at=INSTANTS,
    zones=st.lists(st.sampled_from(ZONES[:3]), min_size=1, max_size=2),
    channel=st.sampled_from(["sms", "call", "visit", "letter"]),
    past=st.lists(
        st.tuples(st.integers(0, 72), st.sampled_from(["conversation", "no_answer", "refused"])), max_size=12
    ),
)
@settings(max_examples=150, deadline=None)
def test_the_end_of_a_wait_is_itself_allowed_and_no_minute_before_it_is(at, zones, channel, past):
    contacts = tuple(Contact(at - timedelta(hours=hours), "call", outcome) for hours, outcome in past)
    question = Question(channel, at, tuple(zones), contacts=contacts)

    verdict = may(load_pack("cn"), question)

    if verdict.verdict == "wait":

        def asked(instant):
            return may(load_pack("cn"), Question(channel, instant, tuple(zones), contacts=contacts)).verdict

        assert asked(verdict.not_before) == "allowed"
        for minutes in (1, 61, 333):
            earlier = verdict.not_before - timedelta(minutes=minutes)
            assert earlier < at or asked(earlier) == "wait"


@given(
    on=st.dates(date(2025, 1, 1), date(2027, 12, 31)),
    zone=st.sampled_from(ZONES),
    channel=st.sampled_from(["sms", "call", "visit", "email"]),
)
@settings(max_examples=100, deadline=None)
def test_the_window_of_a_night_is_where_the_guard_says_allowed(on, zone, channel):
    frame = pl.DataFrame(
        {
            "law": ["cn"],
            "channel": [channel],
            "time_zone": [zone],
            "product": ["x"],
            "plan_current": [False],
            "usable_phone": [True],
        }
    )

    row = windows(frame, on).row(0, named=True)

    def guard(at):
        return may(load_pack("cn"), Question(channel, at, (zone,))).verdict

    assert row["verdict"] == "allowed"
    assert guard(row["not_before"]) == "allowed"
    assert guard(row["not_after"] - timedelta(seconds=1)) == "allowed"
    if on >= date(2025, 3, 2):
        assert guard(row["not_before"] - timedelta(seconds=1)) == "wait"
        assert guard(row["not_after"]) == "wait"


def test_a_kept_card_plan_forbids_every_channel_at_night_too():
    frame = pl.DataFrame({"law": ["cn", "cn"], "channel": ["call", "call"], "time_zone": [None, None],
                          "product": ["credit_card", "consumer_loan"], "plan_current": [True, True], "usable_phone": [True, True]},
                         schema_overrides={"time_zone": pl.String})  # fmt: skip

    found = windows(frame, date(2026, 3, 3))

    assert found["verdict"].to_list() == ["never", "allowed"]
    assert found["clauses"][0] == "CN-CARD-2"


def test_a_law_without_a_pack_is_not_cleared_and_says_so():
    frame = pl.DataFrame(
        {
            "law": ["us"],
            "channel": ["sms"],
            "time_zone": ["America/Chicago"],
            "product": ["x"],
            "plan_current": [False],
            "usable_phone": [True],
        }
    )

    assert windows(frame, date(2026, 3, 3))["verdict"].to_list() == ["no_pack"]
    with pytest.raises(Refusal, match="no law pack"):
        load_pack("us")


def test_a_clause_without_source_date_or_examples_does_not_go_in():
    text = "clauses:\n  - id: X\n    kind: hours\n    says: {zh: 一, en: one}\n"

    with pytest.raises(Refusal) as refusal:
        read_clauses(parse_yaml(text, "pack.yaml"))

    assert "pack.yaml:" in str(refusal.value) and "is missing" in str(refusal.value)
