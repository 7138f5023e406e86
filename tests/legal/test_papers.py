"""Bundles: deterministic files, figures from the claim, blanks that the index lists, and kinds whose data is whole."""

import io
import json
import re
from dataclasses import replace
from datetime import date
from functools import cache
from itertools import pairwise

import pytest
from pypdf import PdfReader

from arrears import money
from arrears.claim import claim_of
from arrears.errors import Refusal
from arrears.facts.cases import case_of
from arrears.facts.yaml_text import parse_yaml
from arrears.legal import debt_of
from arrears.legal.papers import Creditor, bundle_of, kinds
from arrears.legal.papers.build import frame, papers_of
from arrears.legal.papers.bundle import NEEDS
from arrears.legal.papers.tables import tables_of
from arrears.legal.papers.values import brief_of, flags_of, texts_of
from arrears.replay import Terms
from tests.conftest import ROOT

CASES = ROOT / "tests/legal/court"
BANK = Creditor("某某银行股份有限公司", "上海市浦东新区示例路1号", "95500", "www.example.com")
FIRM = Creditor("Example Finance Ltd", "10 Example Street", "0800 000 000", "www.example.com")
PAID = '  - {id: ALL, at: 2025-11-01, kind: payment, amount: "6169.05"}\n'
SOLD = "  - {id: SALE, at: 2025-10-20, kind: sold, data: {to: 某某资产管理有限公司}}\n"
WRITTEN_OFF = "  - {id: OFF, at: 2025-10-20, kind: charge_off}\n"
PLACED = "  - {id: PLACED, at: 2025-09-05, kind: placed, data: {to: 某某催收有限公司}}\n"
RECALLED = "  - {id: BACK, at: 2025-10-25, kind: recalled}\n"
JOINT = "  - {id: TERMS, at: 2025-07-11, kind: decision, person: P2, data: {guarantee: joint}}\n"
MADE = {
    "payment-order": ("cn-ready", ""), "small-claims": ("cn-ready", ""), "enforcement": ("cn-judged-and-frozen", ""),
    "living-costs": ("cn-judged-and-frozen", ""), "enforcement-objection": ("cn-judged-and-frozen", ""),
    "release-request": ("cn-judged-and-frozen", PAID), "release-by-debtor": ("cn-judged-and-frozen", PAID),
    "assignment-notice": ("cn-ready", SOLD), "credit-file-notice": ("cn-ready", ""), "credit-file-dispute": ("cn-ready", ""),
    "sale-handover": ("cn-shared", ""), "recall-notice": ("cn-ready", PLACED + RECALLED), "charge-off-notice": ("cn-ready", WRITTEN_OFF),
    "guarantor-demand": ("cn-ready", JOINT), "joint-demand": ("cn-shared", ""),
    "letter-of-claim": ("uk-claim", ""), "validation-notice": ("us-validation", ""),
}  # fmt: skip


def debt_in(name, more=""):
    text = (CASES / f"{name}.yaml").read_text("utf-8").replace("events:\n", f"events:\n{more}")
    case = case_of(parse_yaml(text, f"{name}.yaml"), Terms.from_mapping)
    return debt_of(case.facts, case.account_ids[0], case.as_of, case.known_at)


def made(kind_id, creditor=None, pay_on=None):
    debt = debt_in(*MADE[kind_id])
    return debt, bundle_of(debt, kind_id, creditor or (BANK if debt.law == "cn" else FIRM), pay_on)


@cache
def made_once(kind_id):
    """The debt and the bundle of a kind as `made` makes them, which no test changes."""
    return made(kind_id)


@cache
def words_of(pdf):
    """The text of a file without spaces and line ends, as a reader of either language would compare it."""
    return re.sub(r"\s", "", "".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages))


def test_every_kind_is_made_by_a_case_here():
    assert set(MADE) == set(kinds())


@pytest.mark.parametrize("kind_id", MADE)
def test_the_same_facts_give_the_same_bytes(kind_id):
    first, second = made_once(kind_id)[1].files(), made(kind_id)[1].files()

    assert first == second
    assert set(first) == {
        "bundle.json",
        *(paper["file"] for part in ("papers", "handover") for paper in json.loads(first["bundle.json"])[part]),
        "00-index.pdf",
    }


@pytest.mark.parametrize("kind_id", MADE)
def test_each_blank_stands_in_its_paper_and_in_the_index(kind_id):
    _, bundle = made_once(kind_id)
    said = {paper.file: words_of(paper.pdf) for paper in bundle.papers}

    for blank in bundle.data["blanks"]:
        label = re.sub(r"\s", "", blank["label"])
        assert all(label in said[file] for file in (*blank["papers"], "00-index.pdf"))
    marked = [text.count("【待填") + text.count("[tofillin") for text in said.values()]
    assert all((count > 0) == bool(paper.blanks) for count, paper in zip(marked[1:], bundle.papers[1:], strict=True))


@pytest.mark.parametrize("kind_id", ["payment-order", "small-claims", "letter-of-claim"])
def test_the_sum_claimed_is_that_of_the_claim_in_words_and_in_data(kind_id):
    debt, bundle = made_once(kind_id)
    row = claim_of(debt.facts, debt.account_id, debt.as_of, None, debt.stack).replayed.position

    figures, said = bundle.data["figures"], words_of(bundle.papers[1].pdf)

    assert figures["due_total"] == money.to_text(row["due_total"], row["currency"])
    assert money.to_shown(row["due_total"], row["currency"]) in said
    parts = [figures[f"due_{name}"] for name in ("fee", "penalty", "interest", "principal")]
    assert sum(money.to_minor(part, row["currency"]) for part in parts) == row["due_total"]


def test_every_paper_says_on_which_day_and_account_it_rests():
    for kind_id in MADE:
        debt, bundle = made_once(kind_id)
        brief = brief_of(debt, BANK, debt.day, bundle.kind.language)
        for paper in bundle.papers:
            day = re.sub(r"\s", "", replace(brief, language=paper.language).day(debt.day))
            assert day in words_of(paper.pdf) and debt.account_id in words_of(paper.pdf)


def test_the_enforcement_application_doubles_to_the_day_of_payment():
    _, bundle = made("enforcement", pay_on=date(2025, 12, 1))

    # 105.00 to 1 September, then 91 days of 6,000.00 at 1.05 a day
    assert bundle.data["figures"]["judgment_doubled"] == "200.55"
    assert "200.55" in words_of(bundle.papers[1].pdf) and "95.55" in words_of(bundle.papers[2].pdf)


def test_the_ledger_of_the_bundle_is_the_ledger_of_explain():
    debt, _ = made_once("payment-order")
    brief = brief_of(debt, BANK, debt.day, "zh-CN")

    rows = [cells for cells, _ in tables_of(brief, {}, frozenset())["ledger"]().rows]

    assert rows[-1][3] == money.to_shown(brief.position["due_total"], "CNY")
    assert all(one[0] <= other[0] for one, other in pairwise(rows))


def test_the_lines_of_the_validation_notice_add_up_to_what_is_owed_now():
    debt, _ = made_once("validation-notice")
    brief = brief_of(debt, FIRM, debt.day, "en")

    rows = [cells for cells, _ in tables_of(brief, {}, frozenset())["itemisation"]().rows]
    then, _, interest, fees, credits, now = [
        money.to_minor(re.sub(r"[^0-9.]", "", cells[1]) or "0", "USD") for cells in rows
    ]

    assert then + interest + fees - credits == now == brief.position["payoff"] - brief.position["credit"]
    assert (fees, rows[0][0]) == (2_500, "As of March 10, 2025, you owed:")


def test_the_days_to_answer_are_those_of_the_clauses():
    english, american = (
        texts_of(brief_of(debt_in(name), FIRM, date(2030, 1, 1), "en")) for name in ("uk-claim", "us-validation")
    )

    # 30 days from 2 June; five business days from Monday 2 March, then 30 days
    assert (english["reply_by"], american["dispute_by"]) == ("2 July 2025", "April 8, 2026")


@pytest.mark.parametrize(
    ("kind_id", "case", "told"),
    [
        ("enforcement", "cn-ready", "needs a judgment"),
        ("living-costs", "cn-ready", "needs a freeze"),
        ("release-request", "cn-judged-and-frozen", "needs a debt that is paid"),
        ("assignment-notice", "cn-ready", "needs the event `sold`"),
        ("letter-of-claim", "cn-ready", "is a bundle of the law uk"),
        ("lawsuit", "cn-ready", "is no kind of bundle"),
    ],
)
def test_a_bundle_that_the_facts_do_not_carry_is_refused_and_says_why(kind_id, case, told):
    with pytest.raises(Refusal) as refusal:
        bundle_of(debt_in(case), kind_id, BANK)

    assert told in str(refusal.value)


def test_without_a_creditor_its_name_is_a_blank():
    _, bundle = made("payment-order", creditor=Creditor())

    assert {"creditor_name", "creditor_address", "creditor_phone"} <= {blank["id"] for blank in bundle.data["blanks"]}


@pytest.mark.parametrize("kind", kinds().values(), ids=lambda kind: kind.id)
def test_a_kind_names_only_what_is_there(kind):
    debt, _ = made_once(kind.id)
    brief = brief_of(debt, BANK, debt.day, kind.language)
    text = json.dumps([paper["blocks"] for paper in papers_of(kind)], ensure_ascii=False)
    known = {clause.id for clause, _ in debt.stack.clauses}
    whens = set(" ".join(re.findall(r'"when": "([^"]*)"', text)).replace("!", "").split())
    possible = {"due", "penalty", "demanded", "acknowledged", "guarantor", "sold", "paid", "disputed", "not_due", "cut", "contestable", "judged",
                "frozen", "over_frozen", "satisfied", "judged_more", "licensed", "limitation", "enforcement_on", "enforcement_over",
                "case_fee", "simple_fee", "order_fee", "enforcement_fee", "guarantee_open", "guarantee_joint", "guarantee_general", "guarantee_unstated",
                "guarantee_agreed", "joint_debtors", "charged_off", "recalled", "placed"}  # fmt: skip

    assert set(re.findall(r"\{(\w+)\}", text)) <= set(texts_of(brief)) | {
        "enforcement_fee",
        "case_fee",
        "simple_fee",
        "order_fee",
    }
    assert set(re.findall(r"\[\[(\w+)\]\]", text)) <= set(frame()["blanks"])
    assert flags_of(brief) <= possible and whens <= possible and set(kind.needs) <= set(NEEDS)
    assert set(kind.clauses) <= known and kind.sources and kind.confirmed in ("read", "secondary", "false")


def test_an_exact_amount_keeps_all_its_decimals():
    from fractions import Fraction

    assert money.exact_text(Fraction(105 * 100), "CNY") == "105.00"
    assert money.exact_text(Fraction(1, 400), "CNY") == "0.000025"
    assert money.exact_text(Fraction(123_456_789, 4), "CNY") == "308,641.9725"
