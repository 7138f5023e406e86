"""What holds of every answer of the guard, over random histories, packs, zones and changes of the clock."""

from dataclasses import replace
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from arrears.law import Policy, Question, Stack, history_of, may, stack
from tests.examples import examples
from tests.law.books import BASES, BEGIN, CHANNELS, REGIONS, ZONES, event, quiet
from tests.law.made_packs import house_of

ROLES = {"P1": "borrower", "P2": "third_party"}
RANK = {"allowed": 0, "wait": 1, "never": 2}
EVENTS = st.lists(st.one_of(event(3), event(40)), max_size=8)
#: Instants of a year with all its changes of the clock.
INSTANTS = st.integers(0, 400 * 24 * 4).map(lambda quarter: BEGIN + timedelta(minutes=15 * quarter))


@st.composite
def question(draw, instants=INSTANTS, roles=("borrower", "borrower", "third_party")):
    """A stack and a question to it; the history it is asked with ends on `BEGIN`."""
    law = draw(st.sampled_from(BASES))
    role = draw(st.sampled_from(roles))
    region = draw(st.sampled_from(REGIONS.get(law, [None])))
    zones = tuple(draw(st.lists(st.sampled_from(ZONES[law]), min_size=1, max_size=2, unique=True)))
    purpose = "location_information" if role == "third_party" else draw(st.sampled_from(["collection", "service"]))
    asked = Question(
        draw(st.sampled_from(CHANNELS)), draw(instants), zones, role=role, person="P2" if role == "third_party" else "P1",
        accounts=("A",), number=draw(st.sampled_from([None, "+1"])), place=draw(st.sampled_from([None, "work"])),
        purpose=purpose, binds=draw(st.sampled_from(["lender", "agency"])), lender_kind="bank",
        product=draw(st.sampled_from(["credit_card", "consumer_loan"])), region=region,
        standing={**quiet(), "usable_phone": draw(st.booleans()), "disputed": draw(st.integers(0, 4)) == 0},
    )  # fmt: skip
    return stack(law, region), asked


def rows(events):
    return [{"event_id": str(number), "account_id": "A", **row} for number, row in enumerate(events)]


#: Within the days that every calendar covers.
SOON = st.integers(0, 60 * 24 * 4).map(lambda quarter: BEGIN + timedelta(minutes=15 * quarter))


@given(asked=question(SOON), events=EVENTS, parts=st.lists(st.floats(0, 1, exclude_max=True), min_size=3, max_size=6))
@examples(100)
def test_the_end_of_a_wait_is_allowed_and_no_instant_before_it_is(asked, events, parts):
    laws, wanted = asked
    history = history_of(rows(events), ROLES)

    verdict = may(laws, wanted, history)

    if verdict.verdict == "wait":
        at, until = wanted.at, verdict.not_before
        assert may(laws, replace(wanted, at=until), history).verdict == "allowed"
        last = until - timedelta(microseconds=1)
        for before in (*(at + (until - at) * part for part in parts), last):
            assert may(laws, replace(wanted, at=min(max(at, before), last)), history).verdict == "wait"


@given(asked=question(SOON), events=EVENTS)
@examples(60)
def test_a_stricter_house_rule_never_loosens_an_answer(asked, events):
    laws, wanted = asked
    history = history_of(rows(events), ROLES)
    house = house_of(laws.packs[0], "hours", '{windows: [{from: "10:00", until: "16:00"}]}')

    law, with_house = may(laws, wanted, history), may(Stack((*laws.packs, house)), wanted, history)

    assert RANK[law.verdict] <= RANK[with_house.verdict]
    if law.verdict == with_house.verdict == "wait":
        assert law.not_before <= with_house.not_before


@given(asked=question(SOON, roles=("borrower",)), events=EVENTS, before=st.integers(1, 20_000))
@examples(60)
def test_one_more_attempt_never_makes_an_answer_laxer(asked, events, before):
    laws, wanted = asked
    at = BEGIN - timedelta(minutes=before)
    attempt = {"kind": "contact", "channel": "call", "direction": "out", "outcome": "no_answer", "person_id": "P1",
               "at": at, "recorded_at": at, "data": None}  # fmt: skip

    first = may(laws, wanted, history_of(rows(events), ROLES))
    more = may(laws, wanted, history_of(rows([*events, attempt]), ROLES))

    assert RANK[first.verdict] <= RANK[more.verdict]
    if first.verdict == more.verdict == "wait":
        assert first.not_before <= more.not_before


@given(asked=question(SOON), events=EVENTS, data=st.data())
@examples(40)
def test_the_order_in_which_events_were_recorded_changes_nothing(asked, events, data):
    laws, wanted = asked
    told = rows(events)

    first = may(laws, wanted, history_of(told, ROLES))
    again = may(laws, wanted, history_of(data.draw(st.permutations(told)), ROLES))

    assert (first.verdict, first.not_before, first.clauses) == (again.verdict, again.not_before, again.clauses)


@given(asked=question(SOON), events=EVENTS)
@examples(40)
def test_what_does_not_block_in_this_house_is_an_advisory(asked, events):
    laws, wanted = asked
    history = history_of(rows(events), ROLES)
    statutes = Policy(frozenset({"statute", "regulation"}))

    everything, lenient = may(laws, wanted, history), may(laws, wanted, history, statutes)

    assert RANK[lenient.verdict] <= RANK[everything.verdict]
    assert all(clause.force in statutes.blocks for clause in lenient.clauses)
    assert all(clause.force not in statutes.blocks for clause in lenient.advisories)
    if lenient.verdict == "allowed" and everything.verdict != "allowed":
        assert lenient.advisories
