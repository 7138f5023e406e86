"""A correction in answer to a dispute: proposed by one, agreed to by another within the policy, recorded with its letter or not at all."""

import json

import pytest

from arrears.store.facts import facts_of
from arrears.web.views import views_of
from tests.dispatch.field import fact
from tests.web.signed_in import as_borrower, as_staff

HERE = "/desk/accounts/A1/adjustment"
FORM = {"case": "D-1", "category": "fee", "amount": "80.00", "reason": "wrongly_charged", "note": "file 12"}


def corrections(store, personal):
    with store.read() as connection:
        rows = facts_of(connection, ["A1"], personal).events.to_dicts()
    return [(row["amount"], row["ref"], json.loads(row["data"])) for row in rows if row["kind"] == "adjustment"]


@pytest.fixture
def disputed(store, personal, installation):
    """A1 was charged a fee of 100.00, which its borrower disputes as D-1."""
    fact(store, personal, "A1", "fee", event_id="F-1", amount=10_000, data={"name": "late fee"})
    fact(store, personal, "A1", "dispute_opened", event_id="D-1", data={"reason": "amount"})


def test_a_correction_takes_two_and_is_recorded_told_and_seen_by_the_borrower(client, store, personal, disputed):
    csrf = as_staff(client, store, "supervisor")
    case = client.get("/desk/accounts/A1/cases/D-1", params={"lang": "en"}).text

    proposed = client.post(HERE, data={"csrf": csrf, **FORM}).status_code
    own = client.post("/desk/approvals/1", data={"csrf": csrf, "do": "agree"}).status_code
    other = as_staff(client, store, "compliance", name="li.na", shown_name="李娜")
    shown = client.get("/desk/approvals", params={"lang": "en"}).text
    before = corrections(store, personal)
    agreed = client.post("/desk/approvals/1", data={"csrf": other, "do": "agree"}).status_code
    as_borrower(client, store, "P-A1")
    chinese = client.get("/account/loans/A1/standing").text
    english = client.get("/account/loans/A1/standing", params={"lang": "en"}).text

    assert f"{HERE}?case=D-1" in case and (proposed, own, before, agreed) == (303, 409, [], 303)
    assert "80.00 less in fees; the reason: it should not have been charged." in shown
    assert corrections(store, personal) == [(-8_000, "D-1", {"category": "fee", "reason": "wrongly_charged"})]
    assert (
        "费用减少80.00元，理由：该项本不应计收" in chinese
        and "80.00 less in fees; the reason: it should not have been charged." in english
    )
    with store.read() as connection:
        noted = {(one.who, one.page) for one in views_of(connection, ["A1"])}
    assert ("li.na", "desk adjustment") in noted and ("zhang.wei", "desk case") in noted


def test_the_letter_names_what_fell_and_what_is_due_after_it(client, store, personal, disputed):
    csrf = as_staff(client, store, "supervisor")
    client.post(HERE, data={"csrf": csrf, **FORM})
    other = as_staff(client, store, "compliance", name="li.na", shown_name="李娜")

    client.post("/desk/approvals/1", data={"csrf": other, "do": "agree"})
    due = client.get(HERE).text
    as_borrower(client, store, "P-A1")
    listed = client.get("/account/messages").text

    assert "20.00元" in due and "的贷款金额更正的通知" in listed and "已核验：由我们发出" in listed


WRONG = [
    ({"case": "D-2"}, "none that a correction may answer"),
    ({"category": "costs"}, "none of those listed"),
    ({"amount": "100.01"}, "not between nothing and what is due"),
    ({"amount": "much"}, "is no amount"),
    ({"category": "principal", "amount": "5000.00"}, "more than anybody may take off"),
    ({"reason": "bored"}, "needs one of the reasons"),
    ({"note": ""}, "needs a reason"),
]


def test_what_makes_no_correction_is_refused_with_one_error(client, store, disputed):
    csrf = as_staff(client, store, "supervisor")

    answers = [client.post(HERE, params={"lang": "en"}, data={"csrf": csrf, **FORM, **change}) for change, _ in WRONG]

    assert [answer.status_code for answer in answers] == [422] * len(WRONG)
    assert [what for answer, (_, what) in zip(answers, WRONG, strict=True) if what not in answer.text] == []


def test_a_dispute_that_was_not_upheld_since_carries_no_correction(client, store, personal, disputed):
    csrf = as_staff(client, store, "supervisor")
    client.post(HERE, data={"csrf": csrf, **FORM})
    client.post("/desk/accounts/A1/cases/D-1", data={"csrf": csrf, "reason": "not_upheld"})
    other = as_staff(client, store, "compliance", name="li.na", shown_name="李娜")

    status = client.post("/desk/approvals/1", data={"csrf": other, "do": "agree"}).status_code

    assert status == 409 and corrections(store, personal) == []


def test_more_than_a_role_may_agree_to_is_refused_with_the_role_that_it_takes(client, store, personal, disputed):
    csrf = as_staff(client, store, "compliance")
    client.post(HERE, data={"csrf": csrf, **FORM, "category": "principal", "amount": "2000.00"})
    other = as_staff(client, store, "supervisor", name="li.na", shown_name="李娜")

    answer = client.post("/desk/approvals/1", params={"lang": "en"}, data={"csrf": other, "do": "agree"})

    assert answer.status_code == 409 and "it takes compliance" in answer.text and corrections(store, personal) == []
