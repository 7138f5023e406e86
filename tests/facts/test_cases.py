"""Case files: what is read from them, and that every fault names its file, line, field, value and reason."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from arrears.errors import Finding, Refusal
from arrears.facts.cases import Case, read_case
from arrears.facts.yaml_text import DEPTH_LIMIT
from arrears.replay.terms import Terms

WHOLE = """\
account: {id: A1, law: cn, currency: CNY, principal: "2000.00", opened_on: 2025-01-10}
terms:
  penalty: {rate: "0.234", grace_days: 3}
instalments:
  - {due_on: 2025-02-10, principal: 1000.00, interest: "20.10"}
  - {due_on: 2025-03-10, principal: 1000, interest: 10.1}
people:
  - {id: P1, role: borrower, name: 李雷, phones: ["+8613800000000"], addresses: [杭州市, {text: 上海市, lat: 31.2, lon: 121.5}]}
events:
  - {at: 2025-02-18, kind: payment, amount: 0.10}
as_of: 2025-02-20
strategy: cn-consumer
expect:
  due:
    total: "1.00"
"""


def read(folder: Path, text: str | bytes) -> Case:
    path = folder / "case.yaml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return read_case(path, Terms.from_mapping)


def faults(folder: Path, text: str | bytes) -> tuple[Finding, ...]:
    with pytest.raises(Refusal) as refusal:
        read(folder, text)
    return refusal.value.findings


def with_event(event: str) -> str:
    """The whole case, with another event in place of its own (it stands on line 10)."""
    return WHOLE.replace("{at: 2025-02-18, kind: payment, amount: 0.10}", event)


def test_a_case_is_read_into_the_tables_of_facts(tmp_path: Path) -> None:
    case = read(tmp_path, WHOLE)

    account = case.facts.accounts.row(0, named=True)
    assert (account["account_id"], account["product"], account["principal"]) == ("A1", "A1", 200000)
    assert case.facts.instalments["principal"].to_list() == [100000, 100000]
    assert case.facts.instalments["interest"].to_list() == [2010, 1010]
    assert case.facts.people["addresses"].to_list() == [
        [{"text": "杭州市", "lat": None, "lon": None}, {"text": "上海市", "lat": 31.2, "lon": 121.5}]
    ]
    assert case.facts.terms["A1"][0].penalty_rate_ppm == 234000
    assert (case.account_ids, case.as_of, case.strategy) == (("A1",), date(2025, 2, 20), "cn-consumer")
    assert case.document is not None
    assert case.document.where("expect.due.total") == {"file": case.file, "line": 15, "field": "expect.due.total"}


def test_an_unquoted_amount_is_read_as_it_is_written(tmp_path: Path) -> None:
    case = read(tmp_path, with_event("{at: 2025-02-18, kind: payment, amount: 1234567890.29}"))

    assert case.facts.events["amount"].to_list() == [123456789029]


def test_a_date_as_the_time_of_an_event_is_noon_in_the_business_time_zone(tmp_path: Path) -> None:
    event = read(tmp_path, WHOLE).facts.events.row(0, named=True)

    assert event["at"] == event["recorded_at"] == datetime(2025, 2, 18, 4, tzinfo=UTC)
    assert event["event_id"] == "E1"


def test_known_at_a_date_is_the_end_of_that_day(tmp_path: Path) -> None:
    case = read(tmp_path, WHOLE + "known_at: 2025-02-19\n")

    assert case.known_at == datetime(2025, 2, 19, 15, 59, 59, 999999, tzinfo=UTC)


def test_flat_fields_and_fields_under_data_are_the_same(tmp_path: Path) -> None:
    flat = read(tmp_path, with_event("{at: 2025-02-18, kind: payment, amount: 5, prepay: true}"))
    under = read(tmp_path, with_event("{at: 2025-02-18, kind: payment, amount: 5, data: {prepay: true}}"))

    assert flat.facts.events.equals(under.facts.events)
    assert json.loads(flat.facts.events["data"][0]) == {"prepay": True}


def test_the_amounts_of_a_plan_become_minor_units(tmp_path: Path) -> None:
    plan = "{at: 2025-02-18, kind: plan, waive: {penalty: all, interest: 1.50}, instalments: [{due_on: 2025-04-01, principal: 2000.00}]}"
    case = read(tmp_path, with_event(plan))

    assert json.loads(case.facts.events["data"][0]) == {
        "instalments": [{"due_on": "2025-04-01", "fee": 0, "interest": 0, "number": 1, "principal": 200000}],
        "waive": {"interest": 150, "penalty": "all"},
    }


def test_by_is_a_day_of_a_promise_and_a_person_of_a_contact(tmp_path: Path) -> None:
    promise = read(tmp_path, with_event("{at: 2025-02-18, kind: promise, amount: 5, by: 2025-02-28}"))
    contact = read(tmp_path, with_event("{at: 2025-02-18, kind: contact, channel: call, by: 客服一组, to: P1}"))

    assert json.loads(promise.facts.events["data"][0]) == {"by": "2025-02-28"}
    event = contact.facts.events.row(0, named=True)
    assert json.loads(event["data"]) == {"by_whom": "客服一组", "to": "P1"}
    assert (event["person_id"], event["direction"]) == ("P1", "out")


def test_an_event_about_several_accounts_is_a_row_for_each() -> None:
    path = Path(__file__).parents[1] / "cases" / "two-debts-and-questions.yaml"
    case = read_case(path, Terms.from_mapping)

    rows = case.facts.events.select("event_id", "account_id", "kind").rows()
    assert rows == [
        ("E1", "CARD", "contact"), ("E1", "LOAN", "contact"), ("E2", "CARD", "payment"),
        ("E3", "CARD", "opt_out"), ("E3", "LOAN", "opt_out"),
    ]  # fmt: skip
    assert sorted(case.facts.people.select("account_id", "person_id").rows()) == [
        ("CARD", "P1"), ("LOAN", "P1"), ("LOAN", "P2"),
    ]  # fmt: skip
    assert [question["at"][11:16] for question in case.questions] == ["21:59", "22:00"]
    assert case.questions[1]["expect"]["clauses"] == ["CN-HRS-1", "CN-HRS-2"]


def test_all_faults_of_a_file_are_reported_together_in_the_order_of_lines(tmp_path: Path) -> None:
    text = (
        WHOLE.replace("law: cn", "law: xx").replace("due_on: 2025-03-10", "due_on: 2025-02-30").replace("0.10}", "ten}")
    )

    found = faults(tmp_path, text)

    assert [(fault.line, fault.field, fault.code, fault.value) for fault in found] == [
        (1, "account.law", "unknown_value", "xx"),
        (6, "instalments[1].due_on", "date", "2025-02-30"),
        (10, "events[0].amount", "amount", "ten"),
    ]
    assert all(fault.file.endswith("case.yaml") for fault in found)


def test_a_fault_reads_as_one_sentence(tmp_path: Path) -> None:
    (fault,) = faults(tmp_path, with_event("{at: 2025-02-18, kind: paymnt, amount: 5}"))

    assert str(fault).endswith("case.yaml:10: events[0].kind: is not known (here: paymnt); did you mean `payment`?")


EVENT_FAULTS = {
    "unknown kind": ("{at: 2025-02-18, kind: paymnt}", "kind", "unknown_value", "payment"),
    "unknown channel": ("{at: 2025-02-18, kind: contact, channel: cal}", "channel", "unknown_value", "call"),
    "unknown outcome": (
        "{at: 2025-02-18, kind: contact, channel: call, outcome: no_anser}", "outcome", "unknown_value", "no_answer"),
    "unknown field": ("{at: 2025-02-18, kind: payment, amount: 5, prepya: true}", "prepya", "unknown_field", "prepay"),
    "field of another kind": ("{at: 2025-02-18, kind: payment, amount: 5, by: 2025-03-01}", "by", "unknown_field", ""),
    "unknown field in data": (
        "{at: 2025-02-18, kind: payment, amount: 5, data: {prepya: true}}", "data.prepya", "unknown_field", "prepay"),
    "flag in quotes": ('{at: 2025-02-18, kind: payment, amount: 5, prepay: "false"}', "prepay", "form", ""),
    "field said twice": (
        "{at: 2025-02-18, kind: payment, amount: 5, prepay: true, data: {prepay: false}}", "data.prepay", "repeated", ""),
    "no amount": ("{at: 2025-02-18, kind: payment}", "amount", "missing", ""),
    "negative amount": ("{at: 2025-02-18, kind: payment, amount: -5}", "amount", "negative", ""),
    "thousands separator": ('{at: 2025-02-18, kind: payment, amount: "1,234.50"}', "amount", "amount", ""),
    "exponent": ("{at: 2025-02-18, kind: payment, amount: 1e3}", "amount", "amount", ""),
    "full-width digits": ('{at: 2025-02-18, kind: payment, amount: "１２"}', "amount", "amount", ""),
    "too many decimals": ("{at: 2025-02-18, kind: payment, amount: 5.001}", "amount", "amount", ""),
    "too large": ("{at: 2025-02-18, kind: payment, amount: 100000000000000}", "amount", "amount", ""),
    "no such day": ("{at: 2025-02-29, kind: payment, amount: 5}", "at", "date", ""),
    "week date": ("{at: 2025-W08-2, kind: payment, amount: 5}", "at", "date", ""),
    "far-off year": ("{at: 0205-02-18, kind: payment, amount: 5}", "at", "date", ""),
    "no offset": ('{at: "2025-02-18T10:00:00", kind: payment, amount: 5}', "at", "instant", ""),
    "before the loan": ("{at: 2025-01-09, kind: payment, amount: 5}", "at", "before_loan", ""),
    "known before it was": (
        "{at: 2025-02-18, recorded_at: 2025-02-17, kind: payment, amount: 5}", "recorded_at", "dates", ""),
    "promise without by": ("{at: 2025-02-18, kind: promise, amount: 5}", "by", "missing", ""),
    "promise due before": ("{at: 2025-02-18, kind: promise, amount: 5, by: 2025-02-17}", "by", "dates", ""),
    "plan without instalments": ("{at: 2025-02-18, kind: plan}", "instalments", "missing", ""),
    "plan of no instalments": ("{at: 2025-02-18, kind: plan, instalments: []}", "instalments", "missing", ""),
    "plan in the past": (
        "{at: 2025-02-18, kind: plan, instalments: [{due_on: 2025-02-17, principal: 2000}]}",
        "instalments[0].due_on", "due_before_plan", ""),
    "freeze of nothing known": (
        "{at: 2025-02-18, kind: hardship_granted, freeze: [penalties]}", "freeze[0]", "unknown_value", "penalty"),
    "pause that ends first": ("{at: 2025-02-18, kind: hardship_granted, until: 2025-02-01}", "until", "dates", ""),
    "waiver of nothing": ("{at: 2025-02-18, kind: waiver}", "category", "missing", ""),
    "reversal of nothing": ("{at: 2025-02-18, kind: payment_reversed}", "ref", "missing", ""),
    "reversal of an unknown payment": ("{at: 2025-02-18, kind: payment_reversed, ref: E9}", "ref", "unknown_event", ""),
    "reversal of itself": ("{at: 2025-02-18, kind: payment_reversed, ref: E1}", "ref", "wrong_event", ""),
    "contact with nobody known": (
        "{at: 2025-02-18, kind: contact, channel: call, to: P7}", "to", "unknown_person", "P1"),
    "account of another case": ("{at: 2025-02-18, kind: payment, amount: 5, account: A2}", "account", "unknown_account", "A1"),
    "hours that are none": ("{at: 2025-02-18, kind: consent, hours: [8, 20]}", "hours", "hours", ""),
}  # fmt: skip


@pytest.mark.parametrize("name", EVENT_FAULTS)
def test_a_fault_in_an_event_names_its_field(tmp_path: Path, name: str) -> None:
    event, field, code, hint = EVENT_FAULTS[name]

    (fault,) = faults(tmp_path, with_event(event))

    assert (fault.line, fault.code) == (10, code)
    assert fault.field == f"events[0].{field}"
    assert hint in fault.todo


FILE_FAULTS = {
    "tab": (WHOLE.replace("  penalty", "\tpenalty"), 3, "yaml"),
    "open bracket": (WHOLE.replace("opened_on: 2025-01-10}", "opened_on: 2025-01-10"), 2, "yaml"),
    "colon in text": ("title: one: two\n" + WHOLE, 1, "yaml"),
    "two documents": (WHOLE + "---\n" + WHOLE, 16, "yaml"),
    "control character": (WHOLE.replace("李雷", "李\x00雷"), 8, "yaml"),
    "merge key": (WHOLE.replace("as_of", "<<: {title: x}\nas_of"), 11, "yaml"),
    "value that holds itself": ("account: &a [*a]\n", 1, "yaml"),
    "value nested too deep": ("account: " + "[" * (DEPTH_LIMIT + 5) + "]" * (DEPTH_LIMIT + 5), 1, "yaml"),
    "value nested far too deep": ("account: " + "[" * 5000 + "]" * 5000, 1, "yaml"),
    "field that stands twice": (WHOLE.replace("strategy: cn-consumer", "as_of: 2025-02-21"), 12, "repeated"),
    "unknown field": (WHOLE.replace("strategy", "strategie"), 12, "unknown_field"),
    "GB18030": (WHOLE.encode("gb18030"), 8, "encoding"),
    "nothing": ("", 1, "empty"),
    "only a comment": ("# nothing yet\n", 1, "empty"),
    "a list": ("- 1\n", 1, "empty"),
    "no account": ("as_of: 2025-02-20\n", 1, "missing"),
    "wrong time zone": (WHOLE.replace("law: cn", "law: cn, time_zone: Asia/Shanghi"), 1, "zone"),
    "unknown currency": (WHOLE.replace("CNY", "RMB"), 1, "unknown_value"),
    "schedule that does not add up": (WHOLE.replace("1000,", "1000.01,"), 1, "schedule_sum"),
    "due date that stands twice": (WHOLE.replace("2025-03-10", "2025-02-10"), 6, "repeated_due_date"),
    "due before the loan": (WHOLE.replace("2025-02-10", "2025-01-09"), 5, "due_before_loan"),
    "terms that are not known": (WHOLE.replace("grace_days: 3", "grase_days: 3"), 3, "terms"),
    "rate in percent": (WHOLE.replace('"0.234"', '"23.4"'), 3, "terms"),
    "question without an hour": (WHOLE + "questions:\n  - {channel: call, at: 2025-02-20}\n", 17, "instant"),
    "question about a stranger": (
        WHOLE + 'questions:\n  - {channel: call, to: P2, at: "2025-02-20T10:00:00+08:00"}\n', 17, "unknown_person"),
    "both account and accounts": (WHOLE + "accounts: [{account: {id: A2, law: none, currency: EUR, principal: 0, "
                                  "opened_on: 2025-01-10}}]\n", 1, "form"),
}  # fmt: skip


@pytest.mark.parametrize("name", FILE_FAULTS)
def test_a_fault_of_the_file_names_its_line(tmp_path: Path, name: str) -> None:
    text, line, code = FILE_FAULTS[name]

    found = faults(tmp_path, text)

    assert (found[0].line, found[0].code) == (line, code), found


def test_a_file_that_is_not_there_is_misuse(tmp_path: Path) -> None:
    with pytest.raises(Refusal) as refusal:
        read_case(tmp_path / "none.yaml", Terms.from_mapping)

    assert refusal.value.exit_code == 2


def test_yen_have_no_decimals_and_dinars_have_three(tmp_path: Path) -> None:
    yen = WHOLE.replace("CNY", "JPY").replace("1000.00,", "1000,").replace('"2000.00"', "2000")
    dinars = WHOLE.replace("CNY", "KWD").replace("20.10", "20.1234")

    assert [(fault.line, fault.what) for fault in faults(tmp_path, yen)] == [
        (5, "has 2 decimals, JPY has none"), (6, "has 1 decimal, JPY has none"), (10, "has 2 decimals, JPY has none"),
    ]  # fmt: skip
    assert [(fault.line, fault.what) for fault in faults(tmp_path, dinars)] == [(5, "has 4 decimals, KWD has 3")]


def test_two_events_with_one_id_are_refused(tmp_path: Path) -> None:
    twice = "{id: X, at: 2025-02-18, kind: payment, amount: 5}\n  - {id: X, at: 2025-02-19, kind: payment, amount: 5}"

    (fault,) = faults(tmp_path, with_event(twice))

    assert (fault.line, fault.field, fault.code) == (11, "events[1].id", "duplicate")


def test_money_in_a_case_of_several_debts_says_which(tmp_path: Path) -> None:
    debts = """\
accounts:
  - account: {id: A1, law: none, currency: EUR, principal: 5, opened_on: 2025-01-10}
  - account: {id: A2, law: none, currency: EUR, principal: 5, opened_on: 2025-01-10}
events:
  - {at: 2025-02-18, kind: payment, amount: 5}
  - {at: 2025-02-18, kind: payment, amount: 5, accounts: [A1, A2]}
  - {at: 2025-02-18, kind: deceased}
"""
    assert [(fault.line, fault.code) for fault in faults(tmp_path, debts)] == [(5, "missing"), (6, "form")]
