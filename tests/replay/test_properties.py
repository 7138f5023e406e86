"""The kernel against the exact reference, and what must hold of money whatever happens."""

import json
from datetime import UTC, datetime, timedelta

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from arrears.replay import Terms, layout, replay_frame, replay_one
from tests.examples import examples
from tests.reference import reference
from tests.strategies import ACCOUNTS, AS_OF, OPENED, PLANNED, as_facts, told_of_people

CHECKED = examples(25)
KEPT_LINES = (layout.L_PLAN_MISSED, layout.L_PLAN_REPAIRED, layout.L_PLAN_BROKEN)
MONEY = (
    "due_fee",
    "due_penalty",
    "due_interest",
    "due_principal",
    "credit",
    "payoff",
    "not_due_principal",
    "accrued_interest",
)


def same(expected, got):
    return {name: (value, got[name]) for name, value in expected.items() if got[name] != value}


@given(st.lists(ACCOUNTS, min_size=1, max_size=8), AS_OF, st.one_of(st.none(), st.integers(0, 500)))
@examples(60)
def test_the_compiled_kernel_equals_the_exact_reference(accounts, as_of, known):
    facts = as_facts(accounts)
    known_at = None if known is None else datetime(2023, 11, 15, tzinfo=UTC) + timedelta(days=known)

    rows = {row["account_id"]: row for row in replay_frame(facts, as_of, known_at).iter_rows(named=True)}

    for account_id, row in rows.items():
        assert same(reference(facts, account_id, as_of, known_at), row) == {}


@given(told_of_people(), st.integers(0, 200), st.one_of(st.none(), st.integers(0, 200)))
@CHECKED
def test_the_standing_is_of_the_borrower_and_not_of_whoever_stands_beside(told, day, known):
    said, people = told
    schedule = [{"number": 1, "due_on": OPENED + timedelta(days=30), "principal": 100_000, "interest": 0, "fee": 0}]
    facts, as_of = as_facts([(Terms(penalty_rate_ppm=234_000), schedule, said)], people), OPENED + timedelta(days=day)
    known_at = None if known is None else datetime(2023, 11, 15, tzinfo=UTC) + timedelta(days=known)

    row = replay_frame(facts, as_of, known_at).row(0, named=True)

    assert same(reference(facts, "A0000", as_of, known_at), row) == {}


@given(PLANNED, st.integers(0, 200))
@CHECKED
def test_a_plan_is_repaired_at_most_once_within_its_days_and_the_kernel_knows_it_as_the_reference_does(planned, day):
    facts, as_of = as_facts([planned]), OPENED + timedelta(days=day)
    agreed = json.loads(planned[2][0]["data"])["repair_days"]

    row = replay_frame(facts, as_of).row(0, named=True)
    lines = [line for line in replay_one(facts, "A0000", as_of).lines if line[layout.X_CODE] in KEPT_LINES]

    assert same(reference(facts, "A0000", as_of), row) == {}
    codes = [layout.LINE_CODES[line[layout.X_CODE]] for line in lines]
    assert codes == ["plan_missed", "plan_repaired", "plan_broken"][: len(codes)] or codes in (
        ["plan_missed", "plan_broken"],
        ["plan_broken"],
    )
    if codes[:2] == ["plan_missed", "plan_repaired"]:
        assert lines[1][layout.X_ON] - lines[0][layout.X_ON] <= agreed
    assert row["plan_broken"] == (codes[-1:] == ["plan_broken"])


@given(ACCOUNTS, AS_OF)
@CHECKED
def test_step_by_step_equals_compiled_and_its_lines_end_at_the_position(account, as_of):
    facts = as_facts([account])

    compiled = replay_frame(facts, as_of).row(0, named=True)
    stepped = replay_one(facts, "A0000", as_of)

    assert same(compiled, stepped.position) == {}


@given(ACCOUNTS, AS_OF, st.lists(st.integers(0, 500), max_size=6))
@CHECKED
def test_splitting_a_period_changes_nothing(account, as_of, days):
    terms, schedule, events = account
    nothing = [{"event_id": f"Z{n}", "at": datetime(2023, 11, 16, 1, tzinfo=UTC) + timedelta(days=n), "recorded_at": datetime(2023, 11, 16, tzinfo=UTC), "kind": "fee",
                "amount": 0, "ref": None, "data": None} for n in set(days)]  # fmt: skip

    plain = replay_frame(as_facts([account]), as_of).row(0, named=True)
    split = replay_frame(as_facts([(terms, schedule, events + nothing)]), as_of).row(0, named=True)

    assert same(plain, split) == {}


@given(st.lists(ACCOUNTS, min_size=2, max_size=8), AS_OF)
@CHECKED
def test_what_an_account_comes_to_does_not_depend_on_the_one_before_it(accounts, as_of):
    together = replay_frame(as_facts(accounts), as_of).drop("account_id", "product")

    alone = pl.concat([replay_frame(as_facts([account]), as_of) for account in accounts])

    assert together.equals(alone.drop("account_id", "product"))


@given(ACCOUNTS, AS_OF)
@CHECKED
def test_every_payment_is_found_again(account, as_of):
    row = replay_frame(as_facts([account]), as_of).row(0, named=True)

    paid = sum(row[f"paid_{name}"] for name in ("fee", "penalty", "interest", "principal"))
    assert row["payments"] == paid + row["credit"] + row["refunded"] - row["refund_charged"]
    assert row["paid_total"] == paid
    assert all(row[name] >= 0 for name in MONEY)


@given(ACCOUNTS, AS_OF, st.randoms())
@CHECKED
def test_the_order_of_recording_is_irrelevant(account, as_of, random):
    terms, schedule, events = account
    shuffled = [{**event, "recorded_at": event["at"] + timedelta(days=random.randrange(90))} for event in events]
    random.shuffle(shuffled)

    assert replay_frame(as_facts([account]), as_of).equals(replay_frame(as_facts([(terms, schedule, shuffled)]), as_of))


@given(ACCOUNTS, AS_OF, st.integers(0, 400), st.integers(0, 60), st.integers(1, 50_000))
@CHECKED
def test_a_reversal_restores(account, as_of, day, later, amount):
    terms, schedule, events = account
    at = datetime(2023, 11, 16, 3, tzinfo=UTC) + timedelta(days=day)
    payment = {
        "event_id": "P",
        "at": at,
        "recorded_at": at,
        "kind": "payment",
        "amount": amount,
        "ref": None,
        "data": None,
    }
    reversal = {
        **payment,
        "event_id": "R",
        "at": at + timedelta(days=later, hours=1),
        "kind": "payment_reversed",
        "amount": None,
        "ref": "P",
    }
    end = max(as_of, (reversal["at"] + timedelta(days=1)).date())

    without = replay_frame(as_facts([account]), end).row(0, named=True)
    restored = replay_frame(as_facts([(terms, schedule, [*events, payment, reversal])]), end).row(0, named=True)

    assert set(same(without, restored)) <= {"reversed"}
    known = replay_frame(
        as_facts(
            [(terms, schedule, [*events, payment, {**reversal, "recorded_at": reversal["at"] + timedelta(days=9)}])]
        ),
        end,
        reversal["at"] + timedelta(days=1),
    )
    assert known["reversed"][0] == without["reversed"] or any(
        e["recorded_at"] > reversal["at"] + timedelta(days=1) for e in events
    )


@given(ACCOUNTS, st.integers(0, 500), st.integers(1, 50_000))
@CHECKED
def test_adding_a_payment_never_raises_what_is_owed(account, day, amount):
    terms, schedule, events = account
    plain = [event for event in events if event["kind"] not in AMBIGUOUS]
    at = datetime(2023, 11, 16, 3, tzinfo=UTC) + timedelta(days=day)
    payment = {
        "event_id": "P",
        "at": at,
        "recorded_at": at,
        "kind": "payment",
        "amount": amount,
        "ref": None,
        "data": None,
    }
    as_of = OPENED + timedelta(days=560)

    before = replay_frame(as_facts([(terms, schedule, plain)]), as_of).row(0, named=True)
    after = replay_frame(as_facts([(terms, schedule, [*plain, payment])]), as_of).row(0, named=True)

    assert after["payoff"] <= before["payoff"] + 1  # a minor unit of rounding between running totals


#: Kinds whose effect depends on what stands at that moment (a waiver of all that is due finds less after a payment).
AMBIGUOUS = ("waiver", "adjustment", "plan", "plan_cancelled", "refund")


@given(ACCOUNTS, AS_OF, st.integers(0, 300))
@CHECKED
def test_as_of_dates_compose(account, as_of, days):
    """What happened later changes nothing about an earlier day (but for pauses and reversals, which reach back once known)."""
    terms, schedule, events = account
    facts = as_facts([account])
    until = [
        event
        for event in events
        if event["at"].astimezone(UTC) + timedelta(hours=8)
        < datetime(as_of.year, as_of.month, as_of.day, tzinfo=UTC) + timedelta(days=1)
    ]

    assert replay_frame(facts, as_of).equals(replay_frame(as_facts([(terms, schedule, until)]), as_of))
    assert replay_frame(facts, as_of + timedelta(days=days))["account_id"].to_list() == ["A0000"]


def test_an_amount_beyond_exact_computation_refuses_the_account_and_only_that_one():
    huge = Terms(penalty_rate_ppm=10_000_000, penalty_basis="actual/360")
    due = OPENED + timedelta(days=30)
    rows = [
        {"number": n + 1, "due_on": due + timedelta(days=n), "principal": 10**13, "interest": 0, "fee": 0}
        for n in range(2)
    ]
    small = [{"number": 1, "due_on": due, "principal": 100, "interest": 0, "fee": 0}]

    frame = replay_frame(as_facts([(huge, rows, []), (huge, small, [])]), OPENED + timedelta(days=90))

    assert frame["refused"].to_list() == ["overflow", None]
    assert frame["due_total"].to_list()[0] == 0
    assert json.dumps(frame["due_principal"].to_list()) == "[0, 100]"
