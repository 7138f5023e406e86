"""A correction goes no further than what is due and what the policy lets a level take off, however often it is asked for."""

from datetime import date

import pytest

from arrears.errors import Refusal
from arrears.facts.cases import read_case
from arrears.plans import policy_for
from arrears.plans.correction import correctable, hold_to, hold_to_roles
from arrears.replay.terms import Terms

DAY = date(2026, 11, 24)
CASE = """account: {id: A1, law: cn, currency: CNY, principal: "1000.00", product: small, opened_on: 2026-07-01}
terms: {interest: {method: scheduled}}
instalments:
  - {due_on: 2026-10-10, principal: "1000.00"}
people:
  - {id: P1, role: borrower, name: 李雷, language: zh-CN, time_zone: Asia/Shanghai}
events:
  - {at: 2026-10-12, kind: fee, amount: "100.00", name: late fee}
"""


def found(tmp_path, *events):
    """What may be corrected of an account with a fee of 100.00 and 1,000.00 of principal due, after these events."""
    file = tmp_path / "case.yaml"
    file.write_text(CASE + "".join(f"  - {event}\n" for event in events), "utf-8")
    case = read_case(file, Terms.from_mapping)
    return correctable(case.facts, case.account_ids[0], DAY, policy_for("cn", "CNY", "small"))


#: What was taken off before, the category, the most of a supervisor and of anybody, minor units.
LIMITS = [
    ((), "fee", 10_000, 10_000),
    ((), "principal", 0, 25_000),
    (("{at: 2026-11-20, kind: adjustment, category: fee, amount: \"-60.00\"}",), "fee", 4_000, 4_000),
    (("{at: 2026-11-20, kind: adjustment, category: principal, amount: \"-200.00\"}",), "principal", 0, 5_000),
    (("{at: 2026-11-20, kind: waiver, category: principal, amount: \"100.00\"}",), "principal", 0, 15_000),
]  # fmt: skip


@pytest.mark.parametrize(("before", "category", "supervisor", "anybody"), LIMITS)
def test_what_was_taken_off_before_counts_against_the_share_of_the_policy(
    tmp_path, before, category, supervisor, anybody
):
    one = found(tmp_path, *before)

    assert (one.at_most_as(category, ["supervisor"]), one.at_most_anybody(category)) == (supervisor, anybody)


@pytest.mark.parametrize(
    ("category", "minor", "what"),
    [("fee", 0, "not between"), ("fee", 10_001, "not between"), ("principal", 25_001, "more than anybody")],
)
def test_more_than_is_due_or_than_the_policy_allows_is_refused(tmp_path, category, minor, what):
    with pytest.raises(Refusal, match=what):
        hold_to(found(tmp_path), category, minor)


def test_who_may_not_agree_to_so_much_is_told_whose_role_it_takes(tmp_path):
    one = found(tmp_path)

    hold_to_roles(one, "principal", 25_000, ["compliance"])
    with pytest.raises(Refusal) as refused:
        hold_to_roles(one, "principal", 25_000, ["supervisor"])

    assert refused.value.findings[0].todo == "it takes compliance"
