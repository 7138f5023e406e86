"""The calendar file: read back by a reader of our own, it holds every last day that is to come, and no name of a person."""

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from arrears.facts.cases import case_of, read_case
from arrears.facts.yaml_text import parse_yaml
from arrears.legal import debt_of, entries, icalendar, legal_dates
from arrears.replay import Terms
from tests.legal.ics_text import read_ics

CASES = sorted((Path(__file__).parent / "cases").glob("*.yaml"))
NAMED = """
account: {id: "A;1,2", law: cn, currency: CNY, principal: "1000.00", opened_on: 2023-01-10}
instalments: [{due_on: 2024-05-10, principal: "1000.00"}]
people: [{id: P1, role: borrower, name: 李雷, phones: ["+8613800000000"], addresses: [杭州市西湖区示例路1号]}]
events: [{id: LETTER, at: 2024-06-03, kind: demand, person: P1, data: {note: 李雷本人签收}}]
as_of: 2026-11-24
"""


def dates_of(case, as_of=None):
    return legal_dates(debt_of(case.facts, case.account_ids[0], as_of or case.as_of, case.known_at))


def read_back(found, language="en"):
    return read_ics(icalendar([found], language).encode()).parts


@pytest.mark.parametrize("language", ["zh-CN", "en"])
@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_the_file_holds_every_last_day_that_is_to_come_and_no_other(path, language):
    found = dates_of(read_case(path, Terms.from_mapping))
    to_come = [one for one in found.dates if one.last_on and one.status in ("running", "not_started", "doubtful")]

    calendar = read_ics(icalendar([found], language).encode())

    assert [one for one, _ in entries([found])] == to_come
    assert (calendar.name, calendar.one("VERSION")) == ("VCALENDAR", "2.0")
    assert [entry.one("DTSTART") for entry in calendar.parts] == [f"{one.last_on:%Y%m%d}" for one in to_come]
    assert [entry.one("STATUS") == "TENTATIVE" for entry in calendar.parts] == [one.provisional for one in to_come]


def test_an_entry_is_a_whole_day_with_a_reminder_thirty_days_before():
    found = dates_of(case_of(parse_yaml(NAMED, "named.yaml"), Terms.from_mapping))

    entry = next(entry for entry in read_back(found) if "Suit (limitation)" in entry.one("SUMMARY"))

    assert (entry.one("DTSTART"), entry.one("DTEND"), entry.one("DTSTAMP")) == (
        "20270603",
        "20270604",
        "20261124T000000Z",
    )
    assert entry.parameters("DTSTART") == entry.parameters("DTEND") == {"VALUE": "DATE"}
    assert entry.one("SUMMARY") == "[provisional] Last day: Suit (limitation) (account A;1,2)"
    assert "Started again on 2024-06-03 by a demand\n" in entry.one("DESCRIPTION")
    (alarm,) = entry.parts
    assert (alarm.name, alarm.one("ACTION"), alarm.one("TRIGGER")) == ("VALARM", "DISPLAY", "-P30D")


def test_a_date_keeps_its_uid_when_it_moves_and_no_two_dates_share_one():
    case = case_of(parse_yaml(NAMED, "named.yaml"), Terms.from_mapping)
    before = replace(case, facts=replace(case.facts, events=case.facts.events.clear()))

    then, now = (
        {entry.one("UID"): date.fromisoformat(entry.one("DTSTART")) for entry in read_back(dates_of(one))}
        for one in (before, case)
    )

    assert set(then) == set(now) and len(now) == len(read_back(dates_of(case)))
    assert sorted(now[uid] - then[uid] for uid in now) == [timedelta(0), timedelta(days=24)]


def test_no_name_number_or_address_of_a_person_is_in_the_file():
    found = dates_of(case_of(parse_yaml(NAMED, "named.yaml"), Terms.from_mapping))

    text = icalendar([found], "zh-CN")

    assert not [private for private in ("李雷", "13800000000", "西湖", "P1") if private in text.replace("\r\n ", "")]


def test_the_same_facts_make_the_same_file():
    case = case_of(parse_yaml(NAMED, "named.yaml"), Terms.from_mapping)

    assert icalendar([dates_of(case)], "en") == icalendar([dates_of(case)], "en")
