"""Erasing a person: what is personal is gone for good, money and log stay."""

from datetime import UTC, date, datetime

import polars as pl
import pytest
import sqlalchemy as sa

from arrears.errors import Refusal
from arrears.replay.position import replay_one
from arrears.replay.terms import parse_terms
from arrears.store.backup import backup, restore
from arrears.store.connect import open_store
from arrears.store.erasure import Erasure, erase, erase_again, note_erasure, read_erasures
from arrears.store.facts import facts_of, record, record_event
from arrears.store.reach import who_has
from arrears.store.seals import seal, verify_log
from arrears.store.tables import Event, PersonKey, Reach
from tests.store.facts import account, event

NOW = datetime(2026, 11, 24, 20, 0, tzinfo=UTC)
ERASURE = Erasure("P-A1", NOW, "request 2026-118")
TERMS = """
product: small
currency: CNY
versions:
  - interest: {method: scheduled}
    penalty: {rate: "0.1825", basis: actual/365, on: principal, from: due}
"""


@pytest.fixture
def lent(store, personal):
    """Two accounts, each with a borrower, a text that came in and a note without a person; all sealed into the log."""
    with store.begin() as connection:
        for name in ("A1", "A2"):
            record(connection, account(name), personal)
            record_event(connection, event(name, "E8", "contact", person_id=f"P-{name}", channel="sms", direction="in",
                                           data={"text": "我是示例甲", "number": "+8610000000001"}), personal)  # fmt: skip
            record_event(connection, event(name, "E9", "complaint_opened", data={"note": "示例甲来电"}), personal)
    return seal(store, NOW)


def read(store, personal, account_id):
    with store.read() as connection:
        return facts_of(connection, [account_id], personal)


def position(store, personal, account_id):
    """The position, computed from what the store gives."""
    facts = read(store, personal, account_id)
    product, terms = parse_terms(TERMS, "terms")
    facts.terms[product] = terms
    return replay_one(facts, account_id, date(2026, 12, 1)).position


def test_what_is_personal_is_gone_and_what_is_not_stays(store, personal, lent):
    done = erase(store, ERASURE)

    facts = read(store, personal, "A1")
    person = facts.people.row(0, named=True)
    assert (done.accounts, done.destroyed) == (("A1",), True)
    assert (person["name"], person["phones"], person["emails"], person["addresses"]) == (None, None, None, None)
    assert (person["role"], person["language"]) == ("borrower", "zh-CN")
    assert not any(word in str(facts.events.rows()) for word in ("示例甲", "+8610000000001"))
    assert facts.events.filter(kind="contact").height == 2


def test_the_position_is_the_same_to_the_cent_but_that_nobody_can_be_reached(store, personal, lent):
    before = position(store, personal, "A1")

    erase(store, ERASURE)

    after = position(store, personal, "A1")
    assert {name for name in before if before[name] != after[name]} == {
        "usable_phone",
        "usable_email",
        "usable_address",
    }
    assert after["due_total"] > 0


def test_the_log_stays_verifiable_and_tells_of_the_erasure(store, personal, lent):
    erase(store, ERASURE)
    head = seal(store, NOW)

    told = read(store, personal, "A1").events.filter(kind="override")
    assert verify_log(store, [lent, head]).fault is None
    assert told["data"].to_list() == ['{"erased": true, "reason": "request 2026-118"}']


def test_nobody_else_is_touched(store, personal, lent):
    erase(store, ERASURE)

    assert read(store, personal, "A2").people["name"].to_list() == ["示例甲"]
    with store.read() as connection:
        assert who_has(connection, personal, "phone", "+8610000000001") == [("A2", "P-A2")]


def test_erased_stays_erased_when_the_same_person_comes_in_again(store, personal, lent):
    erase(store, ERASURE)

    with store.begin() as connection:
        record(connection, account("A3"), personal)
        sealed = personal.seal(connection, "people", "P-A1", {"name": "示例甲"})
        record_event(connection, event("A1", "E20", "contact", person_id="P-A1", channel="call", direction="out",
                                       outcome="no_answer", data={"number": "+8610000000002"}), personal)  # fmt: skip

    assert sealed is None
    with store.read() as connection:
        assert connection.execute(sa.select(Reach).where(Reach.person_id == "P-A1")).first() is None
    assert "0000000002" not in str(read(store, personal, "A1").events.rows())


def test_erasing_again_changes_nothing(store, personal, lent):
    erase(store, ERASURE)
    rows = read(store, personal, "A1").events.height

    again = erase(store, Erasure("P-A1", NOW.replace(hour=21), "again"))

    assert again.destroyed is False
    assert read(store, personal, "A1").events.height == rows


def test_an_unknown_person_is_refused(store, personal, lent):
    with pytest.raises(Refusal, match="nobody in the store"):
        erase(store, Erasure("P-A9", NOW, "x"))

    with store.read() as connection:
        assert connection.execute(sa.select(PersonKey).where(PersonKey.person_id == "P-A9")).first() is None


def test_nothing_of_the_key_stays_in_an_sqlite_file(tmp_path):
    from arrears.store.personal import open_personal

    file = tmp_path / "store.db"
    store = open_store(f"sqlite:///{file}", create=True)
    personal = open_personal(store, tmp_path / "keys")
    with store.begin() as connection:
        record(connection, account("A1"), personal)
    with store.read() as connection:
        wrapped = connection.execute(sa.select(PersonKey.wrapped).where(PersonKey.person_id == "P-A1")).scalar_one()

    erase(store, ERASURE)
    content = b"".join(part.read_bytes() for part in tmp_path.glob("store.db*"))
    store.close()

    assert wrapped not in content


def test_a_restored_store_forgets_again_whom_the_list_of_erasures_names(store, personal, lent, tmp_path, _template):
    backup(store, tmp_path / "store.backup", NOW)
    erase(store, ERASURE)
    note_erasure(tmp_path / "erasures.jsonl", ERASURE)
    note_erasure(tmp_path / "erasures.jsonl", Erasure("P-A9", NOW, "never in this backup"))
    url = _template()
    restore(tmp_path / "store.backup", url)
    copy = open_store(url)

    assert read(copy, personal, "A1").people["name"].to_list() == ["示例甲"]  # what the backup alone gives back
    done = erase_again(copy, read_erasures(tmp_path / "erasures.jsonl"))

    assert done == 1
    assert read(copy, personal, "A1").people["name"].to_list() == [None]
    assert read(copy, personal, "A1").events.filter(kind="override").height == 1
    assert verify_log(copy, [lent]).fault is None
    copy.close()


@pytest.mark.parametrize("line", ["", "{}", "P1", '{"person_id": "P1", "at": "soon", "why": ""}'])
def test_a_list_of_erasures_with_a_line_that_is_none_is_refused(tmp_path, line):
    file = tmp_path / "erasures.jsonl"
    note_erasure(file, ERASURE)
    with file.open("a") as out:
        out.write(line + "\n")

    with pytest.raises(Refusal) as refusal:
        read_erasures(file)

    assert refusal.value.findings[0].line == 2


def test_the_fact_is_recorded_once_for_each_account(store, personal):
    with store.begin() as connection:
        for name in ("A1", "A2"):
            told = account(name)
            record(
                connection,
                type(told)(
                    told.accounts,
                    told.instalments,
                    told.events.clear(),
                    told.people.with_columns(person_id=pl.lit("P-A1")),
                ),
                personal,
            )

    done = erase(store, ERASURE)

    assert done.accounts == ("A1", "A2")
    with store.read() as connection:
        facts = (
            connection.execute(sa.select(Event.account_id).where(Event.kind == "override").order_by(Event.account_id))
            .scalars()
            .all()
        )
    assert facts == ["A1", "A2"]
