"""Random facts of one account: every option of the terms, every kind of event."""

import json
from datetime import UTC, date, datetime, timedelta

from hypothesis import strategies as st

from arrears.facts import schema
from arrears.facts.schema import Facts
from arrears.replay import Terms

OPENED = date(2023, 11, 15)
HORIZON = 500
BASES = ["actual/365", "actual/360", "actual/actual", "30/360"]
AMOUNTS = st.one_of(st.integers(1, 3000), st.integers(1, 200_000), st.just(100_000))
FREEZES = st.lists(st.sampled_from(["interest", "penalty", "late_fee"]), unique=True)
ORDERS = st.permutations(["fee", "penalty", "interest", "principal"]).map(tuple)


@st.composite
def terms(draw):
    return Terms(
        interest_method=draw(st.sampled_from(["scheduled", "daily"])),
        interest_rate_ppm=draw(st.sampled_from([0, 180_000, 156_000, 99_999])),
        interest_basis=draw(st.sampled_from(BASES)),
        interest_on_overdue=draw(st.sampled_from(["continues", "stops"])),
        penalty_rate_ppm=draw(st.sampled_from([0, 234_000, 500_000, 73_001])),
        penalty_basis=draw(st.sampled_from(BASES)),
        penalty_on=draw(st.sampled_from(["principal", "principal_and_interest"])),
        penalty_from=draw(st.sampled_from(["due", "grace_end"])),
        penalty_grace_days=draw(st.sampled_from([0, 0, 3, 10, 40])),
        penalty_compound=draw(st.booleans()),
        late_fee_minor=draw(st.sampled_from([0, 0, 500])),
        late_fee_percent_ppm=draw(st.sampled_from([0, 0, 50_000, 33_333])),
        late_fee_max_minor=draw(st.sampled_from([None, 2000])),
        late_fee_grace_days=draw(st.sampled_from([0, 5])),
        first_day=draw(st.sampled_from(["day_after", "due_day"])),
        past_due_grace_days=draw(st.sampled_from([0, 0, 3])),
        tolerance_minor=draw(st.sampled_from([0, 0, 100])),
        allocation=draw(ORDERS),
        allocation_after_days=draw(st.sampled_from([None, 0, 30])),
        allocation_after=draw(ORDERS),
        allocate_by=draw(st.sampled_from(["debt", "instalment"])),
        rounding=draw(st.sampled_from(["half_even", "half_up", "down"])),
    )


@st.composite
def instalments(draw):
    count = draw(st.integers(1, 6))
    step = draw(st.sampled_from([10, 30, 31]))
    first = OPENED + timedelta(days=draw(st.integers(1, 60)))
    return [
        {"number": n + 1, "due_on": first + timedelta(days=n * step), "principal": draw(st.sampled_from([100_000, 33_333, 1, 0])),
         "interest": draw(st.sampled_from([0, 1200, 777])), "fee": draw(st.sampled_from([0, 0, 250]))}
        for n in range(count)
    ]  # fmt: skip


KINDS = (
    ["payment"] * 6
    + [
        "fee",
        "waiver",
        "adjustment",
        "refund",
        "charge_off",
        "plan",
        "plan_cancelled",
        "hardship_granted",
        "breathing_space",
    ]
    + ["pause_ended", "promise", "promise", "payment_reversed", "payment_reversed", "contact", "dispute_opened"]
)


#: Kinds that say something of a person; in the tests of money they are rare.
OF_PEOPLE = [
    "represented", "cease", "opt_out", "opt_out", "consent", "vulnerable", "deceased", "bankruptcy", "contact_invalid", "dispute_opened",
    "dispute_closed", "complaint_opened", "complaint_closed", "hardship_requested", "hardship_granted", "hardship_refused",
    "breathing_space", "pause_ended", "promise", "payment",
]  # fmt: skip
#: Who stands to the account in which role; the first borrower by id is not the first told.
PEOPLE = [
    {"person_id": "P2", "role": "borrower", "phones": ["+8613800000002"]}, {"person_id": "P1", "role": "borrower", "phones": ["+8613800000001"]},
    {"person_id": "G1", "role": "guarantor"}, {"person_id": "T1", "role": "third_party"}, {"person_id": "R1", "role": "representative"},
]  # fmt: skip


@st.composite
def told_of_people(draw, most=8):
    """Events each of which may name a person, and the people of the account."""
    rows = []
    for number in range(draw(st.integers(0, most))):
        day = OPENED + timedelta(days=draw(st.integers(1, 200)))
        at = datetime(day.year, day.month, day.day, draw(st.integers(0, 23)), tzinfo=UTC)
        row = draw(event(f"N{number:02d}", at, rows, OF_PEOPLE))
        channel = draw(st.sampled_from([None, "sms", "email", "visit"]))
        person = draw(st.sampled_from([None, "P1", "P1", "P2", "P2", "G1", "T1", "R1", "unknown"]))
        rows.append({**row, "channel": channel, "person_id": person})
    return rows, draw(st.lists(st.sampled_from(PEOPLE), unique_by=lambda person: person["person_id"]))


@st.composite
def events(draw, most=10):
    rows = []
    for number in range(draw(st.integers(0, most))):
        day = OPENED + timedelta(days=draw(st.integers(0, HORIZON)))
        at = datetime(day.year, day.month, day.day, draw(st.integers(0, 23)), tzinfo=UTC)
        rows.append(draw(event(f"E{number:02d}", max(at, datetime(2023, 11, 15, 1, tzinfo=UTC)), rows)))
    return rows


@st.composite
def event(draw, event_id, at, earlier, kinds=KINDS):
    kind = draw(st.sampled_from(kinds))
    day = at.date()
    row = {
        "event_id": event_id,
        "at": at,
        "recorded_at": at + timedelta(days=draw(st.integers(0, 40))),
        "kind": kind,
        "amount": None,
        "ref": None,
    }
    data = {}
    if kind in ("payment", "fee", "refund"):
        row["amount"] = draw(AMOUNTS)
        if kind == "payment" and draw(st.booleans()):
            data["prepay"] = draw(st.booleans())
    elif kind == "adjustment":
        row["amount"] = draw(AMOUNTS) * draw(st.sampled_from([1, -1]))
        data["category"] = draw(st.sampled_from(schema.CATEGORIES))
    elif kind == "waiver":
        row["amount"] = draw(st.one_of(st.none(), AMOUNTS))
        data["category"] = draw(st.sampled_from(schema.CATEGORIES))
    elif kind == "charge_off":
        data["freeze"] = draw(FREEZES)
    elif kind == "payment_reversed":
        paid = [e["event_id"] for e in earlier if e["kind"] == "payment"]
        if not paid:
            return {**row, "kind": "contact", "data": None}
        row["ref"] = draw(st.sampled_from(paid))
        row["amount"] = draw(st.one_of(st.none(), AMOUNTS))
    elif kind in ("hardship_granted", "breathing_space"):
        first = day + timedelta(days=draw(st.integers(-20, 20)))
        data = {"from": first.isoformat()} if draw(st.booleans()) else {}
        if draw(st.booleans()):
            data["until"] = (max(first, day) + timedelta(days=draw(st.integers(0, 60)))).isoformat()
        if draw(st.booleans()):
            data["freeze"] = draw(FREEZES)
    elif kind == "pause_ended":
        named = [e["event_id"] for e in earlier if e["kind"] in ("hardship_granted", "breathing_space")]
        row["ref"] = draw(st.sampled_from(named)) if named and draw(st.booleans()) else None
    elif kind == "promise":
        row["amount"] = draw(AMOUNTS)
        data["by"] = (day + timedelta(days=draw(st.integers(0, 30)))).isoformat()
    elif kind == "plan":
        data = draw(plan(day))
    row["data"] = json.dumps(data) if data else None
    return row


@st.composite
def plan(draw, day):
    first = day + timedelta(days=draw(st.integers(2, 40)))
    due = [first + timedelta(days=30 * n) for n in range(draw(st.integers(1, 4)))]
    return {
        "instalments": [{"due_on": d.isoformat(), "principal": draw(st.sampled_from([50_000, 7_777])), "interest": draw(st.sampled_from([0, 300])),
                         "fee": draw(st.sampled_from([0, 100]))} for d in due],
        "freeze": draw(FREEZES), "include": draw(st.lists(st.sampled_from(["fee", "penalty"]), unique=True)),
        "waive": draw(st.dictionaries(st.sampled_from(schema.CATEGORIES), st.one_of(st.just("all"), AMOUNTS), max_size=2)),
        "grace_days": draw(st.sampled_from([0, 5])),
        **draw(st.sampled_from([{}, {"repair_days": 0}, {"repair_days": 10}, {"repair_days": 40}])),
    }  # fmt: skip


def as_facts(accounts, people=()):
    """Facts of several accounts from (terms, instalments, events) each; `people` of the first of them."""
    tables = {name: [] for name in schema.TABLES}
    all_terms = {}
    for number, (own, schedule, happened) in enumerate(accounts):
        account_id = f"A{number:04d}"
        all_terms[account_id] = (own,)
        tables["accounts"].append({"account_id": account_id, "product": account_id, "law": "cn", "currency": "CNY", "opened_on": OPENED,
                                   "principal": sum(row["principal"] for row in schedule)})  # fmt: skip
        tables["instalments"] += [{"account_id": account_id, **row} for row in schedule]
        tables["events"] += [{"account_id": account_id, **row} for row in happened]
    tables["people"] = [{"account_id": "A0000", **person} for person in people]
    frames = {name: schema.frame(name, rows) for name, rows in tables.items()}
    return Facts(frames["accounts"], frames["instalments"], frames["events"], frames["people"], all_terms)


ACCOUNTS = st.tuples(terms(), instalments(), events())
AS_OF = st.integers(0, HORIZON + 60).map(lambda n: OPENED + timedelta(days=n))


@st.composite
def planned(draw):
    """An account under a plan with repair days, and payments about as large as its instalments, some late."""
    first = OPENED + timedelta(days=draw(st.integers(20, 40)))
    due = [first + timedelta(days=30 * n) for n in range(draw(st.integers(1, 4)))]
    agreed = {
        "instalments": [{"due_on": day.isoformat(), "principal": 10_000, "interest": 0, "fee": draw(st.sampled_from([0, 100]))} for day in due],
        "include": ["fee", "penalty"], "grace_days": draw(st.sampled_from([0, 5])), "repair_days": draw(st.sampled_from([0, 1, 10, 40])),
    }  # fmt: skip
    rows = [_fact("E00", 10, "plan", None, agreed)]
    for number in range(1, draw(st.integers(1, 6))):
        rows.append(
            _fact(
                f"E{number:02d}",
                draw(st.integers(11, 200)),
                "payment",
                draw(st.sampled_from([10_000, 10_100, 20_000, 4_000])),
                {},
            )
        )
    if draw(st.integers(0, 9)) == 0:
        rows.append(_fact("E90", draw(st.integers(30, 150)), "adjustment", 500, {"category": "principal"}))
    return draw(terms()), draw(instalments()), rows


def _fact(event_id, day, kind, amount, data):
    at = datetime(2023, 11, 15, 2, tzinfo=UTC) + timedelta(days=day)
    return {
        "event_id": event_id,
        "at": at,
        "recorded_at": at,
        "kind": kind,
        "amount": amount,
        "ref": None,
        "data": json.dumps(data) if data else None,
    }


PLANNED = planned()
