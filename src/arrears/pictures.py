"""Two pictures of one account on one day: by what was known at an earlier moment, and by everything known now; and what differs.

A payment that became known late, a reversal, a promise written down the day after: nothing derived is stored, so both pictures are
computed from the facts, and the difference is what those facts changed.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from arrears import money
from arrears.account import Account, as_json
from arrears.facts.schema import CATEGORIES
from arrears.notice.language import amount_text
from arrears.show import columns, local_time
from arrears.words import word

#: Fields of `explain --json` that are held against each other.
COMPARED = ("days_past_due", "oldest_due_on", "due", "credit", "payoff", "paid", "stage", "decision")
_MONEY = ("due_fee", "due_penalty", "due_interest", "due_principal", "due_total", "credit", "payoff", "paid_total")


def both_pictures(then: Account, now: Account, language: str) -> dict[str, Any]:
    """What `explain --known-at K --json` adds to the picture at K: `now_known`, `differences` by field, `learned_since`."""
    before, after = as_json(then, language), as_json(now, language)
    changed = {name: {"known_at": before[name], "now": after[name]} for name in COMPARED if before[name] != after[name]}
    return {"now_known": after, "differences": changed, "learned_since": list(learned_since(then, now))}


def learned_since(then: Account, now: Account) -> Iterator[dict[str, Any]]:
    """Events up to as_of that were recorded after the earlier moment, in order of their recording; amounts as decimal strings."""
    if then.known_at is None:
        return
    upto = now.replayed.packed.as_on[0]
    events = now.replayed.typed.events.sort("recorded_at", "at", "event_id")
    for event in events.iter_rows(named=True):
        if event["recorded_at"] > then.known_at and event["on"] <= upto:
            yield {
                "event": event["event_id"], "kind": event["kind"], "channel": event["channel"],
                "at": event["at"].isoformat(), "recorded_at": event["recorded_at"].isoformat(),
                "amount": None if event["amount"] is None else money.to_text(event["amount"], now.currency),
            }  # fmt: skip


def comparison(then: Account, now: Account, language: str) -> str:
    """Both pictures side by side, and what became known in between; for people."""
    learned = list(learned_since(then, now))
    rows = [word("learned", language) if learned else word("nothing_learned", language)]
    rows += [f"  - {text}" for text in _learned(learned, now, language)]
    if then.refused or now.refused:
        return "\n".join(rows) + "\n"
    head = ["", *(word(name, language) for name in ("then", "now", "difference"))]
    rows += ["", word("differences", language), *columns([head, *_figures(then, now, language)], (1, 2, 3))]
    return "\n".join(rows) + "\n"


def _learned(learned: list[dict[str, Any]], now: Account, language: str) -> Iterator[str]:
    events = {event["event_id"]: event for event in now.replayed.typed.events.iter_rows(named=True)}
    for item in learned:
        event = events[item["event"]]
        amount = "" if event["amount"] is None else f" {amount_text(event['amount'], now.currency, language)}"
        happened, recorded = (local_time(event[name], now.zone) for name in ("at", "recorded_at"))
        kind = word("kinds", language)[event["kind"]]
        yield word("learned_event", language, kind=kind, amount=amount, at=happened, recorded=recorded)


def _figures(then: Account, now: Account, language: str) -> Iterator[list[str]]:
    """Rows of the table: a figure under both pictures, and the difference where there is one."""
    one, two = then.replayed.position, now.replayed.position
    days = two["days_past_due"] - one["days_past_due"]
    yield [
        word("days_past_due", language),
        str(one["days_past_due"]),
        str(two["days_past_due"]),
        f"{days:+d}" if days else "",
    ]
    due = [str(row["oldest_due_on"] or "–") for row in (one, two)]
    yield _changed(word("oldest", language), due, language)
    for name in _MONEY:
        before, after = int(one[name]), int(two[name])
        change = (
            f"{'+' if after > before else ''}{money.to_shown(after - before, now.currency)}" if after != before else ""
        )
        shown = [money.to_shown(amount, now.currency) for amount in (before, after)]
        yield [_money_word(name, language), *shown, change]
    tongue = "zh" if language == "zh-CN" else "en"
    stages = [account.decision.stage_name.get(tongue, "") for account in (then, now)]
    yield _changed(word("stage", language), stages, language)
    actions = [account.decision.action for account in (then, now)]
    names = [action.name.get(tongue, action.id) if action else word("nothing", language) for action in actions]
    yield _changed(word("decision", language), names, language)


def _changed(label: str, both: list[str], language: str) -> list[str]:
    return [label, *both, word("changed", language) if both[0] != both[1] else ""]


def _money_word(name: str, language: str) -> str:
    category = name.removeprefix("due_")
    return str(word(f"due_{category}" if category in CATEGORIES else {"due_total": "due"}.get(name, name), language))
