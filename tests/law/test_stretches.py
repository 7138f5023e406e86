"""Every lawful stretch of a day: where it says open the guard allows, and at its edges the guard no longer does."""

from datetime import UTC, date, datetime, timedelta

import pytest

from arrears.law import Question, history_of, may, stack
from arrears.law.clock import midnight
from arrears.law.days import stretches_of

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
