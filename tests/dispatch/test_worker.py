"""A worker from outbox to provider and back, on both backends."""

import asyncio
from collections import Counter
from dataclasses import replace
from datetime import timedelta

from sqlalchemy import select

from arrears.dispatch.reasons import from_json
from arrears.store.tables import Attempt, Event, Notice, Work
from tests.dispatch import debtors
from tests.dispatch.workers import QUICK, provider_at, run_until_empty


def states(store):
    with store.read() as connection:
        return Counter(connection.execute(select(Work.state)).scalars())


def test_each_piece_of_work_leaves_once_and_is_written_down(store, personal, tmp_path):
    debtors.fill(store, personal, range(20))

    async def act():
        async with provider_at(tmp_path) as (provider, port):
            await run_until_empty(store, personal, port)
            return provider.messages()

    messages = asyncio.run(act())

    assert Counter(message["key"] for message in messages).most_common(1)[0][1] == 1
    assert {message["to"] for message in messages} == {debtors.phone(n) for n in range(20)}
    assert states(store) == {"sent": 20}
    with store.read() as connection:
        attempts = list(connection.execute(select(Attempt.answer, Attempt.provider_ref, Attempt.event_id)))
        contacts = set(connection.execute(select(Event.event_id).where(Event.kind == "contact")).scalars())
        notices = list(connection.execute(select(Notice.attempt_id)))
    assert {answer for answer, _, _ in attempts} == {"accepted"} and all(ref for _, ref, _ in attempts)
    assert contacts == {event for _, _, event in attempts} and len(notices) == 20


def record_facts(store, personal, *rows):
    from arrears.store.facts import record_event

    accounts = {row["account_id"] for row in rows}
    with store.hold(accounts), store.begin() as connection:
        for row in rows:
            record_event(connection, row, personal)


def reasons(store):
    with store.read() as connection:
        rows = connection.execute(select(Work.account_id, Work.state, Work.reason).where(Work.reason.is_not(None)))
        return {account: (state, [why.id for why in from_json(reason)]) for account, state, reason in rows}


def test_a_payment_an_opt_out_or_a_call_that_came_in_since_the_night_holds_the_message(store, personal, tmp_path):
    debtors.fill(store, personal, range(6))
    at = debtors.MORNING - timedelta(minutes=5)
    record_facts(
        store, personal,
        debtors.event(0, "payment", at, amount=5000),
        debtors.event(1, "opt_out", at, channel="sms", person_id=debtors.person_id(1)),
        debtors.event(2, "contact", at, channel="call", direction="in", outcome="conversation"),
        debtors.event(3, "payment", debtors.MORNING - timedelta(days=3), amount=101_000),
        debtors.event(4, "contact", debtors.MORNING - timedelta(days=1), channel="sms", direction="out", outcome="delivered"),
    )  # fmt: skip

    asyncio.run(_run(store, personal, tmp_path))

    assert states(store) == {"held": 5, "sent": 1}
    assert {account: why for account, (_, why) in reasons(store).items()} == {
        "A000000": ["changed_since"],
        "A000001": ["changed_since", "opted_out"],
        "A000002": ["changed_since"],
        "A000003": ["settled", "nothing_due"],
        "A000004": ["too_soon"],
    }


async def _run(store, personal, tmp_path, **more):
    async with provider_at(tmp_path, **more) as (provider, port):
        await run_until_empty(store, personal, port)
        return provider.messages()


def test_a_provider_that_answers_late_never_twice_or_with_an_error_gets_no_message_twice(store, personal, tmp_path):
    debtors.fill(store, personal, range(120))
    clock = debtors.morning_clock()

    async def act():
        async with provider_at(tmp_path, misbehave=0.3) as (provider, port):
            await run_until_empty(store, personal, port, clock=clock)
            for _ in range(20):
                if states(store)["unknown"]:
                    await run_until_empty(store, personal, port, linger=0.5, worker="w2", clock=clock)
            return provider.messages()

    messages = asyncio.run(act())

    assert Counter(message["key"] for message in messages).most_common(1)[0][1] == 1
    with store.read() as connection:
        answered = dict(connection.execute(select(Attempt.attempt_id, Attempt.answer)).all())
    assert {answered[message["id"]] for message in messages} == {"accepted"}
    assert Counter(answered.values())["later"] > 0 and Counter(answered.values())["refused"] > 0
    assert states(store).keys() == {"sent", "held"}


def test_a_worker_that_is_stopped_leaves_what_is_not_answered_to_be_looked_up_at_once(store, personal, tmp_path):
    debtors.fill(store, personal, range(3))
    patient = replace(QUICK, answer_timeout=60.0, stop_within=0.2)

    async def act():
        async with provider_at(tmp_path) as (provider, port):
            provider.silent = True
            await run_until_empty(store, personal, port, patient, linger=1.5)
            return len(provider.messages())

    handed_over = asyncio.run(act())

    assert handed_over == 3
    assert states(store) == {"unknown": 3}
