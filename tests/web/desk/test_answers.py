"""Cases answered at the desk: a dispute by one person, hardship help by two, each once and with who did it."""

import html
import io
import json
import re
from datetime import date, timedelta

import pypdf
import pytest
import sqlalchemy as sa

from arrears.errors import Refusal
from arrears.facts import schema
from arrears.facts.schema import Facts
from arrears.store.facts import facts_of
from arrears.store.tables import Queued
from arrears.web.account.recording import Statement, record_statement
from arrears.web.account.statements import said_by
from arrears.web.desk.answer_letters import addressee
from arrears.web.desk.answers import grant_of
from arrears.web.views import views_of
from tests.dispatch.field import NOW, fact
from tests.web.signed_in import as_borrower, as_staff

TODAY, FIRST = date(2026, 11, 24), date(2026, 10, 24)


def answers_in(store, personal):
    with store.read() as connection:
        rows = facts_of(connection, ["A1"], personal).events.to_dicts()
    return [(row["kind"], row["ref"], json.loads(row["data"])) for row in rows if row["event_id"].startswith("answer-")]


def test_a_dispute_is_answered_once_by_one_person_and_leaves_the_list(client, store, personal, installation):
    fact(store, personal, "A1", "dispute_opened", event_id="D-1")
    csrf = as_staff(client, store, "compliance")
    here, form = "/desk/accounts/A1/cases/D-1", {"csrf": csrf, "reason": "partly"}

    listed, page = client.get("/desk/cases/disputes").text, client.get(here, params={"lang": "en"}).text
    wrong = client.post(here, data={"csrf": csrf, "reason": "bored"}).status_code
    first, again = client.post(here, data=form).status_code, client.post(here, data=form).status_code

    assert here in listed and "Answer the dispute" in page and "days left" in page
    assert (wrong, first, again) == (422, 303, 404) and here not in client.get("/desk/cases/disputes").text
    assert answers_in(store, personal) == [("dispute_closed", "D-1", {"reason": "partly"})]
    with store.read() as connection:
        assert "desk answer: dispute_closed" in {one.page for one in views_of(connection, ["A1"]) if one.who == "zhang.wei"}  # fmt: skip


def test_hardship_help_is_proposed_by_one_agreed_to_by_another_and_seen_by_the_borrower(
    client, store, personal, installation
):
    fact(store, personal, "A1", "hardship_requested", event_id="H#1")
    csrf = as_staff(client, store, "supervisor")
    here = "/desk/accounts/A1/cases/H%231"
    grant = {"do": "grant", "from": "2026-11-24", "until": "2027-02-28", "freeze_penalty": "1", "note": "out of work"}

    link = here in client.get("/desk/cases/hardship").text
    client.post(here, data={"csrf": csrf, **grant})
    own = client.post("/desk/approvals/1", data={"csrf": csrf, "do": "agree"}).status_code
    before = answers_in(store, personal)
    other = as_staff(client, store, "compliance", name="li.na", shown_name="李娜")
    shown = client.get("/desk/approvals", params={"lang": "en"}).text
    agreed = client.post("/desk/approvals/1", data={"csrf": other, "do": "agree"}).status_code
    listed = client.get("/desk/cases/hardship").text
    as_borrower(client, store, "P-A1")
    borrower = client.get("/account/loans/A1/standing", params={"lang": "en"}).text

    assert (link, own, before, agreed) == (True, 409, [], 303)
    assert "from 2026-11-24 until 2027-02-28; does not accrue meanwhile: penalty interest." in shown
    assert answers_in(store, personal) == [("hardship_granted", "H#1", {"from": "2026-11-24", "until": "2027-02-28", "freeze": ["penalty"]})]  # fmt: skip
    assert here not in listed and "28 February 2027" in borrower


def test_the_borrower_reads_the_answer_to_a_dispute_in_their_language_and_it_verifies(
    client, store, personal, installation
):
    fact(store, personal, "A1", "dispute_opened", event_id="D-1", data={"reason": "amount"})
    csrf = as_staff(client, store, "compliance")

    client.post("/desk/accounts/A1/cases/D-1", data={"csrf": csrf, "reason": "partly"})
    as_borrower(client, store, "P-A1")
    page = client.get("/account/loans/A1/standing").text
    listed = client.get("/account/messages").text
    (letter,) = set(re.findall(r"/account/messages/([0-9a-f]{32})", listed))
    read = client.get(f"/account/messages/{letter}").text
    text = html.unescape(re.search(r'class="message-text">(.*?)</p>', read, re.S)[1])
    verified = client.post("/verify", data={"text": text}).text

    paper = client.get(f"/account/messages/{letter}/letter.pdf")
    as_staff(client, store, "auditor", name="zhao", shown_name="赵敏")
    here = f"/desk/accounts/A1/letters/{letter}.pdf"
    posted = client.get(here)

    assert here in client.get("/desk/accounts/A1").text and posted.content.startswith(b"%PDF")
    assert b"/ByteRange" in paper.content and client.get(here.replace("A1", "A2")).status_code == 404
    printed = "".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(paper.content)).pages)
    assert "结论：异议部分成立" in re.sub(r"\s", "", printed)
    assert "您提出的异议（2026年11月24日）" in page and "异议部分成立" in page and letter in page
    assert "我们已经核查，结论：异议部分成立。" in text and "签名/Signature" in text and "已核验：由我们发出" in listed
    assert 'class="answer genuine"' in verified
    assert 'class="answer genuine"' not in client.post("/verify", data={"text": text.replace("部分成立", "成立")}).text


def test_what_waited_in_the_queue_for_the_answer_is_dealt_with(client, store, personal, installation):
    said = Statement("P-A1", "dispute", ("A1",), said_by("dispute", {"reason": "amount"}), "AAAABBBBCCCC")
    with store.hold(["A1"]), store.begin() as connection:
        record_statement(connection, personal, said, NOW)
    csrf = as_staff(client, store, "compliance")

    client.post("/desk/accounts/A1/cases/own-AAAABBBBCCCC", data={"csrf": csrf, "reason": "upheld"})

    with store.read() as connection:
        (item,) = connection.execute(sa.select(Queued.done_by, Queued.done_how)).all()
    assert tuple(item) == ("zhang.wei", "dispute_closed")


#: Who asked (a person of the account, or nobody by name), and who gets the letter.
ADDRESSEES = [("P1", "P1"), ("P2", "P2"), (None, "P1"), ("P3", "P1"), ("P4", None), ("P5", None)]


@pytest.mark.parametrize(("asked", "told"), ADDRESSEES)
def test_the_letter_goes_to_the_borrower_who_asked_and_to_nobody_who_is_none(asked, told):
    roles = {"P1": "borrower", "P2": "borrower", "P3": "representative", "P4": "guarantor", "P5": "third_party"}
    people = [{"account_id": "A1", "person_id": person, "role": role} for person, role in roles.items()]
    empty = {table: schema.empty(table) for table in ("accounts", "instalments", "events")}
    facts = Facts(empty["accounts"], empty["instalments"], empty["events"], schema.frame("people", people))

    found = addressee(facts, "A1", asked)

    assert (found["person_id"] if found else None) == told


def test_the_borrower_reads_why_hardship_help_was_refused_in_their_language(client, store, personal, installation):
    fact(store, personal, "A1", "hardship_requested", event_id="H-1")
    csrf = as_staff(client, store, "compliance")

    client.post("/desk/accounts/A1/cases/H-1", data={"csrf": csrf, "reason": "papers_missing"})
    as_borrower(client, store, "P-A1")
    english = client.get("/account/loans/A1/standing", params={"lang": "en"}).text
    chinese = client.get("/account/loans/A1/standing").text

    assert "not agreed to; the reason: the papers asked for did not come." in english
    assert "未予同意，理由：所需材料未提交。" in chinese


def test_help_begins_no_longer_before_it_was_asked_for_than_the_policy_says(client, store, personal, installation):
    fact(store, personal, "A1", "hardship_requested", event_id="H-1", at=NOW - timedelta(days=10))
    csrf = as_staff(client, store, "supervisor")
    here, grant = "/desk/accounts/A1/cases/H-1", {"do": "grant", "until": "2026-12-31", "note": "out of work"}

    page = client.get(here, params={"lang": "en"}).text
    early = client.post(here, params={"lang": "en"}, data={"csrf": csrf, **grant, "from": "2026-10-13"})
    first = client.post(here, data={"csrf": csrf, **grant, "from": "2026-10-14"})

    assert "no earlier than 2026-10-14" in page
    assert early.status_code == 422 and "2026-10-14" in early.text and first.status_code == 303


def test_an_answer_whose_letter_cannot_be_written_is_not_recorded(client, store, personal, installation):
    fact(store, personal, "A1", "dispute_opened", event_id="D-1")
    csrf = as_staff(client, store, "compliance")
    installation.keys.joinpath("signing", "codes.key").unlink()

    status = client.post("/desk/accounts/A1/cases/D-1", data={"csrf": csrf, "reason": "upheld"}).status_code

    assert status == 422 and answers_in(store, personal) == []


@pytest.mark.parametrize(
    ("begins", "until", "what"),
    [
        ("2026-11-24", "", "no day"), ("2026-12-02", "2026-12-01", "before it begins"), ("2026-10-25", "2026-11-23", "is over"),
        ("2026-10-23", "2026-12-31", "begin no earlier than 2026-10-24"),
    ],
)  # fmt: skip
def test_days_that_make_no_pause_are_refused(begins, until, what):
    with pytest.raises(Refusal, match=what):
        grant_of({"from": begins, "until": until}, TODAY, FIRST)


def test_what_is_frozen_is_always_written_out():
    assert grant_of({"from": "2026-10-24", "until": "2026-11-24"}, TODAY, FIRST)["freeze"] == []
