"""Messages a second of the SMS channel alone, from hand_over to `accepted`, against the stand-in SMSC in another process.

`python -m bench.sms [--messages N] [--window W] [--parts P] [--journal FILE] [--receipts]`. Both processes share the machine's cores.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import subprocess
import sys
import time
from pathlib import Path

from arrears.dispatch.channel import Answer, Message, Returned
from arrears.dispatch.channels.sms import Sms
from arrears.dispatch.channels.sms_settings import read_settings
from arrears.notice.words import Words

TEXT = "【示例银行】您尾号0001的贷款已逾期3天，应还1,120.00元。如已还款请忽略。核验码K7QF-2M9X，退订回T。"


async def record(returned: Returned) -> None:
    """Receipts are taken at once: what a database does with them is not part of what is measured."""


async def measured(port: int, messages: int, window: int, parts: int, receipts: bool) -> tuple[float, int]:
    """Seconds and how many were accepted; as many workers as the window hand over one message after the other."""
    os.environ["BENCH_SMSC"] = "secret"
    settings = {"host": "127.0.0.1", "port": port, "system_id": "arrears", "password_env": "BENCH_SMSC", "source": "10690000",
                "window": window, "registered_delivery": "all" if receipts else "none"}  # fmt: skip
    channel = Sms(read_settings(settings, Path("bench.yaml")))
    await channel.open(record)
    await channel.bound()
    words = Words("bench", "zh-CN", TEXT if parts == 1 else (TEXT * 6)[: 67 * parts], "K7QF2M9X")
    left = iter(range(messages))
    accepted = 0

    async def work() -> None:
        nonlocal accepted
        for number in left:
            message = Message(str(number), str(number), "sms", f"+861380{number:07d}", words, "A1", "P1")
            answer: Answer = await (await channel.hand_over(message))
            accepted += answer.kind == "accepted"

    began = time.perf_counter()
    await asyncio.gather(*(work() for _ in range(window)))
    took = time.perf_counter() - began
    await channel.close()
    return took, accepted


def main() -> None:
    """Measure once and print the figures."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--messages", type=int, default=20_000)
    parser.add_argument("--window", type=int, default=50)
    parser.add_argument("--parts", type=int, default=1)
    parser.add_argument("--journal")
    parser.add_argument("--receipts", action="store_true")
    told = parser.parse_args()
    command = [sys.executable, "-m", "tests.peers.smsc", *(("--journal", told.journal) if told.journal else ())]
    command += ["--receipts"] * told.receipts
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as smsc:
        try:
            assert smsc.stdout is not None
            port = int(smsc.stdout.readline().rpartition(":")[2])
            cpu = time.process_time()
            took, accepted = asyncio.run(measured(port, told.messages, told.window, told.parts, told.receipts))
            cpu = time.process_time() - cpu
        finally:
            smsc.terminate()
    rate, ours = told.messages / took, cpu / told.messages * 1e6
    print(
        f"{told.messages} messages of {told.parts} part(s), window {told.window}: {rate:,.0f}/s, {ours:.0f} µs of ours each, {accepted} accepted"
    )


if __name__ == "__main__":
    main()
