"""Offers: sums, limits, the optimum, and what the replay makes of an agreed plan."""

import copy
from datetime import datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from arrears import plans
from arrears.cli.plan_files import as_yaml
from arrears.facts.cases import case_of
from arrears.facts.yaml_text import parse_yaml
from arrears.law.periods import add_months
from arrears.plans.answer import final_note, offers_json, reason_text
from arrears.plans.ending import ended
from arrears.plans.independent import faults
from arrears.plans.search import Length, best, solved
from arrears.plans.words import word
from arrears.replay.position import replay_one
from arrears.replay.terms import Terms
from tests.plans.conftest import CASES
from tests.plans.random_cases import faults_of, random_case

AT = datetime.fromisoformat("2026-05-20T12:00:00+08:00")


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.randoms(use_true_random=False))
def test_every_offer_of_a_random_case_passes_the_independent_check(draw):
    owed, budget, policy = random_case(draw)

    found, _ = faults_of(owed, budget, policy)

    assert found == []


def broken(answer, change):
    changed = copy.deepcopy(answer)
    change(next(one for one in changed["offers"] if one["kind"] == "stepped_waiver"), changed)
    return changed


BREAKS = {
    "a cent more in one instalment": lambda offer, _: offer["instalments"][0].update(principal="1.00"),
    "a total that is not the sum": lambda offer, _: offer.update(total="1.00"),
    "more waived than there is authority": lambda offer, _: offer["waived"].update(principal="1.00"),
    "another end": lambda offer, _: offer.update(ends_on="2030-01-01"),
    "an instalment beyond the budget": lambda _, answer: answer.update(at_most="100.00"),
    "a level that the policy does not have": lambda offer, _: offer["granted_by"].update(id="anyone"),
    "interest stopped without authority": lambda offer, _: offer["granted_by"].update(id="service"),
    "other evidence": lambda offer, _: offer.update(evidence=[]),
    "steps that do not add up": lambda offer, _: offer["final"].pop(),
    "the cheapest named wrongly": lambda offer, _: offer["tags"].append("cheapest_for_borrower"),
}


@pytest.mark.parametrize("change", BREAKS.values(), ids=BREAKS)
def test_the_independent_check_finds(offered, change):
    _, found = offered("loan")
    answer = offers_json(found, "en")

    assert faults(answer, found.policy.source) == []
    assert faults(broken(answer, change), found.policy.source) != []


def test_the_independent_check_finds_a_card_plan_beyond_five_years(offered):
    _, found = offered("card")
    answer = offers_json(found, "en")
    answer["offers"][0]["instalments"][-1]["due_on"] = answer["offers"][0]["ends_on"] = "2031-05-21"

    assert any("60 months" in fault for fault in faults(answer, found.policy.source))


def test_the_independent_check_finds_that_a_cheaper_plan_was_kept_back(offered):
    _, found = offered("loan")
    answer = offers_json(found, "en")
    answer["offers"] = [one for one in answer["offers"] if one["kind"] != "settlement"]
    answer["offers"][0]["tags"].append("cheapest_for_borrower")

    assert any("less than the cheapest" in fault for fault in faults(answer, found.policy.source))


@pytest.mark.parametrize(("at_most", "most", "fits"), [("0.03", 4, True), ("0.03", 3, False), ("0.04", 3, True), ("0.02", 4, False)])  # fmt: skip
def test_the_independent_check_rounds_the_level_of_a_plan_that_was_kept_back_up(offered, at_most, most, fits):
    _, found = offered("loan")
    answer = offers_json(found, "en") | {"offers": [], "why_none": {"id": "nothing_fits"}, "at_most": at_most}
    nothing = dict.fromkeys(("interest", "penalty", "fee"), "0.00")
    answer["owed"] |= {
        "due": nothing | {"principal": "0.10", "total": "0.10"}, "not_due_principal": "0.00", "accrued_interest": "0.00"
    }  # fmt: skip
    policy = {
        "offers": {"interest_stop": {"most": most}},
        "authority": [{"id": "L", "most": most, "stop_interest": True}],
    }

    told = faults(answer, policy)

    # 0.10 in four is 0.03 and 0.01 at the end, in three 0.04 and 0.02; five of 0.02 are more than the policy allows
    assert told == (["interest_stop at L could cost 0.10, which is less than the cheapest"] if fits else [])


def test_the_independent_check_finds_an_instalment_beyond_what_the_budget_leaves(offered):
    _, found = offered("loan")
    answer = offers_json(found, "en") | {"at_most": "2440.01"}

    assert "an instalment may be more than the budget leaves" in faults(answer, found.policy.source)


@pytest.mark.parametrize("told", [{"share": "2440.01"}, {"owed_elsewhere": "10.00"}, {"share": "0.01"}], ids=str)
def test_the_independent_check_finds_a_part_of_the_affordable_that_is_not_in_proportion(offered, told):
    _, found = offered("loan")
    answer = offers_json(found, "en") | told

    assert "an instalment may be more than this debt's part of what is affordable" in faults(
        answer, found.policy.source
    )


lengths = st.lists(
    st.tuples(st.integers(0, 50_000), st.integers(1, 90_000), st.floats(0.2, 1.0)), min_size=1, max_size=24
)


@settings(max_examples=200, deadline=None)
@given(st.integers(1_000, 900_000), lengths, st.integers(0, 100_000))
def test_no_length_is_worth_more_to_the_lender_than_the_one_that_is_found(base, drawn, waivable):
    asked = [Length(count, interest, most, 1, worth) for count, (interest, most, worth) in enumerate(drawn, 1)]
    cap = min(waivable, base - 1)

    def worth(place):
        one = asked[place]
        paid = min(base + one.interest_minor, one.count * one.most_minor)
        fits = paid >= max(one.count, base + one.interest_minor - cap)
        return paid * one.worth if fits else None

    found = best(base, asked, {"penalty": waivable}, cheapest=False)
    values = [value for place in range(len(asked)) if (value := worth(place)) is not None]

    assert (found is None) == (not values)
    if found is not None:
        assert worth(found.place) == pytest.approx(max(values), rel=1e-4)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(1_000, 900_000), lengths, st.integers(0, 100_000), st.booleans())
def test_the_closed_form_finds_what_the_solver_finds(base, drawn, waivable, cheapest):
    asked = [Length(count, interest, most, 1, worth) for count, (interest, most, worth) in enumerate(drawn, 1)]

    found, by_solver = (find(base, asked, {"penalty": waivable}, cheapest) for find in (best, solved))

    assert (found is None) == (by_solver is None)
    if found is not None:
        assert found.place == by_solver.place
        assert found.waived_minor == pytest.approx(by_solver.waived_minor, abs=max(1, base // 100_000))


def with_plan(name, event):
    document = parse_yaml((CASES / f"{name}.yaml").read_text("utf-8"), name)
    document.value["events"] = [*(document.value.get("events") or []), *event]
    return case_of(parse_yaml(as_yaml(document.value), name), Terms.from_mapping).facts


@pytest.mark.parametrize("name", ["loan", "card"])
def test_the_replay_bills_exactly_what_every_offer_says(offered, name):
    _, found = offered(name)

    for offer in found.offers:
        agreed = plans.agreed(found, offer.id, AT)
        facts = with_plan(name, [agreed.event])
        for row in (offer.rows[0], offer.rows[-1]):
            position = replay_one(facts, agreed.account_id, row.due_on).position
            fallen = sum(one.total_minor for one in offer.rows if one.due_on <= row.due_on)
            kept = (
                "current" if row is offer.rows[0] else "broken"
            )  # nothing was paid on the earlier ones, nor in the days of repair
            expected = fallen, kept if len(offer.rows) > 1 else "current"
            assert (position["due_total"], position["plan_status"]) == expected, (offer.id, row)


def test_what_is_not_final_of_a_waiver_comes_back_when_the_plan_ends(offered):
    _, found = offered("loan")
    offer = next(one for one in found.offers if one.kind == "stepped_waiver")
    agreed = plans.agreed(found, offer.id, AT)

    back = ended(agreed, datetime.fromisoformat("2026-08-01T12:00:00+08:00"), kept=2)
    facts = with_plan("loan", [agreed.event, *back])
    position = replay_one(facts, "A1", AT.date().replace(month=8, day=1)).position

    assert [event["kind"] for event in back] == ["plan_cancelled", "adjustment"]
    assert position["due_penalty"] == found.owed.due["penalty"] - dict(offer.final)[2]


def test_a_card_plan_ends_within_five_years_of_the_day_it_is_made(offered):
    case, found = offered("card", 150_000)

    assert found.limit.clause.id == "CN-CARD-1"
    assert found.offers
    assert all(offer.ends_on <= add_months(case.as_of, 60) for offer in found.offers)


def test_the_cheapest_is_the_least_of_all_kinds_and_levels(offered):
    _, found = offered("loan")
    cheapest = next(one for one in found.offers if "cheapest_for_borrower" in one.tags)

    assert cheapest.total_minor == min(one.total_minor for one in found.offers)
    # the committee may waive all charges due and a quarter of the principal
    assert sum(cheapest.waived.values()) == 13_444 + 24_000 + 1_000_000 // 4


def test_the_same_case_gives_the_same_answer(offered):
    first, second = (offers_json(offered("card")[1], "zh-CN") for _ in range(2))

    assert first == second


def test_without_a_plan_the_replay_says_what_would_be_owed(offered):
    case, found = offered("loan")
    offer = found.offers[0]
    position = replay_one(case.facts, "A1", offer.ends_on).position

    assert (offer.no_plan.owed_minor, offer.no_plan.days_past_due) == (position["payoff"], position["days_past_due"])


@pytest.mark.parametrize(
    ("amount", "answer", "reason"),
    [
        (500_000, "countered", "more_than_affordable"),
        (200_000, "accepted", "within_authority"),
        (30_000, "to_a_person", "needs_authority"),
        (1_000, "countered", "too_little"),
    ],
)
def test_a_proposal_is_answered_at_once(offered, amount, answer, reason):
    case, found = offered("loan")

    told = plans.propose(case.facts, "A1", found.budget, found.policy, case.as_of, amount)

    assert (told.answer, told.reason) == (answer, reason)
    assert told.offer.highest_minor <= found.budget.affordable_minor
    assert answer == "countered" or told.offer.highest_minor <= amount
    assert told.offer.no_plan.on == told.offer.ends_on


def test_a_debt_beside_others_is_offered_its_part_in_proportion_to_what_is_owed(offered):
    elsewhere = (
        plans.Creditor("Card", 518_722),
    )  # half of what is owed here: two thirds of 2,440.00 are for this debt

    case, found = offered("loan", creditors=elsewhere)
    told = plans.propose(case.facts, "A1", found.budget, found.policy, case.as_of, 200_000)

    own, other = plans.shares(found.budget, [plans.Creditor("A1", found.owed.in_all_minor)])
    assert (own.a_month_minor, other.a_month_minor) == (162_667, 81_333)
    assert found.room_minor == found.at_most_minor == own.a_month_minor
    assert found.offers and all(one.highest_minor <= own.a_month_minor for one in found.offers)
    assert (told.answer, told.reason) == ("countered", "more_than_affordable")
    assert "1,626.67" in reason_text(told, "en") and "1,626.67" in reason_text(told, "zh-CN")


def test_small_debts_elsewhere_take_no_more_than_they_are(offered):
    _, alone = offered("loan")
    _, found = offered("loan", creditors=(plans.Creditor("Shop", 100),))

    assert 0 < alone.room_minor - found.room_minor <= 100


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_every_waiver_says_when_it_becomes_final(offered, language):
    _, found = offered("loan")

    notes = {one.kind: (one, final_note(one, language, str)) for one in found.offers}

    stepped, note = notes["stepped_waiver"]
    assert (
        str(stepped.final[0][1]) in note and str(len(stepped.rows)) in note and len(stepped.final) == len(stepped.rows)
    )
    assert notes["settlement"][1] == word("notes", "final_at_end", language)
    assert {kind for kind, (_, said) in notes.items() if said} == {"stepped_waiver", "settlement"}


@pytest.mark.parametrize(
    ("spending", "events", "why"),
    [
        (900_000, [], "hardship"),
        (649_900, [], "nothing_fits"),
        (400_000, [{"at": "2026-05-01", "kind": "deceased"}], "for_a_person"),
        (400_000, [{"at": "2026-05-01", "kind": "payment", "amount": "9000.00"}], "nothing_due"),
    ],
)
def test_no_plan_is_offered_where_none_can_be_kept_or_is_needed(offered, spending, events, why):
    _, found = offered("loan")
    budget = plans.Budget("household", "CNY", None, 1, 0, {"wages": 650_000}, {"food": spending})

    answer = plans.offers(with_plan("loan", events), "A1", budget, found.policy, AT.date())
    told = offers_json(answer, "zh-CN")

    assert (answer.offers, answer.why_none, told["why_none"]["id"]) == ((), why, why)
    assert told["advice"]
