"""Penalty interest negotiated on the pages: asked for once, answered by two people within the policy, the waiver on the account, the letter signed."""

import io
import re
from importlib import resources

import polars as pl
from pypdf import PdfReader

from arrears.notice.keys import public_keys
from arrears.plans.paper import read_signatures
from arrears.store.facts import facts_of
from arrears.store.tables import Queued
from arrears.web.approvals import approvals
from tests.web import signed_in
from tests.web.account.conftest import LATE, pressed, words_of

HERE = f"/account/loans/{LATE}/penalty"
DESK = f"/desk/accounts/{LATE}/penalty"


def of_kind(store, personal, *kinds):
    with store.read() as connection:
        rows = facts_of(connection, [LATE], personal).events.to_dicts()
    return [row for row in rows if row["event_id"].startswith("penalty-") and row["kind"] in kinds]


def owed(page):
    """What is owed of it, as a page shows it."""
    return re.search(r"Penalty interest owed now (?:CNY )?([0-9.,]+)", words_of(page))[1]


def proposed(client, store, **answer):
    """A collector proposes an answer to the request; gives the page and the number that the second person decides."""
    csrf = signed_in.as_staff(client, store, "collector", name="wang.fang", shown_name="王芳")
    with store.read() as connection:
        asked = facts_of(connection, [LATE], None).events.filter(pl.col("event_id").str.starts_with("penalty-"))
    request = asked.filter(pl.col("kind") == "contact").sort("at", "recorded_at")["event_id"].to_list()[-1]
    form = {"csrf": csrf, "request": request, "note": "as talked about", **answer}
    page = client.post(DESK, params={"lang": "en"}, data=form)
    with store.read() as connection:
        found = [one for one in approvals(connection, subject=LATE) if one.kind == "waiver"]
    return page, found[0].number if found else None


def decided(client, store, number, role, do="agree", name="li.na"):
    csrf = signed_in.as_staff(client, store, role, name=name)
    return client.post(
        f"/desk/approvals/{number}", params={"lang": "en"}, data={"csrf": csrf, "do": do, "why": "looked at"}
    )


def test_the_page_says_what_was_charged_and_allowed_in_both_languages_and_the_letter_is_a_download(
    client, csrf, lender, personal
):
    zh, en = (words_of(client.get(HERE, params={"lang": language}).text) for language in ("zh-CN", "en"))
    letter = pressed(client, csrf, HERE, why="illness", amount="1", do="txt").text
    wrong = pressed(client, csrf, HERE, why="bored", amount="999999", do="send")

    for said in (
        "Charged",
        "Penalty rate a year by the terms and the law: 18%",
        "Team lead may waive up to",
        "acknowledgement",
    ):
        assert said in en
    for said in ("已计收", "合同与法律允许的罚息年利率：18%", "协商组长可以减免不超过", "承认债务"):
        assert said in zh
    assert "illness in the household" in letter and LATE in letter and of_kind(lender, personal, "contact") == []
    assert (
        wrong.status_code == 422
        and "no more than what is owed" in words_of(wrong.text)
        and "Choose one of" in words_of(wrong.text)
    )


def test_what_two_people_grant_within_the_policy_is_waived_and_the_borrower_has_the_signed_answer(
    client, csrf, lender, personal, installation
):
    text = resources.files("arrears.plans").joinpath("policies/cn-loan.yaml").read_text("utf-8")
    (installation.folder / "plans.yaml").write_text(text.replace("[supervisor, compliance]", "[compliance]"), "utf-8")
    client.app.state.served.installation.settings["plans"] = {"policy": "plans.yaml"}
    asked = pressed(client, csrf, HERE, why="illness", do="send")
    _, number = proposed(client, lender, grant=owed(asked.text))

    own = decided(client, lender, number, "supervisor", name="wang.fang")
    beyond = decided(client, lender, number, "supervisor")
    nothing = of_kind(lender, personal, "decision", "waiver")
    agreed = decided(client, lender, number, "compliance")

    page = client.get(HERE, params={"lang": "en"})
    paper = client.get(re.search(r'href="([^"]+\.pdf)\?', page.text)[1], params={"lang": "en"}).content
    (waiver,), (made,) = of_kind(lender, personal, "waiver"), of_kind(lender, personal, "decision")
    assert (own.status_code, beyond.status_code, nothing, agreed.status_code) == (409, 409, [], 303)
    assert "more than your role may waive" in words_of(beyond.text)
    assert waiver["ref"] == made["event_id"] and owed(page.text) == "0.00" and ": granted" in words_of(page.text)
    assert "waived" in PdfReader(io.BytesIO(paper)).pages[0].extract_text()
    assert [one.valid for one in read_signatures(paper, dict(public_keys(installation.keys, "demo").keys))] == [True]


def test_a_refusal_is_answered_with_its_reason_and_a_proposal_that_is_declined_answers_nobody(
    client, csrf, lender, personal
):
    first, second = (pressed(client, csrf, HERE, why="income", do="send") for _ in range(2))
    _, number = proposed(client, lender, grant="1.00", because="no_evidence")
    listed = words_of(client.get("/desk/approvals", params={"lang": "en"}).text)
    decided(client, lender, number, "supervisor", "decline")
    declined = of_kind(lender, personal, "decision", "waiver")
    _, again = proposed(client, lender, grant="0", because="able_to_pay")

    decided(client, lender, again, "supervisor")

    loan = words_of(client.get(f"/account/loans/{LATE}", params={"lang": "en"}).text)
    page = words_of(client.get(HERE, params={"lang": "en"}).text)
    with lender.read() as connection:
        queued = connection.execute(Queued.__table__.select()).all()
    assert (first.status_code, second.status_code, len(of_kind(lender, personal, "contact"))) == (200, 422, 1)
    assert "to be waived CNY 1.00; reason: no evidence" in listed and declined == []
    assert of_kind(lender, personal, "waiver") == [] and "by the budget given it can be paid" in page
    assert "was answered: refused" in loan and [(row.sort, row.done_by) for row in queued] == [("penalty", "li.na")]
