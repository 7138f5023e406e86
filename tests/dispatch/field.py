"""A few overdue accounts in a store, with calls and visits ready in the outbox: what the tests of work that people carry begin with."""

import os
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import insert

from arrears.dispatch.carried import Office
from arrears.dispatch.rules import Rules
from arrears.dispatch.spoken import Speaker
from arrears.facts import schema
from arrears.facts.parts import part_of
from arrears.facts.schema import Facts
from arrears.installation import Lender
from arrears.notice.slots import House
from arrears.notice.writer import Writer
from arrears.replay.terms import Terms
from arrears.store.facts import record
from arrears.store.tables import SLOTS, Work
from arrears.strategy import default_ladder

#: Tuesday, 10:00 in Shanghai: lawful hours for calls and visits.
NOW = datetime(2026, 11, 24, 2, tzinfo=UTC)
NIGHT_AS_OF = datetime(2026, 11, 23, 15, 59, 59, tzinfo=UTC)
OPENS, CLOSES = datetime(2026, 11, 24, 0, tzinfo=UTC), datetime(2026, 11, 24, 14, tzinfo=UTC)
TERMS = Terms.from_mapping(
    {"penalty": {"rate": "0.156", "basis": "actual/360", "on": "principal", "from": "due"}},
    "CNY",
    lambda path: {"field": path},
)
HOUSE = House(Lender("L1", {"zh": "示例消费金融有限公司", "en": "Example Consumer Finance"}, "400-000-0000", "https://example.com",
                     {"zh": "上海市示例路1号", "en": "1 Example Road, Shanghai"}))  # fmt: skip


def put_accounts(store, personal, names, language="zh-CN", places=None, phones=2):
    """Accounts with 10,000.00 past due for 45 days, contacted by SMS, call and letter before; `places`: (lat, lon) by account."""
    accounts, instalments, people, events = [], [], [], []
    for number, name in enumerate(names):
        accounts.append({"account_id": name, "borrower_id": f"B-{name}", "product": "small", "law": "cn", "currency": "CNY",
                         "principal": 1_200_000, "opened_on": date(2026, 7, 1), "lender_kind": "consumer_finance"})  # fmt: skip
        for row, (due_on, principal) in enumerate([(date(2026, 10, 10), 1_000_000), (date(2026, 12, 31), 200_000)], 1):
            instalments.append(
                {"account_id": name, "number": row, "due_on": due_on, "principal": principal, "interest": 0, "fee": 0}
            )
        lat, lon = (places or {}).get(name, (31.23, 121.47 + number / 1000))
        people.append({
            "account_id": name, "person_id": f"P-{name}", "role": "borrower", "name": "李雷", "language": language,
            "time_zone": "Asia/Shanghai", "phones": [f"+86138{number:04d}{index:04d}" for index in range(phones)],
            "addresses": [{"text": f"上海市示例路{number + 1}号\n1单元101室", "lat": lat, "lon": lon}],
        })  # fmt: skip
        for index, channel in enumerate(("sms", "call", "letter")):
            at = datetime(2026, 10, 13 + index, 4, tzinfo=UTC)
            events.append({"event_id": f"E-{name}-{index}", "account_id": name, "person_id": f"P-{name}", "at": at, "recorded_at": at,
                           "kind": "contact", "channel": channel, "direction": "out",
                           "outcome": "no_answer" if channel == "call" else "sent"})  # fmt: skip
    facts = Facts(schema.frame("accounts", accounts), schema.frame("instalments", instalments), schema.frame("events", events),
                  schema.frame("people", people))  # fmt: skip
    with store.hold(names), store.begin() as connection:
        record(connection, facts, personal)


def put_work(store, names, channel="call", gain=None, staff=None, opens=OPENS, closes=CLOSES, days=0):
    """One ready piece of work an account, the first with the largest gain; `days`: of a night so many days later."""
    import polars as pl

    later = timedelta(days=days)
    slots = part_of(pl.Series(list(names)), SLOTS)
    rows = [
        {
            "key": f"{channel}-{name}-{days}".ljust(64, "x"), "night": f"{date(2026, 11, 23) + later} made", "night_as_of": NIGHT_AS_OF + later, "account_id": name,
            "person_id": f"P-{name}", "slot": int(slot), "law": "cn", "strategy": "cn-consumer", "stage": "visit", "action": channel,
            "channel": channel, "staff": staff, "gain": (gain or {}).get(name, 600.0 - number), "not_before": opens + later, "not_after": closes + later,
            "state": "ready", "available_at": opens + later, "attempts": 0, "changed_at": NIGHT_AS_OF,
        }
        for number, (name, slot) in enumerate(zip(names, slots, strict=True))
    ]  # fmt: skip
    with store.begin() as connection:
        connection.execute(insert(Work), rows)


RULES = Rules({"small": (TERMS,)}, {"cn-consumer": default_ladder("cn")})


def office_of(store, personal):
    """An office by the included ladder for mainland China, the lender in its own name."""
    return Office(store, personal, RULES)


def speaker_of(personal):
    """The included words; codes by chance, as they are."""
    return Speaker(Writer(HOUSE, key=b"k" * 32), personal, RULES, os.urandom)


def fact(store, personal, account, kind, at=NOW, **other):
    """Record one fact as everybody does: under the lock of the account."""
    from arrears.store.facts import record_event

    row = {"event_id": f"{kind}-{at.isoformat()}", "account_id": account, "person_id": f"P-{account}", "at": at, "recorded_at": at,
           "kind": kind, **other}  # fmt: skip
    with store.hold([account]), store.begin() as connection:
        record_event(connection, row, personal)


def minutes(number):
    """So many minutes."""
    return timedelta(minutes=number)
