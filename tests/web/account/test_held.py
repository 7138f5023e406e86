"""Everything held about a borrower: whole for themselves, and nothing of anybody else."""

import json
import re

import pytest

from arrears.facts import schema
from arrears.facts.schema import Facts
from arrears.store.facts import record, record_event
from tests.web.account.conftest import EVEN, LATE, STRANGE, pressed, words_of
from tests.web.conftest import NOW


@pytest.fixture
def friend(lender, personal):
    """A third party on the loan who was called at work."""
    row = {"account_id": LATE, "person_id": "F1", "role": "third_party", "name": "韩梅梅", "phones": ["+8613911111111"]}
    none = {table: schema.empty(table) for table in ("accounts", "instalments", "events")}
    call = {"event_id": "F-CALL", "account_id": LATE, "person_id": "F1", "at": NOW, "recorded_at": NOW, "kind": "contact", "channel": "call",
            "direction": "out", "outcome": "conversation", "data": {"number": "+8613911111111", "party": "third_party"}}  # fmt: skip
    with lender.begin() as connection:
        record(
            connection,
            Facts(none["accounts"], none["instalments"], none["events"], schema.frame("people", [row])),
            personal,
        )
        record_event(connection, call, personal)


def test_the_file_holds_every_fact_of_the_borrower_and_nothing_of_others(client, csrf, lender, friend):
    pressed(client, csrf, f"/account/loans/{LATE}/say/dispute", reason="paid", note="我已经还过")

    text = client.get("/account/held.json").text

    held = json.loads(text)
    assert {row["account_id"] for row in held["accounts"]} == {LATE, EVEN}
    assert held["people"][0]["name"] == "李雷" and held["people"][0]["phones"] == ["+8613800000000"]
    assert (
        any(row.get("data", {}).get("note") == "我已经还过" for row in held["events"])
        and held["waiting"][0]["text"] == "我已经还过"
    )
    assert held["others"] == [{"account_id": LATE, "role": "third_party"}]
    assert any(row["event_id"] == "F-CALL" and "person_id" not in row for row in held["events"])
    assert not any(word in text for word in ("韩梅梅", "+8613911111111", "F1", STRANGE, "P9"))
    assert held["views"][0]["page"] == "held.json"


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_the_page_to_read_has_what_the_file_has(client, csrf, friend, language):
    held = json.loads(client.get("/account/held.json").text)

    page = words_of(client.get("/account/held/read", params={"lang": language}).text)

    assert all(row["event_id"] in page for row in held["events"])
    assert "李雷" in page and "韩梅梅" not in page


@pytest.mark.parametrize(
    ("language", "said"),
    [("zh-CN", ("提出异议", "合同年利率 12%", "说明身份被冒用", "您写的内容 不是我借的")), ("en", ("What dispute", "Contract rate a year 12%", "Report identity theft"))],
)  # fmt: skip
def test_the_page_to_read_names_fields_and_kinds_in_words(client, csrf, lender, language, said):
    pressed(client, csrf, f"/account/loans/{LATE}/say/identity_theft", reported="no", note="不是我借的")

    page = words_of(client.get("/account/held/read", params={"lang": language}).text)

    assert [one for one in said if one not in page] == []
    assert not re.search(
        r"\b(?:dispute_opened|rate_ppm|lender_kind|consumer_finance|recorded_at|payment_reversed)\b", page
    )
