""" "What can I afford?" for a typed loan: plans one may ask for, which nobody has granted, and the letter that asks; nothing stays behind."""

import io
import re

import pytest
import sqlalchemy as sa
from pypdf import PdfReader

from arrears.store.tables import Approval, Event
from arrears.web.budget_form import typed
from tests.web.test_stand import TYPED, store_url, text_of

__all__ = ["store_url"]
BUDGET = {"budget_sent": "1", "income.wages": "6000", "spending.rent": "1500", "spending.food": "1800"}


def asked(client, language="en", do="afford", **more):
    return client.post(f"/stand?lang={language}", data={**TYPED, **BUDGET, "do": do, **more})


@pytest.mark.parametrize(
    ("language", "said"), [("en", "not what your lender has granted"), ("zh-CN", "不是贷款机构已经同意的方案")]
)
def test_a_budget_for_a_typed_loan_gives_plans_that_nobody_has_granted_and_keeps_nothing(client, store, language, said):
    with store.read() as connection:
        before = [connection.scalar(sa.select(sa.func.count()).select_from(table)) for table in (Event, Approval)]

    page = asked(client, language)

    with store.read() as connection:
        after = [connection.scalar(sa.select(sa.func.count()).select_from(table)) for table in (Event, Approval)]
    assert page.status_code == 200 and said in text_of(page.text)
    assert re.findall(r'value="ask ([\w-]+) pdf"', page.text) and before == after


@pytest.mark.parametrize("language", ["en", "zh-CN"])
def test_the_letter_asks_for_the_plan_that_was_chosen(client, language):
    page = asked(client, language)
    offer = re.findall(r'value="ask ([\w-]+) pdf"', page.text)[0]

    text, paper = (asked(client, language, f"ask {offer} {form}") for form in ("txt", "pdf"))

    first = re.search(r'class="day">([^<]+)<', page.text)[1]
    printed = "".join(one.extract_text() for one in PdfReader(io.BytesIO(paper.content)).pages)
    assert first in text.text and first.replace(" ", "") in re.sub(r"\s", "", printed)


@pytest.mark.parametrize(("language", "loan"), [("en", "This loan"), ("zh-CN", "这笔贷款")])
def test_other_debts_share_what_is_affordable_and_each_gets_its_letter(client, language, loan):
    debts = {"creditors": "李四信用卡：3,000元\nShop 120.50", "spending.food": "4200"}

    page = asked(client, language, **debts)
    letter = asked(client, language, "creditor 0 txt", **debts)

    unmarked = re.sub("</?span[^>]*>", "", page.text)  # a name in the other language is marked as such
    rows = re.findall(
        r'<tr><td>([^<]+)</td><td class="number">([^<]+)</td><td class="number">([^<]+)</td></tr>', unmarked
    )
    (own, _, _), (first, owed, a_month), (second, _, _) = rows
    assert (own, first, second) == (loan, "李四信用卡", "Shop") and "3,000" in owed
    amount = re.search(r"[\d,]+\.\d\d", a_month)[0]
    assert "李四信用卡" in letter.text and letter.text.count(amount) == 2  # in the sentence and in the table
    assert asked(client, language, "creditor 2 txt", **debts).status_code == 404
    assert asked(client, language, "creditor x pdf", **debts).status_code == 404


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("Card 3000", [("Card", "3000.00")]),
        ("某银行信用卡，１，２００．５０元", [("某银行信用卡", "1200.50")]),
        ("\n Card 2: ¥40 \n\nShop\t5", [("Card 2", "40.00"), ("Shop", "5.00")]),
        ("Card", None),
        ("3000", None),
        ("Card 0", None),
        ("Card -5", None),
        ("Card 5\nCard 6", None),
        (f"{'x' * 61} 5", None),
        ("\n".join(f"Card{number} 5" for number in range(21)), None),
    ],
)
def test_other_debts_are_read_one_a_line_or_told_at_their_field(text, read):
    found = typed("cn", "CNY", None, {**BUDGET, "creditors": text})

    assert found.faults == ({} if read else {"creditors": "creditors"})
    assert [(one["name"], one["owed"]) for one in found.content.get("creditors", [])] == (read or [])


@pytest.mark.parametrize("do", ["ask none pdf", "ask stretch-1 exe", "ask x"])
def test_a_letter_for_what_is_no_plan_is_not_there(client, do):
    assert asked(client, do=do).status_code == 404


def test_a_budget_that_leaves_nothing_gets_no_plan_and_free_advice(client):
    page = asked(client, **{"spending.food": "9000"})

    assert page.status_code == 200 and "12348" in page.text and 'value="ask ' not in page.text


def test_what_cannot_be_read_is_told_at_its_field(client):
    page = asked(client, **{"income.wages": "much"})

    assert page.status_code == 422 and "Write an amount" in text_of(page.text)
