""" "What can I afford?" for a typed loan: plans one may ask for, which nobody has granted, and the letter that asks; nothing stays behind."""

import io
import re

import pytest
import sqlalchemy as sa
from pypdf import PdfReader

from arrears.store.tables import Approval, Event
from tests.web.test_stand import TYPED, store_url, text_of

__all__ = ["store_url"]
BUDGET = {"budget_sent": "1", "income.wages": "6000", "spending.rent": "1500", "spending.food": "1800"}


def asked(client, language="en", do="afford", **more):
    return client.post(f"/stand?lang={language}", data={**TYPED, **BUDGET, "do": do, **more})


@pytest.mark.parametrize(
    ("language", "said"), [("en", "not what your lender has granted"), ("zh-CN", "不是贷款人已经同意的方案")]
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


@pytest.mark.parametrize("do", ["ask none pdf", "ask stretch-1 exe", "ask x"])
def test_a_letter_for_what_is_no_plan_is_not_there(client, do):
    assert asked(client, do=do).status_code == 404


def test_a_budget_that_leaves_nothing_gets_no_plan_and_free_advice(client):
    page = asked(client, **{"spending.food": "9000"})

    assert page.status_code == 200 and "12348" in page.text and 'value="ask ' not in page.text


def test_what_cannot_be_read_is_told_at_its_field(client):
    page = asked(client, **{"income.wages": "much"})

    assert page.status_code == 422 and "Write an amount" in text_of(page.text)
