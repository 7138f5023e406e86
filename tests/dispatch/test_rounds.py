"""Rounds: who is visited on a day, when, by whom, and what every crew takes along."""

import json
import re
from datetime import UTC, date, datetime, timedelta
from html.parser import HTMLParser
from io import BytesIO

import polars as pl
import pypdf
import pytest
from sqlalchemy import select

from arrears.dispatch.carried import in_hand, lapse, recheck
from arrears.dispatch.channels.visit import visit_settings
from arrears.dispatch.outcome_file import COLUMNS
from arrears.dispatch.outcomes import Told, codes
from arrears.dispatch.round_files import NOT_VISITED, write_round
from arrears.dispatch.round_sheet import Sheet, SheetDuty, SheetStop, as_html
from arrears.dispatch.rounds import plan_round
from arrears.dispatch.telling import tell
from arrears.errors import Refusal
from arrears.installation import load_installation
from arrears.store.facts import facts_of
from arrears.store.tables import Work
from tests.dispatch.field import NOW, fact, minutes, office_of, put_accounts, put_work, speaker_of

DAY = date(2026, 11, 24)
EARLY = datetime(2026, 11, 23, 23, 30, tzinfo=UTC)  # 07:30 in Shanghai
CREWS = """
    - {id: two, members: [W1, W2], start: {lat: 31.23, lon: 121.47}, shift: ["09:00", "18:00"]}
    - {id: one, members: [W3], start: {lat: 31.23, lon: 121.47}, shift: ["09:00", "18:00"]}
"""


def installation_in(folder, visit=""):
    file = folder / "arrears.yaml"
    file.write_text(
        "lender: {id: L1, name: {zh: 示例, en: Example}, phone: 400-000-0000, site: 'https://example.com'}\n"
        "database: sqlite:///arrears.db\nkeys: keys\nchannels:\n  visit:\n    currency: CNY\n    zone: Asia/Shanghai\n    iterations: 200\n"
        f"    costs: {{door: '30.00', km: '1.50', hour: '120.00', crew: '50.00'}}\n{visit}    crews:{CREWS}",
        "utf-8",
    )
    return load_installation(file)


@pytest.fixture
def settings(tmp_path):
    installation = installation_in(tmp_path)
    return visit_settings(installation.channels["visit"], installation)


@pytest.fixture
def office(store, personal):
    put_accounts(store, personal, ["A1", "A2", "A3"])
    put_work(store, ["A1", "A2", "A3"], "visit")
    return office_of(store, personal)


def planned(office, settings, now=EARLY, **options):
    return plan_round(office, speaker_of(office.personal), settings, DAY, now, **options)


def test_who_is_worth_it_is_visited_by_two_within_lawful_hours_and_nobody_else_can_take_them(office, settings):
    made = planned(office, settings)

    (route,) = made.plan.routes
    assert route.crew.id == "two" and len(made.asked) == 3 and made.not_visited == ()
    for visit in route.visits:
        local = (made.at(visit.begins_s) + timedelta(hours=8)).time()
        assert 9 <= local.hour < 18
    with office.store.read() as connection:
        assert set(connection.execute(select(Work.state)).scalars()) == {"leased"}
    assert planned(office, settings, EARLY + minutes(1)).asked == {}


def test_what_came_in_since_the_night_is_not_visited_and_says_why(office, settings):
    fact(office.store, office.personal, "A1", "payment", at=EARLY, amount=500_000)
    fact(office.store, office.personal, "A2", "dispute_opened", at=EARLY)

    made = planned(office, settings, EARLY + minutes(1))

    assert set(made.asked) == {"A3"}
    assert {left.work.account_id: left.reasons[0].id for left in made.not_visited} == {
        "A1": "changed_since",
        "A2": "changed_since",
    }


def test_a_place_or_an_hour_that_the_person_called_inconvenient_is_kept(store, personal, settings):
    put_accounts(store, personal, ["A1", "A2"])
    put_work(store, ["A1", "A2"], "visit")
    office = office_of(store, personal)
    before = datetime(2026, 11, 1, 2, tzinfo=UTC)
    fact(store, personal, "A1", "inconvenient", at=before, data={"place": "home"})
    fact(store, personal, "A2", "inconvenient", at=before, data={"hours": ["08:00", "15:00"]})

    made = planned(office, settings)

    (visit,) = made.plan.routes[0].visits
    assert visit.stop.id == "A2" and made.at(visit.begins_s) >= datetime(2026, 11, 24, 7, tzinfo=UTC)
    assert [(left.work.account_id, left.reasons[0].id) for left in made.not_visited] == [("A1", "not_at_home")]


@pytest.mark.parametrize(
    ("places", "gain", "reason"),
    [
        ({"A1": (None, None)}, {"A1": 900.0}, "no_coordinates"),
        ({"A1": (31.23, 121.48)}, {"A1": 20.0}, "gain_below_cost"),
        ({"A1": (31.45, 121.75)}, {"A1": 150.0}, "travel_not_worth"),
        ({"A1": (39.9, 116.4)}, {"A1": 90_000.0}, "no_time"),
    ],
)
def test_what_cannot_be_or_is_not_worth_visiting_is_left_out_with_its_reason(
    store, personal, settings, places, gain, reason
):
    put_accounts(store, personal, ["A1"], places=places)
    put_work(store, ["A1"], "visit", gain=gain)
    office = office_of(store, personal)

    made = planned(office, settings)

    assert [left.reasons[0].id for left in made.not_visited] == [reason] and made.asked == {}


def test_where_the_clause_asks_for_two_a_crew_of_one_goes_nowhere(office, settings):
    made = planned(office, settings, crews=["one"])

    assert {left.reasons[0].id for left in made.not_visited} == {"no_crew"} and made.asked == {}


def test_the_files_of_a_round_hold_what_a_crew_needs_and_the_summary_nothing_personal(office, settings):
    made = planned(office, settings)

    folder = write_round(made, settings, "zh-CN", EARLY)

    names = sorted(path.name for path in folder.iterdir())
    assert names == [NOT_VISITED, "round.json", "two.html", "two.pdf"]
    assert all(path.stat().st_mode & 0o077 == 0 for path in folder.iterdir())
    told = json.loads((folder / "round.json").read_text("utf-8"))
    assert told["visits"] == 3 and {visit["account"] for visit in told["routes"][0]["visits"]} == {"A1", "A2", "A3"}
    assert not re.search("李雷|示例路|86138", (folder / "round.json").read_text("utf-8"))
    html = (folder / "two.html").read_text("utf-8")
    pdf = "".join(page.extract_text() for page in pypdf.PdfReader(BytesIO((folder / "two.pdf").read_bytes())).pages)
    for text in (html, pdf):
        assert all(word in text for word in ("李雷", "外访路线单", "W1", "CN-VIS-1", "400-000-0000", "45"))
    for asked in made.asked.values():
        assert asked.work.attempt_id in html and asked.work.attempt_id in pdf


def test_what_came_in_since_planning_is_named_when_the_round_is_rechecked(office, settings):
    made = planned(office, settings)
    fact(office.store, office.personal, "A2", "payment", at=EARLY + minutes(30), amount=500_000)

    with office.store.read() as connection:
        items = in_hand(connection, by=f"round:{made.id}")
    found = {item.work.account_id: asked.verdict for item, asked in recheck(office, items, EARLY + minutes(31))}

    assert found == {"A1": "send", "A2": "hold", "A3": "send"}


def test_an_outcome_of_a_visit_becomes_facts_and_one_outside_its_window_is_told_as_a_breach(office, settings):
    made = planned(office, settings)
    keys = {account: asked.work.attempt_id for account, asked in made.asked.items()}

    met = tell(office, Told(keys["A1"], NOW, "PTP", agent="W1", details={"amount": "500.00", "by": "2026-12-01"}), NOW)
    wrong = tell(office, Told(keys["A2"], NOW, "WA"), NOW)
    late = tell(
        office, Told(keys["A3"], datetime(2026, 11, 24, 15, tzinfo=UTC), "ABS"), datetime(2026, 11, 24, 16, tzinfo=UTC)
    )

    assert (met.new, met.breach, wrong.new) == (2, (), 2)
    assert late.breach == ("outside_window",) and late.new == 1


class Page(HTMLParser):
    """What a page consists of, and everything it would load."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.loads, self.text, self.ids, self.labelled = [], [], [], set(), []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        named = dict(attrs)
        self.tags.append((tag, named))
        self.loads += [named[name] for name in ("src", "href", "action", "data") if name in named]
        self.ids.add(named.get("id"))
        if "aria-labelledby" in named:
            self.labelled.append(named["aria-labelledby"])

    def handle_data(self, data):
        self.text.append(data)


def sheet(language="en", **other):
    stop = SheetStop(
        "k1", "09:30", "09:50", "08:00", "22:00", "Asia/Shanghai", "<b>李雷</b>", "上海市示例路1号\n101室", "31.23000, 121.47000",
        (("Past due", "10,000.00 CNY"),), "Good day", (SheetDuty("Go with at least 2 people", "CN-VIS-1"),),
        (SheetDuty("The debt", "X"),),
    )  # fmt: skip
    return Sheet(
        "2026-11-24-abc", "two", ("W1", "W2"), "2026-11-24", "Asia/Shanghai", "+08:00", "09:00", "11:00", "8.1", "2026-11-24 18:00",
        "400-000-0000", language, (stop,), **other,
    )  # fmt: skip


@pytest.mark.parametrize("language", ["en", "zh-CN"])
def test_the_sheet_is_one_page_that_loads_nothing_and_can_be_read_without_its_script(language):
    text = as_html(sheet(language))

    page = Page(text)
    assert page.loads == [] and not re.search(r"https?://|url\(|@import|\bfetch\b|XMLHttpRequest", text)
    assert "built-in" not in text  # a word that is missing must not be a method of the mapping
    assert "default-src 'none'" in text and ("html", {"lang": language}) in page.tags
    words = " ".join(page.text)
    assert "10,000.00 CNY" in words and "CN-VIS-1" in words and "<b>李雷</b>" in words and "<b>李雷" not in text
    assert set(page.labelled) <= page.ids
    options = [named["value"] for tag, named in page.tags if tag == "option" and named["value"]]
    assert [one for one in options if one not in ("home", "work")] == list(codes("visit"))
    columns = {named["data-column"] for tag, named in page.tags if "data-column" in named}
    asked = {name for code in codes("visit").values() for name in (*code.needs, *code.may)}
    assert {"code", "at", "note", *asked} - {"from"} <= columns <= set(COLUMNS)


def test_a_place_handed_in_by_file_stands_for_an_address_without_one(store, personal, tmp_path):
    put_accounts(store, personal, ["A1"], places={"A1": (None, None)})
    put_work(store, ["A1"], "visit")
    (tmp_path / "places.csv").write_text("account_id,person_id,lat,lon\nA1,P-A1,31.24,121.48\n", "utf-8")
    installation = installation_in(tmp_path, "    places: places.csv\n")

    made = planned(office_of(store, personal), visit_settings(installation.channels["visit"], installation))

    assert list(made.asked) == ["A1"]


def test_the_script_and_style_of_the_sheet_are_the_ones_its_policy_names():
    import base64
    import hashlib

    text = as_html(sheet())

    for tag in ("script", "style"):
        inner = re.search(f"<{tag}>(.*?)</{tag}>", text, re.S).group(1)
        digest = base64.b64encode(hashlib.sha256(inner.encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in text


@pytest.mark.parametrize(
    ("visit", "what"),
    [
        ("    service_minutes: 0\n", "whole number"),
        ("    travel: {detour: 0.5}\n", "less than 1"),
        ("    speed: 3\n", "is not known"),
        ("    travel: {legs: none.csv}\n", "cannot be read"),
    ],
)
def test_settings_that_cannot_work_are_refused(tmp_path, visit, what):
    installation = installation_in(tmp_path, visit)

    with pytest.raises(Refusal, match=what):
        visit_settings(installation.channels["visit"], installation)


def test_a_visit_of_which_nothing_is_told_counts_as_one_at_which_nobody_was_there(office, settings):
    made = planned(office, settings)
    over = datetime(2026, 11, 25, 16, 1, tzinfo=UTC)  # a day after the end of the day in Shanghai

    lapsed = (lapse(office, over - minutes(2)), lapse(office, over))

    with office.store.read() as connection:
        contacts = facts_of(connection, ["A1"], office.personal).events.filter(pl.col("channel") == "visit").to_dicts()
    planned_at = next(made.at(visit.begins_s) for visit in made.plan.routes[0].visits if visit.stop.id == "A1")
    assert lapsed == (0, 3)
    assert [(one["at"], one["outcome"]) for one in contacts] == [(planned_at, "absent")]
