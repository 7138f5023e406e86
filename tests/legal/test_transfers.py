"""Papers around a debt that is written off, sold, placed, recalled or guaranteed: what they say, to whom, and what goes over with a sale."""

import re

import pytest

from arrears import money
from arrears.errors import Refusal
from arrears.facts.door import check_tape
from arrears.facts.mapping import TapeMapping
from arrears.legal.guarantee import guarantees
from arrears.legal.papers import bundle_of
from arrears.legal.papers.handover import handover
from tests.legal.test_papers import BANK, PLACED, RECALLED, SOLD, WRITTEN_OFF, debt_in, made_once, words_of

JOINT = "  - {id: TERMS, at: 2025-10-11, kind: decision, person: P2, data: {guarantee: joint, guarantee_until: 2026-07-10}}\n"
AMOUNT = re.compile(r"\d+(?:,\d{3})*\.\d{2}")


def papers(kind_id, case, more=""):
    bundle = bundle_of(debt_in(case, more), kind_id, BANK)
    return {paper.file: words_of(paper.pdf) for paper in bundle.papers}


@pytest.mark.parametrize(
    "kind_id", ["charge-off-notice", "assignment-notice", "recall-notice", "guarantor-demand", "joint-demand"]
)
def test_the_english_copy_has_the_amounts_of_the_chinese_paper(kind_id):
    _, bundle = made_once(kind_id)
    said = {(paper.id.removesuffix("-english"), paper.language): words_of(paper.pdf) for paper in bundle.papers}

    pairs = [(said[name, "zh-CN"], said[name, "en"]) for name, language in said if language == "en"]

    assert pairs
    assert all(AMOUNT.findall(chinese) == AMOUNT.findall(english) for chinese, english in pairs)


def test_a_charge_off_is_told_as_what_it_is():
    debt = debt_in("cn-ready", WRITTEN_OFF)

    said = papers("charge-off-notice", "cn-ready", WRITTEN_OFF)

    assert "不免除您的债务" in said["01-notice.pdf"] and "Itdoesnotreleaseyou" in said["02-notice-english.pdf"]
    assert "保存五年" in said["01-notice.pdf"] and "2025年10月20日" in said["01-notice.pdf"]
    assert debt.oldest_due_on is not None


def test_what_goes_over_is_a_tape_that_the_buyer_can_read(tmp_path):
    over = handover(debt_in("cn-shared"))
    for file in over:
        (tmp_path / file.name).write_bytes(file.content)

    tape = check_tape([tmp_path / file.name for file in over], TapeMapping())

    assert tape.report.clean, tape.report.first()
    facts = tape.facts()
    assert sorted(facts.people["person_id"]) == ["P1", "P2"]
    assert facts.accounts["rate_ppm"].to_list() == [120_000]
    assert sorted(facts.events["event_id"]) == ["CALL", "DEMAND", "HARD", "PAID", "SALE"]
    assert facts.events.filter(facts.events["event_id"] == "PAID")["amount"].item() == money.to_minor("1000.00", "CNY")


def test_nothing_of_third_parties_of_health_or_of_notes_goes_over():
    over = handover(debt_in("cn-shared"))

    text = "".join(file.content.decode() for file in over)

    assert not [
        word for word in ("周洁", "13900000003", "illness", "住院", "工资卡", "score", "ILL", "SISTER") if word in text
    ]
    assert {reason: count for file in over for reason, count in file.kept_back.items() if file.name == "events.csv"} == {
        "third_parties": 1, "sensitive": 1, "internal": 1,
    }  # fmt: skip


def test_each_checksum_of_the_list_is_that_of_the_file_and_of_the_index():
    _, bundle = made_once("sale-handover")

    files, said = bundle.files(), words_of(bundle.papers[1].pdf)

    assert [one["file"] for one in bundle.data["handover"]] == [
        "accounts.csv",
        "instalments.csv",
        "people.csv",
        "events.csv",
    ]
    for one in bundle.data["handover"]:
        assert one["sha256"] in said and one["rows"] == files[one["file"]].decode().count("\n") - 1


def test_a_recall_of_a_placed_debt_and_of_a_sold_one_are_told_apart():
    placed = papers("recall-notice", "cn-ready", PLACED + RECALLED)
    sold = papers("recall-notice", "cn-ready", SOLD + RECALLED)

    assert "某某催收有限公司" in placed["02-to-borrower.pdf"] and "债权人一直是我方" in placed["02-to-borrower.pdf"]
    assert "某某资产管理有限公司" in sold["02-to-borrower.pdf"] and "第五百四十六条" in sold["02-to-borrower.pdf"]
    assert "停止一切催收" in placed["01-to-agency.pdf"] and "停止一切催收" in sold["01-to-agency.pdf"]


@pytest.mark.parametrize(
    ("more", "has", "has_not"),
    [
        (JOINT, ["连带责任保证", "2026年7月10日", "请求承担保证责任"], ["现在不要求您先于债务人付款"]),
        (
            JOINT.replace("joint", "general"),
            ["一般保证", "第六百八十七条", "现在不要求您先于债务人付款"],
            ["自您收到本函之日起，开始计算"],
        ),
        ("", ["没有保证方式", "一般保证", "六个月", "2026年1月10日"], ["自您收到本函之日起，开始计算"]),
    ],
)
def test_a_demand_on_a_guarantor_asks_what_the_kind_of_guarantee_lets_it_ask(more, has, has_not):
    said = papers("guarantor-demand", "cn-ready", more)["01-demand.pdf"]

    assert [word for word in has if word not in said] == []
    assert [word for word in has_not if word in said] == []
    assert "李强" in said and "第七百零一条" in said


def test_a_guarantor_whose_period_is_over_gets_no_demand():
    # the period that was agreed ended before the day asked about
    ended = JOINT.replace("2026-07-10", "2025-10-31")

    with pytest.raises(Refusal) as refusal:
        bundle_of(debt_in("cn-ready", ended), "guarantor-demand", BANK)

    assert "guarantee period is not over" in str(refusal.value)


def test_an_agreed_period_that_ends_with_the_debt_is_as_none():
    (found,) = guarantees(debt_in("cn-ready", JOINT.replace("2026-07-10", "2025-07-10")))

    assert (found.kind, found.until_on) == ("joint", None)


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ("{guarantee: full}", "is no kind of guarantee"),
        ("{guarantee: joint, guarantee_until: soon}", "is no day"),
    ],
)
def test_a_guarantee_that_is_none_is_refused_with_its_event(wrong, told):
    more = f"  - {{id: TERMS, at: 2025-10-11, kind: decision, person: P2, data: {wrong}}}\n"

    with pytest.raises(Refusal) as refusal:
        guarantees(debt_in("cn-ready", more))

    assert told in str(refusal.value) and "TERMS" in str(refusal.value)


def test_each_joint_debtor_gets_a_letter_that_names_the_others():
    said = papers("joint-demand", "cn-shared")

    first, second = said["01-demand.pdf"], said["02-demand.pdf"]
    assert "周敏：" in first and "您与吴刚" in first
    assert "吴刚：" in second and "您与周敏" in second
