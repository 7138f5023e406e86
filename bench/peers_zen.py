"""The decisions by zen-engine: two JDM decision tables that say what the ladder `cn-consumer` says, one account at a time.

Does: the stage, and the action that is taken. Leaves out: the reasons against every other action, which arrears gives for the same price,
gain and cost of the action, and the bucket. The positions come from arrears and lie in memory as dictionaries; making those is not counted.
"""

from __future__ import annotations

import json
import time
from datetime import date
from itertools import pairwise
from typing import Any

import polars as pl
import zen
from answers import same_decisions
from measured import Measured, Task, peak_bytes

SECONDS = 10.0
BATCH = 1_000

STAGES = (
    ("settled", "closed"),
    ("suit_filed or judgment or enforcement", "court"),
    ("days_past_due >= 90", "legal"),
    ("days_past_due >= 30", "visit"),
    ("days_past_due >= 3", "phone"),
    ("days_past_due >= 1 or due_total > 0", "reminder"),
    ("", "current"),
)

_NOBODY = "not ceased and not represented and not deceased and not bankrupt and not (placed or sold)"
_OPEN = "past_due_total > 0 and not disputed and not paused"
_NO_HARDSHIP = "not (hardship or hardship_requested)"
_NOT_COOPERATING = "promises_open != 1 and not plan_current"
_FAR = "stage in ['phone', 'visit', 'legal']"


def _since(channel: str, days: int) -> str:
    name = f"days_since_last_attempt_{channel}"
    return f"not opted_out_{channel} and ({name} == null or {name} >= {days})"


def _tried(*channels: str) -> str:
    """An attempt on each channel since the oldest unpaid due day (days are numbers; null: never, or nothing unpaid)."""
    return " and ".join(
        f"last_attempt_on_{name} != null and (oldest_due_on == null or last_attempt_on_{name} >= oldest_due_on)"
        for name in channels
    )


#: The furthest action first: the first rule that holds is taken.
ACTIONS = (
    (f"stage == 'legal' and {_OPEN} and {_NOT_COOPERATING} and {_NO_HARDSHIP} and not deceased and not bankrupt "
     "and not (placed or sold) and payoff * 0.12 >= 300 and past_due_total >= 5000", "legal_review"),
    (f"stage in ['visit', 'legal'] and {_OPEN} and {_NOT_COOPERATING} and {_NO_HARDSHIP} and {_NOBODY} and usable_address "
     "and (days_since_last_inbound == null or days_since_last_inbound > 14) and not complaint_open and not vulnerable "
     "and not (suit_filed or judgment or enforcement) and past_due_total * 0.06 >= 260 and past_due_total >= 3000 "
     f"and {_since('visit', 30)} and {_tried('sms', 'call', 'letter')}", "visit"),
    (f"{_FAR} and days_past_due >= 15 and {_OPEN} and {_NOT_COOPERATING} and {_NO_HARDSHIP} and {_NOBODY} and usable_address "
     f"and past_due_total * 0.02 >= 3.5 and {_since('letter', 15)} and {_tried('sms')}", "letter"),
    (f"{_FAR} and {_OPEN} and {_NOT_COOPERATING} and {_NO_HARDSHIP} and {_NOBODY} and usable_phone and not complaint_open "
     f"and past_due_total * 0.03 >= 4 and {_since('call', 2)} and {_tried('sms')}", "call"),
    (f"(stage == 'reminder' or {_FAR}) and {_OPEN} and {_NOBODY} and usable_phone and past_due_total * 0.012 >= 0.05 "
     f"and {_since('sms', 3)}", "sms"),
    (f"stage == 'current' and days_to_next_due != null and days_to_next_due >= 0 and days_to_next_due <= 3 "
     f"and next_due_amount > credit and usable_phone and {_NOBODY} and next_due_amount * 0.002 >= 0.05 and {_since('sms', 3)}",
     "remind_before_due"),
    ("", ""),
)  # fmt: skip


def decisions(task: Task) -> Measured:
    """As many accounts as fit into ten seconds, in batches of a thousand (zen-engine spreads a batch over threads by itself)."""
    contexts, ids = _contexts(task)
    engine = zen.ZenEngine({"loader": {"type": "static", "content": {"ladder": _graph()}}})
    limit = SECONDS / 10 if task.quick else SECONDS
    found: list[dict[str, Any]] = []
    begun = time.perf_counter()
    for start in range(0, len(contexts), BATCH):
        requests = [{"key": "ladder", "context": context} for context in contexts[start : start + BATCH]]
        found += [answer["data"]["result"] for answer in engine.evaluate_batch(requests)]
        seconds = time.perf_counter() - begun
        if seconds > limit:
            break
    peak = peak_bytes()
    given = pl.DataFrame({
        "account_id": ids[: len(found)], "stage": [answer["stage"] for answer in found],
        "action": [answer["action"] or None for answer in found],
    }, schema_overrides={"action": pl.String})  # fmt: skip
    return Measured(
        len(found),
        (seconds,),
        peak,
        same_decisions(task, given),
        note="positions in memory; making their dictionaries not counted",
    )


def _contexts(task: Task) -> tuple[list[dict[str, Any]], list[str]]:
    """What the tables read of each account of the first part: money in yuan, dates as day numbers."""
    from arrears import night, strategy
    from arrears.facts.book import open_book
    from arrears.replay import replay_typed
    from arrears.strategy.decide import major_units

    opened, ladder = open_book(task.book), strategy.default_ladder("cn")
    frame = replay_typed(
        opened.typed(0), night.terms_of(opened), date.fromisoformat(task.as_of), columns=ladder.columns
    )
    read = major_units(frame).with_columns(pl.col(pl.Date).cast(pl.Int32))
    wanted = [name for name in read.columns if any(name in text for text, _ in (*STAGES, *ACTIONS))]
    return read.select(wanted).to_dicts(), frame["account_id"].to_list()


def _graph() -> dict[str, Any]:
    """The JDM: input, stage table, action table, output."""
    nodes = [
        {"id": "in", "type": "inputNode", "name": "position", "position": {"x": 0, "y": 0}},
        _table("stage", STAGES, 1),
        _table("action", ACTIONS, 2),
        {"id": "out", "type": "outputNode", "name": "decision", "position": {"x": 3, "y": 0}},
    ]
    path = ("in", "stage", "action", "out")
    edges = [{"id": f"{a}-{b}", "sourceId": a, "targetId": b, "type": "edge"} for a, b in pairwise(path)]
    return {"nodes": nodes, "edges": edges}


def _table(name: str, rules: tuple[tuple[str, str], ...], x: int) -> dict[str, Any]:
    """A decision table whose first rule that holds is taken."""
    content = {
        "hitPolicy": "first",
        "passThrough": True,
        "inputs": [{"id": "when", "name": "when"}],
        "outputs": [{"id": "then", "name": name, "field": name}],
        "rules": [
            {"_id": f"{name}{index}", "when": when, "then": json.dumps(then)}
            for index, (when, then) in enumerate(rules)
        ],
    }
    return {"id": name, "type": "decisionTableNode", "name": name, "position": {"x": x, "y": 0}, "content": content}
