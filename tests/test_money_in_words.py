"""The annual rate in words, in both languages: shown where a clause speaks of it, beside each cap, by one way or both."""

from pathlib import Path

import pytest

from arrears.account import look_at
from arrears.facts.cases import read_case
from arrears.money_in_words import cost_in_words
from arrears.replay import Terms
from arrears.strategy import default_ladder

CASES = Path(__file__).parent / "cases"


def said(name, language):
    case = read_case(CASES / f"{name}.yaml", Terms.from_mapping)
    account = look_at(case.facts, case.account_ids[0], default_ladder("cn"), case.as_of)
    return [(text, [clause.id for clause in clauses]) for text, clauses in cost_in_words(account, language)]


@pytest.mark.parametrize(
    "name, language, rows",
    [
        ("apr-with-a-fee-at-the-start", "zh-CN", [
            ("按合同如期还款计算，年化综合融资成本按复利为13.58%，按单利为12.80%。本金100,000.00元，减去放款时扣除的费用1,000.00元，实际借到99,000.00元。"
             "分12次共还105,999.60元，成本6,999.60元。相当于54,668.14元用满一年：6,999.60元÷54,668.14元=12.80%。", ["CN-APR-1"]),
            ("年化综合融资成本没有超过24%的上限。", ["CN-RATE-3"]),
        ]),
        ("apr-above-24-percent-compound-not-simple", "en", [
            ("If every payment is made on its day, the annual percentage rate (APR) is 26.82% compound and 24.00% simple. The principal is CNY 3,000.00. "
             "The payments (3) come to CNY 3,120.00, so the cost is CNY 120.00. That is as if CNY 500.00 had been in use for a whole year: "
             "CNY 120.00 / CNY 500.00 = 24.00%.", ["CN-APR-1"]),
            ("The APR is above the cap of 24% at 26.82% compound, and not above it at 24.00% simple. Which of the two counts was not checked.", ["CN-RATE-3"]),
        ]),
        ("apr-of-a-private-loan-above-four-times-the-lpr", "zh-CN", [
            ("按合同如期还款计算，年化综合融资成本按复利为15.00%，按单利为15.00%。本金10,000.00元，分1次共还11,500.00元，成本1,500.00元。"
             "相当于10,000.00元用满一年：1,500.00元÷10,000.00元=15.00%。", []),
            ("年化综合融资成本超过12%的上限，超过部分不得收取。", ["CN-RATE-4-TOTAL"]),
        ]),
    ],
)  # fmt: skip
def test_the_annual_rate_is_said_with_its_arithmetic_and_beside_each_cap(name, language, rows):
    assert said(name, language) == rows


@pytest.mark.parametrize("name", ["apr-directive-98-7-first-example", "apr-of-nothing-received", "tolerance"])
def test_nothing_is_said_where_no_clause_speaks_of_it_or_there_is_no_rate(name):
    assert said(name, "en") == []
