"""Budgets and policies at the door, and sharing across creditors."""

from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from arrears import plans
from arrears.errors import Refusal
from arrears.facts.yaml_text import parse_yaml
from arrears.plans.creditors import in_proportion
from arrears.plans.policy import KINDS, policy_of, shipped
from arrears.plans.words import data

ON = date(2026, 5, 20)
BUDGET = """form: uk_sfs
currency: GBP
household: {adults: 2, children: 1}
income: {wages: {amount: "400.00", every: week}, benefits: "100.00"}
spending: {home_and_contents: "900.00", water: {amount: "100.00", every: year}}
priority_debts:
  - {name: Council tax, owed: "600.00", a_month: "50.00"}
creditors:
  - {name: Card, owed: "2000.00"}
"""


def budget_of(text):
    return plans.budget_of(parse_yaml(text, "budget.yaml"), ON)


def test_weeks_become_months_income_down_and_spending_up():
    budget = budget_of(BUDGET)

    # 400 x 52 / 12 = 1733.333…; 100 / 12 = 8.333…
    assert (budget.income_minor, budget.spending_minor) == (173_333 + 10_000, 90_000 + 834)
    assert budget.surplus_minor == budget.affordable_minor == 183_333 - 90_834 - 5_000


@pytest.mark.parametrize(
    ("wrong", "line", "field"),
    [
        (BUDGET.replace("water", "watr"), 5, "spending.watr"),
        (BUDGET.replace('"900.00"', '"nine"'), 5, "spending.home_and_contents"),
        (BUDGET.replace('"100.00"}', '"-1.00"}'), 4, "income.benefits"),
        (BUDGET.replace("adults: 2", "adults: 0"), 3, "household.adults"),
        (BUDGET.replace("every: week", "every: moon"), 4, "income.wages.every"),
        (BUDGET.replace("form: uk_sfs", "form: sfs"), 1, "form"),
    ],
)
def test_a_fault_of_a_budget_names_line_and_field(wrong, line, field):
    with pytest.raises(Refusal) as refused:
        budget_of(wrong)

    assert (line, field) in [(finding.line, finding.field) for finding in refused.value.findings]


def test_the_household_is_left_with_the_local_minimum():
    text = 'form: cn_household\ncurrency: CNY\nregion: CN-BJ\nhousehold: {adults: 1, children: 1}\nincome: {wages: "3000.00"}\nspending: {food: "1000.00"}\n'
    own = text + 'minimum_living: {a_month: "1450.00", source: 民政局通知}\n'

    assert budget_of(text).affordable_minor == 300_000 - 2 * 139_500
    assert budget_of(text).floor.confirmed is False
    assert budget_of(own).affordable_minor == 300_000 - 2 * 145_000


def test_every_minimum_that_was_not_read_is_marked():
    assert all(row["confirmed"] is False or row["source"] for row in data("minimum_living.yaml"))


def test_the_example_policies_are_within_the_law_and_have_both_languages():
    assert {policy.law for policy in shipped()} == {"cn", "us", "uk", "in", "au", "none"}
    assert all(text for policy in shipped() for one in (policy.name, *(level.by for level in policy.levels)) for text in one.values())  # fmt: skip


def policy_text(most, level):
    return f"""policy: own
name: {{zh: 自定, en: own}}
law: cn
currency: CNY
products: [credit_card]
offers: {{interest_stop: {{most: {most}}}}}
authority:
  - {{id: all, by: {{zh: 经理, en: manager}}, most: {level}, stop_interest: true}}
assumptions: {{discount_rate: "0", kept_each_month: "1", recovered_after_break: "0", no_plan: {{recovered: "0", after_months: 0, cost: "0"}}}}
"""


@pytest.mark.parametrize(("most", "level", "fields"), [(60, 60, []), (61, 60, ["offers.interest_stop.most"]), (60, 72, ["authority[0].most"])])  # fmt: skip
def test_a_policy_beyond_sixty_months_on_a_card_is_refused_with_the_clause(most, level, fields):
    document = parse_yaml(policy_text(most, level), "policy.yaml")

    if not fields:
        assert policy_of(document, ON).levels[0].most == level
        return
    with pytest.raises(Refusal) as refused:
        policy_of(document, ON)
    assert [finding.field for finding in refused.value.findings] == fields
    assert all("CN-CARD-1" in finding.what for finding in refused.value.findings)


@pytest.mark.parametrize(
    ("own", "field", "told"),
    [
        ("{hardship: 0}", "answer_days.hardship", "is not a whole number from 1 to 366"),
        ("{hardship: soon}", "answer_days.hardship", "is not a whole number from 1 to 366"),
        ("{hardships: 15}", "answer_days.hardships", "hardship"),
    ],
)
def test_a_time_to_answer_that_is_none_is_refused_where_it_stands(own, field, told):
    document = parse_yaml(policy_text(12, 12) + f"answer_days: {own}\n", "policy.yaml")

    with pytest.raises(Refusal) as refused:
        policy_of(document, ON)

    (finding,) = refused.value.findings
    assert (finding.field, finding.line) == (field, 10) and told in str(finding)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(0, 10**9), st.lists(st.integers(0, 10**9), min_size=1, max_size=30))
def test_shares_are_exact_and_none_is_above_what_is_owed(amount, owed):
    shares = in_proportion(amount, owed)

    assert sum(shares) == min(amount, sum(owed))
    assert all(0 <= share <= debt for share, debt in zip(shares, owed, strict=True))


def test_priority_debts_come_first_and_share_where_it_does_not_reach():
    rich, poor = budget_of(BUDGET), budget_of(BUDGET.replace('"900.00"', '"1790.00"'))

    assert [(one.name, one.a_month_minor) for one in plans.shares(rich)] == [("Council tax", 5_000), ("Card", 87_499)]
    assert [(one.name, one.a_month_minor) for one in plans.shares(poor)] == [("Council tax", 3_499), ("Card", 0)]


def test_every_word_of_plans_stands_in_both_languages():
    words = data("words.yaml")

    assert [(group, name) for group, named in words.items() for name, word in named.items() if not (word["zh"] and word["en"])] == []  # fmt: skip
    assert set(KINDS) == set(words["kinds"])


def test_every_heading_of_a_form_stands_in_one_section_and_the_sections_add_up():
    budget = budget_of(BUDGET.replace('{amount: "100.00", every: year}', '"8.00", food_and_housekeeping: "300.00", savings: "5.00"'))  # fmt: skip

    forms = data("forms.yaml").values()
    sections = [[one for part in form["sections"].values() for one in part["headings"]] for form in forms if "sections" in form]  # fmt: skip
    assert sections and [sorted(form["spending"]) for form in forms if "sections" in form] == list(
        map(sorted, sections)
    )
    assert budget.by_section == {"fixed": 90_800, "flexible": 30_000, "savings": 500}
    assert sum(budget.by_section.values()) == budget.spending_minor


@pytest.mark.parametrize(("on", "a_month"), [("2024-06-30", 151_000), ("2025-06-30", 159_500), ("2026-11-25", 169_000)])
def test_the_minimum_of_a_region_is_that_of_the_day(on, a_month):
    text = f'form: cn_household\ncurrency: CNY\nregion: CN-SH\non: {on}\nincome: {{wages: "3000.00"}}\nspending: {{food: "1000.00"}}\nhousehold: {{adults: 1}}\n'  # fmt: skip

    budget = budget_of(text)

    assert (budget.floor.a_month_minor, plans.floor_note(budget)) == (a_month, "floor_unconfirmed")


def test_a_household_of_a_region_without_a_figure_is_told_to_bring_its_own():
    text = 'form: cn_household\ncurrency: CNY\nregion: CN-GX\nhousehold: {adults: 1}\nincome: {wages: "3000.00"}\nspending: {food: "1000.00"}\n'

    unknown, own = (
        budget_of(text + more) for more in ("", 'minimum_living: {a_month: "900.00", source: 民政局公告}\n')
    )

    assert (unknown.floor, plans.floor_note(unknown)) == (None, "floor_unknown")
    assert (own.kept_back_minor, plans.floor_note(own)) == (90_000, None)
