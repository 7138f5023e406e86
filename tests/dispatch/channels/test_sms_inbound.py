"""What people write back: texts in every alphabet, long ones put together, none lost while it is not durable."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import pytest
from smpp34 import DeliverSm

from arrears.dispatch.channel import Returned
from arrears.dispatch.channels import smpp_inbound, sms_text
from arrears.dispatch.channels.smpp_inbound import LongTexts
from tests.dispatch.channels.sms_case import Recorded, bound, run
from tests.peers.running import running

NUMBER = "8613800000001"
TEXT = "我上个月已经还清了，请不要再发短信。如果还有问题，请打电话给我，我白天都在。谢谢！" * 4
CODED = [(b"STOP", 0, "STOP"), ("退订".encode("utf-16-be"), 8, "退订"), (b"d\xe9sol\xe9", 3, "désolé")]


def parts(text: str = TEXT, wide: bool = False) -> list[bytes]:
    """The parts of a long text with headers of an 8-bit or a 16-bit reference."""
    headed = sms_text.headed(sms_text.split(text, "ucs2"), 7)
    return [bytes((6, 8, 4, 1, part[3], part[4], part[5])) + part[6:] for part in headed] if wide else headed


@pytest.mark.parametrize(("octets", "data_coding", "text"), CODED)
def test_a_text_becomes_an_inbound_message_of_its_number(octets: bytes, data_coding: int, text: str) -> None:
    with running() as smsc:

        async def act() -> tuple[str, Returned]:
            record = Recorded()
            async with bound(smsc.port, record):
                status = await asyncio.wrap_future(smsc.deliver(NUMBER, octets, data_coding=data_coding))
                return status, (await record.first())[0]

        status, returned = run(act())

    assert status == "ESME_ROK"
    assert (returned.kind, returned.sender, returned.text) == ("inbound", "+" + NUMBER, text)


def test_what_is_not_text_is_handed_in_without_one() -> None:
    with running() as smsc:

        async def act() -> Returned:
            record = Recorded()
            async with bound(smsc.port, record):
                await asyncio.wrap_future(smsc.deliver(NUMBER, b"\x01\x02", data_coding=4))
                return (await record.first())[0]

        returned = run(act())

    assert (returned.text, returned.detail) == ("", "not text")


@pytest.mark.parametrize("wide", [False, True])
def test_a_long_text_is_put_together_whatever_the_order_of_its_parts(wide: bool) -> None:
    with running() as smsc:

        async def act() -> tuple[list[str], list[Returned]]:
            record = Recorded()
            async with bound(smsc.port, record):
                sent = [
                    smsc.deliver(NUMBER, part, esm_class=0x40, data_coding=8) for part in reversed(parts(wide=wide))
                ]
                return [await asyncio.wrap_future(one) for one in sent], record.returned

        statuses, returned = run(act())

    assert len(statuses) > 2
    assert set(statuses) == {"ESME_ROK"}
    assert [(back.text, back.detail) for back in returned] == [(TEXT, "")]


def test_a_long_text_may_be_marked_by_optional_parameters() -> None:
    with running() as smsc:

        async def act() -> list[Returned]:
            record = Recorded()
            async with bound(smsc.port, record):
                sent = [
                    smsc.deliver(NUMBER, part, sar_msg_ref_num=300, sar_total_segments=2, sar_segment_seqnum=number)
                    for number, part in enumerate((b"please STOP", b" writing to me"), 1)
                ]
                for one in sent:
                    await asyncio.wrap_future(one)
                return record.returned

        returned = run(act())

    assert [back.text for back in returned] == ["please STOP writing to me"]


def test_a_text_that_could_not_be_recorded_comes_again_part_by_part() -> None:
    with running() as smsc:

        async def act() -> tuple[list[str], list[str], list[Returned]]:
            record = Recorded(fail=1)
            async with bound(smsc.port, record):
                rounds = []
                for _ in range(2):
                    sent = [smsc.deliver(NUMBER, part, esm_class=0x40, data_coding=8) for part in parts()]
                    rounds.append([await asyncio.wrap_future(one) for one in sent])
                return rounds[0], rounds[1], record.returned

        first, second, returned = run(act())

    assert set(first) == {"ESME_RX_T_APPN"}
    assert set(second) == {"ESME_ROK"}
    assert [back.text for back in returned] == [TEXT]


# --- long texts by themselves: time is short here, and the SMSC waits for each answer --------------------------


def pdu(octets: bytes, sender: str = NUMBER) -> DeliverSm:
    return DeliverSm(sender, "10690000", octets, source_addr_ton=1, esm_class=0x40, data_coding=8)


async def taken(texts: LongTexts, octets: bytes, record: Recorded, sender: str = NUMBER) -> None:
    one = pdu(octets, sender)
    place, text = smpp_inbound.text_of(one)
    assert place is not None and text is not None
    async with asyncio.timeout(20):
        await texts.take(one, place, text, record)


def now() -> datetime:
    return datetime(2026, 11, 24, tzinfo=UTC)


def test_parts_sent_one_after_the_other_are_handed_in_as_they_are_and_then_whole() -> None:
    first, second, third = (part for part in parts(TEXT[:180]))

    async def act() -> list[Returned]:
        record, texts = Recorded(), LongTexts(now, hold_s=0.01, keep_s=60)
        for part in (first, second, third):
            await taken(texts, part, record)
        texts.close()
        return record.returned

    returned = run(act())

    assert [back.text for back in returned] == [TEXT[:67] + "[…]", TEXT[:134] + "[…]", TEXT[:180]]
    assert [back.detail for back in returned] == ["parts 1 of 3", "parts 1,2 of 3", ""]


def test_a_part_that_never_comes_is_shown_as_a_gap() -> None:
    first, _, third = (part for part in parts(TEXT[:180]))

    async def act() -> list[Returned]:
        record, texts = Recorded(), LongTexts(now, hold_s=0.01, keep_s=0.01)
        await asyncio.gather(taken(texts, first, record), taken(texts, third, record))
        return record.returned

    returned = run(act())

    assert [(back.text, back.detail) for back in returned] == [(TEXT[:67] + "[…]" + TEXT[134:180], "parts 1,3 of 3")]


def test_too_many_unfinished_texts_push_the_oldest_out_recorded_as_it_is() -> None:
    async def act() -> list[Returned]:
        record, texts = Recorded(), LongTexts(now, hold_s=60, keep_s=60, most=2)
        waiting = [asyncio.create_task(taken(texts, parts()[0], record, f"861380000000{i}")) for i in range(3)]
        returned = await record.first()
        await waiting[0]
        texts.close()
        await asyncio.gather(*waiting, return_exceptions=True)
        return returned

    returned = run(act())

    assert [back.sender for back in returned] == ["+8613800000000"]
