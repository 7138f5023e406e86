"""The call screen: taken, asked again as it is dialled, told with an outcome, and never by somebody else."""

import html
import re
from datetime import timedelta

import pytest

from arrears.dispatch.carried import in_hand
from arrears.dispatch.outcomes import codes
from arrears.store.facts import facts_of
from arrears.web.desk.carried_view import GROUPS
from tests.dispatch.field import fact
from tests.web.conftest import NOW
from tests.web.signed_in import as_staff

TEL = "tel:+86138"


@pytest.fixture
def taken(client, store, installation):
    """A collector has a call in hand; gives the csrf value and the attempt."""
    csrf = as_staff(client, store, "collector")
    assert client.post("/desk/call/next?lang=en", data={"csrf": csrf}).status_code == 303
    with store.read() as connection:
        (item,) = in_hand(connection, by="collector:zhang.wei")
    return csrf, item


def post(client, path, csrf, **form):
    return client.post(f"/desk/call/{path}?lang=en", data={"csrf": csrf, **form})


def facts(store, personal, account, kind):
    with store.read() as connection:
        events = facts_of(connection, [account], personal).events
    return [row for row in events.sort("recorded_at").iter_rows(named=True) if row["kind"] == kind]


def test_the_number_is_shown_only_when_the_law_was_asked_as_it_is_dialled(client, taken):
    csrf, _ = taken

    before = client.get("/desk/call?lang=en").text
    dialled = post(client, "dial", csrf).text

    assert TEL not in before and "What to say" in before and "示例银行" in before
    assert TEL in dialled and "Checked just now" in dialled


@pytest.mark.parametrize("kind", ["cease", "payment"])
def test_what_came_in_meanwhile_stops_the_call_at_the_dial(client, store, personal, taken, kind):
    csrf, item = taken
    amount = {"amount": 2_000_000} if kind == "payment" else {}
    fact(store, personal, item.work.account_id, kind, at=NOW, **amount)

    page = post(client, "dial", csrf).text

    assert TEL not in page and "must not be dialled" in page


def test_a_stop_switch_stops_the_call_at_the_dial(client, store, taken):
    from arrears.dispatch.stops import set_stop

    csrf, item = taken
    with store.hold_all(), store.begin() as connection:
        set_stop(connection, "account", item.work.account_id, "li.na", "in hospital", NOW)

    page = post(client, "dial", csrf).text

    assert TEL not in page and "must not be dialled" in page


def test_an_outcome_becomes_a_fact_and_the_next_call_may_be_taken(client, store, personal, taken):
    csrf, item = taken

    answer = post(client, "outcome", csrf, key=item.attempt_id, code="NA")

    assert answer.status_code == 303 and "told=NA" in answer.headers["location"]
    assert facts(store, personal, item.work.account_id, "contact")[-1]["outcome"] == "no_answer"
    assert post(client, "next", csrf).status_code == 303


def test_a_promise_needs_its_amount_and_day_and_what_was_typed_stays(client, store, personal, taken):
    csrf, item = taken
    by = (NOW + timedelta(days=5)).date().isoformat()

    refused = post(client, "outcome", csrf, key=item.attempt_id, code="PTP", amount="500.00")
    told = post(client, "outcome", csrf, key=item.attempt_id, code="PTP", amount="500.00", by=by)

    assert refused.status_code == 422 and 'value="500.00"' in refused.text and "Not done" in refused.text
    assert told.status_code == 303
    (promise,) = facts(store, personal, item.work.account_id, "promise")
    assert promise["amount"] == 50_000


def test_nobody_tells_the_outcome_of_another_ones_call(client, store, personal, taken):
    _, item = taken
    other = as_staff(client, store, "collector", name="li.na", shown_name="李娜")

    answer = post(client, "outcome", other, key=item.attempt_id, code="RPC")

    assert answer.status_code == 422
    assert len(facts(store, personal, item.work.account_id, "contact")) == 3  # those of before


def test_every_outcome_has_two_keys_of_its_own_and_a_button(client, taken):
    page = client.get("/desk/call?lang=en").text

    buttons = dict(re.findall(r'value="([A-Z]+)" class="second" data-keys="(\d\d)"', html.unescape(page)))

    assert set(buttons) == set(codes("call")) and len(set(buttons.values())) == len(buttons)
    assert {code for group in GROUPS["visit"].values() for code in group} == set(codes("visit"))
