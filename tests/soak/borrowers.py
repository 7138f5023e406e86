"""The borrowers of the soak: two loans each under the law of Massachusetts, and three text messages a loan where the law allows two a week.

So the limit bites in every run, and an attempt of unknown end that were not counted as a contact would let a third message out.
"""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

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
#: Ten in the morning in Boston, on the day after the night; the soak's clocks start here.
MORNING = datetime(2026, 11, 24, 15, 0, tzinfo=UTC)
OPENS, CLOSES = MORNING - timedelta(hours=2), MORNING + timedelta(hours=11)
ACTIONS = ("text_1", "text_2", "text_3")
#: 940 CMR 7.04(1)(f): so many for each debt within any seven days.
MOST = 2
LENDER = Lender("bank", {"zh": "示例消费金融", "en": "Example Finance"}, "+18000000000", "https://pay.example.com")
HELD_AT_ONCE = 900


def account_id(number):
    return f"A{number:06d}"


def person_id(number):
    """Two loans a person."""
    return f"P{number // 2:06d}"


def phone(number):
    return f"+1617{number // 2:07d}"


def facts_of(numbers):
    """One instalment of 1,000.00 a loan, due five days before the night, unpaid."""
    numbers, due_on = list(numbers), NIGHT - timedelta(days=5)
    rows = {
        "accounts": [
            {"account_id": account_id(n), "borrower_id": person_id(n), "product": "loan", "law": "us", "currency": "USD",
             "principal": 100_000, "opened_on": due_on - timedelta(days=31), "lender_kind": "consumer_finance"}
            for n in numbers
        ],
        "instalments": [
            {"account_id": account_id(n), "number": 1, "due_on": due_on, "principal": 100_000, "interest": 1000, "fee": 0}
            for n in numbers
        ],
        "people": [
            {"account_id": account_id(n), "person_id": person_id(n), "role": "borrower", "name": "Ann Doe", "language": "en",
             "time_zone": "America/New_York", "region": "US-MA", "phones": [phone(n)], "emails": []}
            for n in numbers
        ],
    }  # fmt: skip
    frames = {name: schema.frame(name, found) for name, found in rows.items()}
    return Facts(frames["accounts"], frames["instalments"], schema.empty("events"), frames["people"])


def work_list(numbers):
    """The night's list: each text message of each loan."""
    lines = [
        {"account_id": account_id(n), "person_id": person_id(n), "action": action, "channel": "sms", "stage": "reminder",
         "gain": 12.0 - place, "not_before": OPENS, "not_after": CLOSES, "staff": None}
        for place, action in enumerate(ACTIONS)
        for n in numbers
    ]  # fmt: skip
    columns = dict.fromkeys(("account_id", "person_id", "action", "channel", "stage", "staff"), pl.String)
    schema_of = {**columns, "gain": pl.Float64, "not_before": schema.INSTANT, "not_after": schema.INSTANT}
    return NightList(
        "soak", NIGHT, None, {"us": {"name": "us-soak", "sha256": ""}}, pl.DataFrame(lines, schema=schema_of)
    )


def fill(store, personal, accounts, chunk=5000):
    """Borrowers of so many loans into the store, findable by number, and their messages into the outbox."""
    for start in range(0, accounts, chunk):
        part = range(start, min(accounts, start + chunk))
        with store.hold_all(), store.begin() as connection:
            record(connection, facts_of(part), personal)
            reach = [Reachable(account_id(n), person_id(n), "US", [phone(n)], []) for n in part]
            note_reach(connection, personal, reach)
    with store.begin() as connection:
        enqueue(connection, work_list(range(accounts)), MORNING)


def rules():
    return Rules({"loan": (Terms(),)}, ladders_of([Path(__file__).with_name("ladder.yaml")]))


def writer():
    return Writer(House(LENDER, verify_at="https://pay.example.com/v"), key=b"k" * 32)
