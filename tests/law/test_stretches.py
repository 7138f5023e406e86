"""Every lawful stretch of a day: where it says open the guard allows, and at its edges the guard no longer does."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from arrears.law import Question, history_of, may, stack
from arrears.law.clock import midnight
from arrears.law.days import open_days, stretches_of
from tests.law.books import CHANNELS, ON, account, book_of
from tests.law.test_windows import ROLES, asked_of

DAY = date(2026, 11, 24)
ZONE = "Asia/Shanghai"
SAID_AT = datetime(2026, 11, 1, 2, tzinfo=UTC)


def inconvenient(*hours):
    return [
        {"event_id": f"E{number}", "account_id": "A", "person_id": "P", "at": SAID_AT, "kind": "inconvenient",
         "data": f'{{"hours": ["{first}", "{last}"]}}'}
        for number, (first, last) in enumerate(hours)
    ]  # fmt: skip


def asked(at, zones=(ZONE,)):
    return Question("visit", at, zones, person="P", accounts=("A",))


@pytest.mark.parametrize(
    ("hours", "zones", "expected"),
    [
        ([], (ZONE,), [("08:00", "22:00")]),
        ([("12:00", "14:00")], (ZONE,), [("08:00", "12:00"), ("14:00", "22:00")]),
        (
            [("07:00", "09:30"), ("12:00", "13:00"), ("20:00", "24:00")],
            (ZONE,),
            [("09:30", "12:00"), ("13:00", "20:00")],
        ),
        ([("00:00", "24:00")], (ZONE,), []),
        ([], (ZONE, "Asia/Urumqi"), [("10:00", "22:00")]),
    ],
)
def test_the_stretches_of_a_day_lie_around_the_hours_that_the_person_named(hours, zones, expected):
    history = history_of(inconvenient(*hours))

    found = stretches_of(stack("cn"), asked(midnight(DAY, ZONE), zones), history, DAY)

    shown = [tuple((at + timedelta(hours=8)).strftime("%H:%M") for at in pair) for pair in found]
    assert [(first, last[:4]) for first, last in shown] == [(first, last[:4]) for first, last in expected]


def test_the_guard_allows_within_every_stretch_and_nowhere_else_on_the_day():
    history, laws = history_of(inconvenient(("10:10", "11:20"), ("15:00", "15:05"))), stack("cn")

    found = stretches_of(laws, asked(midnight(DAY, ZONE)), history, DAY)

    for minute in range(0, 24 * 60, 5):
        at = midnight(DAY, ZONE) + timedelta(minutes=minute)
        assert (may(laws, asked(at), history).verdict == "allowed") == any(
            first <= at < last for first, last in found
        ), at


@given(one=account(), channel=st.sampled_from(CHANNELS))
@settings(max_examples=25, deadline=None)
def test_the_days_of_a_week_are_open_when_the_guard_allows_and_closed_by_the_clauses_it_names(one, channel):
    _, frame, events = book_of([one])
    laws, question = asked_of(one, "A000", frame.row(0, named=True), channel, "lender")
    history, days = history_of(events, ROLES), [ON + timedelta(days=number) for number in (0, 1, 6)]

    found = open_days(laws, question, history, days)

    def guard(at):
        return may(laws, replace(question, at=at), history)

    for day, (told, stretches) in zip(days, found, strict=True):
        begins, ends = (midnight(day + timedelta(days=number), question.zones[0]) for number in (0, 1))
        for at in (
            begins + timedelta(minutes=30 * number) for number in range((ends - begins) // timedelta(minutes=30))
        ):
            assert (guard(at).verdict == "allowed") == any(first <= at < last for first, last in stretches), at
        for first, last in stretches:
            assert guard(first).verdict == "allowed" == guard(last - timedelta(microseconds=1)).verdict
            assert last == ends or guard(last).verdict != "allowed"
        asked = [guard(begins), *(guard(last) for _, last in stretches[:1] if last < ends)]
        named = [clause.id for verdict in asked for clause in verdict.clauses]
        named += [clause.id for clause in guard(begins).requires if stretches]
        assert set(told.clauses) == set(named)


def test_what_happened_on_a_day_closes_nothing_of_it_and_counts_from_the_next():
    said = {
        "event_id": "E",
        "account_id": "A",
        "person_id": "P",
        "kind": "inconvenient",
        "data": '{"hours": ["12:00", "14:00"]}',
    }
    history = history_of([{**said, "at": midnight(DAY, ZONE) + timedelta(hours=9)}])

    found = open_days(stack("cn"), asked(midnight(DAY, ZONE)), history, [DAY, DAY + timedelta(days=1)])

    assert [len(stretches) for _, stretches in found] == [1, 2]
