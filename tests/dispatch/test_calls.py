"""The queue of calls: the right one, to one collector only, asked again at the moment of dialling, and told once."""

import json
import threading
from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from arrears.dispatch.ask import BY_NUMBER
from arrears.dispatch.calls import next_call
from arrears.dispatch.carried import in_hand, lapse
from arrears.dispatch.channels.call import CallSettings, Collector, call_settings
from arrears.dispatch.outcomes import Made, Told
from arrears.dispatch.outcomes import facts_of as facts_of_outcome
from arrears.dispatch.telling import tell
from arrears.errors import Refusal
from arrears.facts.typed import data_fault
from arrears.law import load_pack, packs
from arrears.law.clause_kinds import Limit, Wait
from arrears.store.facts import facts_of
from arrears.store.reach import Reachable, note_reach
from arrears.store.tables import Attempt, Notice, Queued, Work
from tests.dispatch.field import NOW, fact, minutes, office_of, put_accounts, put_work, speaker_of

MADE = Made("contact-k", "A1", "P-A1", "call", "CNY", "+8613800000000")
SETTINGS = CallSettings("https://pbx.example/call?to={number}&id={attempt}")


@pytest.fixture
def office(store, personal):
    put_accounts(store, personal, ["A1", "A2", "A3"])
    put_work(store, ["A1", "A2", "A3"])
    return office_of(store, personal)


def take(office, name="ann", now=NOW, **skills):
    return next_call(office, speaker_of(office.personal), Collector(name, **skills), SETTINGS, now)


def said(office, key, code, at=NOW, now=NOW, **details):
    return tell(office, Told(key, at, code, details=details), now)


def events(office, account, kind=None):
    with office.store.read() as connection:
        rows = facts_of(connection, [account], office.personal).events.sort("recorded_at", "event_id").to_dicts()
    return [row for row in rows if kind in (None, row["kind"])]


def state(office, account):
    with office.store.read() as connection:
        return connection.execute(select(Work.state).where(Work.account_id == account)).scalar_one()


def test_the_call_with_the_largest_gain_is_given_with_number_words_duties_and_the_address_that_dials(office):
    call, passed = take(office)

    assert (call.account_id, call.number, passed) == ("A1", "+8613800000000", [])
    assert call.url == f"https://pbx.example/call?to=%2B8613800000000&id={call.key}"
    assert "示例消费金融有限公司" in call.words.text and call.words.code in call.words.text
    assert call.owed["past_due"].endswith("元") and call.owed["days"] == "45"
    assert call.duties and all(duty.source and duty.clause for duty in call.duties)
    with office.store.read() as connection:
        assert connection.execute(select(Notice.attempt_id)).scalar_one() == call.key


def test_a_call_in_hand_is_an_attempt_and_no_fact_until_its_outcome_is_told(office):
    before = events(office, "A1")
    call, _ = take(office)

    assert events(office, "A1") == before and state(office, "A1") == "leased"
    told = said(office, call.key, "RPC", at=NOW + minutes(1), now=NOW + minutes(4))

    assert told.new == 1 and state(office, "A1") == "sent"
    contact = events(office, "A1", "contact")[-1]
    assert (contact["at"], contact["outcome"], contact["direction"]) == (NOW + minutes(1), "conversation", "out")
    assert "+8613800000000" in contact["data"]


@pytest.mark.parametrize(
    ("kind", "other"),
    [
        ("payment", {"amount": 500_000}),
        ("promise", {"amount": 500_000, "data": {"by": "2026-12-01"}}),
        ("dispute_opened", {}),
        ("opt_out", {"channel": "call"}),
    ],
)
def test_what_came_in_since_the_night_keeps_the_call_back_and_the_next_one_is_given(office, kind, other):
    fact(office.store, office.personal, "A1", kind, **other)

    call, passed = take(office, now=NOW + minutes(1))

    assert call.account_id == "A2"
    assert [(one.account_id, one.verdict) for one in passed] == [("A1", "hold")] and passed[0].reasons
    assert state(office, "A1") == "held"


def test_outside_lawful_hours_nothing_is_given(office):
    late = datetime(2026, 11, 24, 14, 30, tzinfo=UTC)

    assert take(office, now=late) == (None, [])


def test_collectors_at_the_same_time_never_get_the_same_person(office):
    names, got, faults = [f"c{number}" for number in range(6)], {}, []
    ready = threading.Barrier(len(names))

    def work(name):
        ready.wait()
        try:
            got[name] = take(office, name)[0]
        except Exception as error:
            faults.append(error)

    threads = [threading.Thread(target=work, args=(name,)) for name in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert faults == []
    assert sorted(call.account_id for call in got.values() if call) == ["A1", "A2", "A3"]
    with office.store.read() as connection:
        assert len(in_hand(connection)) == 3


def test_whoever_has_a_call_in_hand_tells_its_outcome_first(office):
    call, _ = take(office)

    with pytest.raises(Refusal, match=call.key):
        take(office)


def test_a_collector_gets_what_is_theirs_and_in_a_language_they_speak(store, personal):
    put_accounts(store, personal, ["A1", "A2"])
    put_accounts(store, personal, ["A3"], language="en")
    put_work(store, ["A1"], staff="bo")
    put_work(store, ["A2", "A3"])
    office = office_of(store, personal)

    english, _ = take(office, "eve", languages=("en",))
    chinese, _ = take(office, "ann", languages=("zh-CN",))

    assert (english.account_id, chinese.account_id) == ("A3", "A2")
    assert english.words.language == "en"


def test_an_outcome_told_twice_is_recorded_once_and_another_one_is_refused(office):
    call, _ = take(office)
    first = said(office, call.key, "PTP", amount="2000.00", by="2026-12-01")

    again = said(office, call.key, "PTP", amount="2000.00", by="2026-12-01")
    with pytest.raises(Refusal, match="was told before as PTP"):
        said(office, call.key, "NA")

    assert (first.new, again.new) == (2, 0)
    (promise,) = events(office, "A1", "promise")
    assert promise["amount"] == 200_000 and "2026-12-01" in promise["data"]


@pytest.mark.parametrize(
    ("code", "details", "outcome", "follows"),
    [
        ("RPC", {}, "conversation", []),
        ("TP", {}, "conversation", []),
        ("VM", {}, "voicemail", []),
        ("NA", {}, "no_answer", []),
        ("BUSY", {}, "busy", []),
        ("WN", {}, "wrong_number", []),
        ("NIS", {}, "not_in_service", ["contact_invalid"]),
        ("DISP", {"note": "says it is not theirs"}, "conversation", ["dispute_opened"]),
        ("HARD", {}, "conversation", ["hardship_requested"]),
        ("DNC", {}, "conversation", ["opt_out", "opt_out"]),
        ("CEASE", {}, "conversation", ["cease"]),
        ("INC", {"hours": "12:00-14:00"}, "conversation", ["inconvenient"]),
        ("DEC", {}, "conversation", ["deceased"]),
    ],
)
def test_each_code_becomes_its_contact_and_what_follows_from_it(code, details, outcome, follows):
    rows = facts_of_outcome(Told("k", NOW, code, details=details), MADE, NOW + minutes(1))

    assert [row["outcome"] for row in rows if row["kind"] == "contact"] == [outcome]
    assert sorted(row["kind"] for row in rows if row["kind"] != "contact") == follows
    assert len({row["event_id"] for row in rows}) == len(rows)
    assert all(data_fault(row["kind"], json.dumps(row["data"]) if row["data"] else None) is None for row in rows)


@pytest.mark.parametrize(
    ("code", "details", "what"),
    [
        ("PTP", {"by": "2026-12-01"}, "amount: must be told"),
        ("PTP", {"amount": "12.345", "by": "2026-12-01"}, "decimals"),
        ("PTP", {"amount": "100.00", "by": "2026-11-01"}, "lies before the contact"),
        ("INC", {}, "must be told with INC"),
        ("INC", {"hours": "14:00-12:00"}, "are not hours"),
        ("XYZ", {}, "is no outcome"),
    ],
)
def test_an_outcome_that_cannot_be_read_is_refused(code, details, what):
    with pytest.raises(Refusal, match=what):
        facts_of_outcome(Told("k", NOW, code, details=details), MADE, NOW)


def test_an_outcome_is_recorded_whole_or_not_at_all(office):
    before = events(office, "A1")
    call, _ = take(office)

    with pytest.raises(Refusal, match="amount: must be told"):
        said(office, call.key, "PTP", by="2026-12-01")

    assert events(office, "A1") == before and state(office, "A1") == "leased"


def test_a_wrong_number_is_not_dialled_again_and_the_next_one_is(store, personal):
    put_accounts(store, personal, ["A1"])
    put_work(store, ["A1"])
    office = office_of(store, personal)
    first, _ = take(office)
    said(office, first.key, "WN")
    put_work(store, ["A1"], days=3)

    second, passed = take(office, now=NOW + minutes(3 * 24 * 60))

    assert passed == []
    assert (first.number, second.number) == ("+8613800000000", "+8613800000001")


def _to_take(office, channel):
    from arrears.dispatch.ask import ask_again
    from arrears.dispatch.carried import ready_works

    with office.store.read() as connection:
        works = ready_works(connection, [channel], NOW + minutes(1))
        return ask_again(connection, office.personal, works, NOW + minutes(1), office.rules)


def test_who_asks_to_be_called_back_goes_to_a_person_once(office):
    call, _ = take(office)

    for _ in range(2):
        said(office, call.key, "CB", callback="2026-11-25T10:00:00+08:00", note="after ten")

    with office.store.read() as connection:
        (queued,) = connection.execute(select(Queued.sort, Queued.content, Queued.account_id)).all()
    assert (queued.sort, queued.account_id) == ("call_me", "A1") and "2026-11-25T10:00:00" in queued.content
    assert "after ten" not in queued.content


def test_a_call_that_was_not_made_is_free_again_under_another_key(office):
    call, _ = take(office)
    before = len(events(office, "A1"))

    said(office, call.key, "ND")
    again, _ = take(office, "bo", now=NOW + minutes(1))

    assert len(events(office, "A1")) == before
    assert again.account_id == "A1" and again.key != call.key


def test_a_call_whose_outcome_is_never_told_counts_as_an_attempt_without_an_answer(office):
    call, _ = take(office)

    assert lapse(office, NOW + minutes(10)) == 0
    assert lapse(office, NOW + minutes(31)) == 1 and lapse(office, NOW + minutes(32)) == 0

    contact = events(office, "A1", "contact")[-1]
    assert (contact["at"], contact["outcome"]) == (NOW, "no_answer") and "not_told" in contact["data"]
    assert state(office, "A1") == "sent"
    with pytest.raises(Refusal, match="comes too late"):
        said(office, call.key, "ND", now=NOW + minutes(40))


def test_a_conversation_told_after_the_lease_is_still_counted_and_what_was_said_is_kept(office):
    call, _ = take(office)
    lapse(office, NOW + minutes(31))

    told = said(office, call.key, "PTP", at=NOW + minutes(2), now=NOW + minutes(40), amount="100.00", by="2026-12-01")
    again = said(office, call.key, "PTP", at=NOW + minutes(2), now=NOW + minutes(41), amount="100.00", by="2026-12-01")

    assert [row["outcome"] for row in events(office, "A1", "contact")[-2:]] == ["no_answer", "conversation"]
    assert len(events(office, "A1", "promise")) == 1 and (told.new, again.new) == (2, 0)


def test_a_late_answer_that_counts_for_nothing_more_adds_no_contact(office):
    call, _ = take(office)
    lapse(office, NOW + minutes(31))
    before = len(events(office, "A1", "contact"))

    said(office, call.key, "NIS", at=NOW + minutes(1), now=NOW + minutes(40))

    assert len(events(office, "A1", "contact")) == before
    assert len(events(office, "A1", "contact_invalid")) == 1


def test_a_call_in_hand_counts_for_whoever_asks_about_the_same_person(store, personal):
    put_accounts(store, personal, ["A1"])
    put_work(store, ["A1"])
    put_work(store, ["A1"], "sms")
    office = office_of(store, personal)
    (before,) = _to_take(office, "sms")
    take(office)

    (after,) = _to_take(office, "sms")

    assert before.verdict == "send"
    assert (before.position["days_since_last_attempt_call"], after.position["days_since_last_attempt_call"]) == (41, 0)


@pytest.mark.parametrize(
    ("settings", "what"),
    [
        ({"click": "javascript:alert({number})"}, "must begin with"),
        ({"click": "https://pbx.example/call"}, "must name {number}"),
        ({"click": "https://pbx.example/{number.__class__}"}, "must name {number}"),
        ({"lease_minutes": 0}, "whole number"),
        ({"staff": [{"name": "ann"}]}, "must be a list"),
        ({"clik": "tel:{number}"}, "is not known"),
    ],
)
def test_settings_that_cannot_work_are_refused(settings, what, installation):
    with pytest.raises(Refusal, match=what):
        call_settings(settings, installation)


@pytest.fixture
def installation(tmp_path):
    from arrears.installation import load_installation

    file = tmp_path / "arrears.yaml"
    file.write_text(
        "lender: {id: L1, name: {zh: 示例, en: Example}, phone: '400', site: 'https://example.com'}\n"
        "database: sqlite:///arrears.db\nkeys: keys\n",
        "utf-8",
    )
    return load_installation(file)


def test_an_attempt_is_named_by_key_and_count_and_holds_nothing_personal(office):
    call, _ = take(office)

    with office.store.read() as connection:
        row = connection.execute(select(*Attempt.__table__.columns)).one()
    assert row.attempt_id == call.key and len(call.key) <= 36
    assert "138" not in str(
        [value for name, value in row._mapping.items() if name not in ("attempt_id", "key", "event_id")]
    )


def test_a_call_made_after_its_file_or_its_hours_ended_is_recorded_and_told_as_a_breach(office):
    call, _ = take(office)

    told = said(office, call.key, "RPC", at=NOW + minutes(13 * 60), now=NOW + minutes(13 * 60 + 5))

    assert told.breach == ("outside_window", "after_validity") and told.new == 1
    assert said(office, call.key, "RPC", at=NOW + minutes(13 * 60), now=NOW + minutes(13 * 60 + 6)).new == 0


@pytest.mark.parametrize(
    ("at", "what"), [(NOW + minutes(30), "in the future"), (NOW - minutes(30), "before the work was taken")]
)
def test_an_outcome_of_another_time_than_the_calls_is_refused(office, at, what):
    call, _ = take(office)

    with pytest.raises(Refusal, match=what):
        said(office, call.key, "NA", at=at, now=NOW + minutes(1))


def test_a_stop_switch_keeps_every_call_back_and_leaves_it_ready(office):
    from arrears.dispatch.stops import set_stop

    with office.store.hold_all(), office.store.begin() as connection:
        set_stop(connection, "channel", "call", "ops", "line down", NOW)

    call, passed = take(office, now=NOW + minutes(1))

    assert call is None and {one.verdict for one in passed} == {"wait"}
    assert state(office, "A1") == "ready"


@pytest.mark.parametrize("name", ["call", "visit"])
def test_a_worker_is_told_that_people_carry_it(name):
    import asyncio

    from arrears.dispatch.channel import NotHandedOver
    from arrears.dispatch.channels.carried_channel import CarriedChannel

    channel = CarriedChannel(name)

    assert channel.carried_by_people
    with pytest.raises(NotHandedOver):
        asyncio.run(channel.hand_over(None))


SHARED = "+8613900001111"


def share_a_number(office, number=SHARED):
    """A1 and A2, two persons, are reached by one number."""
    reach = [Reachable(name, f"P-{name}", "cn", [number], []) for name in ("A1", "A2")]
    with office.store.begin() as connection:
        note_reach(connection, office.personal, reach)


def rung_for_the_other(office, times, number):
    for before in range(times):
        fact(office.store, office.personal, "A2", "contact", NOW - minutes(90 - 10 * before), channel="call", direction="out",
             outcome="no_answer", data={"number": number})  # fmt: skip


@pytest.mark.parametrize(("times", "given"), [(5, "A1"), (6, "A3")])
def test_calls_to_a_number_count_whoever_they_were_meant_for(store, personal, times, given):
    put_accounts(store, personal, ["A1", "A2"], phones=1)
    put_accounts(store, personal, ["A3"], phones=2)
    put_work(store, ["A1", "A3"])
    office = office_of(store, personal)
    number = "+8613800000000"  # the only one of A1
    share_a_number(office, number)
    rung_for_the_other(office, times, number)

    call, _ = take(office)

    assert call.account_id == given


def test_calls_for_the_other_to_a_number_of_their_own_do_not_count(store, personal):
    put_accounts(store, personal, ["A1", "A2"], phones=1)
    put_work(store, ["A1"])
    office = office_of(store, personal)
    share_a_number(office)
    rung_for_the_other(office, 6, "+8613800010000")

    call, _ = take(office)

    assert call.account_id == "A1"


def test_every_limit_that_counts_by_number_is_of_a_channel_that_is_asked_so():
    rules = [clause.rule for name in packs() for clause in load_pack(name).clauses]

    by_number = [rule for rule in rules if isinstance(rule, Limit | Wait) and "number" in rule.per]

    assert by_number and all(
        limit.channels is not None and set(limit.channels) <= set(BY_NUMBER) for limit in by_number
    )
