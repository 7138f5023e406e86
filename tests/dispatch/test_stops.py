"""Stop switches, nights that supersede, wording, poison, and a store that is away."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import create_engine, select

from arrears.dispatch.channel import NotHandedOver
from arrears.dispatch.outbox import enqueue
from arrears.dispatch.reasons import content, from_json
from arrears.dispatch.stops import lift_stop, set_stop, stops
from arrears.errors import Refusal
from arrears.facts.schema import KINDS
from arrears.store.connect import open_store
from arrears.store.personal import open_personal
from arrears.store.tables import Queued, Work
from tests.dispatch import debtors
from tests.dispatch.workers import provider_at, run_until_empty
from tests.soak.line_channel import LineChannel

WHO = {
    "all": "", "channel": "sms", "strategy": "cn-consumer", "person": "P000000", "account": "A000000",
}  # fmt: skip


def run(store, personal, tmp_path, **more):
    async def act():
        async with provider_at(tmp_path) as (provider, port):
            make = more.pop("make", LineChannel)
            await run_until_empty(store, personal, port, channel=make(port), **more)
            return sorted(message["account"] for message in provider.messages())

    return asyncio.run(act())


def rows(store):
    with store.read() as connection:
        found = connection.execute(
            select(Work.account_id, Work.state, Work.reason).order_by(Work.account_id, Work.night)
        )
        return [(account, state, [why.id for why in from_json(reason)]) for account, state, reason in found]


@pytest.mark.parametrize("scope", WHO)
def test_nothing_that_a_switch_names_leaves_while_it_is_on_and_all_of_it_does_when_it_is_lifted(
    store, personal, tmp_path, scope
):
    debtors.fill(store, personal, range(2))
    with store.hold_all(), store.begin() as connection:
        number = set_stop(connection, scope, WHO[scope], "ops", "a test", debtors.MORNING)
    left = run(store, personal, tmp_path)
    assert left == ([] if scope in ("all", "channel", "strategy") else ["A000001"])

    with store.begin() as connection:
        lift_stop(connection, number, "ops", debtors.MORNING)
    later = debtors.shifted(debtors.MORNING + timedelta(minutes=5) - datetime.now(UTC))

    assert run(store, personal, tmp_path, clock=later) == ["A000000", "A000001"]
    with store.read() as connection:
        assert stops(connection) == [] and stops(connection, lifted=True)[0].lifted_by == "ops"


def test_the_same_night_twice_changes_nothing_and_a_later_one_supersedes_what_is_still_ready(store, personal):
    debtors.fill(store, personal, range(3))
    with store.begin() as connection:
        again = enqueue(connection, debtors.work_list(range(3)), debtors.MORNING)
        later = debtors.work_list(range(2), key="night-2", as_of=debtors.NIGHT + timedelta(days=1))
        newer = enqueue(connection, later, debtors.MORNING)

    assert (again.new, again.known, newer.new, newer.superseded) == (0, 3, 2, 3)
    assert [(state, why) for _, state, why in rows(store)].count(("held", ["superseded"])) == 3
    with pytest.raises(Refusal, match="later night"), store.begin() as connection:
        enqueue(connection, debtors.work_list(range(3), key="night-0"), debtors.MORNING)


def test_one_item_that_cannot_be_written_is_parked_and_the_batch_goes_on(store, personal, tmp_path, monkeypatch):
    debtors.fill(store, personal, range(4))
    writer = debtors.writer()

    class Writer:
        code_hash, text_hash = writer.code_hash, writer.text_hash

        def words(self, occasion, position, language, code):
            if occasion.account_id == "A000002":
                raise ZeroDivisionError
            return writer.words(occasion, position, language, code)

    monkeypatch.setattr(debtors, "writer", Writer)

    assert run(store, personal, tmp_path) == ["A000000", "A000001", "A000003"]
    assert ("A000002", "parked", ["poison"]) in rows(store)
    with store.read() as connection:
        assert connection.execute(select(Queued.queue, Queued.sort, Queued.account_id)).all() == [
            ("parked", "poison", "A000002")
        ]


def test_words_that_the_law_forbids_park_the_item_with_the_clause(store, personal, tmp_path, monkeypatch):
    debtors.fill(store, personal, range(1))
    from arrears.errors import Finding

    writer = debtors.writer()

    class Writer:
        code_hash, text_hash = writer.code_hash, writer.text_hash

        def words(self, occasion, position, language, code):
            raise Refusal(Finding("wording", "is a threat: forbidden by statute [CN-WORD-THREAT]"))

    monkeypatch.setattr(debtors, "writer", Writer)

    assert run(store, personal, tmp_path) == []
    with store.read() as connection:
        (reason,) = connection.execute(select(Work.reason)).scalars()
    assert from_json(reason)[0].clauses == (("CN-WORD-THREAT", ""),)


def test_what_was_surely_not_handed_over_is_offered_again_and_the_law_does_not_count_it(store, personal, tmp_path):
    debtors.fill(store, personal, range(1))

    class Reluctant(LineChannel):
        tries = 0

        async def hand_over(self, message):
            self.tries += 1
            if self.tries <= 2:
                raise NotHandedOver("link down")
            return await super().hand_over(message)

    assert run(store, personal, tmp_path, make=Reluctant) == ["A000000"]
    assert rows(store) == [("A000000", "sent", [])]


def test_a_database_that_throws_everybody_out_is_waited_for_and_nothing_is_sent_twice(postgres_url, tmp_path):
    store = open_store(postgres_url, create=True)
    personal = open_personal(store, tmp_path / "keys")
    debtors.fill(store, personal, range(30))

    async def act():
        async with provider_at(tmp_path, answer_after=0.4) as (provider, port):
            working = asyncio.create_task(run_until_empty(store, personal, port))
            while not provider.kept:
                await asyncio.sleep(0.01)
            for _ in range(5):
                with create_engine(postgres_url).connect() as admin:
                    admin.exec_driver_sql(
                        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
                    )
                await asyncio.sleep(0.1)
            await working
            return [message["key"] for message in provider.messages()]

    keys = asyncio.run(act())

    assert len(keys) == len(set(keys))
    assert {state for _, state, _ in rows(store)} <= {"sent", "unknown"}
    assert [state for _, state, _ in rows(store)].count("sent") == len(keys)
    store.close()


def test_every_kind_that_changes_the_picture_is_a_kind_of_fact_with_words_in_both_languages():
    since = content()["since"]

    assert set(since) <= set(KINDS)
    assert all(
        words["zh"] and words["en"]
        for part in ("since", "since_contact", "reasons")
        for words in content()[part].values()
    )
