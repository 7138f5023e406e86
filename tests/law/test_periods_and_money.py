"""Periods, caps, orders and classes: the last day, the most that may be demanded, what a payment goes to."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from arrears.errors import Refusal
from arrears.law import Event, class_of, course, ends_on, lawful_terms
from arrears.law.money_limits import lpr
from arrears.replay import Terms
from tests.law.made_packs import pack_of, stack_of_one

THREE_YEARS = ("{what: limitation, years: 3, from: last_due, restart_on: [demand, acknowledged], "
               "suspend_last: {months: 6, on: [judgment]}, longest: {years: 20}}")  # fmt: skip


#: A year that rolls: from a calendar that ends with 2026.
ROLLING_YEAR = "{what: limitation, years: 1, from: last_due, restart_on: [demand], roll: next_business_day}"


def event(kind, day, **about):
    return Event(datetime.fromisoformat(f"{day}T04:00:00+00:00").astimezone(UTC), kind, **about)


PERIODS = [
    ("runs from the day after", THREE_YEARS, "2025-02-10", [], "2028-02-10"),
    ("starts again with a demand", THREE_YEARS, "2025-02-10", [event("demand", "2026-05-01")], "2029-05-01"),
    ("is not started again once over", THREE_YEARS, "2025-02-10", [event("demand", "2028-02-11")], "2028-02-10"),
    ("is held in its last months", THREE_YEARS, "2025-02-10",
     [event("judgment", "2027-12-01", until_on=date(2028, 1, 15))], "2028-07-15"),
    ("is not held before", THREE_YEARS, "2025-02-10", [event("judgment", "2026-12-01", until_on=date(2027, 1, 15))], "2028-02-10"),
    ("is held without end", THREE_YEARS, "2025-02-10", [event("judgment", "2027-12-01")], None),
    ("ends after twenty years at the latest", THREE_YEARS, "2000-02-29",
     [event("demand", f"{year}-03-01") for year in range(2002, 2020, 2)], "2020-02-29"),
    ("ends with a shorter month", "{what: notice, months: 1, from: notice_served}", "2026-01-31", [], "2026-02-28"),
    ("counts its first day", "{what: notice, days: 14, first_day: 1, from: notice_served}", "2026-01-01", [], "2026-01-14"),
    ("counts business days", "{what: answer, days: 2, business: true, from: notice_served}", "2026-02-13", [], "2026-02-24"),
    ("rolls to the next business day", "{what: objection, days: 15, from: notice_served, roll: next_business_day}", "2026-09-16", [],
     "2026-10-08"),
    ("is started again on the last of the days that rolling added", ROLLING_YEAR, "2024-10-01",
     [event("demand", "2025-10-09")], "2026-10-09"),
    ("is not started again a day later", ROLLING_YEAR, "2024-10-01", [event("demand", "2025-10-10")], "2025-10-09"),
    ("is started again within the months for which it was held", THREE_YEARS, "2025-02-10",
     [event("judgment", "2027-12-01", until_on=date(2028, 1, 15)), event("demand", "2028-07-15")], "2031-07-15"),
    ("is not started again a day after those", THREE_YEARS, "2025-02-10",
     [event("judgment", "2027-12-01", until_on=date(2028, 1, 15)), event("demand", "2028-07-16")], "2028-07-15"),
    ("is never made shorter by what held it", THREE_YEARS, "2025-08-31",
     [event("judgment", "2028-02-01", until_on=date(2028, 2, 29))], "2028-08-31"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "rule", "start", "events", "expected"), PERIODS, ids=[row[0] for row in PERIODS])
def test_a_period(name, rule, start, events, expected):
    pack = pack_of(("period", rule))

    last = ends_on(pack.clauses[0].rule, pack, date.fromisoformat(start), events)

    assert last == (None if expected is None else date.fromisoformat(expected))


@pytest.mark.parametrize(
    ("name", "rule", "start", "last", "provisional"),
    [
        ("the last working day that the calendar knows", ROLLING_YEAR, "2025-12-31", "2026-12-31", False),
        ("the first day that no calendar knows", ROLLING_YEAR, "2026-01-01", "2027-01-01", True),
        ("a Saturday that no calendar knows is not moved", ROLLING_YEAR, "2026-01-02", "2027-01-02", True),
        ("two working days, weekends left out", "{what: answer, days: 2, business: true, from: notice_served}", "2026-12-31", "2027-01-04", True),
        ("days that do not roll", "{what: answer, days: 20, from: notice_served}", "2026-12-31", "2027-01-20", False),
    ],
)  # fmt: skip
def test_a_day_that_no_calendar_knows_is_shown_as_provisional_and_never_relied_on(name, rule, start, last, provisional):
    pack = pack_of(("period", rule))
    period, begins = pack.clauses[0].rule, date.fromisoformat(start)

    shown = course(period, pack, begins)

    assert (shown.last_on, shown.provisional) == (date.fromisoformat(last), provisional)
    if not provisional:
        assert ends_on(period, pack, begins) == shown.last_on
        return
    with pytest.raises(Refusal, match="does not know the holidays of 2027"):
        ends_on(period, pack, begins)


CONTRACT = Terms(interest_rate_ppm=120_000, penalty_rate_ppm=300_000, penalty_compound=True, late_fee_minor=5_000)
SIGNED_ON = date(2025, 12, 30)
CAPS = [
    ("times the contract rate", '{on: penalty_rate, most: {times_rate: "1.5"}}', {"penalty_rate_ppm": 180_000}),
    ("nothing lies above", '{on: penalty_rate, most: {times_rate: "2.5"}}', {}),
    ("a rate", '{on: penalty_rate, most: {rate: "0.24"}}', {"penalty_rate_ppm": 240_000}),
    ("a rate on the contract rate", '{on: rate, most: {rate: "0.10"}}', {"interest_rate_ppm": 100_000}),
    ("no compounding", "{on: compound, most: {none: true}}", {"penalty_compound": False}),
    ("no late fee", "{on: late_fee, most: {none: true}}", {"late_fee_minor": 0}),
    ("times the prime rate", "{on: penalty_rate, most: {times_lpr: 4, of: opened_on}}", {"penalty_rate_ppm": 120_000}),
    ("a plea cuts nothing", '{on: penalty_rate, most: {rate: "0.24"}, effect: plea}', {}),
]


@pytest.mark.parametrize(("name", "rule", "changed"), CAPS, ids=[row[0] for row in CAPS])
def test_a_cap(name, rule, changed):
    lawful = lawful_terms(stack_of_one(("cap", rule)), CONTRACT, SIGNED_ON, "bank")

    assert lawful.terms == replace(CONTRACT, **changed)
    assert bool(lawful.bounds) == (bool(changed) or "plea" in rule)


@pytest.mark.parametrize(("kind", "cut", "unchecked"), [("micro_loan", 1, 0), ("bank", 0, 0), (None, 0, 1)])
def test_a_cap_that_names_kinds_of_lender_is_unchecked_where_the_kind_is_not_known(kind, cut, unchecked):
    stack = stack_of_one(("cap", '{on: penalty_rate, most: {rate: "0.24"}}', "    lenders: [micro_loan]\n"))

    bounds = lawful_terms(stack, CONTRACT, SIGNED_ON, kind).bounds

    assert [sum(bound.cuts for bound in bounds), sum(bound.allowed is None for bound in bounds)] == [cut, unchecked]


def test_a_reference_rate_that_is_not_in_the_data_leaves_the_cap_unchecked():
    stack = stack_of_one(("cap", "{on: penalty_rate, most: {times_lpr: 4, of: opened_on}}"))

    (bound,) = lawful_terms(stack, CONTRACT, date(2031, 1, 1), "private").bounds

    assert bound.allowed is None and not bound.cuts
    with pytest.raises(Refusal, match=r"lpr-1y\.csv: is not known for this day"):
        lpr(date(2031, 1, 1))


@pytest.mark.parametrize(
    ("day", "known"),
    [(date(2025, 12, 21), False), (date(2025, 12, 22), True), (date(2026, 1, 19), True), (date(2026, 1, 20), False)],
)
def test_the_prime_rate_holds_until_the_day_of_the_next_publication(day, known):
    if known:
        assert lpr(day) == Decimal("0.03")
        return
    with pytest.raises(Refusal):
        lpr(day)


def test_an_order_of_law_holds_where_nothing_was_agreed():
    stack = stack_of_one(("order", "{allocation: [fee, interest, penalty, principal], where: not_agreed}"))
    agreed = replace(CONTRACT, allocation=("principal", "interest", "penalty", "fee"), allocation_agreed=True)

    assert lawful_terms(stack, agreed, SIGNED_ON).terms.allocation == agreed.allocation
    lawful = lawful_terms(stack, replace(agreed, allocation_agreed=False), SIGNED_ON)
    assert lawful.terms.allocation == ("fee", "interest", "penalty", "principal") and lawful.order.id == "T-1"


@pytest.mark.parametrize(("days", "band"), [(0, "normal"), (90, "normal"), (91, "substandard"), (400, "loss")])
def test_a_class_by_days_past_due(days, band):
    bands = [("normal", 0), ("substandard", 91), ("loss", 361)]
    listed = [f"{{id: {name}, from: {first}, name: {{zh: 一, en: one}}}}" for name, first in bands]
    rule = f"{{by: days_past_due, bands: [{', '.join(listed)}]}}"

    assert class_of(pack_of(("class", rule)).clauses[0].rule, days)[0] == band
