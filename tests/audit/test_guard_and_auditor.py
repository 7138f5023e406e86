"""The guard and the auditor against each other: they share the clauses and no code, so a slip has to be made twice to stay hidden.

`ARREARS_CONTACTS` sets how many contacts are asked for each law (docs/explanation/two-codes-one-law.md has the figures of a long run).
"""

import os

import pytest

from arrears.audit import LogMapping, audit
from arrears.law import packs
from tests.audit.simulation import simulate, write_log

CONTACTS = int(os.environ.get("ARREARS_CONTACTS", "4000"))
STEPS = 25
WORLDS = {
    "cn": ("cn", "lender", [("Asia/Shanghai",)], None),
    "us": (
        "us",
        "agency",
        [("America/New_York",), ("America/New_York", "America/Los_Angeles"), ("America/Phoenix",)],
        None,
    ),
    "us-ma": ("us", "lender", [("America/New_York",)], "US-MA"),
    "uk": ("uk", "lender", [("Europe/London",)], "GB-ENG"),
    "in": ("in", "lender", [("Asia/Kolkata",)], None),
    "au": ("au", "lender", [("Australia/Sydney",), ("Australia/Perth",)], None),
}
THERE = [world for world in WORLDS if world in packs()]


@pytest.mark.parametrize("world", THERE)
def test_the_auditor_finds_nothing_in_what_the_guard_allowed(world, tmp_path):
    people = CONTACTS // STEPS
    crowd, asked, refused = simulate(*WORLDS[world], people, STEPS, 1, guarded=True)
    write_log(crowd, tmp_path / "log.csv")

    found = audit(tmp_path / "log.csv", LogMapping())

    assert asked > 0.7 * CONTACTS and refused
    assert found.counts() == {}


@pytest.mark.parametrize("world", THERE)
def test_with_the_guard_off_the_auditor_finds_what_the_guard_refuses_and_nothing_else(world, tmp_path):
    crowd, _, refused = simulate(*WORLDS[world], CONTACTS // STEPS, STEPS, 2, guarded=False)
    write_log(crowd, tmp_path / "log.csv")

    result = audit(tmp_path / "log.csv", LogMapping())

    found = {(violation.event_id, violation.clause) for violation in result.violations}
    events = {event for event, _, _ in refused}
    planted = {
        (event, clause)
        for event, _, broken in refused
        for clause, kind in broken.items()
        if kind != "limit" and clause not in result.not_shown
    }
    assert len(planted) > 50
    assert planted - found == set()
    assert {event for event, _ in found} - events == set()
