"""How fast letters are set and spooled, and in how much memory: `python bench/letters.py [LETTERS]`, one JSON line a row.

"set": PDF/A in one thread. "set, 2 threads": as the channel does. "merged": 100 letters in one file. "spooled": through the channel,
each durable (fsync) before its answer. Every letter is another one: name, amounts, code and QR code differ.
"""

from __future__ import annotations

import asyncio
import json
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path

from arrears.dispatch.channel import Message, Returned
from arrears.dispatch.channels.letter import open_channel
from arrears.installation import Installation, Lender
from arrears.notice.paper import Letter, Letterhead, amounts_from, layout_for, letter_pdf, letters_pdf
from arrears.notice.words import Words

LAYOUT = layout_for("a4", "CN")
TEXT = (
    "{name}：\n\n您在我司的消费贷款（编号 A-{number}）已逾期 46 天，应还合计 {total} 元，明细见下表。\n\n"
    "如您已还款，请忽略本函。如您目前还款有困难，请致电 400-800-1234，我们可以与您商定分期还款方案。"
)


def facts(number: int) -> dict[str, str]:
    return dict.fromkeys(("due_penalty", "due_interest", "due_principal", "due_total"), f"{number + 100}.00 元")


def letter(number: int) -> Letter:
    name = "王李张刘陈"[number % 5] + "伟芳娜敏静"[number // 5 % 5]
    return Letter(
        language="zh-CN", on=date(2026, 11, 24), sender=Letterhead("示例消费金融有限公司", "400-800-1234", "www.example.cn"),
        recipient=("100033", f"北京市西城区金融大街 {number} 号", f"{name}（收）"), reference=f"A-{number}", subject="逾期提醒",
        paragraphs=tuple(TEXT.format(name=name, number=number, total=number + 100).split("\n\n")),
        code=f"{number:04d}-9QXT-R2", qr=f"https://www.example.cn/v/{number}", amounts=amounts_from(facts(number), "zh"),
    )  # fmt: skip


def message(number: int) -> Message:
    words = Words(
        "cn.letter",
        "zh-CN",
        TEXT.format(name="王伟", number=number, total=number + 100),
        f"{number:04d}-9QXT-R2",
        subject="逾期提醒",
    )
    return Message(key=f"k{number}", attempt_id=f"a{number}", channel="letter", to=f"100033\n北京市西城区金融大街 {number} 号",
                   words=words, account_id=f"A-{number}", person_id="P", name="王伟", facts=facts(number))  # fmt: skip


def set_in(threads: int, count: int) -> None:
    with ThreadPoolExecutor(threads) as pool:
        for _ in pool.map(lambda number: letter_pdf(letter(number), LAYOUT), range(count)):
            pass


def merged(count: int) -> None:
    for begin in range(0, count, 100):
        letters_pdf([letter(number) for number in range(begin, min(begin + 100, count))], LAYOUT)


def spooled(count: int) -> None:
    async def record(returned: Returned) -> None:
        raise AssertionError("nothing comes back")

    async def send(folder: Path) -> None:
        lender = Lender("demo", {"zh": "示例消费金融有限公司"}, "400-800-1234", "www.example.cn")
        settings = {"paper": "a4", "country": "CN", "folder": "letters"}
        channel = open_channel(settings, Installation(folder / "arrears.yaml", lender, "", folder, {}, {}))
        await channel.open(record)
        waiting = []
        for number in range(count):
            waiting.append(await channel.hand_over(message(number)))
            if len(waiting) == channel.window:
                assert (await waiting.pop(0)).kind == "accepted"
        assert all([(await answer).kind == "accepted" for answer in waiting])
        await channel.close()

    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(send(Path(folder)))


def measure(row: str, count: int, act: Callable[[int], None]) -> None:
    act(10)
    began, began_cpu = time.perf_counter(), time.process_time()
    act(count)
    seconds, cpu = time.perf_counter() - began, time.process_time() - began_cpu
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(json.dumps({"row": row, "letters": count, "letters_a_second": round(count / seconds, 1),
                      "cpu_ms_a_letter": round(1000 * cpu / count, 1), "peak_mib_so_far": peak}))  # fmt: skip


if __name__ == "__main__":
    letters = int(sys.argv[1]) if len(sys.argv) > 1 else 300
    measure("set", letters, lambda count: set_in(1, count))
    measure("set, 2 threads", letters, lambda count: set_in(2, count))
    measure("spooled", letters, spooled)
    measure("merged", letters, merged)
