"""The stand-in SMSC as a process keeps its word: what it acknowledged is in its journal, whatever faults it makes."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from arrears.dispatch.channel import Answer, NotHandedOver
from arrears.dispatch.channels.sms import Sms
from tests.dispatch.channels.sms_case import Recorded, answered, bound, message, run

FAULTS = (
    "--errors",
    "0.1",
    "--never",
    "0.05",
    "--late",
    "0.05",
    "--late-seconds",
    "0.6",
    "--twice",
    "0.1",
    "--throttled",
    "0.05",
)


@contextmanager
def process(*arguments: str) -> Iterator[tuple[int, subprocess.Popen[str]]]:
    """The stand-in, and its port."""
    path = os.pathsep.join(sys.path)
    command = [sys.executable, "-m", "tests.peers.smsc", *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=os.environ | {"PYTHONPATH": path}) as smsc:
        try:
            assert smsc.stdout is not None
            yield int(smsc.stdout.readline().rpartition(":")[2]), smsc
        finally:
            smsc.kill()


def journalled(path: Path) -> list[dict[str, str]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


async def offered(channel: Sms, to: str) -> Answer:
    """One message, offered again only where surely nothing left."""
    while True:
        await channel.bound()
        with contextlib.suppress(NotHandedOver):
            return await answered(channel, message(to=to))


def test_whatever_faults_it_makes_every_accepted_message_is_in_its_journal_once(tmp_path: Path) -> None:
    journal = tmp_path / "accepted.jsonl"

    async def act(port: int) -> list[Answer]:
        async with bound(port, answer_seconds=0.3, window=20) as channel:
            return await asyncio.gather(*(offered(channel, f"+86138{i:08d}") for i in range(300)))

    with process("--journal", str(journal), *FAULTS) as (port, _):
        answers = run(act(port))

    lines = journalled(journal)
    accepted = {answer.provider_ref for answer in answers if answer.kind == "accepted"}
    assert accepted <= {line["id"] for line in lines}
    assert len({line["to"] for line in lines}) == len(lines)
    assert {answer.kind for answer in answers} == {"accepted", "later", "unknown"}
    surely_not = sum(answer.kind == "later" for answer in answers)
    assert len(lines) <= 300 - surely_not


def test_after_a_kill_it_knows_what_it_acknowledged_and_sends_receipts(tmp_path: Path) -> None:
    journal = tmp_path / "accepted.jsonl"

    async def send(port: int, smsc: subprocess.Popen[str]) -> list[Answer]:
        async with bound(port) as channel:
            answers = [await answered(channel, message()) for _ in range(3)]
            smsc.send_signal(signal.SIGKILL)
            return answers

    async def again(port: int) -> tuple[Answer, Recorded]:
        record = Recorded()
        async with bound(port, record) as channel:
            answer = await answered(channel, message())
            await record.first()
            return answer, record

    with process("--journal", str(journal)) as (port, smsc):
        answers = run(send(port, smsc))
    with journal.open("ab") as file:
        file.write(b'{"id": "cut o')
    with process("--journal", str(journal), "--receipts") as (port, _):
        fourth, record = run(again(port))

    assert [line["id"] for line in journalled(journal)] == [answer.provider_ref for answer in (*answers, fourth)]
    assert (record.returned[0].provider_ref, record.returned[0].outcome) == (fourth.provider_ref, "delivered")
