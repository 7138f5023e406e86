"""Tonight's list by the API: every account once, in its order, page by page, under the filters of the desk; and each look is noted."""

from datetime import date

import pytest
from sqlalchemy import func, insert, select

from arrears.store.tables import DeskAccount, DeskCell, DeskNight, View
from tests.web.conftest import NOW

CELLS = (
    {"cell": 0, "stage": "visit", "channel": "visit", "action": "visit", "days_band": "31-60", "amount_band": "5000-20000", "first_place": 1},
    {"cell": 1, "stage": "reminder", "channel": "sms", "action": "sms_reminder", "days_band": "1-30", "amount_band": "<1000", "first_place": 2},
    {"cell": 2, "stage": "current", "channel": "-", "action": "-", "days_band": "0", "amount_band": "0", "first_place": 5},
)  # fmt: skip
#: The cell of each line, in the order of the list.
PLACES = (0, 1, 1, 1, 2)


@pytest.fixture
def store_url(tmp_path):
    """The list itself is tried on both databases where the desk shows it (`tests/web/desk/test_list.py`)."""
    return f"sqlite:///{tmp_path / 'store.db'}"


def put_night(store, number, name="2026-11-24"):
    """A night of five accounts on the desk."""
    with store.begin() as connection:
        connection.execute(insert(DeskNight).values(
            number=number, night=name, planned_for=date(2026, 11, 24), taken_at=NOW, accounts=len(PLACES), figures="{}", words="{}"
        ))  # fmt: skip
        for cell in CELLS:
            accounts = PLACES.count(cell["cell"])
            connection.execute(insert(DeskCell).values(
                night_number=number, product="small", currency="CNY", accounts=accounts, past_due=10_000 * accounts, **cell
            ))  # fmt: skip
        for place, cell in enumerate(PLACES, 1):
            connection.execute(insert(DeskAccount).values(
                night_number=number, place=place, cell=cell, account_id=f"A{place}", days_past_due=50 - 10 * place, past_due=123_45, staff=None,
                not_before=NOW, not_after=None,
            ))  # fmt: skip


def work(api, **asked):
    return api.get("/api/v1/work", params=asked)


def test_before_the_first_night_the_list_is_empty(api):
    answer = work(api)

    assert (answer.status_code, answer.json()) == (
        200,
        {"next": None, "night": None, "planned_for": None, "matches": 0, "work": []},
    )


def test_every_account_of_the_night_comes_once_and_in_its_order_page_by_page(api, lender):
    put_night(lender, 1)

    pages, cursor = [], None
    while not pages or cursor:
        told = work(api, limit=2, **({"cursor": cursor} if cursor else {})).json()
        pages.append([line["account"] for line in told["work"]])
        cursor = told["next"]

    assert pages == [["A1", "A2"], ["A3", "A4"], ["A5"]]
    assert (told["night"], told["planned_for"], told["matches"]) == ("2026-11-24", "2026-11-24", 5)


def test_a_line_says_what_the_desk_says_in_codes_and_exact_amounts(api, lender):
    put_night(lender, 1)

    first, *_, last = work(api).json()["work"]

    assert first == {
        "account": "A1", "stage": "visit", "action": "visit", "channel": "visit", "product": "small", "currency": "CNY",
        "days_past_due": 40, "past_due": "123.45", "staff": None, "not_before": NOW.isoformat(), "not_after": None, "state": None,
    }  # fmt: skip
    assert (last["action"], last["channel"]) == (None, None)


@pytest.mark.parametrize(
    ("asked", "found"),
    [({"stage": "reminder"}, ["A2", "A3", "A4"]), ({"channel": "-"}, ["A5"]), ({"action": "visit"}, ["A1"]), ({"days_band": "1-30"}, ["A2", "A3", "A4"]),
     ({"amount_band": "<1000", "product": "small"}, ["A2", "A3", "A4"]), ({"stage": "visit", "channel": "sms"}, [])],
)  # fmt: skip
def test_a_filter_leaves_the_accounts_that_it_names(api, lender, asked, found):
    put_night(lender, 1)

    told = work(api, **asked).json()

    assert [line["account"] for line in told["work"]] == found and told["matches"] == len(found)


def test_a_cursor_ends_with_its_night(api, lender):
    put_night(lender, 1)
    cursor = work(api, limit=2).json()["next"]

    put_night(lender, 2, "2026-11-25")
    again = work(api, limit=2, cursor=cursor)

    assert (again.status_code, again.headers["content-type"]) == (410, "application/problem+json")
    assert [line["account"] for line in work(api, limit=2).json()["work"]] == ["A1", "A2"]


def test_each_account_on_a_page_is_noted_as_seen_and_no_other(api, lender):
    put_night(lender, 1)

    work(api, limit=3)

    with lender.read() as connection:
        seen = connection.execute(select(View.subject, View.who, View.page).order_by(View.subject)).all()
    assert [tuple(row) for row in seen] == [(f"A{place}", "crm", "api-work") for place in (1, 2, 3)]


def test_a_token_without_the_scope_sees_nothing(api, lender):
    put_night(lender, 1)

    refused = api.get("/api/v1/work", headers=api.law_only)

    with lender.read() as connection:
        assert (refused.status_code, connection.execute(select(func.count()).select_from(View)).scalar()) == (403, 0)
