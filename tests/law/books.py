"""Random books for the law: accounts under every law, people in every zone, histories with everything a clause may ask for."""

import json
from datetime import UTC, date, datetime, timedelta

import polars as pl
from hypothesis import strategies as st

from arrears.facts import schema
from arrears.facts.typed import type_facts
from arrears.law import packs
from arrears.law.windows import columns_read
from arrears.replay.columns import columns

#: How far ahead of UTC the easternmost zone is: a night knows of no contact on the day that it plans, wherever the person is.
EAST = timedelta(hours=11)
ON = date(2026, 3, 9)  # the day after clocks went forward in the United States
BEGIN = datetime(2026, 3, 9, tzinfo=UTC)
ZONES = {
    "cn": ["Asia/Shanghai", "Asia/Urumqi"],
    "us": ["America/New_York", "America/Los_Angeles", "America/Denver"],
    "uk": ["Europe/London"],
    "in": ["Asia/Kolkata"],
    "au": ["Australia/Sydney", "Australia/Perth"],
}
REGIONS = {"us": [None, "US-MA", "US-NY", "US-CA"], "uk": [None, "GB-SCT", "GB-ENG"]}
BASES = [law for law in ZONES if law in packs()]
OUTCOMES = ["no_answer", "conversation", "voicemail", "delivered", "sent", "busy", "refused", "not_in_service"]
OTHER_KINDS = (
    ["dispute_opened"] * 2 + ["dispute_closed", "cease", "opt_out", "opt_out", "consent", "inconvenient", "represented"]
    + ["notice_served"] * 3 + ["hardship_requested", "hardship_refused", "demand", "suit_filed", "contact_invalid"]
)  # fmt: skip
NOTICES = ["validation", "verification", "default_notice", "hardship_refusal", "dispute_answer", "arrears_notice"]
CHANNELS = ["call", "sms", "email", "visit", "letter"]
DAYS = st.integers(0, 40)


@st.composite
def contact(draw):
    row = {"kind": "contact", "channel": draw(st.sampled_from(CHANNELS[:1] * 3 + CHANNELS)),
           "direction": draw(st.sampled_from(["out", "out", "out", "in"])), "outcome": draw(st.sampled_from(OUTCOMES))}  # fmt: skip
    data = {}
    if draw(st.integers(0, 3)) == 0:
        data = {name: draw(value) for name, value in DETAILS.items() if draw(st.booleans())}
    return {**row, "person_id": draw(st.sampled_from([None, None, "P1", "P2"])), "data": data}


DETAILS = {
    "place": st.sampled_from(["work", "home"]), "purpose": st.sampled_from(["location_information", "required_notice"]),
    "by_whom": st.sampled_from(["lender", "agency"]), "party": st.sampled_from(["borrower", "third_party"]),
    "notice": st.sampled_from(NOTICES), "number": st.sampled_from(["+1", "+2"]),
}  # fmt: skip


@st.composite
def other(draw):
    kind, data = draw(st.sampled_from(OTHER_KINDS)), {}
    channel = draw(st.sampled_from([None, "call", "sms"])) if kind in ("opt_out", "consent", "inconvenient") else None
    if kind == "notice_served":
        data = {"notice": draw(st.sampled_from(NOTICES))}
        if draw(st.booleans()):
            data["received_on"] = (ON - timedelta(days=draw(DAYS))).isoformat()
    if kind in ("consent", "inconvenient") and draw(st.booleans()):
        data["hours"] = draw(st.sampled_from([["06:00", "07:30"], ["12:00", "13:00"], ["08:00", "21:00"]]))
    if kind in ("consent", "inconvenient") and draw(st.booleans()):
        data["until"] = (ON + timedelta(days=draw(st.integers(-1, 3)))).isoformat()
    if kind in ("opt_out", "inconvenient") and draw(st.integers(0, 3)) == 0:
        data["number"] = "+1"
    return {"kind": kind, "channel": channel, "person_id": draw(st.sampled_from([None, "P1", "P2"])), "data": data}


@st.composite
def event(draw, most_days=40):
    row = draw(st.one_of(contact(), contact(), other()))
    before = timedelta(days=draw(st.integers(0, most_days)), minutes=draw(st.integers(1, 1439)))
    at = BEGIN - EAST - before
    return {"direction": None, "outcome": None, **row, "at": at, "recorded_at": at,
            "data": json.dumps(row["data"]) if row["data"] else None}  # fmt: skip


@st.composite
def account(draw):
    law = draw(st.sampled_from(BASES))
    zones = ZONES[law]
    standing = {name: draw(st.integers(0, 9)) == 0 for name in FLAGGED}
    standing |= {name: ON + timedelta(days=draw(st.integers(-2, 3))) for name in DATED if draw(st.booleans())}
    return {
        "law": law, "lender_kind": draw(st.sampled_from([None, "bank", "micro_loan"])),
        "product": draw(st.sampled_from(["credit_card", "consumer_loan"])),
        "time_zone": draw(st.sampled_from([None, *zones])),
        "other_zones": draw(st.sampled_from([None, None, None, [zones[-1]]])),
        "region": draw(st.sampled_from(REGIONS.get(law, [None]))), "standing": standing,
        "events": draw(st.lists(event(draw(st.sampled_from([2, 8, 40]))), max_size=8)),
    }  # fmt: skip


FLAGGED = sorted(
    name for name in columns_read() if columns().get(name) == pl.Boolean and not name.startswith("usable_")
)
DATED = sorted(name for name in columns_read() if columns().get(name) == pl.Date)


def book_of(accounts):
    """The accounts as typed facts, and the frame that replay would give, with each one's standing."""
    tables = {name: [] for name in schema.TABLES}
    rows = []
    for number, one in enumerate(accounts):
        name = f"A{number:03d}"
        tables["accounts"].append({"account_id": name, "product": one["product"], "law": one["law"], "currency": "CNY",
                                   "principal": 1, "opened_on": date(2025, 1, 1), "lender_kind": one["lender_kind"]})  # fmt: skip
        for person, role in (("P1", "borrower"), ("P2", "third_party")):
            where = {key: one[key] if role == "borrower" else None for key in ("time_zone", "other_zones", "region")}
            tables["people"].append({"account_id": name, "person_id": person, "role": role, **where})
        for index, happened in enumerate(one["events"]):
            tables["events"].append({"event_id": f"{name}-{index}", "account_id": name, **happened})
        rows.append({**quiet(), **one["standing"], "product": one["product"], "law": one["law"], "currency": "CNY"})
    frames = {name: schema.frame(name, table) for name, table in tables.items()}
    typed = type_facts(frames["accounts"], frames["instalments"], frames["events"], frames["people"])
    kinds = {name: pl.String if isinstance(kind, pl.Enum) else kind for name, kind in columns().items()}
    frame = pl.DataFrame(rows, schema={name: kinds[name] for name in rows[0]}, orient="row", strict=False)
    return typed, frame.with_columns(account_ix=pl.int_range(pl.len(), dtype=pl.Int32)), tables["events"]


def quiet():
    """Columns that clauses read, for an account with nothing going on that can be reached."""
    found = {}
    for name in columns_read() & set(columns()):
        kind = columns()[name]
        found[name] = name.startswith("usable_") if kind == pl.Boolean else 0 if kind.is_integer() else None
    return found
