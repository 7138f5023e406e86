"""What holds of every period, whatever happened: the order of recording, an acknowledgement, another's payment."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from arrears.facts.cases import case_of
from arrears.facts.schema import frame
from arrears.facts.yaml_text import parse_yaml
from arrears.law import Event, course, load_pack
from arrears.legal import as_json, debt_of, legal_dates
from arrears.replay import Terms
from tests.examples import examples

RUN = [
    (load_pack(pack).clause(clause).rule, load_pack(pack))
    for pack, clause in (
        ("cn", "CN-LIM-1"),
        ("cn", "CN-ENF-1"),
        ("uk", "UK-LIMITATION-EW"),
        ("us-ny", "US-NY-LIMITATION"),
    )
]
DAYS = st.dates(date(2015, 1, 1), date(2032, 12, 31))
KINDS = st.sampled_from(
    ["demand", "acknowledged", "payment", "suit_filed", "deceased", "enforcement_applied", "contact"]
)


@st.composite
def happened(draw, kinds=KINDS):
    day, kind = draw(DAYS), draw(kinds)
    until = day + timedelta(days=draw(st.integers(0, 400))) if kind == "deceased" else None
    return Event(datetime(day.year, day.month, day.day, 4, tzinfo=UTC), kind, until_on=until)


@given(st.sampled_from(RUN), DAYS, st.lists(happened(), max_size=6), st.randoms(use_true_random=False))
def test_the_order_of_recording_changes_nothing(rule_and_pack, start, events, chance):
    rule, pack = rule_and_pack
    shuffled = list(events)
    chance.shuffle(shuffled)

    ran, again = course(rule, pack, start, events), course(rule, pack, start, shuffled)

    assert (ran.began_on, ran.last_on, ran.provisional) == (again.began_on, again.last_on, again.provisional)


@given(
    st.sampled_from(RUN),
    DAYS,
    st.lists(happened(), max_size=6),
    happened(st.sampled_from(["acknowledged", "payment", "demand"])),
)
def test_an_acknowledgement_a_payment_or_a_demand_never_shortens(rule_and_pack, start, events, one_more):
    rule, pack = rule_and_pack

    before, after = course(rule, pack, start, events), course(rule, pack, start, [*events, one_more])

    assert after.last_on >= before.last_on


@given(st.sampled_from(RUN), DAYS, st.lists(happened(), max_size=6))
def test_what_came_after_the_end_changes_nothing(rule_and_pack, start, events):
    rule, pack = rule_and_pack
    ran = course(rule, pack, start, events)

    without = course(rule, pack, start, [event for event in events if event not in ran.too_late])

    assert replace(ran, too_late=()) == without
    assert ran.counted_on <= ran.last_on


CASE = """
account: {id: A1, law: %s, currency: CNY, principal: "1000.00", opened_on: 2020-01-10}
instalments: [{due_on: 2020-03-10, principal: "400.00"}, {due_on: 2020-04-10, principal: "600.00"}]
people: [{id: P1, role: borrower, region: %s}, {id: P2, role: third_party}, {id: P3, role: guarantor}]
as_of: 2026-11-24
"""
LAWS = {
    (law, region): case_of(parse_yaml(CASE % (law, region), "made.yaml"), Terms.from_mapping)
    for law, region in (("cn", "CN-ZJ"), ("uk", "GB-ENG"))
}
#: A debt is replayed for each example, which takes as long as the machine lets it.
A_DEBT = examples(20)
ROWS = st.lists(
    st.tuples(
        st.dates(date(2020, 3, 11), date(2026, 11, 20)), st.sampled_from(["payment", "acknowledged", "demand", "promise"]),
        st.sampled_from(["P1", "P2", "P3"]),
    ),
    max_size=5,
)  # fmt: skip


def found_of(case, rows):
    events = [
        {"event_id": f"E{number}", "account_id": "A1", "person_id": person, "at": at, "recorded_at": at, "kind": kind,
         "amount": 1 if kind in ("payment", "promise") else None,
         "data": f'{{"by": "{day + timedelta(days=9)}"}}' if kind == "promise" else None}
        for number, (day, kind, person) in rows
        for at in (datetime(day.year, day.month, day.day, 4, tzinfo=UTC),)
    ]  # fmt: skip
    return legal_dates(debt_of(replace(case.facts, events=frame("events", events)), "A1", case.as_of))


@A_DEBT
@given(st.sampled_from(sorted(LAWS)), ROWS, st.randoms(use_true_random=False))
def test_the_order_of_the_facts_changes_no_date_of_a_debt(law, rows, chance):
    numbered = list(enumerate(rows))
    shuffled = list(numbered)
    chance.shuffle(shuffled)

    assert as_json(found_of(LAWS[law], numbered), "en") == as_json(found_of(LAWS[law], shuffled), "en")


@A_DEBT
@given(st.sampled_from(sorted(LAWS)), ROWS)
def test_what_somebody_else_pays_or_says_moves_no_last_day(law, rows):
    numbered = list(enumerate(rows))

    everything = found_of(LAWS[law], numbered)
    own = found_of(LAWS[law], [(number, row) for number, row in numbered if row[2] == "P1"])

    assert [one.last_on for one in everything.dates] == [one.last_on for one in own.dates]
