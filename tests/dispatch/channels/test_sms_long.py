"""Long messages: all parts leave together, and the one answer says honestly what became of all of them."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import pytest

from arrears.dispatch.channel import Answer, Sent
from arrears.dispatch.channels.smpp_answers import together
from tests.dispatch.channels.sms_case import answered, bound, message, run
from tests.peers.running import running
from tests.peers.smsc import Reply, Submitted

YES, OTHER = Answer("accepted", provider_ref="1"), Answer("accepted", provider_ref="2")
NO = Answer("refused", detail="ESME_RINVDSTADR")
LATER, LATEST = (
    Answer("later", detail="ESME_RTHROTTLED", retry_after=1),
    Answer("later", detail="ESME_RMSGQFUL", retry_after=5),
)
NOBODY_KNOWS = Answer("unknown", detail="no answer")
TOGETHER = [
    ([YES], YES),
    ([YES, OTHER], Answer("accepted", provider_ref="1,2")),
    ([YES, NOBODY_KNOWS], Answer("unknown", provider_ref="1,?", detail="no answer")),
    ([NO, NOBODY_KNOWS], Answer("unknown", detail="no answer")),
    ([YES, NO], Answer("refused", provider_ref="1,?", detail="partly sent: ESME_RINVDSTADR")),
    ([LATER, YES], Answer("refused", provider_ref="?,1", detail="partly sent: ESME_RTHROTTLED")),
    ([LATER, NO], NO),
    ([LATER, LATEST], LATEST),
]
TEXT = "您的贷款已逾期，请按时还款。" * 10
STATES = [
    ("ENROUTE", "accepted"), ("DELIVERED", "accepted"), ("ACCEPTED", "accepted"), ("UNDELIVERABLE", "refused"),
    ("REJECTED", "refused"), ("EXPIRED", "refused"), ("UNKNOWN", "unknown"),
]  # fmt: skip


@pytest.mark.parametrize(("parts", "whole"), TOGETHER)
def test_the_answers_of_parts_become_one_honest_answer(parts: list[Answer], whole: Answer) -> None:
    assert together(parts) == whole


def test_the_parts_of_a_long_message_leave_together_and_the_reference_names_all() -> None:
    with running(plan=lambda submitted: Reply(after=0.05)) as smsc:

        async def act():
            async with bound(smsc.port, window=4) as channel:
                return await asyncio.gather(*(answered(channel, message(TEXT, f"+8613800000{i}")) for i in range(3)))

        answers = run(act())

    assert [sent.to for sent in smsc.submitted] == [f"8613800000{i}" for i in range(3) for _ in range(3)]
    assert [answer.provider_ref for answer in answers] == [
        ",".join(sent.message_id for sent in smsc.submitted[i : i + 3]) for i in (0, 3, 6)
    ]
    assert smsc.max_open <= 4


@pytest.mark.parametrize(
    ("fault", "kind", "detail"),
    [
        (Reply("ESME_RINVDSTADR"), "refused", "partly sent: ESME_RINVDSTADR"),
        (Reply("ESME_RTHROTTLED"), "refused", "partly sent: ESME_RTHROTTLED"),
        (Reply(after=None), "unknown", "no answer"),
    ],
)
def test_a_message_of_which_one_part_fails_is_never_called_accepted(fault: Reply, kind: str, detail: str) -> None:
    with running(plan=lambda submitted: fault if submitted.number == 2 else Reply()) as smsc:

        async def act():
            async with bound(smsc.port, answer_seconds=0.2) as channel:
                return await answered(channel, message(TEXT))

        answer = run(act())

    ids = [sent.message_id for sent in smsc.submitted]
    assert (answer.kind, answer.detail, answer.provider_ref) == (kind, detail, f"{ids[0]},?,{ids[2]}")


def test_a_text_of_too_many_parts_is_refused_and_nothing_leaves() -> None:
    with running() as smsc:

        async def act():
            async with bound(smsc.port, most_parts=2) as channel:
                return await answered(channel, message(TEXT))

        answer = run(act())

    assert (answer.kind, answer.detail, smsc.submitted) == ("refused", "longer than 2 parts", [])


def test_a_long_message_may_go_whole_as_message_payload() -> None:
    with running() as smsc:

        async def act():
            async with bound(smsc.port, long="payload") as channel:
                return await answered(channel, message(TEXT))

        answer = run(act())

    assert (answer.kind, len(smsc.submitted), smsc.submitted[0].payload) == ("accepted", 1, True)
    assert smsc.submitted[0].octets.decode("utf-16-be") == TEXT


async def looked_up(smsc_port: int, reference: str | None) -> Answer:
    async with bound(smsc_port) as channel:
        return await channel.look_up(Sent("k", "not-of-this-process", reference, datetime.now(UTC), "+8613800000001"))


@pytest.mark.parametrize(("state", "kind"), STATES)
def test_the_smsc_is_asked_for_what_became_of_a_message(state: str, kind: str) -> None:
    with running(states={"77": state}) as smsc:
        answer = run(looked_up(smsc.port, "77"))

    assert (answer.kind, answer.provider_ref) == (kind, "77")


@pytest.mark.parametrize(
    ("reference", "kind"),
    [
        ("77,78", "accepted"),
        ("77,79", "refused"),
        ("77,?", "unknown"),
        ("77,80", "unknown"),
        ("80", "unknown"),
        (None, "unknown"),
    ],
)
def test_a_message_is_as_its_parts_are_and_unknown_without_all_ids(reference: str | None, kind: str) -> None:
    with running(states={"77": "DELIVERED", "78": "ENROUTE", "79": "UNDELIVERABLE"}) as smsc:
        answer = run(looked_up(smsc.port, reference))

    assert answer.kind == kind


def test_a_part_that_was_answered_late_completes_the_whole() -> None:
    def plan(submitted: Submitted) -> Reply:
        return Reply(after=0.6) if submitted.number == 2 else Reply()

    with running(plan=plan) as smsc:

        async def act():
            async with bound(smsc.port, answer_seconds=0.2) as channel:
                sent = message(TEXT)
                first = await answered(channel, sent)
                asked = Sent(sent.key, sent.attempt_id, first.provider_ref, datetime.now(UTC), sent.to)
                async with asyncio.timeout(20):
                    while (found := await channel.look_up(asked)).kind == "unknown":
                        pass
                return first, found

        first, found = run(act())

    assert first.kind == "unknown"
    assert (found.kind, found.provider_ref) == ("accepted", ",".join(sent.message_id for sent in smsc.submitted))
