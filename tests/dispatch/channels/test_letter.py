"""The letter channel: durable before it answers, once for each attempt, batches whole or not there, and what comes back."""

import asyncio
import csv
import hashlib
import json
import os
import resource
import signal
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from arrears.dispatch.channel import Message, Sent
from arrears.dispatch.channels.letter import open_channel
from arrears.dispatch.channels.letter_batch import Row, close_batch
from arrears.errors import Refusal
from arrears.installation import Installation, Lender
from arrears.notice.words import Words
from tests.notice.letters import read, squeezed, text_of

FACTS = {"due_interest": "570.00 元", "due_principal": "5,700.00 元", "due_total": "6,270.00 元"}
SETTINGS = {"paper": "a4", "country": "CN", "folder": "letters", "time_zone": "Asia/Shanghai"}


def installation(folder):
    lender = Lender("demo", {"zh": "示例消费金融有限公司", "en": "Example Finance"}, "400-800-1234", "www.example.cn",
                    {"zh": "北京市西城区金融大街 1 号"})  # fmt: skip
    return Installation(folder / "arrears.yaml", lender, "sqlite://", folder / "keys", {}, {})


def message(attempt, name="李雷", text="李雷先生：\n\n您的贷款已逾期 46 天。\n请与我们联系。"):
    words = Words("cn.letter", "zh-CN", text, "7K3M-9QXT-R2", subject="逾期提醒")
    return Message(key=f"key-{attempt}", attempt_id=attempt, channel="letter", to="100033\n北京市西城区金融大街 27 号",
                   words=words, account_id="A-1", person_id="P-1", name=name, facts=FACTS)  # fmt: skip


def sent(attempt):
    return Sent(f"key-{attempt}", attempt, None, datetime(2026, 11, 24, tzinfo=UTC), "")


def run(folder, act, **settings):
    """Open the channel, do `act` with it, close it; gives what `act` gives, and what was recorded."""
    recorded = []

    async def record(returned):
        recorded.append(returned)

    async def all_of_it():
        channel = open_channel({**SETTINGS, **settings}, installation(folder))
        await channel.open(record)
        try:
            return await act(channel)
        finally:
            await channel.close()

    return asyncio.run(all_of_it()), recorded


def hand_over(folder, messages, **settings):
    async def act(channel):
        return [await (await channel.hand_over(each)) for each in messages]

    return run(folder, act, **settings)[0]


def batches(folder):
    return sorted((folder / "letters").glob("[0-9]*-*/*"))


def index_of(batch):
    return list(csv.DictReader((batch / "index.csv").open(encoding="utf-8", newline="")))


def test_letters_are_accepted_and_a_full_batch_and_the_rest_are_closed_whole(tmp_path):
    answers = hand_over(tmp_path, [message(f"a{number}") for number in range(3)], batch_letters=2)

    first, second = batches(tmp_path)
    rows = index_of(first)
    manifest = json.loads((first / "manifest.json").read_text("utf-8"))
    assert [answer.kind for answer in answers] == ["accepted"] * 3
    assert [answer.provider_ref for answer in answers] == [first.name, first.name, second.name]
    assert [(row["sequence"], row["attempt_id"], row["country"], row["postcode"], row["pages"]) for row in rows] == [
        ("1", "a0", "CN", "100033", "1"), ("2", "a1", "CN", "100033", "1"),
    ]  # fmt: skip
    assert [row["sha256"] for row in rows] == [
        hashlib.sha256((first / row["file"]).read_bytes()).hexdigest() for row in rows
    ]
    assert (manifest["letters"], manifest["pages"]) == (2, 2)
    assert manifest["index_sha256"] == hashlib.sha256((first / "index.csv").read_bytes()).hexdigest()
    assert [row["attempt_id"] for row in index_of(second)] == ["a2"]
    assert list((tmp_path / "letters/open").iterdir()) == []


def test_the_letter_carries_the_message(tmp_path):
    payment = {"zh": [{"label": "账号", "value": "1100 0000"}]}
    hand_over(tmp_path, [message("a1")], payment=payment, verify_url="https://www.example.cn/v/{code}")

    text = text_of((batches(tmp_path)[0] / "letters/a1.pdf").read_bytes())

    wanted = (
        "李雷（收）",
        "北京市西城区金融大街 27 号",
        "逾期提醒",
        "请与我们联系。",
        "应还合计6,270.00 元",
        "账号1100 0000",
        "还款附言A-1",
        "7K3M-9QXT-R2",
    )
    assert [each for each in wanted if squeezed(each) not in text] == []


def test_the_same_attempt_handed_over_again_is_one_letter(tmp_path):
    twice = hand_over(tmp_path, [message("a1"), message("a1")])
    after_restart = hand_over(tmp_path, [message("a1")])

    assert [answer.kind for answer in (*twice, *after_restart)] == ["accepted"] * 3
    assert [row["attempt_id"] for batch in batches(tmp_path) for row in index_of(batch)] == ["a1"]


def test_a_look_up_finds_what_was_taken_and_shuts_the_door_on_what_was_not(tmp_path):
    async def act(channel):
        await (await channel.hand_over(message("a1")))
        found, lost = await channel.look_up(sent("a1")), await channel.look_up(sent("a2"))
        return found, lost, await (await channel.hand_over(message("a2"))), await channel.look_up(sent("a2"))

    (found, lost, too_late, again), _ = run(tmp_path, act)

    assert found.kind == "accepted" and found.provider_ref
    assert (lost.kind, too_late.kind, again.kind) == ("later", "refused", "later")
    assert [row["attempt_id"] for batch in batches(tmp_path) for row in index_of(batch)] == ["a1"]


def test_what_is_no_attempt_of_letters_was_never_printed(tmp_path):
    async def act(channel):
        return await channel.look_up(sent("../a1"))

    answer, _ = run(tmp_path, act)

    assert answer.kind == "refused"


def test_a_letter_that_cannot_be_printed_is_refused_without_naming_the_person(tmp_path):
    (answer,) = hand_over(tmp_path, [message("a1", name="𠮷野家")])

    assert answer.kind == "refused"
    assert "character_not_in_font" in answer.detail and "U+20BB7" in answer.detail and "野" not in answer.detail
    assert batches(tmp_path) == []


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"to": " \n"}, "address_missing"),
        ({"name": None}, "name_missing"),
        ({"to": "\n".join(["北京市西城区金融大街"] * 12)}, "address_does_not_fit"),
        ({"attempt_id": "../a1"}, "ValueError"),
    ],
)
def test_a_message_that_makes_no_letter_is_refused(tmp_path, changed, code):
    (answer,) = hand_over(tmp_path, [replace(message("a1"), **changed)])

    assert answer.kind == "refused" and code in answer.detail
    assert batches(tmp_path) == []


def test_receipts_that_cannot_be_recorded_now_are_recorded_later(tmp_path):
    hand_over(tmp_path, [message("a1")])
    (tmp_path / "letters/returned/house.csv").write_text("attempt_id,outcome,date\na1,delivered,2026-11-27\n", "utf-8")
    tried, recorded = [], asyncio.Event()

    async def record(returned):
        tried.append(returned.attempt_id)
        if len(tried) == 1:
            raise ConnectionError("the database is gone")
        recorded.set()

    async def act():
        channel = open_channel({**SETTINGS, "returned_seconds": 0.05}, installation(tmp_path))
        await channel.open(record)
        await asyncio.wait_for(recorded.wait(), 60)
        await channel.close()

    asyncio.run(act())

    assert tried == ["a1", "a1"]


def test_a_batch_that_has_been_open_long_enough_is_closed(tmp_path):
    async def act(channel):
        await (await channel.hand_over(message("a1")))
        for _ in range(600):
            if batches(tmp_path):
                return index_of(batches(tmp_path)[0])
            await asyncio.sleep(0.05)
        return []

    rows, _ = run(tmp_path, act, batch_minutes=0.002)

    assert [row["attempt_id"] for row in rows] == ["a1"]


def test_many_letters_go_into_one_file_where_the_house_wants_that(tmp_path):
    long = message("long", text="请与我们联系。\n\n" * 60)

    hand_over(tmp_path, [message("a1"), long, message("a3")], merged=True)

    (batch,) = batches(tmp_path)
    rows = index_of(batch)
    reader = read((batch / "letters-001.pdf").read_bytes())
    pages = [int(row["pages"]) for row in rows]
    assert sorted(path.name for path in batch.iterdir()) == ["index.csv", "letters-001.pdf", "manifest.json"]
    assert [row["attempt_id"] for row in rows] == ["a1", "long", "a3"] and pages[1] > 1
    assert [int(row["first_page"]) for row in rows] == [1, 2, 2 + pages[1]]
    assert len(reader.pages) == sum(pages)


@contextmanager
def files_no_larger_than(size):
    """The operating system refuses larger files, as it does on a full disk."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_when_the_disk_refuses_the_letter_is_not_taken_and_may_come_again(tmp_path):
    async def act(channel):
        with files_no_larger_than(4096):
            refused = await (await channel.hand_over(message("a1")))
        return refused, await (await channel.hand_over(message("a1")))

    (refused, again), _ = run(tmp_path, act)

    assert (refused.kind, again.kind) == ("later", "accepted")
    assert [row["attempt_id"] for batch in batches(tmp_path) for row in index_of(batch)] == ["a1"]


TAKES_UNTIL_KILLED = """
import asyncio, sys
from pathlib import Path
from tests.dispatch.channels.test_letter import SETTINGS, installation, message
from arrears.dispatch.channels.letter import open_channel

async def main():
    channel = open_channel({**SETTINGS, "batch_letters": 3, "merged": sys.argv[3] == "merged"}, installation(Path(sys.argv[1])))
    async def record(returned): ...
    await channel.open(record)
    for number in range(1000):
        attempt = f"{sys.argv[2]}-{number}"
        answer = await (await channel.hand_over(message(attempt)))
        print(attempt, answer.kind, flush=True)

asyncio.run(main())
"""


@pytest.mark.parametrize("form", ["single", "merged"])
def test_after_a_kill_every_letter_answered_for_is_in_exactly_one_batch(tmp_path, form):
    accepted = []
    for life, letters in enumerate((2, 6)):
        process = subprocess.Popen(
            [sys.executable, "-c", TAKES_UNTIL_KILLED, str(tmp_path), str(life), form],
            stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        )  # fmt: skip
        accepted += [process.stdout.readline().split() for _ in range(letters)]
        process.send_signal(signal.SIGKILL)
        accepted += [line.split() for line in process.communicate()[0].splitlines() if line.endswith("accepted")]

    hand_over(tmp_path, [])

    printed = [row["attempt_id"] for batch in batches(tmp_path) for row in index_of(batch)]
    assert {kind for _, kind in accepted} == {"accepted"}
    assert {attempt for attempt, _ in accepted} <= set(printed)
    assert len(printed) == len(set(printed))
    assert all((batch / "manifest.json").exists() for batch in batches(tmp_path))
    assert list((tmp_path / "letters/open").iterdir()) == []


def test_a_batch_that_was_closed_but_not_cleared_away_is_not_closed_again(tmp_path):
    hand_over(tmp_path, [message("a1")])
    (batch,) = batches(tmp_path)
    left = tmp_path / "letters/open" / batch.name / "letters"
    left.mkdir(parents=True)
    (left / "a1.pdf").write_bytes((batch / "letters/a1.pdf").read_bytes())

    hand_over(tmp_path, [])

    assert batches(tmp_path) == [batch]
    assert list((tmp_path / "letters/open").iterdir()) == []


def test_what_the_house_says_is_recorded_once_and_the_file_is_put_away_with_its_faults(tmp_path):
    hand_over(tmp_path, [message("a1"), message("a2"), message("a3")])
    lines = ["attempt_id,outcome,date,detail", "a1,妥投,2026-11-27,", "a2,Returned,2026-11-28T09:30:00+08:00,moved",
             "a3,printed,2026-11-25,", "a9,delivered,2026-11-27,", "a1,eaten,2026-11-27,", "a1,delivered,yesterday,"]  # fmt: skip
    (tmp_path / "letters/returned/house.csv").write_text("\n".join(lines), "utf-8")

    async def act(channel):
        await channel.read_returned()
        return await channel.read_returned()

    again, recorded = run(tmp_path, act)

    told = [(each.kind, each.attempt_id, each.outcome, each.at.isoformat(), each.detail) for each in recorded]
    faults = (tmp_path / "letters/returned/done/house.faults.txt").read_text("utf-8").splitlines()
    assert told == [
        ("receipt", "a1", "delivered", "2026-11-27T00:00:00+00:00", ""),
        ("receipt", "a2", "failed", "2026-11-28T01:30:00+00:00", "moved"),
    ]
    assert again == 0
    assert [fault.split(": ")[0:2] for fault in faults] == [
        ["house.csv:5", "attempt_id"], ["house.csv:6", "outcome"], ["house.csv:7", "date"],
    ]  # fmt: skip
    assert [path.name for path in (tmp_path / "letters/returned").glob("*.csv")] == []


def test_no_cell_of_the_index_is_a_formula(tmp_path):
    gathered = tmp_path / "open/b1"
    (gathered / "letters").mkdir(parents=True)
    (gathered / "letters/a1.pdf").write_bytes(b"x")
    row = Row(1, "a1", 1, "a4", "=HYPERLINK(1)", "+1", "0" * 64)

    closed = close_batch(gathered, tmp_path / "2026-11-24/b1", [row], None, datetime(2026, 11, 24, tzinfo=UTC))

    (line,) = index_of(closed)
    assert (line["country"], line["postcode"]) == ("'=HYPERLINK(1)", "'+1")


@pytest.mark.parametrize(
    ("settings", "field"),
    [
        ({"paper": None}, "paper"),
        ({"country": "XX"}, "country"),
        ({"batch_letters": 0}, "batch_letters"),
        ({"verify_url": "https://www.example.cn"}, "verify_url"),
        ({"payment": {"zh": ["账号"]}}, "payment"),
        ({"time_zone": "Mars"}, "time_zone"),
        ({"colour": True}, "colour"),
    ],
)
def test_settings_that_cannot_work_are_refused_by_name(tmp_path, settings, field):
    with pytest.raises(Refusal) as refusal:
        open_channel({**SETTINGS, **settings}, installation(tmp_path))

    assert refusal.value.findings[0].field == f"channels.letter.{field}"


def test_a_folder_that_cannot_be_written_is_refused(tmp_path):
    Path(tmp_path / "letters").write_text("in the way")

    with pytest.raises(Refusal) as refusal:
        hand_over(tmp_path, [])

    assert refusal.value.findings[0].code == "letter_folder"
