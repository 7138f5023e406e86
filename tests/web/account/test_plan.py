"""A budget gives plans at once; one that may be granted at once is agreed to once, another waits for a second pair of eyes."""

import io
import re

import pytest
from pypdf import PdfReader

from arrears.notice.keys import public_keys
from arrears.plans.paper import read_signatures
from arrears.web.approvals import approvals
from arrears.web.views import views_of
from tests.web import signed_in
from tests.web.account.conftest import LATE, STRANGE, words_of

HERE = f"/account/loans/{LATE}/plan"
BUDGET = {"adults": "1", "income.wages": "6000", "spending.rent": "1500", "spending.food": "1800"}
FORM = re.compile(r'<form method="post" action="[^"]*/plan/choose[^"]*">(.*?)</form>', re.S)
HIDDEN = re.compile(r'name="([^"]+)" value="([^"]*)"')


def asked(client, csrf, language="en", **more):
    return client.post(HERE, params={"lang": language}, data={"csrf": csrf, **BUDGET, **more})


def buttons(page, label):
    """What each button of a page sends that has this label."""
    return [dict(HIDDEN.findall(form)) for form in FORM.findall(page.text) if label in form]


def plan_facts(store, personal):
    from arrears.store.facts import facts_of

    with store.read() as connection:
        rows = facts_of(connection, [LATE], personal).events.to_dicts()
    return [row for row in rows if row["kind"] == "plan"]


@pytest.mark.parametrize(("language", "label"), [("en", "Agree to this plan"), ("zh-CN", "同意这个方案")])
def test_a_budget_gives_plans_at_once_the_cheapest_first_and_records_nothing(
    client, csrf, lender, personal, language, label
):
    page = asked(client, csrf, language)

    totals = [int(one["figures"].split(".")[2]) for one in map(dict, map(HIDDEN.findall, FORM.findall(page.text)))]
    assert page.status_code == 200 and totals == sorted(totals) and buttons(page, label)
    assert plan_facts(lender, personal) == []


def test_a_double_click_agrees_to_one_plan_and_its_signed_agreement_is_there(
    client, csrf, lender, personal, installation
):
    page = asked(client, csrf, creditors="Another bank 900\nShop 20")
    form = buttons(page, "Agree to this plan")[0]

    first, second = (client.post(f"{HERE}/choose", params={"lang": "en"}, data=form) for _ in range(2))

    paper = client.get(f"{HERE}/agreement.pdf", params={"lang": "en"})
    with lender.read() as connection:
        (look,) = views_of(connection, [LATE], 1)
    kept = client.get(f"{HERE}/agreed", params={"lang": "en"})
    signed = read_signatures(paper.content, dict(public_keys(installation.keys, "demo").keys))
    assert (first.status_code, first.headers["location"]) == (303, second.headers["location"])
    assert len(plan_facts(lender, personal)) == 1 and look.page == "plan agreement"
    assert [(one.valid, bool(one.key_id)) for one in signed] == [(True, True)]
    assert re.search("<td>This loan</td>.*<td>Another bank</td>.*<td>Shop</td>", page.text, re.S)
    assert LATE in PdfReader(io.BytesIO(paper.content)).pages[0].extract_text()
    assert "How it stands: kept" in words_of(kept.text)
    assert "How it stands: kept" in words_of(client.get(f"/account/loans/{LATE}", params={"lang": "en"}).text)


def test_a_plan_that_a_person_must_grant_waits_and_holds_once_it_is_agreed_to(client, csrf, lender, personal):
    form = buttons(asked(client, csrf), "Ask for this plan")[0]
    sent = [client.post(f"{HERE}/choose", params={"lang": "en"}, data=form, follow_redirects=True) for _ in range(2)]
    with lender.read() as connection:
        open_now = approvals(connection)
    desk = signed_in.as_staff(client, lender, "supervisor")
    listed = client.get("/desk/approvals", params={"lang": "en"})

    here = f"/desk/approvals/{open_now[0].number}"
    beyond = client.post(here, params={"lang": "en"}, data={"csrf": desk, "do": "agree"})
    desk = signed_in.as_staff(client, lender, "compliance", name="li.na", shown_name="李娜")
    decided = client.post(here, data={"csrf": desk, "do": "agree"})

    found = plan_facts(lender, personal)
    assert [page.status_code for page in sent] == [200, 200] and len(open_now) == 1
    assert "CNY 6,000.00 comes in" in words_of(listed.text) and "the borrower" in words_of(listed.text)
    assert "needs the level committee of the policy; it takes compliance officer" in words_of(beyond.text)
    for said in (
        "Lender: expected CNY",
        "no forecast",
        "Without a plan and without payment the borrower would owe",
        "Papers that are asked for",
    ):
        assert said in words_of(listed.text)
    assert decided.status_code == 303
    assert [(row["event_id"].startswith("plan-"), row["at"]) for row in found] == [(True, open_now[0].asked_at)]


def test_of_two_plans_the_second_is_not_agreed_to(client, csrf, lender, personal):
    page = asked(client, csrf)
    form = buttons(page, "Agree to this plan")[0]
    client.post(f"{HERE}/choose", data=form)

    second = client.post(f"{HERE}/choose", data={**form, "once": "another-press-of-it"})

    assert second.status_code == 409 and len(plan_facts(lender, personal)) == 1


@pytest.mark.parametrize(
    ("amount", "said"),
    [("1200", "We can agree to that"), ("20000", "We suggest another plan"), ("1", "We suggest another plan")],
)
def test_a_proposal_is_answered_at_once_with_its_reason(client, csrf, lender, amount, said):
    page = asked(client, csrf, propose=amount, propose_day="15")

    assert page.status_code == 200 and said in words_of(page.text)


def test_a_budget_that_leaves_nothing_is_answered_with_help_and_no_plan(client, csrf, lender):
    page = asked(client, csrf, **{"spending.food": "5000"})

    assert f"/account/loans/{LATE}/say/hardship" in page.text and "12348" in page.text
    assert not FORM.findall(page.text)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"income.wages": ""}, "at least one figure"), ({"income.wages": "much"}, "Write an amount"), ({"income.wages": "-5"}, "Write an amount"),
        ({"adults": "0"}, "from 1 to 20"), ({"pay_day": "32"}, "from 1 to 31"), ({"propose": "none"}, "more than nothing"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_told_at_its_field(client, csrf, lender, typed, said):
    page = asked(client, csrf, **typed)

    assert page.status_code == 422 and said in words_of(page.text)


def test_figures_that_changed_meanwhile_are_not_agreed_to(client, csrf, lender, personal):
    form = buttons(asked(client, csrf), "Agree to this plan")[0]

    page = client.post(f"{HERE}/choose", params={"lang": "en"}, data={**form, "figures": "others"})

    assert page.status_code == 409 and "Please look again" in words_of(page.text)
    assert plan_facts(lender, personal) == []


def test_the_lenders_own_policy_is_named_where_there_is_one(client, csrf, lender, installation):
    from importlib import resources

    text = resources.files("arrears.plans").joinpath("policies/cn-loan.yaml").read_text("utf-8")
    (installation.folder / "plans.yaml").write_text(
        text.replace("Consumer loans, China (example)", "House rules"), "utf-8"
    )
    client.app.state.served.installation.settings["plans"] = {"policy": "plans.yaml"}

    page = asked(client, csrf)

    assert "our policy “House rules”" in words_of(page.text)


@pytest.mark.parametrize("path", ["", "/agreed", "/agreement.pdf"])
def test_a_plan_of_a_strangers_loan_is_not_there(client, csrf, lender, path):
    assert client.get(f"/account/loans/{STRANGE}/plan{path}").status_code == 404


def test_where_there_is_no_plan_the_agreement_leads_to_the_page_that_says_so(client, csrf, lender):
    page = client.get(f"{HERE}/agreement.pdf", params={"lang": "en"})

    assert page.status_code == 200 and "There is no plan at present" in words_of(page.text)
