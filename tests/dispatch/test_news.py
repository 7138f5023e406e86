"""Subscribers at real HTTP servers: what they are told, in which order, once or again, and what is left when they cannot be told."""

import asyncio
import base64
import json
import subprocess
import sys
import threading
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from importlib.resources import files

import jsonschema
import pytest
from sqlalchemy import select

from arrears.cli import main
from arrears.dispatch.channels.webhook import verify_webhook
from arrears.dispatch.deliveries import Delivery, write_deliveries
from arrears.dispatch.news import tell_again, what_waits
from arrears.dispatch.pace import Backoff
from arrears.dispatch.subscribers import subscriptions_of
from arrears.dispatch.teller import Pauses, Teller
from arrears.errors import Refusal
from arrears.store.connect import open_store
from arrears.store.facts import record, record_events
from arrears.store.news import register
from arrears.store.personal import open_personal
from arrears.store.tables import Event, News
from tests.dispatch import debtors
from tests.dispatch.channels.made import installation
from tests.dispatch.channels.receivers import Answering, Receiver
from tests.dispatch.workers import provider_at, run_until_empty
from tests.store.facts import NOON, account, event

SECRET = f"whsec_{base64.b64encode(b'c' * 32).decode()}"
QUICK = Pauses(idle=0.01, again=Backoff(60.0, 60.0), trouble=Backoff(0.01, 0.01))
OPT_OUT = {"person_id": "P-A1", "channel": "sms", "data": '{"number": "+8610000000001", "text": "别再发了"}'}


@pytest.fixture(autouse=True)
def _secret(monkeypatch):
    monkeypatch.setenv("CRM_SECRET", SECRET)


def installed(folder, **webhooks):
    """An installation with receivers: name → settings beside its secret."""
    secrets = {"secrets": [{"secret_env": "CRM_SECRET"}]}
    return replace(
        installation(folder), settings={"webhooks": {name: secrets | given for name, given in webhooks.items()}}
    )


@pytest.fixture
def told(store, personal):
    """The store with accounts A1 and A2, and one subscriber from then on."""
    with store.begin() as connection:
        for name in ("A1", "A2"):
            record(connection, account(name), personal)
        register(connection, {"crm": None}, NOON)
    return store


def happen(store, personal, *events):
    """Events, each `account id kind`, in one transaction."""
    rows = [event(*words.split()) for words in events]
    with store.hold({row["account_id"] for row in rows}), store.begin() as connection:
        record_events(connection, rows, personal)


def teller(store, folder, url, name="t1", after=timedelta(), pauses=QUICK, **settings):
    to = subscriptions_of(installed(folder, crm={"url": url, "per_second": 1000, **settings}))["crm"]
    return Teller(store, to, name, debtors.shifted(after), lambda: 0.5, pauses)


def tell(*arguments, **more):
    one = teller(*arguments, **more)
    asyncio.run(asyncio.wait_for(one.run(until_empty=True), 30))
    return one.told


def headers(call):
    return {name.lower(): value for name, value in call.headers.items()}


def events_in(receiver):
    data = [json.loads(call.body)["data"] for call in receiver.calls]
    return [f"{one['account_id']} {one['event_id']}" for one in data]


def waiting(store):
    with store.read() as connection:
        return what_waits(connection, "crm")


def test_what_is_told_is_signed_has_the_form_of_its_schema_and_holds_nothing_personal(told, personal, tmp_path):
    with told.begin() as connection:
        record_events(
            connection,
            [
                event("A1", "E8", "promise", amount=50_00, data='{"by": "2026-10-20"}'),
                event("A1", "E9", "opt_out", **OPT_OUT),
            ],
            personal,
        )

    with Receiver() as receiver:
        count = tell(told, tmp_path, f"{receiver.url}/in")

    schema = json.loads(files("arrears.dispatch.channels").joinpath("webhook_event.schema.json").read_text("utf-8"))
    promise, opt_out = (json.loads(call.body) for call in receiver.calls)
    for call in receiver.calls:
        jsonschema.Draft202012Validator(schema).validate(json.loads(call.body))
        assert call.path == "/in" and verify_webhook(SECRET, call.headers, call.body, datetime.now(UTC))
        assert not any(text.encode() in call.body for text in ("10000000001", "别再发了", "示例甲"))
    assert count == 2 and waiting(told).waiting == 0
    assert promise["data"] == {
        "account_id": "A1", "event_id": "E8", "kind": "promise", "person_id": None, "channel": None, "direction": None, "outcome": None,
        "ref": None, "at": NOON.isoformat(), "recorded_at": NOON.isoformat(), "amount": "50.00", "data": {"by": "2026-10-20"}, "currency": "CNY",
    }  # fmt: skip
    assert (promise["type"], promise["timestamp"]) == ("event.recorded", "2026-10-01T04:00:00Z")
    assert (opt_out["data"]["channel"], opt_out["data"]["data"]) == ("sms", {})


def test_what_failed_is_told_again_later_under_the_same_name_and_word_for_word(told, personal, tmp_path):
    happen(told, personal, "A1 E8 cease")

    with Receiver(Answering(500), Answering(200)) as receiver:
        at_once = tell(told, tmp_path, receiver.url)
        failed = waiting(told)
        too_soon = tell(told, tmp_path, receiver.url, after=timedelta(seconds=10))
        later = tell(told, tmp_path, receiver.url, after=timedelta(seconds=100))

    first, second = receiver.calls
    assert (at_once, too_soon, later) == (0, 0, 1)
    assert (failed.waiting, failed.parked, failed.reason) == (1, 0, "http 500")
    assert headers(first)["webhook-id"] == headers(second)["webhook-id"] and first.body == second.body


def test_later_news_of_an_account_waits_for_earlier_news_of_it_and_no_other_accounts_does(told, personal, tmp_path):
    happen(told, personal, "A1 E8 cease", "A1 E9 cease", "A2 E8 cease", "A2 E9 cease")

    with Receiver(Answering(422), Answering(200)) as receiver:
        tell(told, tmp_path, receiver.url, window=1)
        before = events_in(receiver)
        tell(told, tmp_path, receiver.url, window=1, after=timedelta(seconds=100))

    assert before == ["A1 E8", "A2 E8", "A2 E9"]
    assert events_in(receiver)[3:] == ["A1 E8", "A1 E9"]


def test_two_tellers_tell_each_piece_once(told, personal, tmp_path):
    happen(told, personal, *(f"A{one} E{number} cease" for number in range(10, 20) for one in (1, 2)))

    async def both(url):
        tellers = [teller(told, tmp_path, url, name) for name in ("t1", "t2")]
        for one in tellers:
            asyncio.get_running_loop().call_later(20, one.stop)

        async def until_told():
            while (await asyncio.to_thread(waiting, told)).waiting:
                await asyncio.sleep(0.05)
            for one in tellers:
                one.stop()

        await asyncio.gather(*(one.run() for one in tellers), until_told())
        return sum(one.told for one in tellers)

    with Receiver() as receiver:
        count = asyncio.run(both(receiver.url))

    assert count == 20
    assert max(Counter(events_in(receiver)).values()) == 1
    for name in ("A1", "A2"):
        own = [one for one in events_in(receiver) if one.startswith(name)]
        assert own == sorted(own)


def test_what_fails_for_a_day_is_parked_until_somebody_says_again(told, personal, tmp_path):
    happen(told, personal, "A1 E8 cease", "A1 E9 cease")
    later = timedelta(days=1, minutes=1)

    with Receiver(Answering(401), Answering(401), Answering(200)) as receiver:
        tell(told, tmp_path, receiver.url)
        tell(told, tmp_path, receiver.url, after=later)
        parked = waiting(told)
        meanwhile = tell(told, tmp_path, receiver.url, after=2 * later)
        with told.begin() as connection:
            again = tell_again(connection, ["crm"])
        afterwards = tell(told, tmp_path, receiver.url, after=2 * later)

    assert (parked.waiting, parked.parked, parked.reason) == (2, 1, "http 401")
    assert (meanwhile, again, afterwards) == (0, 1, 2)
    assert events_in(receiver) == ["A1 E8"] * 3 + ["A1 E9"]


def test_a_teller_that_is_stopped_records_what_is_under_way_and_takes_no_more(told, personal, tmp_path):
    happen(told, personal, "A1 E8 cease", "A1 E9 cease")
    released = threading.Event()

    async def run(receiver):
        one = teller(told, tmp_path, receiver.url)
        running = asyncio.create_task(one.run())
        await asyncio.to_thread(receiver.received.wait, 20)
        one.stop()
        released.set()
        await asyncio.wait_for(running, 20)
        return one.told

    with Receiver(Answering(200, wait=released)) as receiver:
        count = asyncio.run(run(receiver))

    assert (count, events_in(receiver), waiting(told).waiting) == (1, ["A1 E8"], 1)


def test_with_a_receiver_that_is_away_a_run_to_the_end_ends_and_nothing_is_lost(told, personal, tmp_path):
    happen(told, personal, *(f"A{one} E{number} cease" for number in range(10, 15) for one in (1, 2)))
    with Receiver() as receiver:
        gone = receiver.url

    count = tell(told, tmp_path, gone)

    assert count == 0 and (waiting(told).waiting, waiting(told).reason) == (10, "ConnectError")


def test_contacts_of_messages_and_what_became_of_them_are_news(store, personal, tmp_path):
    debtors.fill(store, personal, range(2))
    with store.begin() as connection:
        register(connection, {"crm": None}, debtors.MORNING)

    async def act():
        async with provider_at(tmp_path) as (_, port):
            await run_until_empty(store, personal, port)

    asyncio.run(act())
    with store.begin() as connection:
        delivery = Delivery(
            "t1", debtors.account_id(0), debtors.person_id(0), "sms", "contact-t1", "failed", debtors.MORNING
        )
        write_deliveries(connection, personal, [delivery], debtors.MORNING)

    with store.read() as connection:
        facts = Counter(connection.execute(select(Event.event_id)).scalars())
        news = Counter(connection.execute(select(News.event_id)).scalars())
    assert facts == news and "delivery-failed-t1" in news and sum(name.startswith("contact-") for name in news) == 2


UNFIT = {
    "a kind nobody knows": ({"kinds": ["payment", "paymnt"]}, "webhooks.crm.kinds[1]", "must be one of payment"),
    "no list of kinds": ({"kinds": "payment"}, "webhooks.crm.kinds", "must be a list"),
    "a word of a channel": ({"status_url": "https://crm.example/{key}"}, "webhooks.crm.status_url", "has no use here"),
    "a flag that is settled": ({"idempotent": True}, "webhooks.crm.idempotent", "is not a setting here"),
    "no url": ({"url": None}, "webhooks.crm.url", "is missing"),
    "no secret": ({"secrets": []}, "webhooks.crm.secrets", "must be a list"),
}


@pytest.mark.parametrize("case", UNFIT)
def test_unfit_settings_are_one_clear_error(case, tmp_path):
    changes, field, what = UNFIT[case]

    with pytest.raises(Refusal) as refused:
        subscriptions_of(installed(tmp_path, crm={"url": "https://crm.example/in", **changes}))

    [finding] = refused.value.findings
    assert finding.field == field and finding.what.startswith(what) and finding.file.endswith("arrears.yaml")


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """An installation on SQLite with account A1 in it; gives what writes its file for a receiver, and its store and keys."""
    monkeypatch.chdir(tmp_path)
    lender = "lender: {id: b, name: {en: B}, phone: '95000', site: https://b.example}\ndatabase: sqlite:///store.db\nkeys: keys\n"

    def write(**webhooks):
        secrets = {"secrets": [{"secret_env": "CRM_SECRET"}]}
        given = {name: secrets | settings for name, settings in webhooks.items()}
        (tmp_path / "arrears.yaml").write_text(lender + f"webhooks: {json.dumps(given)}\n", "utf-8")

    store = open_store(f"sqlite:///{tmp_path / 'store.db'}", create=True)
    personal = open_personal(store, tmp_path / "keys")
    with store.begin() as connection:
        record(connection, account("A1"), personal)
    yield write, store, personal
    store.close()


def said(capsys, *words):
    code = main(["webhooks", *words, "--json"])
    printed = capsys.readouterr()
    return code, json.loads(printed.out) if printed.out else printed.err


def test_the_command_begins_tells_lists_and_ends_a_receiver(folder, capsys):
    write, store, personal = folder
    with Receiver(Answering(200)) as receiver:
        write(crm={"url": receiver.url, "kinds": ["cease"]})
        began = said(capsys, "--until-empty")
        happen(store, personal, "A1 E8 cease", "A1 E9 payment")
        listed = said(capsys, "crm", "--list")
        told = said(capsys, "crm", "--until-empty", "--again")
        misnamed = said(capsys, "crn")
        happen(store, personal, "A1 E10 cease")
        write()
        ended = said(capsys, "--until-empty")

    line = {"told": 0, "waiting": 0, "parked": 0, "oldest": None, "reason": None}
    assert began == (0, {"began": ["crm"], "ended": [], "again": 0, "webhooks": {"crm": line}})
    assert listed == (
        0,
        {"began": [], "ended": [], "again": 0, "webhooks": {"crm": line | {"waiting": 1, "oldest": NOON.isoformat()}}},
    )
    assert told == (0, {"began": [], "ended": [], "again": 0, "webhooks": {"crm": line | {"told": 1}}})
    assert misnamed[0] == 2 and "webhooks.crn: is not set up; there are: crm" in misnamed[1]
    assert ended == (0, {"began": [], "ended": ["crm"], "again": 0, "webhooks": {}})
    assert events_in(receiver) == ["A1 E8"] and waiting(store).waiting == 0


def test_what_was_posted_by_a_process_that_was_killed_is_told_again_under_the_same_name(folder, tmp_path):
    write, store, personal = folder
    never = threading.Event()
    with Receiver(Answering(200, wait=never), Answering(200)) as receiver:
        write(crm={"url": receiver.url})
        with store.begin() as connection:
            register(connection, {"crm": None}, NOON)
        happen(store, personal, "A1 E8 cease")
        killed = subprocess.Popen([sys.executable, "-m", "arrears", "webhooks"], cwd=tmp_path)
        posted = receiver.received.wait(30)
        killed.kill()
        killed.wait()
        at_once = tell(store, tmp_path, receiver.url)
        later = tell(store, tmp_path, receiver.url, after=timedelta(minutes=2))
        never.set()

    first, second = receiver.calls
    assert posted and (at_once, later) == (0, 1)
    assert headers(first)["webhook-id"] == headers(second)["webhook-id"] and first.body == second.body
