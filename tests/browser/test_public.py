"""The public pages in a real browser: a message verified, where one stands, the questions; and all of it without any script."""

from datetime import timedelta

import pytest

from arrears.advise.questions import NAMES as QUESTIONS
from arrears.advise.questions import answered
from arrears.dispatch.channels.mail_unsubscribe import unsubscribe_token
from arrears.web.advice_page import advice_file
from tests.browser.looked import READERS, visiting
from tests.browser.made import CODE, TEXT, loan_of
from tests.browser.test_borrower import BUDGET
from tests.web.conftest import LEAVE_KEY
from tests.web.test_stand import TYPED

ASKED = {"en": {"opened_on": "2026-01-10", "principal": "12,000", "contacts": "2026-09-13 sms\n2026-09-15 call\n2026-11-20 missed call", "payments": "".join(f"2026-{month:02}-10 1,100.16\n" for month in range(2, 9)) + "2026-09-20 300"}, "zh-CN": {}}  # fmt: skip
QUOTED = ("section:has(> .clauses)", ".beside", ".grounds")


def fill_in(page, reader):
    """Type a loan into the form of "Where do I stand?"."""
    for name, value in {**TYPED, **ASKED[reader.language]}.items():
        field = page.locator(f"#{name}")
        if field.evaluate("(one) => one.tagName") == "SELECT":
            field.select_option(value)
        else:
            field.fill(value)


def test_a_code_alone_confirms_nothing_and_the_whole_text_does(visitor):
    for field, value, verdict in (("code", CODE, "cannot_confirm"), ("text", TEXT, "genuine")):
        visitor.go("/verify")
        visitor.look("verify")
        visitor.page.locator(f"#{field}").fill(value)
        visitor.page.locator("main form button").click()
        visitor.page.wait_for_selector(".answer")
        visitor.look(f"verified-by-{field}")
        assert visitor.page.locator(f".answer.{verdict}").count() == 1


def test_what_is_typed_is_answered_and_a_letter_downloaded(visitor, tmp_path):
    visitor.go("/stand")
    visitor.look("form")
    fill_in(visitor.page, visitor.reader)

    visitor.page.locator("form.stand button[type=submit]").click()
    visitor.look("answer", QUOTED)
    with visitor.page.expect_download() as coming:
        visitor.page.locator("button[value^='letter '][value$=' pdf']").first.click()
    coming.value.save_as(tmp_path / "letter.pdf")

    assert (tmp_path / "letter.pdf").read_bytes().startswith(b"%PDF-")

    visitor.page.locator("button[value=afford]").click()
    visitor.look("plan-to-afford")
    for name, amount in BUDGET.items():
        visitor.page.locator(f"[name='{name}']").fill(amount)
    visitor.page.locator("button[value=afford]").click()
    visitor.page.wait_for_selector("section.step")
    visitor.look("plans-to-afford", QUOTED)


def test_whoever_follows_the_link_of_a_message_leaves_the_list(visitor):
    visitor.go(f"/unsubscribe/{unsubscribe_token(f'T-{loan_of(visitor.reader)}', LEAVE_KEY.encode())}")
    visitor.look("leave")
    visitor.page.locator("main form button").click()
    visitor.page.wait_for_selector(".answer")
    visitor.look("left", is_further=True)


def test_every_question_is_reached_from_the_index_and_an_answer_is_there_as_a_file(visitor, tmp_path):
    visitor.go("/")
    visitor.look("home")
    visitor.go("/questions")
    visitor.look("questions")
    links = visitor.page.locator(".questions a").evaluate_all("(all) => all.map((one) => one.href)")
    assert len(links) == len(QUESTIONS) == 11

    for link, name in zip(links, QUESTIONS, strict=True):
        visitor.page.goto(link)
        visitor.look(name, QUOTED, is_further=name != QUESTIONS[0])

    file = tmp_path / "advice.html"
    file.write_text(advice_file(answered(QUESTIONS[0]), visitor.reader.language), "utf-8")
    visitor.page.goto(file.as_uri())
    visitor.look_at_file("advice", "advice_file.html", QUOTED)


@pytest.mark.parametrize("reader", READERS, ids=lambda one: one.language)
def test_the_public_pages_work_without_any_script(browser, service, clock, reader):
    clock.at += timedelta(minutes=10)
    with visiting(browser, service, reader, "without-script", script=False) as visitor:
        page = visitor.page
        visitor.go("/verify")
        page.locator("#code").fill(CODE)
        page.locator("main form button").click()
        assert page.locator(".answer").count() == 1
        visitor.go("/stand")
        fill_in(page, reader)
        page.locator("form.stand button[type=submit]").click()
        assert page.locator(".figures .large").count() == 3 and page.locator(".clauses li").count() > 5
        page.locator("header button, header a").last.click()
        assert page.locator("html").get_attribute("lang") != reader.language
        visitor.go("/questions")
        page.locator(".questions a").first.click()
        assert page.locator("h1").count() == 1 and page.locator(".clauses li").count() > 0
        visitor.go("/account/sign-in")
        assert page.locator("#who").is_editable()
        assert visitor.faults == []
