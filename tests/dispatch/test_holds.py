"""Hand-overs and the hold of accounts: what a worker does that stood still, or whose hold was lost."""

import asyncio
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, text

from arrears.dispatch.inbox import Inbox
from arrears.dispatch.worker import Worker
from arrears.store.connect import open_store
from arrears.store.personal import open_personal
from arrears.store.tables import Attempt
from tests.dispatch import debtors
from tests.dispatch.workers import QUICK, desk_of, provider_at, run_until_empty, sort
from tests.soak.line_channel import LineChannel

#: Ends the sessions that hold accounts in this database, and waits until they are gone.
END_HOLDS = """
    SELECT pg_terminate_backend(pid, 10000) FROM (SELECT DISTINCT pid FROM pg_locks JOIN pg_database d ON d.oid = database
    WHERE locktype = 'advisory' AND granted AND datname = current_database() AND pid <> pg_backend_pid()) AS holders
"""


async def until(true):
    """Wait for what another worker does."""
    while not true():
        await asyncio.sleep(0.02)


def attempts(store):
    with store.read() as connection:
        return connection.execute(select(Attempt.answer, Attempt.looked_up, Attempt.detail)).all()


def test_a_worker_that_stood_still_beyond_its_lease_and_goes_on_sends_what_no_other_sends_too(
    store, personal, tmp_path
):
    debtors.fill(store, personal, range(1))

    async def act():
        loop, thread = asyncio.get_running_loop(), ThreadPoolExecutor(1)
        async with provider_at(tmp_path) as (provider, port):
            still = desk_of(store, personal, "still", lease_seconds=0.1)
            works = await loop.run_in_executor(thread, still.claim, "sms", "still#1", 1)
            (composed,) = await loop.run_in_executor(thread, still.prepare, works)
            other = desk_of(
                store,
                personal,
                "other",
                clock=debtors.shifted(debtors.MORNING - datetime.now(UTC) + timedelta(minutes=5)),
            )
            worker, inbox = (
                Worker(other, LineChannel(port), replace(QUICK), lambda: 0.5),
                Inbox(store, personal, sort, other.clock),
            )
            running = asyncio.create_task(worker.run(inbox.record))
            await until(lambda: attempts(store)[0].looked_up)
            channel = LineChannel(port)
            await channel.open(inbox.record)
            await (await channel.hand_over(composed.message))
            await loop.run_in_executor(thread, still.let_go)
            await until(lambda: attempts(store)[0].answer is not None)
            worker.stop()
            await running
            await channel.close()
            await inbox.close()
            return provider.messages()

    messages = asyncio.run(asyncio.wait_for(act(), 60))

    assert len(messages) == 1
    assert [(answer, detail) for answer, _, detail in attempts(store)] == [("accepted", "looked up")]


class Ending(LineChannel):
    """After its first message the database ends the session that holds the accounts."""

    def __init__(self, port, store):
        super().__init__(port)
        self.store, self.first = store, True

    async def hand_over(self, message):
        answer = await super().hand_over(message)
        if self.first:
            self.first = False
            with self.store.begin() as connection:
                connection.execute(text(END_HOLDS)).all()
        return answer


@pytest.fixture
def on_server(postgres_url, tmp_path):
    store = open_store(postgres_url, create=True)
    yield store, open_personal(store, tmp_path / "keys")
    store.close()


def test_a_worker_whose_hold_was_lost_hands_over_nothing_more_of_its_batch(on_server, tmp_path):
    store, personal = on_server
    debtors.fill(store, personal, range(5))

    async def act():
        async with provider_at(tmp_path) as (provider, port):
            await run_until_empty(store, personal, port, channel=Ending(port, store))
            return provider.messages()

    messages = asyncio.run(act())

    assert Counter(message["to"] for message in messages) == {debtors.phone(n): 1 for n in range(5)}
    assert Counter((answer, detail) for answer, _, detail in attempts(store)) == {
        ("later", "not handed over"): 4,
        ("accepted", None): 5,
    }
