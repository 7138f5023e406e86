"""The loan as agreed: paying every instalment on its day, in the replay, settles it to the last minor unit."""

from datetime import datetime, time
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from arrears.calendar import from_day_number
from arrears.facts.cases import case_of
from arrears.facts.typed import type_facts
from arrears.facts.yaml_text import Document
from arrears.replay import Terms
from arrears.replay.agreed import agreed_of
from arrears.replay.position import replay_one
from tests.strategies import BASES

DAYS = st.lists(st.integers(1, 700), min_size=1, max_size=3, unique=True).map(sorted)


def case_with(days, principals, terms, events=()):
    opened = 20_000  # 2024-10-04
    rows = [
        {"due_on": day_of(opened + day), "principal": f"{minor / 100:.2f}", "interest": "1.00", "fee": "0.50"}
        for day, minor in zip(days, principals, strict=False)
    ]
    lent = sum(minor for _, minor in zip(days, principals, strict=False))
    account = {"id": "L1", "law": "none", "currency": "EUR", "principal": f"{lent / 100:.2f}", "opened_on": day_of(opened)}  # fmt: skip
    content = {"account": account, "terms": terms, "instalments": rows, "events": list(events), "as_of": day_of(opened + 800)}  # fmt: skip
    return case_of(Document("case", content), Terms.from_mapping)


def typed_of(facts):
    return type_facts(facts.accounts, facts.instalments, facts.events, facts.people)


def day_of(number):
    return from_day_number(number).isoformat()


@settings(max_examples=6, deadline=None)
@given(
    DAYS, st.lists(st.integers(1, 10**7), min_size=5, max_size=5), st.sampled_from(BASES),
    st.sampled_from(["half_even", "half_up", "down"]), st.sampled_from(["daily", "scheduled"]),
)  # fmt: skip
def test_each_payment_as_agreed_on_its_day_leaves_nothing_owed(days, principals, basis, rounding, method):
    terms = {"interest": {"method": method, "rate": "0.173", "basis": basis}, "rounding": rounding}
    case = case_with(days, principals, terms)
    facts = case.facts
    (agreed_terms,) = next(iter(facts.terms.values()))
    agreed = agreed_of(typed_of(facts), agreed_terms)

    paid = case_with(days, principals, terms, [
        {"at": datetime.combine(on, time(12), ZoneInfo("UTC")).isoformat(), "kind": "payment", "amount": f"{minor / 100:.2f}"}
        for on, minor in agreed.payments
    ])  # fmt: skip

    row = replay_one(paid.facts, "L1", case.as_of).position
    assert (row["payoff"], row["credit"], row["worst_days_past_due"], row["due_penalty"]) == (0, 0, 0, 0)
    assert agreed.cost_minor == row["paid_interest"] + row["paid_fee"]


def test_only_fees_of_the_first_day_that_were_known_count_as_kept_back():
    events = [
        {"at": "2024-10-04T09:00:00+00:00", "kind": "fee", "amount": "5.00"},
        {"at": "2024-10-04T10:00:00+00:00", "recorded_at": "2024-12-01T10:00:00+00:00", "kind": "fee", "amount": "7.00"},
        {"at": "2024-10-05T09:00:00+00:00", "kind": "fee", "amount": "9.00"},
    ]  # fmt: skip
    case = case_with([30], [10_000], {"interest": {"method": "scheduled"}}, events)
    typed, terms = typed_of(case.facts), Terms()

    then = agreed_of(typed, terms, datetime(2024, 11, 1, tzinfo=ZoneInfo("UTC")))

    assert (agreed_of(typed, terms).fees_minor, then.fees_minor, then.received_minor) == (1200, 500, 9500)
