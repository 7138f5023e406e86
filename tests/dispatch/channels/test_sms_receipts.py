"""Delivery receipts over a real session: in all forms, late, twice, for parts, and acknowledged only once they are durable."""

from __future__ import annotations

import asyncio
import logging

import pytest
from smpp.pdu.pdu_types import MessageState

from arrears.dispatch.channel import Answer, Returned
from tests.dispatch.channels.sms_case import NUMBER, Recorded, answered, bound, message, run
from tests.peers.running import in_loop, running
from tests.peers.smsc import Reply, Smsc

LONG = "您的贷款已逾期，请按时还款。" * 10


async def told(smsc: Smsc, ref: str, stat: str = "DELIVRD", number: str = NUMBER, **more) -> str:
    """The SMSC sends one receipt; the status that it is answered with."""
    text = f"id:{ref} sub:001 dlvrd:001 submit date:2611240930 done date:2611240931 stat:{stat} err:000 text:"
    return await asyncio.wrap_future(smsc.deliver(number[1:], text.encode(), esm_class=0x04, **more))


@pytest.mark.parametrize("ref", ["0A1B2C", "a1b2c", "662316", "0000662316"])
def test_a_receipt_names_its_attempt_whatever_form_its_id_has(ref: str) -> None:
    with running(plan=lambda submitted: Reply(message_id="0A1B2C")) as smsc:

        async def act() -> tuple[str, str, Returned]:
            record = Recorded()
            async with bound(smsc.port, record) as channel:
                sent = message()
                await answered(channel, sent)
                status = await told(smsc, ref)
                return sent.attempt_id, status, (await record.first())[0]

        attempt_id, status, returned = run(act())

    assert status == "ESME_ROK"
    assert (returned.kind, returned.outcome, returned.attempt_id) == ("receipt", "delivered", attempt_id)
    assert (returned.provider_ref, returned.sender) == (ref, NUMBER)


def test_a_receipt_from_another_number_is_not_taken_for_ours() -> None:
    with running(plan=lambda submitted: Reply(message_id="16")) as smsc:

        async def act() -> Returned:
            record = Recorded()
            async with bound(smsc.port, record) as channel:
                await answered(channel, message())
                await told(smsc, "16", number="+8613899999999")
                return (await record.first())[0]

        returned = run(act())

    assert (returned.provider_ref, returned.attempt_id, returned.sender) == ("16", None, "+8613899999999")


def test_a_receipt_in_optional_parameters_alone_is_understood() -> None:
    with running() as smsc:

        async def act() -> tuple[str, Returned]:
            record = Recorded()
            async with bound(smsc.port, record):
                sent = smsc.deliver(
                    NUMBER[1:], b"", receipted_message_id=b"77", message_state=MessageState.UNDELIVERABLE
                )
                return await asyncio.wrap_future(sent), (await record.first())[0]

        status, returned = run(act())

    assert (status, returned.provider_ref, returned.outcome) == ("ESME_ROK", "77", "failed")


def test_a_receipt_that_comes_twice_is_handed_in_twice_with_the_same_words() -> None:
    with running() as smsc:

        async def act() -> list[Returned]:
            record = Recorded()
            async with bound(smsc.port, record):
                await told(smsc, "77")
                await told(smsc, "77")
                return await record.first(2)

        first, second = run(act())

    assert (first.provider_ref, first.outcome) == (second.provider_ref, second.outcome) == ("77", "delivered")


def test_a_receipt_after_a_reconnection_still_finds_its_attempt() -> None:
    with running() as smsc:

        async def act() -> tuple[str, Returned]:
            record = Recorded()
            async with bound(smsc.port, record) as channel:
                sent = message()
                answer = await answered(channel, sent)
                in_loop(smsc.drop)
                await asyncio.to_thread(smsc.until, lambda: smsc.binds == 2)
                await channel.bound()
                assert answer.provider_ref
                await told(smsc, answer.provider_ref, "UNDELIV")
                return sent.attempt_id, (await record.first())[0]

        attempt_id, returned = run(act())

    assert (returned.attempt_id, returned.outcome) == (attempt_id, "failed")


@pytest.mark.parametrize("stat", ["ENROUTE", "ACCEPTD", "UNKNOWN", "GARBLED"])
def test_a_receipt_that_is_not_the_end_is_acknowledged_and_says_nothing(stat: str) -> None:
    with running() as smsc:

        async def act() -> tuple[str, list[Returned]]:
            record = Recorded()
            async with bound(smsc.port, record):
                return await told(smsc, "77", stat), record.returned

        status, returned = run(act())

    assert (status, returned) == ("ESME_ROK", [])


def test_a_receipt_is_acknowledged_only_when_it_is_recorded_and_comes_again_otherwise() -> None:
    with running() as smsc:

        async def act() -> tuple[str, str, list[Returned]]:
            record = Recorded(fail=1)
            async with bound(smsc.port, record):
                return await told(smsc, "77"), await told(smsc, "77"), record.returned

        first, second, returned = run(act())

    assert (first, second, len(returned)) == ("ESME_RX_T_APPN", "ESME_ROK", 1)


def test_nothing_is_acknowledged_while_the_record_is_under_way() -> None:
    with running() as smsc:

        async def act() -> tuple[bool, str]:
            may = asyncio.Event()
            began = asyncio.Event()

            class Slow(Recorded):
                async def __call__(self, returned: Returned) -> None:
                    began.set()
                    await may.wait()

            async with bound(smsc.port, Slow()) as channel:
                receipt = asyncio.create_task(told(smsc, "77"))
                await began.wait()
                await answered(channel, message())
                early = receipt.done()
                may.set()
                return early, await receipt

        early, status = run(act())

    assert (early, status) == (False, "ESME_ROK")


def test_no_number_text_or_secret_stands_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with running(plan=lambda submitted: Reply() if submitted.number < 3 else Reply("ESME_RSYSERR")) as smsc:

        async def act() -> None:
            record = Recorded(fail=1)
            async with bound(smsc.port, record, password="secret") as channel:
                for _ in range(4):
                    await answered(channel, message("the words of it"))
                await told(smsc, "77", "ENROUTE")
                await told(smsc, "77")
                await asyncio.wrap_future(smsc.deliver(NUMBER[1:], b"the words of it"))
                in_loop(smsc.drop)
                await asyncio.to_thread(smsc.until, lambda: smsc.binds == 2)

        run(act())

    ours = "\n".join(record.getMessage() for record in caplog.records if record.name.startswith("arrears"))
    assert "not recorded" in ours
    assert not [word for word in (NUMBER[1:], "13800000001", "the words", "secret") if word in ours]


PARTS = [
    (["DELIVRD", "DELIVRD", "DELIVRD"], ["delivered"]),
    (["DELIVRD", "DELIVRD"], []),
    (["DELIVRD", "UNDELIV"], ["failed"]),
    (["DELIVRD", "DELIVRD", "EXPIRED"], ["failed"]),
]


@pytest.mark.parametrize(("stats", "outcomes"), PARTS)
def test_a_long_message_is_delivered_when_all_its_parts_are(stats: list[str], outcomes: list[str]) -> None:
    with running() as smsc:

        async def act() -> tuple[str, list[Returned]]:
            record = Recorded()
            async with bound(smsc.port, record) as channel:
                sent = message(LONG)
                answer = await answered(channel, sent)
                assert answer.provider_ref
                for ref, stat in zip(answer.provider_ref.split(","), stats, strict=False):
                    assert await told(smsc, ref, stat) == "ESME_ROK"
                return sent.attempt_id, record.returned

        attempt_id, returned = run(act())

    assert [(back.outcome, back.attempt_id) for back in returned] == [(outcome, attempt_id) for outcome in outcomes]


def test_after_a_restart_a_receipt_of_a_part_is_handed_in_by_its_own_id() -> None:
    with running() as smsc:

        async def act() -> tuple[Answer, Returned]:
            async with bound(smsc.port) as channel:
                answer = await answered(channel, message(LONG))
            assert answer.provider_ref
            record = Recorded()
            async with bound(smsc.port, record):
                await told(smsc, answer.provider_ref.split(",")[1])
                return answer, (await record.first())[0]

        answer, returned = run(act())

    assert returned.attempt_id is None
    assert returned.provider_ref in (answer.provider_ref or "").split(",")
