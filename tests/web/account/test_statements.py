"""What a borrower says becomes one fact of the right kind, stops what it stops at once, and is answered with a reference and one next step."""

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arrears.facts.beside import yaml_beside
from arrears.store.facts import facts_of
from arrears.store.tables import Queued
from arrears.web.account import forms
from tests.examples import examples
from tests.web import signed_in
from tests.web.account.conftest import BRITISH, EVEN, LATE, PERSON, STRANGE, facts, pressed, words_of

LOAN = f"/account/loans/{LATE}/say"
#: Form, what is typed, the kind of fact, whether it waits for a person too.
SAID = [
    (f"{LOAN}/promise", {"amount": "500", "by": "2026-12-01"}, "promise", False),
    (f"{LOAN}/hardship", {"reason": "job", "note": "公司停工"}, "hardship_requested", True),
    (f"{LOAN}/dispute", {"reason": "paid", "note": "paid in October"}, "dispute_opened", True),
    (f"{LOAN}/identity_theft", {"reported": "no", "note": "not me"}, "dispute_opened", True),
    (f"{LOAN}/death", {"role": "borrower", "note": "in October"}, "contact", True),
    ("/account/say/illness", {"reason": "illness"}, "vulnerable", True),
    ("/account/say/complaint", {"reason": "contact", "note": "ten calls"}, "complaint_opened", True),
    ("/account/say/times", {"begins": "12:00", "ends": "14:00", "channel": "call"}, "inconvenient", False),
    ("/account/say/place", {"place": "work"}, "inconvenient", True),
    ("/account/say/stop", {"channel": "sms"}, "opt_out", True),
    ("/account/say/start", {"channel": "sms"}, "consent", False),
    ("/account/say/prefer", {"channel": "email"}, "consent", True),
    ("/account/say/language", {"language": "en"}, "contact", True),
    ("/account/say/correct", {"what": "phone", "value": "+8613900000000"}, "contact", True),
]  # fmt: skip


@pytest.mark.parametrize(("path", "typed", "kind", "waits"), SAID)
def test_what_is_said_is_one_fact_and_the_page_gives_its_reference_in_both_languages(
    client, csrf, lender, personal, path, typed, kind, waits
):
    answer = pressed(client, csrf, path, shown="zh-CN", **typed)
    again = client.get(answer.url.path, params={"lang": "en"})

    form = yaml_beside("arrears.web.account", "forms.yaml")[path.rpartition("/")[2]]
    found = [row for row in facts(lender, personal, LATE, kind) if not row["event_id"].endswith("-in")]
    assert [(row["kind"], row["person_id"]) for row in found] == [(kind, PERSON)]
    for page, tongue in ((answer, "zh"), (again, "en")):
        assert page.status_code == 200 and form["done"][tongue] in words_of(page.text)
        assert found[0]["event_id"].removeprefix("own-") in words_of(page.text).replace("-", "")
    with lender.read() as connection:
        queued = connection.execute(Queued.__table__.select()).all()
    assert [row.sort for row in queued] == ([path.rpartition("/")[2]] if waits else [])


@pytest.mark.parametrize(("language", "said"), [
    ("en", ("Hardship request", "Stops at once", "Collections, hardship team", "15 days left", "Proof of income", "Somebody else took this loan")),
    ("zh-CN", ("纾困申请", "立即停止", "贷后管理部门", "还有 15 日", "收入证明", "贷款不是我借的")),
])  # fmt: skip
def test_what_was_asked_for_shows_what_it_stops_and_until_when_and_the_rest_how_to_ask(client, csrf, language, said):
    pressed(client, csrf, f"{LOAN}/hardship", reason="job")

    loan, page = (
        client.get(f"/account/loans/{LATE}{path}", params={"lang": language}).text for path in ("", "/standing")
    )

    assert all(part in words_of(loan) for part in said[:5]) and all(part in words_of(page) for part in said)
    assert f"/account/loans/{LATE}/say/identity_theft" in page and f"/account/loans/{LATE}/say/hardship" not in page


def test_a_double_click_is_one_fact(client, csrf, lender, personal):
    page = client.get(f"{LOAN}/promise", params={"lang": "en"}).text
    once = re.search(r'name="once" value="([^"]+)"', page)[1]
    form = {"csrf": csrf, "once": once, "amount": "500", "by": "2026-12-01"}

    first, second = (client.post(f"{LOAN}/promise", data=form) for _ in range(2))

    assert first.status_code == second.status_code == 303
    assert first.headers["location"] == second.headers["location"]
    assert len(facts(lender, personal, LATE, "promise")) == 1


def test_a_promise_holds_back_what_the_ladder_says_and_shows_on_the_list(client, csrf):
    page = words_of(pressed(client, csrf, f"{LOAN}/promise", amount="500", by="2026-12-01").text)

    assert "phone call, letter, visit" in page
    assert "You have promised" in words_of(client.get("/account", params={"lang": "en"}).text)


def test_a_second_promise_is_not_taken_while_one_is_open(client, csrf, lender, personal):
    pressed(client, csrf, f"{LOAN}/promise", amount="500", by="2026-12-01")

    again = pressed(client, csrf, f"{LOAN}/promise", amount="400", by="2026-12-02")

    assert again.status_code == 422 and "still open" in again.text
    assert len(facts(lender, personal, LATE, "promise")) == 1


def test_a_channel_that_is_stopped_closes_where_a_clause_says_so(client, lender, personal):
    mine = signed_in.as_borrower(client, lender, "P3")
    closed = "Not on any of these seven days"
    before = client.get(f"/account/loans/{BRITISH}", params={"lang": "en"}).text

    page = words_of(pressed(client, mine, "/account/say/stop", channel="sms").text)

    after = client.get(f"/account/loans/{BRITISH}", params={"lang": "en"}).text
    assert after.count(closed) == before.count(closed) + 1
    assert "(SMS)" in page and "UK-" in page


def test_where_no_clause_closes_a_channel_the_page_says_so_and_a_person_gets_it(client, csrf, lender, personal):
    page = words_of(pressed(client, csrf, "/account/say/stop", channel="sms").text)

    assert "Nothing that was planned stops by itself" in page and "passed to a member of staff" in page
    assert {row["account_id"] for name in (LATE, EVEN) for row in facts(lender, personal, name, "opt_out")} == {
        LATE,
        EVEN,
    }


def test_hours_that_do_not_suit_are_closed_in_the_week(client, csrf):
    page = words_of(pressed(client, csrf, "/account/say/times", begins="12:00", ends="14:00").text)

    assert "CN-HRS-3" in page
    assert "08:00–12:00, 14:00–22:00" in words_of(client.get(f"/account/loans/{LATE}", params={"lang": "en"}).text)


def test_a_complaint_shows_the_day_by_which_the_law_wants_an_answer_and_marks_what_is_not_confirmed(client, csrf):
    page = words_of(pressed(client, csrf, "/account/say/complaint", reason="contact", note="ten calls").text)

    assert re.search(r"Answer to a complaint: by (December 9|9 December),? 2026", page)
    assert "CN-CMP-1" in page and "the text itself was not read" in page


def test_what_is_written_stands_sealed_in_the_store(client, csrf, lender):
    pressed(client, csrf, f"{LOAN}/dispute", reason="paid", note="a secret remark")

    with lender.read() as connection:
        assert "a secret remark" not in str(connection.exec_driver_sql("SELECT data FROM events").all())
        bare = facts_of(connection, [LATE], None).events
    assert not any("note" in json.loads(text or "{}") for text in bare["data"])


BAD = [
    ("promise", {"amount": "", "by": "2026-12-01"}, "Fill this in"),
    ("promise", {"amount": "99999999", "by": "2026-12-01"}, "more than settles"),
    ("promise", {"amount": "1.234", "by": "2026-12-01"}, "no more decimals"),
    ("promise", {"amount": "0", "by": "2026-12-01"}, "above zero"),
    ("promise", {"amount": "5", "by": "2026-11-01"}, "before today"),
    ("promise", {"amount": "5", "by": "2027-11-01"}, "too far off"),
    ("promise", {"amount": "5", "by": "2026-02-30"}, "a date of the calendar"),
    ("hardship", {"reason": "weather"}, "one of those listed"),
    ("dispute", {"reason": "paid", "note": "x" * 2001}, "too long"),
]


@pytest.mark.parametrize(("form", "typed", "said"), BAD)
def test_what_cannot_be_used_is_told_at_its_field_and_records_nothing(
    client, csrf, lender, personal, form, typed, said
):
    answer = pressed(client, csrf, f"{LOAN}/{form}", **typed)

    assert answer.status_code == 422 and said in answer.text
    assert facts(lender, personal, LATE) == []


def test_a_form_without_its_csrf_value_is_refused(client, csrf, lender, personal):
    form = {"once": "a" * 16, "reason": "job"}

    assert client.post(f"{LOAN}/hardship", data=form).status_code == 403
    assert client.post(f"{LOAN}/hardship", data={**form, "csrf": "x"}).status_code == 403
    assert facts(lender, personal, LATE) == []


def test_another_persons_reference_is_not_there(client, csrf, lender):
    answer = pressed(client, csrf, f"{LOAN}/hardship", reason="job")
    signed_in.as_borrower(client, lender, "P9")

    assert client.get(answer.url.path).status_code == 404
    assert client.get(f"/account/loans/{STRANGE}").status_code == 200


@pytest.mark.parametrize("form", list(yaml_beside("arrears.web.account", "forms.yaml")))
def test_every_form_says_everything_in_both_languages(form):
    def pairs(part):
        if isinstance(part, dict) and set(part) == {"zh", "en"}:
            yield part
        elif isinstance(part, dict):
            for inner in part.values():
                yield from pairs(inner)

    texts = list(pairs(yaml_beside("arrears.web.account", "forms.yaml")[form]))

    assert texts and all(
        len(pair["zh"]) == len(pair["en"]) if isinstance(pair["zh"], list) else pair["zh"] and pair["en"]
        for pair in texts
    )


@examples(60)
@given(
    st.text(max_size=12) | st.decimals(allow_nan=False, allow_infinity=False, places=2).map(str), st.integers(0, 10**9)
)
def test_an_amount_that_is_taken_is_above_zero_and_not_above_what_is_owed(text, most):
    from datetime import date

    minor, fault = forms.amount(text, forms.Limits("CNY", most, date(2026, 11, 24), 31))

    assert (minor is None) == bool(fault)
    assert minor is None or 0 < minor <= most
