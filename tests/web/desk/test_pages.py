"""The other pages of the desk over a real store: one account, cases, stops, approvals, law, log, overview, strategy."""

import asyncio
import json
import re
import time
from datetime import UTC, date, datetime, timedelta
from importlib import resources
from xml.etree import ElementTree

import pytest
import sqlalchemy as sa
from starlette.requests import Request

from arrears.dispatch.stops import set_stop, stops
from arrears.facts.beside import yaml_beside
from arrears.notice.language import date_text
from arrears.store.tables import SignedIn, View
from arrears.web import session_rows
from arrears.web.desk.cases import LISTS, _open_rows
from arrears.web.desk.charts import CHARTS
from arrears.web.desk.live import stream
from arrears.web.desk.moment import channels_now, held
from arrears.web.sessions import Staff
from arrears.web.views import views_of
from tests.dispatch.field import fact, office_of
from tests.web.conftest import NOW
from tests.web.desk.test_roles import PAGES
from tests.web.signed_in import as_staff


def verdicts(store, personal, at):
    office = office_of(store, personal)
    with store.read() as connection:
        return {one.channel: one for one in channels_now(connection, office, held(connection, office, "A1", at), at)}


@pytest.mark.parametrize("page", PAGES)
def test_a_page_is_in_the_language_that_was_asked_for(client, supervisor, on_desk, page):
    asked = page + ("&" if "?" in page else "?")
    answers = {language: client.get(f"{asked}lang={language}", follow_redirects=True) for language in ("zh-CN", "en")}

    for language, answer in answers.items():
        assert answer.status_code == 200 and f'<html lang="{language}">' in answer.text
        assert ("Tonight" in answer.text) == (language == "en") and ("今晚名单" in answer.text) == (language == "zh-CN")
        assert "<h1>" in answer.text and "style=" not in answer.text and "onclick" not in answer.text
        assert "script-src 'self'" in answer.headers["content-security-policy"]


def test_every_word_stands_in_both_languages_and_english_has_no_chinese():
    def leaves(part, path=""):
        if not isinstance(part, dict):
            yield path, {}
        elif set(part) <= {"zh", "en"}:
            yield path, part
        else:
            for name, inner in part.items():
                yield from leaves(inner, f"{path}.{name}")

    wrong = [
        path
        for path, said in leaves(yaml_beside("arrears.web.desk", "words.yaml"))
        if set(said) != {"zh", "en"} or any("\u4e00" <= letter <= "\u9fff" for letter in str(said["en"]))
    ]

    assert wrong == []


def test_one_account_shows_where_it_stands_and_the_view_is_noted(client, store, supervisor):
    page = client.get("/desk/accounts/A1?lang=en").text

    for said in (
        "Days past due: 45",
        "Line by line",
        "Timeline",
        "What is not done, and why",
        "李雷",
        "+8613800000000",
    ):
        assert said in page
    with store.read() as connection:
        (view,) = views_of(connection, ["A1"])
    assert (view.who, view.page) == ("zhang.wei", "desk account")


def test_an_account_that_is_not_there_is_not_found(client, supervisor):
    assert client.get("/desk/accounts/nobody").status_code == 404
    assert client.get("/desk/accounts/nobody/live").status_code == 404


def test_a_channel_waits_for_its_hours_and_says_by_which_clause(store, personal, installation):
    night = datetime(2026, 11, 24, 15, tzinfo=UTC)  # 23:00 in Shanghai

    by_day, by_night = verdicts(store, personal, NOW)["call"], verdicts(store, personal, night)["call"]

    assert by_day.verdict == "allowed"
    assert by_night.verdict == "wait" and by_night.not_before == datetime(2026, 11, 25, tzinfo=UTC)
    assert "CN-HRS-1" in {clause.id for clause in by_night.clauses}


@pytest.mark.parametrize(
    ("kind", "more", "verdict"), [("deceased", {}, {"never", "held"}), ("opt_out", {"channel": "call"}, {"held"})]
)
def test_what_is_known_of_the_person_counts_at_once(store, personal, installation, kind, more, verdict):
    fact(store, personal, "A1", kind, at=NOW, **more)

    assert verdicts(store, personal, NOW + timedelta(minutes=1))["call"].verdict in verdict


def test_may_i_call_now_is_sent_as_it_stands(client, supervisor):
    with client.stream("GET", "/desk/accounts/A1/live?lang=en") as answer:
        first = next(answer.iter_text())

    assert answer.headers["content-type"].startswith("text/event-stream")
    assert first.startswith("data: ") and "allowed now" in first


@pytest.mark.parametrize("path", ["/desk/accounts/A1/live", "/desk/live"])
def test_what_a_page_asks_by_itself_is_no_use_of_the_session(client, store, supervisor, path):
    began = NOW - timedelta(minutes=10)
    with store.begin() as connection:
        connection.execute(sa.update(SignedIn).values(seen_at=began))

    with client.stream("GET", path) as answer:
        next(answer.iter_text())

    assert seen(store) == began
    client.get("/desk/accounts/A1")
    assert seen(store) == NOW


def seen(store):
    with store.read() as connection:
        return connection.execute(sa.select(SignedIn.seen_at)).scalar_one()


def test_a_stream_ends_with_the_session(client, store, supervisor):
    async def connected():
        await asyncio.sleep(60)

    async def sent():
        with store.read() as connection:
            session = connection.execute(sa.select(SignedIn.session_hash)).scalar_one()
        who = Staff("zhang.wei", "张伟", frozenset(), session, supervisor)
        request = Request({"type": "http", "app": client.app, "headers": []}, connected)
        numbers = iter(range(9))
        events = stream(request, who, lambda: str(next(numbers)), every=0, looks=9).body_iterator
        found = [await anext(events), await anext(events)]
        with store.begin() as connection:
            session_rows.end_all(connection, ("staff",), "zhang.wei", NOW)
        return found + [one async for one in events]

    assert asyncio.run(sent()) == ["data: 0\n\n", "data: 1\n\n"]


def test_the_looks_at_everybody_on_a_list_are_kept(client, store, personal, supervisor, on_desk):
    fact(store, personal, "A1", "dispute_opened", at=NOW)
    fact(store, personal, "A2", "promise", at=NOW, amount=100, data={"by": "2026-11-30"})
    with store.hold_all(), store.begin() as connection:
        set_stop(connection, "account", "A3", "zhang.wei", "in hospital", NOW)
        set_stop(connection, "channel", "sms", "zhang.wei", "too many", NOW)

    lists = {
        path: client.get(path).text for path in ("/desk", "/desk/cases/disputes", "/desk/cases/promises", "/desk/stops")
    }

    with store.read() as connection:
        rows = connection.execute(sa.select(View.page, View.subject)).all()
    kept = {name: {row.subject for row in rows if row.page == name} for name in {row.page for row in rows}}
    shown = set(re.findall(r'href="/desk/accounts/([^"?/]+)', lists["/desk"]))
    assert (
        kept == {"desk list": shown, "desk disputes": {"A1"}, "desk promises": {"A2"}, "desk stops": {"A3"}}
        and len(shown) == 50
    )


def test_a_complaint_has_its_clock_and_goes_when_it_is_closed(client, store, personal, supervisor):
    fact(store, personal, "A2", "complaint_opened", at=datetime(2026, 11, 2, 4, tzinfo=UTC))

    opened = client.get("/desk/cases/complaints?lang=en").text
    fact(store, personal, "A2", "complaint_closed", at=NOW)
    closed = client.get("/desk/cases/complaints?lang=en").text

    assert "/desk/accounts/A2" in opened and "CN-CMP-1" in opened and "days over" in opened
    assert "/desk/accounts/A2" not in closed


def test_a_request_says_what_it_stops_what_goes_on_who_decides_and_by_whose_clock(client, store, personal, supervisor):
    fact(store, personal, "A1", "hardship_requested", at=NOW)

    pages = [client.get(path + "?lang=en").text for path in ("/desk/cases/hardship", "/desk/accounts/A1")]

    for page in pages:
        for said in ("Stops at once", "does not go further until", "Goes on", "Decides", "hardship team", "by 9 December 2026, 15 days left",
                     "the time that the lender", "policy"):  # fmt: skip
            assert said in page


def test_of_two_disputes_the_one_that_was_not_answered_stays_with_its_clock(client, store, personal, supervisor):
    for event_id, day in (("D-1", 2), ("D-2", 20)):
        fact(store, personal, "A1", "dispute_opened", at=datetime(2026, 11, day, 4, tzinfo=UTC), event_id=event_id)
    fact(store, personal, "A1", "dispute_closed", at=NOW, ref="D-1")

    page = client.get("/desk/cases/disputes?lang=en").text

    assert (
        page.count("/desk/accounts/A1?") == 1
        and "A1/cases/D-2" in page
        and "A1/cases/D-1" not in page
        and "2026-11-20" in page
    )
    assert "by 10 December 2026, 16 days left" in page


@pytest.mark.parametrize(("tab", "kind"), [("disputes", "dispute_opened"), ("hardship", "hardship_requested")])
def test_what_was_opened_stands_in_its_list(client, store, personal, supervisor, tab, kind):
    fact(store, personal, "A3", kind, at=NOW)

    assert "/desk/accounts/A3" in client.get(f"/desk/cases/{tab}").text


#: By list: the fact, what it says, and the fact that ends it (None: nothing does).
STANDINGS = [
    ("identity_theft", "dispute_opened", {"reason": "identity_theft"}, "dispute_closed"),
    ("pauses", "hardship_granted", {"from": "2026-11-20", "until": "2026-12-20", "freeze": ["penalty"]}, "pause_ended"),
    ("breathing_space", "breathing_space", {"from": "2026-11-20", "until": "2027-01-18"}, "pause_ended"),
    ("vulnerable", "vulnerable", {"reason": "illness"}, None),
    ("death", "deceased", {}, None),
    ("insolvency", "bankruptcy", {}, None),
]


@pytest.mark.parametrize(("tab", "kind", "data", "end"), STANDINGS, ids=[tab for tab, *_ in STANDINGS])
def test_a_special_standing_stands_in_its_list_with_its_clock_until_it_ends(
    client, store, personal, supervisor, tab, kind, data, end
):
    fact(store, personal, "A3", kind, at=NOW - timedelta(days=4), event_id="S-1", data=data)
    fact(store, personal, "A2", "dispute_opened", at=NOW, data={"reason": "amount"})

    page = client.get(f"/desk/cases/{tab}?lang=en").text
    if end:
        fact(
            store, personal, "A3", end, at=NOW, ref="S-1", data={"reason": "upheld"} if tab == "identity_theft" else {}
        )
    after = client.get(f"/desk/cases/{tab}?lang=en").text

    assert "/desk/accounts/A3" in page and "/desk/accounts/A2" not in page
    until = data.get("until")
    assert until is None or date_text(date.fromisoformat(until), "cn", "en") in page
    assert ("/desk/accounts/A3" in after) == (end is None)
    assert ("/desk/accounts/A3/cases/S-1" in page) == (tab == "identity_theft")


def test_help_whose_last_day_is_over_leaves_its_list_and_the_first_to_end_comes_first(
    client, store, personal, supervisor
):
    for account, until in (("A1", "2026-11-22"), ("A2", "2027-02-01"), ("A3", "2026-12-01")):
        data = {"from": "2026-10-01", "until": until, "freeze": []}
        fact(store, personal, account, "hardship_granted", at=NOW - timedelta(days=50), data=data)

    page = client.get("/desk/cases/pauses").text

    assert "/desk/accounts/A1" not in page
    assert page.index("/desk/accounts/A3") < page.index("/desk/accounts/A2")


@pytest.mark.parametrize("name", LISTS)
def test_a_list_is_read_by_an_index_of_its_own(store, name):
    wanted = _open_rows(LISTS[name], NOW, ("2026-11-01", "A1"))
    asked = str(wanted.compile(store.engine, compile_kwargs={"literal_binds": True}))

    with store.read() as connection:
        if store.engine.dialect.name == "postgresql":
            connection.execute(sa.text("SET LOCAL enable_seqscan = off"))
            plan = " ".join(row[0] for row in connection.execute(sa.text("EXPLAIN " + asked)))
        else:
            plan = " ".join(row.detail for row in connection.execute(sa.text("EXPLAIN QUERY PLAN " + asked)))

    assert any(index in plan for index in ("events_of_cases", "pauses_by_day", "disputes_of_identity"))
    assert "TEMP B-TREE" not in plan


def test_an_accounts_page_leads_to_what_waits_for_an_answer(client, store, personal, supervisor):
    fact(store, personal, "A1", "dispute_opened", event_id="D-1")
    fact(store, personal, "A1", "complaint_opened", event_id="C-1")
    fact(store, personal, "A1", "complaint_closed", at=NOW, ref="C-1")

    page = client.get("/desk/accounts/A1").text

    assert "/desk/accounts/A1/cases/D-1" in page and "/desk/accounts/A1/cases/C-1" not in page


def test_promises_stand_by_the_day_they_are_due(client, store, personal, supervisor):
    for account, by in (("A1", "2026-11-30"), ("A2", "2026-11-26"), ("A3", "2026-10-01")):
        fact(
            store, personal, account, "promise", at=NOW - timedelta(days=30), amount=10_000, data=json.dumps({"by": by})
        )

    page = client.get("/desk/cases/promises?lang=en").text

    assert page.index("/desk/accounts/A2") < page.index("/desk/accounts/A1")
    assert "/desk/accounts/A3" not in page and "CNY 100.00" in page


def open_switches(store):
    with store.read() as connection:
        return [one.subject for one in stops(connection)]


def test_one_person_sets_a_stop_and_two_lift_it(client, store, installation):
    csrf = as_staff(client, store, "supervisor")
    client.post("/desk/stops", data={"csrf": csrf, "scope": "account", "subject": "A1", "why": "in hospital"})
    client.post("/desk/stops/1/lift", data={"csrf": csrf, "why": "well again"})
    own = client.post("/desk/approvals/1", data={"csrf": csrf, "do": "agree"})
    still = open_switches(store)

    other = as_staff(client, store, "compliance", name="li.na", shown_name="李娜")
    answer = client.post("/desk/approvals/1", data={"csrf": other, "do": "agree", "why": "checked"})

    assert (own.status_code, still) == (409, ["A1"])
    assert (answer.status_code, open_switches(store)) == (303, [])


def test_a_stop_without_a_reason_is_refused(client, store, supervisor):
    answer = client.post("/desk/stops?lang=en", data={"csrf": supervisor, "scope": "all", "subject": "", "why": " "})

    assert answer.status_code == 422 and "Not done" in answer.text and open_switches(store) == []


def test_law_shows_the_clauses_in_force_on_a_day(client, supervisor):
    page = client.get("/desk/law?pack=cn&on=2026-11-24&lang=en").text

    assert "CN-HRS-1" in page and "in force on 2026-11-24" in page
    assert "CN-HRS-1<" not in client.get("/desk/law?pack=cn&on=1999-01-01&lang=en").text


def test_the_log_is_verified_when_somebody_asks(client, store, supervisor):
    from arrears.store.seals import seal

    seal(store, NOW)
    client.post("/desk/log/verify", data={"csrf": supervisor})
    for _ in range(200):
        page = client.get("/desk/log?lang=en").text
        if "Intact: 1 seals" in page:
            break
        time.sleep(0.05)

    assert "Intact: 1 seals" in page


@pytest.mark.parametrize("name", CHARTS)
def test_a_chart_is_a_picture_with_its_table_beside_it(client, supervisor, on_desk, name):
    page = client.get("/desk/figures?lang=en").text
    picture = client.get(f"/desk/figures/1/{name}.svg?lang=en&theme=dark")

    assert f"/desk/figures/1/{name}.svg" in page or name in ("complaints", "work", "fairness")
    assert picture.headers["content-type"] == "image/svg+xml"
    assert ElementTree.fromstring(picture.text).tag.endswith("svg")


def test_a_change_of_strategy_says_who_would_be_treated_differently_and_takes_two(client, store, installation):
    text = resources.files("arrears.strategy").joinpath("ladders", "cn-consumer.yaml").read_text("utf-8")
    csrf = as_staff(client, store, "supervisor")
    form = {"csrf": csrf, "before": "uk-consumer", "text": text}

    preview = client.post("/desk/strategy?lang=en", data=form)
    client.post("/desk/strategy?lang=en", data={**form, "do": "ask", "why": "as agreed"})
    other = as_staff(client, store, "compliance", name="li.na", shown_name="李娜")
    client.post("/desk/approvals/1", data={"csrf": other, "do": "agree"})

    assert "3 accounts looked at would be treated differently" in preview.text
    (kept,) = (installation.folder / "ladders").iterdir()
    assert kept.name.startswith("cn-consumer-") and kept.read_text("utf-8") == text


def test_a_ladder_that_cannot_be_read_is_refused_with_its_fault_and_no_path(client, supervisor):
    answer = client.post(
        "/desk/strategy?lang=en", data={"csrf": supervisor, "before": "cn-consumer", "text": "name: x\nstages: 3\n"}
    )

    assert answer.status_code == 422 and "Not done" in answer.text and "/tmp" not in answer.text
