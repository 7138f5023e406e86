"""Tonight's list: every account once, each filter a link, and counts that keep their word."""

import re
from collections import Counter

import polars as pl
import pytest

from arrears.dispatch.rules import ladders_of
from arrears.errors import Refusal
from arrears.night.summary import scan
from arrears.web.desk.taking import take_night
from arrears.web.desk.tonight import FILTERS, night_on_desk, page_of
from tests.web.conftest import NOW


def everything(store, chosen):
    """All pages under some filters, as (account, line); and the first page."""
    lines, after, first = [], 0, None
    with store.read() as connection:
        night = night_on_desk(connection)
        while after is not None:
            page = page_of(connection, night, chosen, after)
            first = first or page
            lines += page.lines
            after = page.after
    return lines, first


@pytest.fixture
def decided(nights):
    """Whom the night found past due or gave something to do."""
    frame = (
        scan(nights / "after")
        .select("account_id", "stage", "action", "channel", "days_past_due", "past_due_total")
        .collect()
    )
    return frame.filter((pl.col("days_past_due") > 0) | pl.col("action").is_not_null())


def test_the_pages_of_the_list_hold_every_account_of_the_night_once(store, on_desk, decided):
    lines, first = everything(store, {})

    assert sorted(line.account_id for line in lines) == sorted(decided["account_id"].to_list())
    assert first.matches == len(lines) > 100
    assert [line.past_due for line in lines] == [
        dict(decided.select("account_id", "past_due_total").iter_rows())[line.account_id] for line in lines
    ]


@pytest.mark.parametrize("name", FILTERS)
def test_a_filter_leaves_as_many_as_it_said(store, on_desk, name):
    _, first = everything(store, {})

    for value, count in first.counts[name].items():
        lines, page = everything(store, {name: value})

        assert len(lines) == page.matches == count


def test_filters_hold_together(store, on_desk, decided):
    lines, _ = everything(store, {"stage": "phone", "channel": "call"})

    wanted = decided.filter((pl.col("stage") == "phone") & (pl.col("channel") == "call"))
    assert Counter(line.account_id for line in lines) == Counter(wanted["account_id"].to_list())


def test_a_filter_on_the_page_is_a_link_that_leads_to_the_accounts_it_counts(client, supervisor, on_desk):
    page = client.get("/desk?lang=en").text
    href, count = re.search(
        r'href="(/desk\?stage=visit&amp;lang=en)"[^>]*>[^<]*</a> <span class="count">(\d+)', page
    ).groups()

    led_to = client.get(href.replace("&amp;", "&")).text

    assert f"Accounts: {count}" in led_to and 'aria-current="true"' in led_to


def test_the_same_night_again_changes_nothing_and_an_earlier_one_is_refused(store, on_desk):
    again = take_night(store, on_desk / "after", ladders_of([]), NOW)

    with pytest.raises(Refusal, match="later night"):
        take_night(store, on_desk / "before", ladders_of([]), NOW)
    assert again == 0
    assert len(everything(store, {})[0]) > 100


def test_without_a_night_the_page_says_what_to_do(client, supervisor):
    assert "arrears desk NIGHT" in client.get("/desk").text
