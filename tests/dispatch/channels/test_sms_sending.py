"""Messages over a real SMPP session: what the SMSC gets, and which answer becomes of what it says, or does not say."""

from __future__ import annotations

import asyncio
import logging
from datetime import UTC, datetime

import pytest

from arrears.dispatch.channel import NotHandedOver, Sent
from arrears.errors import Refusal
from tests.dispatch.channels.sms_case import NUMBER, Recorded, answered, bound, message, run, unconnected
from tests.peers.running import in_loop, running
from tests.peers.smsc import Reply, Submitted

STATUSES = [
    ("ESME_RTHROTTLED", "later", "ESME_RTHROTTLED"),
    ("ESME_RMSGQFUL", "later", "ESME_RMSGQFUL"),
    ("ESME_RINVDSTADR", "refused", "ESME_RINVDSTADR"),
    ("ESME_RINVSRCADR", "refused", "ESME_RINVSRCADR"),
    ("ESME_RINVEXPIRY", "refused", "ESME_RINVEXPIRY"),
    ("ESME_RSYSERR", "unknown", "status 0x00000008"),
    ("ESME_RSUBMITFAIL", "unknown", "status 0x00000045"),
    ("ESME_RUNKNOWNERR", "unknown", "status 0x000000ff"),
]


def test_an_accepted_message_has_the_smscs_id_and_arrives_as_it_was_meant() -> None:
    with running() as smsc:

        async def act():
            async with bound(smsc.port) as channel:
                return await answered(
                    channel, message("核验码 K7QF", not_after=datetime(2026, 11, 24, 13, 0, tzinfo=UTC))
                )

        answer = run(act())

    sent = smsc.submitted[0]
    assert (answer.kind, answer.provider_ref) == ("accepted", sent.message_id)
    assert (sent.source, sent.to, sent.data_coding, sent.registered) == ("10690000", NUMBER[1:], 8, 1)
    assert sent.octets.decode("utf-16-be") == "核验码 K7QF"
    assert sent.validity == datetime(2026, 11, 24, 13, 0)


def test_an_smsc_that_does_not_know_us_is_a_refusal_without_the_password(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with running() as smsc:

        async def act():
            async with bound(smsc.port, password="wrong-one"):
                pass

        with pytest.raises(Refusal) as refused:
            run(act())

    assert "ESME_RINVPASWD" in str(refused.value)
    assert "wrong-one" not in str(refused.value) + caplog.text


def test_the_window_is_kept_full_and_never_exceeded() -> None:
    with running(plan=lambda submitted: Reply(after=None)) as smsc:

        async def act():
            async with bound(smsc.port, window=5) as channel:
                waiting = [asyncio.create_task(answered(channel, message())) for _ in range(23)]
                for done in range(5, 30, 5):
                    await asyncio.to_thread(smsc.until, lambda done=done: len(smsc.submitted) >= min(done, 23))
                    in_loop(smsc.release)
                return await asyncio.gather(*waiting)

        answers = run(act())

    assert {answer.kind for answer in answers} == {"accepted"}
    assert len({answer.provider_ref for answer in answers}) == len(smsc.submitted) == 23
    assert smsc.max_open == 5


@pytest.mark.parametrize(("status", "kind", "detail"), STATUSES)
def test_a_status_of_the_smsc_becomes_an_honest_answer(status: str, kind: str, detail: str) -> None:
    with running(plan=lambda submitted: Reply(status)) as smsc:

        async def act():
            async with bound(smsc.port) as channel:
                return await answered(channel, message())

        answer = run(act())

    assert (answer.kind, answer.detail, answer.provider_ref) == (kind, detail, None)
    assert (answer.retry_after is not None) == (kind == "later")


def test_a_throttled_channel_goes_at_a_lower_pace() -> None:
    with running(plan=lambda submitted: Reply("ESME_RTHROTTLED")) as smsc:

        async def act():
            async with bound(smsc.port, per_second=100) as channel:
                before = channel.per_second
                await answered(channel, message())
                return before, channel.per_second

        before, after = run(act())

    assert (before, after) == (100, 50)


def test_a_late_answer_is_unknown_first_and_found_by_looking_up() -> None:
    with running(plan=lambda submitted: Reply(after=None) if submitted.number == 1 else Reply()) as smsc:

        async def act():
            async with bound(smsc.port, answer_seconds=0.2) as channel:
                late = message()
                first = await answered(channel, late)
                in_loop(smsc.release)
                await answered(channel, message())
                sent = Sent(late.key, late.attempt_id, None, datetime.now(UTC), late.to)
                return first, await channel.look_up(sent)

        first, found = run(act())

    assert (first.kind, first.detail) == ("unknown", "no answer")
    assert (found.kind, found.provider_ref) == ("accepted", smsc.submitted[0].message_id)


def test_a_message_that_is_never_answered_is_unknown_and_gives_its_place_back() -> None:
    with running(plan=lambda submitted: Reply(after=None) if submitted.number == 1 else Reply()) as smsc:

        async def act():
            async with bound(smsc.port, answer_seconds=0.2, window=1) as channel:
                lost = message()
                first, second = await asyncio.gather(answered(channel, lost), answered(channel, message()))
                sent = Sent(lost.key, lost.attempt_id, None, datetime.now(UTC), lost.to)
                return first, second, await channel.look_up(sent)

        first, second, found = run(act())

    assert (first.kind, second.kind, found.kind) == ("unknown", "accepted", "unknown")
    assert len(smsc.submitted) == 2


def test_an_answer_that_comes_twice_belongs_to_one_message_only() -> None:
    with running(plan=lambda submitted: Reply(times=2)) as smsc:

        async def act():
            async with bound(smsc.port, window=1) as channel:
                return [await answered(channel, message()) for _ in range(3)]

        answers = run(act())

    assert [answer.provider_ref for answer in answers] == [sent.message_id for sent in smsc.submitted]


def test_an_accepted_message_without_an_id_is_accepted_without_one() -> None:
    with running(plan=lambda submitted: Reply(message_id="")) as smsc:

        async def act():
            async with bound(smsc.port) as channel:
                return await answered(channel, message())

        answer = run(act())

    assert (answer.kind, answer.provider_ref) == ("accepted", None)


def test_a_connection_lost_in_mid_window_leaves_unknowns_and_sends_nothing_again() -> None:
    def plan(submitted: Submitted) -> Reply:
        return {6: Reply(drop=True)}.get(submitted.number, Reply(after=None) if submitted.number < 6 else Reply())

    with running(plan=plan) as smsc:

        async def act():
            async with bound(smsc.port, window=6) as channel:
                lost = await asyncio.gather(*(answered(channel, message(to=f"+86138000000{i}0")) for i in range(6)))
                await channel.bound()
                return lost, await answered(channel, message(to="+8613900000000"))

        lost, after = run(act())

    assert {answer.kind for answer in lost} == {"unknown"}
    assert after.kind == "accepted"
    assert [sent.to for sent in smsc.submitted] == [f"86138000000{i}0" for i in range(6)] + ["8613900000000"]
    assert smsc.binds == 2


def test_those_who_wait_for_a_place_when_the_connection_breaks_were_not_handed_over() -> None:
    with running(plan=lambda submitted: Reply(after=None)) as smsc:

        async def act():
            async with bound(smsc.port, window=1) as channel:
                under_way = await channel.hand_over(message())
                waiting = asyncio.create_task(channel.hand_over(message()))
                await asyncio.to_thread(smsc.until, lambda: len(smsc.submitted) == 1)
                in_loop(smsc.drop)
                with pytest.raises(NotHandedOver):
                    await waiting
                return await under_way

        answer = run(act())

    assert answer.kind == "unknown"
    assert len(smsc.submitted) == 1


def test_nothing_is_handed_over_while_there_is_no_session_and_it_comes_back_by_itself() -> None:
    with running() as first:
        port = first.port

    async def act():
        async with asyncio.timeout(20):
            channel = unconnected(port)
            await channel.open(Recorded())
            try:
                with pytest.raises(NotHandedOver):
                    await channel.hand_over(message())
                with running(port=port) as smsc:
                    await channel.bound()
                    answer = await answered(channel, message())
                    await channel.close()
                    return answer, len(smsc.submitted)
            finally:
                await channel.close()

    answer, submitted = run(act())

    assert (answer.kind, submitted) == ("accepted", 1)


def test_an_smsc_that_does_not_answer_enquire_link_is_left_and_bound_again() -> None:
    with running(deaf=True) as smsc:

        async def act():
            async with bound(smsc.port, enquire_seconds=0.2, answer_seconds=0.2):
                await asyncio.to_thread(smsc.until, lambda: smsc.binds >= 2)

        run(act())

    assert smsc.enquired >= 1


def test_a_silent_line_is_kept_by_enquire_link() -> None:
    with running() as smsc:

        async def act():
            async with bound(smsc.port, enquire_seconds=0.1, answer_seconds=5) as channel:
                await asyncio.to_thread(smsc.until, lambda: smsc.enquired >= 3)
                return await answered(channel, message())

        answer = run(act())

    assert (answer.kind, smsc.binds) == ("accepted", 1)


def test_closing_unbinds_and_takes_no_more() -> None:
    with running() as smsc:

        async def act():
            async with bound(smsc.port) as channel:
                await answered(channel, message())
                await channel.close()
                with pytest.raises(NotHandedOver):
                    await channel.hand_over(message())

        run(act())

    assert (smsc.unbinds, len(smsc.submitted)) == (1, 1)


def test_a_transmitter_and_a_receiver_may_be_bound_instead_of_one_transceiver() -> None:
    with running() as smsc:

        async def act():
            record = Recorded()
            async with bound(smsc.port, record, bind="separate") as channel:
                answer = await answered(channel, message())
                status = await asyncio.wrap_future(smsc.deliver("8613800000001", b"T"))
                return answer, status, record.returned

        answer, status, returned = run(act())

    assert (answer.kind, status, returned[0].text, smsc.binds) == ("accepted", "ESME_ROK", "T", 2)
