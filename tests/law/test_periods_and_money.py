"""Periods, caps, orders and classes: the last day, the most that may be demanded, what a payment goes to."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from arrears.errors import Refusal
from arrears.law import Charges, Event, allocation, caps, class_of, ends_on
from tests.law.made_packs import pack_of, stack_of_one

THREE_YEARS = ("{what: limitation, years: 3, from: last_due, restart_on: [demand, acknowledged], "
               "suspend_last: {months: 6, on: [judgment]}, longest: {years: 20}}")  # fmt: skip


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
]  # fmt: skip


@pytest.mark.parametrize(("name", "rule", "start", "events", "expected"), PERIODS, ids=[row[0] for row in PERIODS])
def test_a_period(name, rule, start, events, expected):
    pack = pack_of(("period", rule))

    last = ends_on(pack.clauses[0].rule, pack, date.fromisoformat(start), events)

    assert last == (None if expected is None else date.fromisoformat(expected))


CAPS = [
    ("times the contract rate", '{on: penalty_rate, most: {times_rate: "1.5"}}', {"penalty_rate": "0.30"}, "0.180"),
    ("nothing lies above", '{on: penalty_rate, most: {times_rate: "1.5"}}', {"penalty_rate": "0.18"}, None),
    ("a rate", '{on: total, most: {rate: "0.24"}}', {"total": "0.36"}, "0.24"),
    ("none at all", "{on: compound, most: {none: true}}", {"compound": "1"}, "0"),
    ("times the prime rate", "{on: total, most: {times_lpr: 4, of: opened_on}}", {"total": "0.36"}, "0.12"),
]


@pytest.mark.parametrize(("name", "rule", "charges", "most"), CAPS, ids=[row[0] for row in CAPS])
def test_a_cap(name, rule, charges, most):
    demanded = Charges(date(2025, 12, 30), Decimal("0.12"), **{key: Decimal(value) for key, value in charges.items()})

    found = caps(stack_of_one(("cap", rule)), demanded, date(2026, 1, 1), "lender", "bank")

    assert [capped.most for capped in found] == ([] if most is None else [Decimal(most)])
    assert all(capped.is_cut for capped in found)


def test_a_cap_that_names_kinds_of_lender_needs_to_know_the_kind():
    stack = stack_of_one(("cap", '{on: total, most: {rate: "0.24"}}', "    lenders: [micro_loan]\n"))
    demanded = Charges(date(2025, 12, 30), total=Decimal("0.36"))

    counts = [len(caps(stack, demanded, date(2026, 1, 1), "lender", kind)) for kind in ("micro_loan", "bank", None)]

    assert counts == [1, 0, 0]


def test_a_reference_rate_that_is_not_in_the_data_is_refused():
    stack = stack_of_one(("cap", "{on: total, most: {times_lpr: 4, of: opened_on}}"))

    with pytest.raises(Refusal, match=r"lpr-1y\.csv: is not known for this day"):
        caps(stack, Charges(date(2031, 1, 1), total=Decimal("0.36")), date(2031, 1, 1), "lender", "private")


def test_an_order_of_law_holds_where_nothing_was_agreed():
    stack = stack_of_one(("order", "{allocation: [fee, interest, penalty, principal], where: not_agreed}"))
    agreed = ("principal", "interest", "penalty", "fee")

    assert allocation(stack, date(2026, 1, 1), agreed, "lender", None) == (agreed, None)
    order, clause = allocation(stack, date(2026, 1, 1), None, "lender", None)
    assert order == ("fee", "interest", "penalty", "principal") and clause.id == "T-1"


@pytest.mark.parametrize(("days", "band"), [(0, "normal"), (90, "normal"), (91, "substandard"), (400, "loss")])
def test_a_class_by_days_past_due(days, band):
    bands = [("normal", 0), ("substandard", 91), ("loss", 361)]
    listed = [f"{{id: {name}, from: {first}, name: {{zh: 一, en: one}}}}" for name, first in bands]
    rule = f"{{by: days_past_due, bands: [{', '.join(listed)}]}}"

    assert class_of(pack_of(("class", rule)).clauses[0].rule, days)[0] == band
