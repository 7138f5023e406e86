"""Why an action was not taken, in words for the borrower (`no_visit.yaml`): the reasons are the ladder's, as `arrears why-not` has them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from arrears import money
from arrears.account import Account
from arrears.advise.said import Figure, Money, Said, filled, read_words
from arrears.notice.language import sentence
from arrears.strategy import NotTaken, Reason
from arrears.strategy.ladder import words as ladder_words


def why_not(account: Account, action_id: str) -> Iterator[Said]:
    """The reasons against an action, each a sentence in both languages; none if it is taken."""
    item = next((item for item in account.decision.not_taken if item.action.id == action_id), None)
    if item is not None:
        yield from (reason_said(account, item, reason) for reason in item.reasons)


def reason_said(account: Account, item: NotTaken, reason: Reason) -> Said:
    """One reason against an action as a sentence for the borrower."""
    template = read_words("no_visit.yaml").get(reason.id)
    said = filled(template, _figures(account, item, reason.figures), account.ladder.law) if template else None
    return said or Said(sentence(reason.zh, "zh-CN"), sentence(reason.en, "en"))


def _figures(account: Account, item: NotTaken, told: Mapping[str, Any]) -> dict[str, Figure]:
    """What the sentences may name, as far as it is known."""
    row, currency = account.replayed.position, account.currency
    found: dict[str, Figure | None] = {
        "gain": _money(item.gain, currency), "cost": _money(item.cost, currency), "least": _money(told.get("least", 0.0), currency),
        "past_due": Money(row["past_due_total"], currency), "days": row["days_past_due"], "oldest_on": row["oldest_due_on"],
        "stage": _both(account.decision.stage_name), "reached_on": told.get("ahead"), "next_on": told.get("next_on"),
        "promised": Money(row["promise_amount"], currency), "promised_on": row["promise_due_on"], "inbound_on": row["last_inbound_on"],
        "missing": _listed(told.get("missing") or ()),
    }  # fmt: skip
    return {name: figure for name, figure in found.items() if figure is not None}


def _money(major: float, currency: str) -> Money:
    """An amount of the ladder, which reckons in major units."""
    return Money(round(major * 10 ** money.decimals(currency)), currency)


def _both(name: Mapping[str, str]) -> Said:
    return Said(name["zh"], name["en"])


def _listed(channels: Any) -> Said | None:
    names, glue = ladder_words()["channels"], ladder_words()["glue"]
    if not channels:
        return None
    zh, en = (str(glue[tongue]).join(names[channel][tongue] for channel in channels) for tongue in ("zh", "en"))
    return Said(zh, en)
