"""Windows of the day on real clocks: several zones at once, spring and autumn, holidays, requests."""

from datetime import UTC, date, datetime

import pytest

from arrears.errors import Refusal
from arrears.law import Event, History, Question, load_calendar, may
from arrears.law.clock import instant_of, midnight
from tests.law.made_packs import stack_of_one

DAY = ("hours", '{windows: [{from: "08:00", until: "21:00"}]}')


def at(text):
    return datetime.fromisoformat(text).astimezone(UTC)


def asked(stack, when, zones, events=(), channel="call", **about):
    return may(stack, Question(channel, at(when), zones, accounts=("A",), person="P1", **about), History(events))


CLOCKS = [
    ("a gap opens with the first instant after it", date(2026, 3, 8), 9000, False, "2026-03-08T03:00:00-04:00"),
    ("a gap closes with the first instant after it", date(2026, 3, 8), 9000, True, "2026-03-08T03:00:00-04:00"),
    ("an hour that comes twice opens with the first", date(2026, 11, 1), 5400, False, "2026-11-01T01:30:00-04:00"),
    ("an hour that comes twice closes with the second", date(2026, 11, 1), 5400, True, "2026-11-01T01:30:00-05:00"),
    ("midnight of a usual day", date(2026, 6, 1), 0, False, "2026-06-01T00:00:00-04:00"),
]


@pytest.mark.parametrize(("name", "day", "seconds", "last", "expected"), CLOCKS, ids=[row[0] for row in CLOCKS])
def test_an_edge_of_a_window_on_a_clock_that_changes(name, day, seconds, last, expected):
    assert instant_of(day, seconds, "America/New_York", last) == at(expected)


def test_a_day_that_a_zone_left_out_begins_with_the_next():
    assert midnight(date(2011, 12, 30), "Pacific/Apia") == at("2011-12-31T00:00:00+14:00")


ZONES = [
    ("2026-06-01T08:00:00-04:00", ("America/New_York", "America/Los_Angeles"), "2026-06-01T11:00:00-04:00"),
    ("2026-06-01T20:30:00-04:00", ("America/New_York", "America/Denver"), None),
    ("2026-06-01T21:00:00-04:00", ("America/New_York", "America/Denver"), "2026-06-02T10:00:00-04:00"),
]


@pytest.mark.parametrize(("when", "zones", "expected"), ZONES)
def test_every_zone_where_the_person_may_be_must_be_open(when, zones, expected):
    verdict = asked(stack_of_one(DAY), when, zones)

    assert verdict.not_before == (None if expected is None else at(expected))


def test_zones_that_are_never_open_together_allow_nothing():
    narrow = ("hours", '{windows: [{from: "09:00", until: "10:00"}]}')

    assert asked(stack_of_one(narrow), "2026-06-01T00:00:00Z", ("Asia/Shanghai", "America/New_York")).verdict == "never"


def test_the_end_of_a_window_is_open_only_where_the_clause_says_so():
    through = ("hours", '{windows: [{from: "08:00", until: "21:00"}], through: true}')
    end = "2026-06-01T21:00:00-04:00"

    assert asked(stack_of_one(through), end, ("America/New_York",)).verdict == "allowed"
    assert asked(stack_of_one(DAY), end, ("America/New_York",)).verdict == "wait"


def test_a_closed_holiday_is_passed_over_and_an_unknown_year_is_refused():
    holidays = ("hours", '{windows: [{from: "08:00", until: "21:00"}], holidays: closed}')

    verdict = asked(stack_of_one(holidays), "2026-10-01T10:00:00+08:00", ("Asia/Shanghai",))

    assert verdict.not_before == at("2026-10-08T08:00:00+08:00")
    with pytest.raises(Refusal, match="does not know the holidays of 2031"):
        asked(stack_of_one(holidays), "2031-10-01T10:00:00+08:00", ("Asia/Shanghai",))


def test_business_days_leave_out_weekends_and_holidays_and_keep_days_worked_instead():
    days = load_calendar("cn")

    assert days.after(date(2026, 2, 13), 2) == date(2026, 2, 24)  # the 14th is worked, the 15th to the 23rd are off
    assert days.is_business_day(date(2026, 2, 28)) and not days.is_business_day(date(2026, 3, 1))
    assert days.on_or_after(date(2026, 10, 1)) == date(2026, 10, 8)


REPLIES = [
    ("wrote in the night", [("2026-06-01T23:30:00+08:00", "in")], "allowed"),
    ("was answered already", [("2026-06-01T23:30:00+08:00", "in"), ("2026-06-01T23:40:00+08:00", "out")], "wait"),
    ("wrote while it was open", [("2026-06-01T20:00:00+08:00", "in")], "wait"),
]


@pytest.mark.parametrize(("name", "contacts", "expected"), REPLIES, ids=[row[0] for row in REPLIES])
def test_one_answer_at_night_on_the_channel_on_which_the_person_wrote(name, contacts, expected):
    hours = ("hours", '{windows: [{from: "08:00", until: "21:00"}], lifted_by: [reply]}')
    events = [Event(at(when), "contact", "sms", direction, "delivered", "P1") for when, direction in contacts]

    assert (
        asked(stack_of_one(hours), "2026-06-01T23:59:00+08:00", ("Asia/Shanghai",), events, "sms").verdict == expected
    )
    assert asked(stack_of_one(hours), "2026-06-01T23:59:00+08:00", ("Asia/Shanghai",), events, "call").verdict == "wait"


def test_a_consent_opens_the_hours_that_it_names_and_no_others():
    hours = ("hours", '{windows: [{from: "08:00", until: "21:00"}], lifted_by: [consent]}')
    given = [Event(at("2026-06-01T12:00:00+08:00"), "consent", "call", person="P1", hours=(6 * 3600, 7 * 3600))]

    verdict = asked(stack_of_one(hours), "2026-06-02T05:00:00+08:00", ("Asia/Shanghai",), given)

    assert verdict.not_before == at("2026-06-02T06:00:00+08:00")
    assert asked(stack_of_one(hours), "2026-06-02T07:00:00+08:00", ("Asia/Shanghai",), given).verdict == "wait"


def test_hours_that_the_person_named_are_closed_while_they_named_them():
    asked_for = ("hours", "{requested: true}")
    named = [Event(at("2026-06-01T12:00:00+08:00"), "inconvenient", person="P1", hours=(9 * 3600, 17 * 3600),
                   until_on=date(2026, 6, 5))]  # fmt: skip

    verdict = asked(stack_of_one(asked_for), "2026-06-03T10:00:00+08:00", ("Asia/Shanghai",), named)

    assert verdict.not_before == at("2026-06-03T17:00:00+08:00")
    assert asked(stack_of_one(asked_for), "2026-06-06T10:00:00+08:00", ("Asia/Shanghai",), named).verdict == "allowed"
