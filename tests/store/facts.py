"""Facts of a few accounts, small enough to read: what the tests of the store put in and expect back."""

from datetime import UTC, date, datetime

from arrears.facts import schema
from arrears.facts.schema import Facts

NOON = datetime(2026, 10, 1, 4, tzinfo=UTC)


def account(name="A1", **other):
    """One account with two instalments, a borrower with every kind of personal data, and three events."""
    accounts = [{"account_id": name, "borrower_id": f"B-{name}", "product": "small", "law": "cn", "currency": "CNY",
                 "principal": 200_00, "opened_on": date(2026, 7, 1), **other}]  # fmt: skip
    instalments = [
        {
            "account_id": name,
            "number": n,
            "due_on": date(2026, 7 + n, 1),
            "principal": 100_00,
            "interest": 5_00,
            "fee": 0,
        }
        for n in (1, 2)
    ]
    people = [{
        "account_id": name, "person_id": f"P-{name}", "role": "borrower", "name": "示例甲", "language": "zh-CN",
        "time_zone": "Asia/Shanghai", "other_zones": ["Asia/Urumqi"], "phones": ["+8610000000001"],
        "emails": ["a@example.org"], "addresses": [{"text": "示例市样板路1号", "lat": 31.2, "lon": 121.5}],
    }]  # fmt: skip
    events = [
        event(name, "E1", "payment", amount=50_00),
        event(name, "E2", "contact", person_id=f"P-{name}", channel="sms", direction="out", outcome="sent",
              data='{"number": "+8610000000001", "purpose": "collection"}'),
        event(name, "E3", "promise", amount=55_00, data='{"by": "2026-10-20"}'),
    ]  # fmt: skip
    return facts(accounts, instalments, people, events)


def event(account_id, event_id, kind, **other):
    """One event at noon in Shanghai, known at once."""
    return {"event_id": event_id, "account_id": account_id, "at": NOON, "recorded_at": NOON, "kind": kind, **other}


def facts(accounts=(), instalments=(), people=(), events=()):
    """Rows as facts."""
    return Facts(
        schema.frame("accounts", list(accounts)), schema.frame("instalments", list(instalments)),
        schema.frame("events", list(events)), schema.frame("people", list(people)),
    )  # fmt: skip
