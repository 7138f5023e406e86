"""My loans: the same figures and words as the command line gives for the same facts, in both languages, of the borrower's own loans only."""

from datetime import UTC, datetime

import pytest

from arrears import show
from arrears.account import as_json, look_at
from arrears.cli.account import case_at
from arrears.replay.terms import parse_terms
from arrears.store.facts import record_event
from arrears.strategy import load_ladder
from tests.conftest import STORY
from tests.web.account.conftest import EVEN, LATE, PERSON, STRANGE, pressed, words_of
from tests.web.conftest import NOW


@pytest.fixture
def account():
    """The story's loan, looked at as the command line does, under the terms that the store has."""
    from dataclasses import replace

    facts = case_at(STORY).facts
    text = STORY.parents[1].joinpath("consumer-12.yaml").read_text("utf-8")
    return look_at(
        replace(facts, terms=dict([parse_terms(text, "terms")])), LATE, load_ladder("cn-consumer"), NOW.date()
    )


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_a_loan_says_what_the_command_line_says(client, csrf, account, language):
    told = as_json(account, language)

    page = words_of(client.get(f"/account/loans/{LATE}", params={"lang": language}).text)

    assert all(" ".join(line["text"].split()) in page for line in told["lines"])
    assert all(
        f"{float(told[name] if name == 'payoff' else told['due']['total']):,.2f}" in page for name in ("due", "payoff")
    )
    assert show.what_comes_next(account, language) in page
    assert all(line in page for line in show.why_not_json(account, "visit", language)["silence"])


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_the_list_shows_each_loan_of_the_borrower_with_its_figure(client, csrf, account, language):
    due = f"{account.replayed.position['due_total'] / 100:,.2f}"

    page = words_of(client.get("/account", params={"lang": language}).text)

    assert LATE in page and EVEN in page and STRANGE not in page
    assert due in page


def test_the_chart_has_no_style_of_its_own_and_the_table_the_same_figures(client, csrf, account):
    page = client.get(f"/account/loans/{LATE}", params={"lang": "en"}).text

    figure = page.partition('<figure class="chart"')[2].partition("</figure>")[0]
    assert "<svg" in figure and "style=" not in figure and "<style" not in figure and "<script" not in figure
    assert f'<td class="number">{account.replayed.position["due_total"] / 100:,.2f}</td>' in page


@pytest.mark.parametrize("account_id", [STRANGE, "NOBODY"])
@pytest.mark.parametrize(
    "path", ["", "/pay", "/say/promise", "/say/plan", "/say/hardship", "/say/dispute", "/say/identity_theft"]
)
def test_another_persons_loan_is_not_there(client, csrf, account_id, path):
    address = f"/account/loans/{account_id}{path}"

    assert client.get(address).status_code == 404
    assert path in ("",) or client.post(address, data={"csrf": csrf, "once": "a" * 16}).status_code == 404


@pytest.mark.parametrize(
    "path",
    [
        "/account",
        f"/account/loans/{LATE}",
        "/account/messages",
        "/account/contact",
        "/account/held",
        "/account/held.json",
    ],
)
def test_who_is_not_signed_in_sees_nothing(client, lender, path):
    answer = client.get(path)

    assert (answer.status_code, answer.headers["location"]) == (303, "/account/sign-in")


def test_every_look_is_written_down(client, csrf, lender):
    from arrears.web.views import views_of

    client.get("/account")
    client.get(f"/account/loans/{LATE}")

    with lender.read() as connection:
        assert [(one.subject, one.page) for one in views_of(connection, ["P1", LATE])] == [
            (LATE, "loan"),
            ("P1", "home"),
        ]


@pytest.mark.parametrize(
    ("language", "said"), [("zh-CN", "没有看到编号的就没有登记"), ("en", "What gave you no reference was not recorded")]
)
def test_whose_session_ran_out_is_told_so_in_their_language(client, csrf, lender, language, said):
    client.cookies.set("arrears-account", "x" * 43, domain="127.0.0.1", path="/")

    answer = client.get(f"/account/contact?lang={language}")

    assert answer.headers["location"] == f"/account/sign-in?ended=1&lang={language}"
    assert said in client.get(answer.headers["location"]).text


def test_what_was_asked_about_contact_stands_with_its_day_on_the_loans_clock(client, csrf, lender, personal):
    late = datetime(2026, 11, 22, 18, tzinfo=UTC)  # two in the morning of the 23rd in China
    stop = {
        "event_id": "STOP-1",
        "account_id": LATE,
        "person_id": PERSON,
        "at": late,
        "recorded_at": late,
        "kind": "opt_out",
        "channel": "sms",
    }
    with lender.begin() as connection:
        record_event(connection, stop, personal)
    pressed(client, csrf, "/account/say/language", language="en")

    page = client.get("/account/contact?lang=zh-CN").text

    assert "2026年11月23日 · 要求停用：短信" in page and "2026年11月24日 · 通知使用的语言：英文" in page
    assert f'href="/account/loans/{LATE}?lang=zh-CN#week"' in page
    assert 'id="week"' in client.get(f"/account/loans/{LATE}?lang=zh-CN").text
