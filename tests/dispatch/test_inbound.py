"""What comes back by itself becomes facts, or waits for a person."""

import asyncio
import json
from collections import Counter
from datetime import timedelta

import pytest
from sqlalchemy import select

from arrears.dispatch.channel import Returned
from arrears.dispatch.inbox import Inbox
from arrears.dispatch.provider_refs import forms
from arrears.dispatch.sorting import sort_text
from arrears.store.tables import Attempt, Event, Queued, Work
from tests.dispatch import debtors
from tests.dispatch.workers import provider_at, run_until_empty

AT = debtors.MORNING + timedelta(minutes=1)


def hand_in(store, personal, *found):
    """Each of these handed in by a channel, one after the other."""

    async def act():
        inbox = Inbox(store, personal, lambda text: sort_text(text).kind, debtors.morning_clock())
        for one in found:
            await asyncio.wait_for(inbox.record(one), 20)
        await inbox.close()

    asyncio.run(act())


def events(store, *kinds):
    with store.read() as connection:
        rows = connection.execute(
            select(Event.account_id, Event.kind, Event.channel, Event.outcome).where(Event.kind.in_(kinds))
        )
        return sorted(tuple(row) for row in rows)


def queued(store):
    with store.read() as connection:
        return list(connection.execute(select(Queued.queue, Queued.sort, Queued.person_id)))


@pytest.mark.parametrize(
    ("text", "sort"),
    [("退订", None), ("我已经还了", "paid"), ("please call me", "call_me"), ("who is this", "who_is_this")],
)
def test_a_text_is_a_contact_of_theirs_and_an_opt_out_word_stops_the_channel_at_once(store, personal, text, sort):
    debtors.fill(store, personal, range(2), enqueued=False)

    hand_in(store, personal, Returned("inbound", "sms", AT, sender=debtors.phone(1), text=text))

    inbound = ("A000001", "contact", "sms", "delivered")
    assert events(store, "contact", "opt_out") == [
        inbound,
        *([("A000001", "opt_out", "sms", None)] if sort is None else []),
    ]
    assert queued(store) == ([] if sort is None else [("inbound", sort, "P000001")])


def test_the_same_text_told_twice_is_one_fact(store, personal):
    debtors.fill(store, personal, range(1), enqueued=False)
    told = Returned("inbound", "sms", AT, sender=debtors.phone(0), text="T")

    hand_in(store, personal, told, told)

    assert len(events(store, "contact", "opt_out")) == 2


def test_a_text_from_a_number_that_nobody_has_waits_for_a_person_and_stands_nowhere_in_the_open(store, personal):
    debtors.fill(store, personal, range(1), enqueued=False)

    hand_in(store, personal, Returned("inbound", "sms", AT, sender="+8613912345678", text="你是谁"))

    assert [(queue, sort) for queue, sort, _ in queued(store)] == [("inbound", "unknown_sender")]
    with store.read() as connection:
        row = connection.execute(select(Queued.__table__)).one()
        said = personal.unseal(connection, "queue", row.person_id, row.sealed)
    assert said == {"number": "+8613912345678", "text": "你是谁"} and "139" not in row.content


def test_a_mailbox_that_is_no_good_is_a_fact_and_gets_no_more_mail(store, personal):
    debtors.fill(store, personal, range(1), enqueued=False)

    hand_in(store, personal, Returned("bounce", "email", AT, sender="p0@example.cn"))

    assert events(store, "contact_invalid") == [("A000000", "contact_invalid", "email", None)]


@pytest.mark.parametrize(
    ("told", "kept"), [("0012ab", "12AB"), ("4779", "12ab"), ("12ab", "00004779"), ("ABC-1", "ABC-1")]
)
def test_an_id_is_known_again_in_its_other_forms(told, kept):
    assert kept in forms(told)


def test_a_receipt_that_comes_twice_and_in_another_form_is_one_delivery(store, personal, tmp_path):
    debtors.fill(store, personal, range(3))

    async def act():
        async with provider_at(tmp_path) as (_, port):
            await run_until_empty(store, personal, port)

    asyncio.run(act())
    with store.read() as connection:
        attempt, account, ref = connection.execute(
            select(Attempt.attempt_id, Attempt.account_id, Attempt.provider_ref)
        ).first()
    as_number = str(int(ref, 16))

    hand_in(
        store, personal,
        Returned("receipt", "sms", AT, provider_ref=as_number, outcome="delivered"),
        Returned("receipt", "sms", AT + timedelta(hours=1), provider_ref=ref.upper(), outcome="delivered"),
    )  # fmt: skip

    assert events(store, "delivery") == [(account, "delivery", "sms", "delivered")]
    with store.read() as connection:
        assert (
            connection.execute(select(Attempt.delivered).where(Attempt.attempt_id == attempt)).scalar() == "delivered"
        )


def test_a_receipt_that_fits_nothing_waits_for_a_person(store, personal, monkeypatch):
    monkeypatch.setattr("arrears.dispatch.inbox.AHEAD_SECONDS", 0.1)
    debtors.fill(store, personal, range(1), enqueued=False)

    hand_in(store, personal, Returned("receipt", "sms", AT, provider_ref="nobody's", outcome="failed"))

    with store.read() as connection:
        row = connection.execute(select(Queued.__table__)).one()
    assert (row.queue, json.loads(row.content)["provider_ref"]) == ("receipts", "nobody's")


def test_an_opt_out_that_comes_in_while_work_waits_keeps_it_back(store, personal, tmp_path):
    debtors.fill(store, personal, range(2))
    hand_in(store, personal, Returned("inbound", "sms", AT, sender=debtors.phone(0), text="TD"))

    async def act():
        async with provider_at(tmp_path) as (provider, port):
            await run_until_empty(store, personal, port)
            return provider.messages()

    messages = asyncio.run(act())

    assert [message["account"] for message in messages] == ["A000001"]
    with store.read() as connection:
        assert Counter(connection.execute(select(Work.state)).scalars()) == {"held": 1, "sent": 1}
