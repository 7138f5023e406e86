"""What comes in by the API becomes facts: all or none, once, under a key."""

import json
from dataclasses import replace

import pytest
from sqlalchemy import func, select

from arrears.store.tables import ApiAnswer, Event, View
from arrears.web.limits import Limit, LookUps
from tests.web.api.conftest import own_policy

PROMISE = {
    "kind": "promise",
    "account": "LN-000124",
    "at": "2026-11-24T10:15:00+08:00",
    "amount": "50.00",
    "by": "2026-12-05",
}
OPT_OUT = {
    "kind": "opt_out",
    "account": "LN-000123",
    "at": "2026-11-24T10:15:00+08:00",
    "channel": "sms",
    "note": "别再发短信",
}
KEY = "0192f0c0-key"
BUDGET = {
    "form": "household", "currency": "CNY", "income": {"wages": "6500.00"}, "spending": {"food": "1500.00"}, "pay_day": 15,
}  # fmt: skip


def told(api, *events, key=KEY, path="/api/v1/events"):
    return api.post(path, json={"events": list(events)}, headers={"idempotency-key": key})


def count(store, **where):
    found = select(func.count()).select_from(Event)
    for name, value in where.items():
        found = found.where(getattr(Event, name) == value)
    with store.read() as connection:
        return connection.execute(found).scalar_one()


def test_events_are_facts_when_they_are_answered(api, lender):
    before = count(lender)

    answer = told(api, PROMISE, OPT_OUT)

    assert answer.status_code == 201
    assert answer.json() == {"recorded": 2, "event_ids": [f"api-crm-{KEY}-1", f"api-crm-{KEY}-2"]}
    assert count(lender) == before + 2


def test_the_same_key_and_body_is_answered_again_and_records_nothing(api, lender):
    first = told(api, PROMISE)
    before = count(lender)

    again = told(api, dict(reversed(PROMISE.items())))

    assert (again.status_code, again.json(), again.headers["idempotency-replayed"]) == (201, first.json(), "true")
    assert "idempotency-replayed" not in first.headers
    assert count(lender) == before


def test_the_same_key_for_another_body_is_refused(api, lender):
    told(api, PROMISE)
    before = count(lender)

    answer = told(api, {**PROMISE, "amount": "60.00"})

    assert answer.status_code == 422
    assert answer.json()["title"] == "The idempotency key was used for another request"
    assert count(lender) == before


def test_a_key_is_needed_to_record(api):
    answer = api.post("/api/v1/events", json={"events": [PROMISE]})

    assert answer.status_code == 422
    assert [error["pointer"] for error in answer.json()["errors"]] == ["/Idempotency-Key"]


@pytest.mark.parametrize(
    ("wrong", "pointer"),
    [
        ({"account": "LN-999999"}, "/events/1/account"),
        ({"by": "2026-11-01"}, "/events/1/by"),
        ({"amount": "1.234"}, "/events/1/amount"),
        ({"at": "2026-11-25T10:15:00+08:00"}, "/events/1/at"),
        ({"at": "2026-06-01T10:15:00+08:00"}, "/events/1/at"),
        ({"person": "P-LN-000123"}, "/events/1/person"),
        ({"kind": "hardship_granted"}, "/events/1"),
        ({"channel": "sms"}, "/events/1/promise/channel"),
    ],
)
def test_one_event_that_cannot_be_keeps_all_out_and_is_named(api, lender, wrong, pointer):
    before = count(lender)

    answer = told(api, OPT_OUT, {**PROMISE, **wrong})

    assert answer.status_code == 422
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]
    assert count(lender) == before
    with lender.read() as connection:
        assert connection.execute(select(func.count()).select_from(ApiAnswer)).scalar_one() == 0


def test_a_kind_that_is_none_is_named_by_the_kinds_there_are_and_not_repeated(api):
    answer = told(api, {**PROMISE, "kind": "13800001234"})

    assert answer.status_code == 422 and "13800001234" not in answer.text
    assert "'promise'" in answer.json()["errors"][0]["detail"]


def test_what_was_said_comes_back_in_order_a_page_at_a_time_and_new_facts_come_last(api):
    told(api, PROMISE)
    path = "/api/v1/accounts/LN-000124/events"
    whole = api.get(path).json()["events"]

    first = api.get(path, params={"limit": 2}).json()
    told(api, {**PROMISE, "by": "2026-12-09"}, key="another-key")
    rest = api.get(path, params={"cursor": first["next"]}).json()

    assert first["events"] == whole[:2]
    assert [one["event_id"] for one in rest["events"]] == [
        *(one["event_id"] for one in whole[2:]),
        "api-crm-another-key-1",
    ]
    assert whole[-1]["amount"] == "50.00" and whole[-1]["data"]["by"] == "2026-12-05"
    assert rest["next"] is None


def test_a_cursor_of_another_list_is_refused(api):
    told(api, PROMISE)
    cursor = api.get("/api/v1/accounts/LN-000124/events", params={"limit": 1}).json()["next"]

    answers = [api.get("/api/v1/law/cn/clauses", params={"cursor": one}) for one in (cursor, "abc", "_-_")]

    assert [answer.status_code for answer in answers] == [422, 422, 422]


def test_an_opt_out_that_was_told_is_asked_for_the_next_contact(api):
    path, asked = "/api/v1/accounts/LN-000124/may", {"channel": "sms", "at": "2026-11-24T11:30:00+08:00"}
    before = api.get(path, params=asked).json()

    told(api, {**OPT_OUT, "account": "LN-000124"})
    after = api.get(path, params=asked).json()

    assert (before["verdict"], before["why"]) == ("allowed", None)
    assert (after["verdict"], after["why"]) == ("never", "held")
    assert [reason["id"] for reason in after["reasons"]] == ["opted_out"]


# eight in the morning in Urumqi, where the borrower may be too, is ten in Shanghai
def test_nobody_is_contacted_at_night_or_where_no_pack_holds(api):
    night = api.get(
        "/api/v1/accounts/LN-000124/may", params={"channel": "call", "at": "2026-11-24T23:00:00+08:00"}
    ).json()
    none = api.get("/api/v1/accounts/LN-000123/may", params={"channel": "call"}).json()

    assert (night["verdict"], night["not_before"]) == ("wait", "2026-11-25T02:00:00+00:00")
    assert all(clause["source"] and clause["in_force"] for clause in night["clauses"]) and night["clauses"]
    assert (none["verdict"], none["why"]) == ("never", "no_law_pack")


def test_an_account_is_shown_as_explain_shows_it_and_the_look_is_noted(api, lender):
    answer = api.get("/api/v1/accounts/LN-000124", params={"lang": "zh-CN"})

    told_ = answer.json()
    assert told_["account"] == "LN-000124" and told_["currency"] == "CNY" and told_["as_of"] == "2026-11-24"
    assert told_["lines"] and told_["lines"][-1]["balance"] == told_["due"]["total"]
    with lender.read() as connection:
        rows = connection.execute(select(View.who_kind, View.who, View.subject, View.page)).all()
    assert [tuple(row) for row in rows] == [("client", "crm", "LN-000124", "api-account")]


def test_an_offer_is_agreed_once_and_the_plan_is_the_accounts(api, lender):
    asked = {"account": "LN-000124", "budget": BUDGET}
    offered = api.post("/api/v1/plans/offers", json=asked)
    at_once = [one for one in offered.json()["offers"] if one["granted_by"]["at_once"]]
    body = {**asked, "offer": at_once[0]["id"]}

    agreed = [api.post("/api/v1/plans/agree", json=body, headers={"idempotency-key": KEY}) for _ in range(2)]

    assert [answer.status_code for answer in agreed] == [201, 201] and agreed[0].json() == agreed[1].json()
    assert [one["total"] for one in agreed[0].json()["instalments"]] == [
        one["total"] for one in at_once[0]["instalments"]
    ]
    assert count(lender, kind="plan") == 1
    assert api.get("/api/v1/accounts/LN-000124").json()["standing"]["plan_status"] not in (None, "none")


def test_an_offer_that_is_none_is_not_agreed(api, lender):
    body = {"account": "LN-000124", "budget": BUDGET, "offer": "no-such-offer"}

    answer = api.post("/api/v1/plans/agree", json=body, headers={"idempotency-key": KEY})

    assert answer.status_code == 409
    assert count(lender, kind="plan") == 0


def test_what_an_example_policy_offers_is_shown_and_cannot_be_agreed(api, lender, tmp_path):
    own_policy(tmp_path, "uk")  # it speaks to no loan of this house, which leaves the example of the law
    asked = {"account": "LN-000124", "budget": BUDGET}

    offered = api.post("/api/v1/plans/offers", json=asked).json()
    at_once = next(one for one in offered["offers"] if one["granted_by"]["at_once"])
    answer = api.post("/api/v1/plans/agree", json={**asked, "offer": at_once["id"]}, headers={"idempotency-key": KEY})

    assert offered["own_policy"] is False
    assert (answer.status_code, answer.headers["content-type"]) == (409, "application/problem+json")
    assert "binds nobody" in answer.json()["errors"][0]["detail"]
    assert count(lender, kind="plan") == 0


def test_payments_take_a_key_too(api):
    paid = {"payment_id": "P9", "on": "2026-11-19", "amount": "1.00", "currency": "CNY", "references": ["LN-000124"]}

    answers = [
        api.post("/api/v1/payments", json={"payments": [paid]}, headers={"idempotency-key": KEY}) for _ in range(2)
    ]
    other = api.post(
        "/api/v1/payments", json={"payments": [{**paid, "payment_id": "P10"}]}, headers={"idempotency-key": KEY}
    )

    assert answers[0].json() == answers[1].json() and answers[0].json()["payments"] == 1
    assert other.status_code == 422


def test_look_ups_of_messages_are_limited(api):
    answers = [api.post("/api/v1/verify", json={"code": "K7QF-2M9X-TT4"}) for _ in range(11)]

    assert [answer.status_code for answer in answers] == [200] * 10 + [429]
    assert int(answers[-1].headers["retry-after"]) > 0


def test_a_client_that_asks_too_often_waits_and_others_do_not(api):
    few = LookUps(Limit(burst=3, per_minute=60), Limit(burst=9, per_minute=60))
    api.app.state.served = replace(api.app.state.served, asked=few)

    answers = [api.get("/api/v1/work") for _ in range(4)]
    other = api.get("/api/v1/law/cn/clauses", headers=api.law_only)

    assert [answer.status_code for answer in answers] == [200] * 3 + [429]
    assert (
        answers[-1].headers["content-type"] == "application/problem+json"
        and int(answers[-1].headers["retry-after"]) > 0
    )
    assert other.status_code == 200


def test_a_parameter_that_is_none_is_refused(api):
    answer = api.get("/api/v1/work", params={"chanel": "sms"})

    assert answer.status_code == 422 and answer.json()["errors"][0]["pointer"] == "/chanel"


def test_an_error_is_problem_json_everywhere(api):
    answers = [
        api.get("/api/v1/nothing"), api.delete("/api/v1/work"), api.get("/api/v1/accounts/none"), api.get("/api/v1/work?limit=0"),
        api.get("/api/v1/work", headers=api.law_only), api.get("/api/v1/work", headers={"authorization": ""}),
        api.post("/api/v1/events", content=b"{", headers={"content-type": "application/json", "idempotency-key": KEY}),
        api.post("/api/v1/events", content=b" " * (5 << 20), headers={"content-type": "application/json", "idempotency-key": KEY}),
    ]  # fmt: skip

    assert [answer.status_code for answer in answers] == [404, 405, 404, 422, 403, 401, 422, 413]
    assert {answer.headers["content-type"] for answer in answers} == {"application/problem+json"}
    assert [json.loads(answer.text)["status"] for answer in answers] == [answer.status_code for answer in answers]
