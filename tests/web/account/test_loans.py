"""My loans: the same figures and words as the command line gives for the same facts, in both languages, of the borrower's own loans only."""

import pytest

from arrears import show
from arrears.account import as_json, look_at
from arrears.cli.account import case_at
from arrears.replay.terms import parse_terms
from arrears.strategy import load_ladder
from tests.conftest import STORY
from tests.web.account.conftest import EVEN, LATE, STRANGE, words_of
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
