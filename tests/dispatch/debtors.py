"""A made store for the tests of dispatch: borrowers who are a few days late under Chinese law, and a night's work list for them."""

import os
from datetime import UTC, date, datetime, timedelta

import polars as pl

from arrears.dispatch.outbox import NightList, enqueue
from arrears.dispatch.rules import Rules, ladders_of
from arrears.facts import schema
from arrears.facts.schema import Facts
from arrears.installation import Lender
from arrears.notice.slots import House
from arrears.notice.writer import Writer
from arrears.replay.terms import Terms
from arrears.store.facts import record
from arrears.store.reach import Reachable, note_reach

NIGHT = date(2026, 11, 23)
#: Ten in the morning in Shanghai, on the day after the night.
MORNING = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
TERMS = {"loan": (Terms(),)}
LENDER = Lender("bank", {"zh": "示例消费金融", "en": "Example Finance"}, "+8640000000", "https://pay.example.cn")


def account_id(number):
    return f"A{number:06d}"


def person_id(number):
    return f"P{number:06d}"


def phone(number):
    return f"+86138{number:08d}"


def debtors(numbers):
    """Facts of borrowers by number: one instalment of 1,000.00 due five days before the night, unpaid."""
    numbers = list(numbers)
    due_on = NIGHT - timedelta(days=5)
    accounts = [
        {"account_id": account_id(n), "borrower_id": person_id(n), "product": "loan", "law": "cn", "currency": "CNY",
         "principal": 100_000, "opened_on": due_on - timedelta(days=31), "lender_kind": "consumer_finance"}
        for n in numbers
    ]  # fmt: skip
    instalments = [
        {"account_id": account_id(n), "number": 1, "due_on": due_on, "principal": 100_000, "interest": 1000, "fee": 0}
        for n in numbers
    ]
    people = [
        {"account_id": account_id(n), "person_id": person_id(n), "role": "borrower", "name": "李雷", "language": "zh-CN",
         "time_zone": "Asia/Shanghai", "phones": [phone(n)], "emails": [f"p{n}@example.cn"]}
        for n in numbers
    ]  # fmt: skip
    rows = {"accounts": accounts, "instalments": instalments, "people": people}
    frames = {name: schema.frame(name, found) for name, found in rows.items()}
    return Facts(frames["accounts"], frames["instalments"], schema.empty("events"), frames["people"])


def event(number, kind, at, **more):
    """A row of events for a borrower by number."""
    base = {
        "event_id": f"{kind}-{number}-{at.timestamp()}",
        "account_id": account_id(number),
        "at": at,
        "recorded_at": at,
    }
    return {**base, "kind": kind, **more}


def work_list(numbers, action="sms", channel="sms", key="night-1", as_of=NIGHT, opens=None, closes=None):
    """A night's list: one line for each borrower, lawful from 8 to 21 on the next day."""
    numbers = list(numbers)
    opens = opens or MORNING - timedelta(hours=2)
    closes = closes or MORNING + timedelta(hours=11)
    lines = pl.DataFrame(
        [
            {"account_id": account_id(n), "person_id": person_id(n), "action": action, "channel": channel, "stage": "reminder",
             "gain": 12.0, "not_before": opens, "not_after": closes, "staff": None}
            for n in numbers
        ],
        schema={"account_id": pl.String, "person_id": pl.String, "action": pl.String, "channel": pl.String, "stage": pl.String,
                "gain": pl.Float64, "not_before": schema.INSTANT, "not_after": schema.INSTANT, "staff": pl.String},
    )  # fmt: skip
    ladders = {"cn": {"name": "cn-consumer", "sha256": ""}}
    return NightList(key, as_of, None, ladders, lines)


def fill(store, personal, numbers, enqueued=True, chunk=5000):
    """Put borrowers into the store, findable by number, and tonight's SMS for each into the outbox."""
    numbers = list(numbers)
    for start in range(0, len(numbers), chunk):
        part = numbers[start : start + chunk]
        with store.hold_all(), store.begin() as connection:
            record(connection, debtors(part), personal)
            note_reach(
                connection, personal,
                [Reachable(account_id(n), person_id(n), "cn", [phone(n)], [f"p{n}@example.cn"]) for n in part],
            )  # fmt: skip
    if enqueued:
        with store.begin() as connection:
            enqueue(connection, work_list(numbers), MORNING)


def rules():
    return Rules(TERMS, ladders_of([]))


def writer():
    """Writes with an unsigned short message, as text messages are."""
    return Writer(House(LENDER, verify_at="https://pay.example.cn/v"), key=b"k" * 32)


def shifted(delta):
    """A clock that runs as the wall's does, moved by `delta`."""
    return lambda connection: datetime.now(UTC) + delta


def morning_clock():
    """A clock that starts at the morning after the night."""
    return shifted(MORNING - datetime.now(UTC))


random = os.urandom
