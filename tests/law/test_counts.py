"""Limits and waits: what counts, for whom, and when there is room again."""

from datetime import UTC, date, datetime

import pytest

from arrears.law import Event, History, Question, may
from tests.law.made_packs import stack_of_one

NEW_YORK = "America/New_York"
WEEK = "{most: 2, per: [person, debt], count: attempts, channels: [call], window: {days: 7}, exclude: [consent, not_connected]}"
AFTER_TALK = "{after: conversation, channels: [call], per: [person, debt], days: 7, exclude: [consent]}"


def at(text):
    return datetime.fromisoformat(text).astimezone(UTC)


def call(when, outcome="no_answer", **about):
    about = {"channel": "call", "direction": "out", "person": "P1", "accounts": frozenset("A"), **about}
    return Event(at(when), "contact", outcome=outcome, **about)


def asked(rule, when, events, zones=(NEW_YORK,), accounts=("A",), calendar="cn", **about):
    stack = stack_of_one(rule, zone=zones[0], calendar=calendar)
    return may(stack, Question("call", at(when), zones, person="P1", accounts=accounts, **about), History(events))


THREE_MAYBE = [
    ("two unanswered calls fill it", [call("2026-03-02T09:00-05:00"), call("2026-03-05T09:00-05:00")], "2026-03-09T00:00-04:00"),
    ("a busy line is no attempt", [call("2026-03-02T09:00-05:00"), call("2026-03-05T09:00-05:00", "busy")], None),
    ("a call of theirs adds nothing", [call("2026-03-02T09:00-05:00"), call("2026-03-05T09:00-05:00", direction="in")], None),
    ("a call about another debt", [call("2026-03-02T09:00-05:00"), call("2026-03-05T09:00-05:00", accounts=frozenset("B"))], None),
    ("a call about both debts", [call("2026-03-02T09:00-05:00"), call("2026-03-05T09:00-05:00", accounts=frozenset("AB"))],
     "2026-03-09T00:00-04:00"),
    ("a call to somebody else", [call("2026-03-02T09:00-05:00"), call("2026-03-05T09:00-05:00", person="P2", role="third_party")], None),
    ("a text is no call", [call("2026-03-02T09:00-05:00"), call("2026-03-05T09:00-05:00", channel="sms")], None),
    ("the eighth day is outside", [call("2026-03-01T23:59-05:00"), call("2026-03-05T09:00-05:00")], None),
]  # fmt: skip


@pytest.mark.parametrize(("name", "events", "free"), THREE_MAYBE, ids=[row[0] for row in THREE_MAYBE])
def test_which_contacts_fill_a_limit_of_seven_days(name, events, free):
    verdict = asked(("limit", WEEK), "2026-03-08T10:00-04:00", events)

    assert verdict.not_before == (None if free is None else at(free))


def test_each_debt_asked_about_is_counted():
    events = [
        call("2026-03-05T09:00-05:00", accounts=frozenset("B")),
        call("2026-03-06T09:00-05:00", accounts=frozenset("B")),
    ]

    assert asked(("limit", WEEK), "2026-03-08T10:00-04:00", events).verdict == "allowed"
    assert asked(("limit", WEEK), "2026-03-08T10:00-04:00", events, accounts=("A", "B")).verdict == "wait"


def test_days_are_days_of_the_calendar_and_not_times_24_hours():
    talked = [call("2026-03-02T17:00-05:00", "conversation")]

    verdict = asked(("wait", AFTER_TALK), "2026-03-08T20:00-04:00", talked)

    assert verdict.not_before == at("2026-03-09T00:00-04:00")  # 7 days later, but 158 hours


def test_a_conversation_that_the_person_began_starts_the_wait_too():
    talked = [call("2026-03-02T17:00-05:00", "conversation", direction="in")]

    assert asked(("wait", AFTER_TALK), "2026-03-08T20:00-04:00", talked).verdict == "wait"
    assert asked(("limit", WEEK), "2026-03-03T20:00-05:00", talked * 5).verdict == "allowed"


CONSENTS = [
    ("lifts the count on its seventh day", [], "2026-03-11T10:00-04:00", "allowed"),
    ("is over on the eighth", [], "2026-03-12T10:00-04:00", "wait"),
    ("ends with a conversation", [call("2026-03-05T12:00-05:00", "conversation")], "2026-03-06T10:00-05:00", "wait"),
    ("is withdrawn", [Event(at("2026-03-05T12:00-05:00"), "opt_out", "call", person="P1")], "2026-03-06T10:00-05:00", "wait"),
    ("is not withdrawn for another channel", [Event(at("2026-03-05T12:00-05:00"), "opt_out", "sms", person="P1")],
     "2026-03-06T10:00-05:00", "allowed"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "more", "when", "expected"), CONSENTS, ids=[row[0] for row in CONSENTS])
def test_a_consent_to_calls(name, more, when, expected):
    consent = Event(at("2026-03-05T10:00-05:00"), "consent", "call", person="P1")
    filled = [call("2026-03-05T09:00-05:00"), call("2026-03-05T09:30-05:00"), call("2026-03-12T08:00-04:00")]
    limit = WEEK.replace("days: 7", "days: 8")

    assert asked(("limit", limit), when, [consent, *filled, *more]).verdict == expected


def test_a_call_made_under_a_consent_is_not_counted():
    consent = Event(at("2026-03-05T10:00-05:00"), "consent", "call", person="P1", until_on=date(2026, 3, 5))
    calls = [call("2026-03-05T09:00-05:00"), call("2026-03-05T11:00-05:00"), call("2026-03-05T12:00-05:00")]

    assert asked(("limit", WEEK), "2026-03-06T10:00-05:00", [consent, *calls]).verdict == "allowed"
    assert asked(("limit", WEEK), "2026-03-06T10:00-05:00", calls).verdict == "wait"


WEEKS = [
    ("week", "2026-03-08T10:00+08:00", "2026-03-09T00:00+08:00"),  # a Sunday
    ("month", "2026-03-08T10:00+08:00", "2026-04-01T00:00+08:00"),
    ("day", "2026-03-04T10:00+08:00", "2026-03-05T00:00+08:00"),
]


@pytest.mark.parametrize(("unit", "when", "free"), WEEKS)
def test_a_calendar_window_has_room_again_when_the_next_begins(unit, when, free):
    rule = f"{{most: 1, per: [debtor], count: contacts, window: {{calendar: {unit}}}}}"

    verdict = asked(("limit", rule), when, [call("2026-03-04T09:00+08:00", "voicemail")], ("Asia/Shanghai",))

    assert verdict.not_before == at(free)


NOTICES = [
    ("received is known", {"received_on": date(2026, 2, 12)}, "2026-02-19T00:00+08:00"),
    ("assumed after two business days", {}, "2026-03-03T00:00+08:00"),
]


@pytest.mark.parametrize(("name", "about", "over"), NOTICES, ids=[row[0] for row in NOTICES])
def test_a_notice_counts_from_receipt_known_or_assumed(name, about, over):
    rule = "{after: 'notice:validation', days: 6, first_day: 0, receipt_days: 2, receipt_business: true}"
    sent = Event(at("2026-02-13T10:00+08:00"), "notice_served", notice="validation", person="P1", **about)

    verdict = asked(("wait", rule), "2026-02-14T10:00+08:00", [sent], ("Asia/Shanghai",))

    assert verdict.not_before == at(over)


def test_a_wait_without_days_lasts_until_its_event():
    rule = "{after: dispute_opened, until: 'notice:verification'}"
    opened = Event(at("2026-03-01T10:00+08:00"), "dispute_opened", person="P1")
    answered = Event(at("2026-03-04T10:00+08:00"), "notice_served", notice="verification", person="P1")

    assert asked(("wait", rule), "2026-03-03T10:00+08:00", [opened, answered], ("Asia/Shanghai",)).verdict == "never"
    assert asked(("wait", rule), "2026-03-05T10:00+08:00", [opened, answered], ("Asia/Shanghai",)).verdict == "allowed"


def test_the_law_of_the_day_of_the_contact_applies_on_the_way_to_the_first_lawful_instant():
    rule = "{most: 1, per: [debtor], window: {days: 30}}"
    stack = stack_of_one(("limit", rule), zone="Asia/Shanghai")
    from dataclasses import replace

    pack = stack.packs[0]
    clause = replace(pack.clauses[0], until_on=date(2026, 3, 9))
    ended = replace(stack, packs=(replace(pack, clauses=(clause,)),))

    verdict = may(ended, Question("call", at("2026-03-08T10:00+08:00"), ("Asia/Shanghai",), person="P1", accounts=("A",)),
                  History([call("2026-03-07T10:00+08:00")]))  # fmt: skip

    assert verdict.not_before == at("2026-03-10T00:00+08:00")
