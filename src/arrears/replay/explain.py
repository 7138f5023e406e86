"""The lines of one account's ledger in words: date, what happened, amount, what it went to, balance after, the rule.

The numbers come from the fold itself (`replay_one`); nothing is computed here.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from arrears import money
from arrears.calendar import from_day_number
from arrears.facts.beside import yaml_beside
from arrears.facts.schema import CATEGORIES
from arrears.replay import layout
from arrears.replay.position import Replayed
from arrears.replay.terms import Terms

LANGUAGES = {"zh-CN": "zh", "en": "en"}
_PARTS = (layout.X_FEE, layout.X_PENALTY, layout.X_INTEREST, layout.X_PRINCIPAL)


@dataclass(frozen=True)
class Line:
    """One line of the ledger. Amounts in minor units; `balance_minor` is what is due after it, `owed_minor` the payoff."""

    on: date
    code: str
    text: str
    rule: str
    amount_minor: int
    parts_minor: dict[str, int]
    balance_minor: int
    owed_minor: int
    event_id: str | None

    def as_json(self, currency: str) -> dict[str, Any]:
        """The line as `explain --json` returns it; amounts as decimal strings."""
        parts = {name: money.to_text(part, currency) for name, part in self.parts_minor.items() if part}
        return {
            "on": self.on.isoformat(),
            "text": self.text,
            "amount": money.to_text(self.amount_minor, currency),
            "balance": money.to_text(self.balance_minor, currency),
            "rule": self.rule,
            "code": self.code,
            "to": parts,
            "owed": money.to_text(self.owed_minor, currency),
            "event": self.event_id,
        }


@cache
def words() -> dict[str, Any]:
    """The words of the lines, from words.yaml beside this module."""
    content: dict[str, Any] = yaml_beside("arrears.replay", "words.yaml")
    return content


def lines_in_words(replayed: Replayed, terms: Terms, language: str) -> list[Line]:
    """The explanation lines of a replayed account, in `zh-CN` or `en`."""
    writer = _Writer(replayed, terms, LANGUAGES[language])
    return [writer.line(row) for row in replayed.lines]


class _Writer:
    """Puts raw lines of one account into one language."""

    def __init__(self, replayed: Replayed, terms: Terms, tongue: str) -> None:
        self.tongue, self.terms = tongue, terms
        self.currency = str(replayed.position["currency"])
        self.events = replayed.typed.events["event_id"].to_list()
        self.own_instalments = int(replayed.packed.instalments_at[1])
        self.facts_of_terms = self._facts_of_terms()

    def amount(self, minor: int) -> str:
        return money.to_shown(int(minor), self.currency)

    def word(self, section: str, key: str) -> str:
        return str(words()[section][key][self.tongue])

    def line(self, row: Any) -> Line:
        code = layout.LINE_CODES[row[layout.X_CODE]]
        event = int(row[layout.X_EVENT])
        parts = {name: int(row[column]) for name, column in zip(CATEGORIES, _PARTS, strict=True)}
        key = self.key(code, row, parts)
        return Line(
            on=from_day_number(row[layout.X_ON]),
            code=code,
            text=self.word("lines", key).format_map(self.values(row, parts)),
            rule=self.rule(words()["lines"][key]["rule"]),
            amount_minor=int(row[layout.X_AMOUNT]),
            parts_minor=parts,
            balance_minor=int(row[layout.X_BALANCE]),
            owed_minor=int(row[layout.X_OWED]),
            event_id=self.events[event] if event >= 0 else None,
        )

    def key(self, code: str, row: Any, parts: dict[str, int]) -> str:
        if code == "falls_due" and row[layout.X_ITEM] > self.own_instalments:
            return "plan_falls_due"
        if code == "payment" and not any(parts.values()):
            return "payment_kept"
        return code

    def values(self, row: Any, parts: dict[str, int]) -> dict[str, Any]:
        glue = "、" if self.tongue == "zh" else ", "
        gap = "" if self.tongue == "zh" else " "
        named = [f"{self.word('categories', name)}{gap}{self.amount(part)}" for name, part in parts.items() if part]
        left = int(row[layout.X_AMOUNT]) - sum(parts.values())
        credit = words()["credit"][self.tongue].format(amount=self.amount(left)) if left > 0 else ""
        item = int(row[layout.X_ITEM])
        number = item - self.own_instalments if item > self.own_instalments else item
        return {
            "number": number or words()["item_zero"][self.tongue],
            "parts": glue.join(named) or self.amount(0),
            "credit": credit,
            "amount": self.amount(row[layout.X_AMOUNT]),
            "base": self.amount(row[layout.X_BASE]),
            "days": int(row[layout.X_DAYS]),
            "from": from_day_number(row[layout.X_FROM]),
            "on": from_day_number(row[layout.X_ON]),
        }

    def rule(self, rule: str) -> str:
        return f"{rule}: {self.word('rules', rule).format_map(self.facts_of_terms)}"

    def _facts_of_terms(self) -> dict[str, Any]:
        terms = self.terms
        return {
            "penalty_rate": money.rate_text(terms.penalty_rate_ppm),
            "penalty_basis": self.word("bases", terms.penalty_basis),
            "penalty_on": self.word("terms", terms.penalty_on),
            "penalty_from": self.word("terms", terms.penalty_from),
            "penalty_grace": terms.penalty_grace_days,
            "late_amount": self.amount(terms.late_fee_minor),
            "late_percent": money.rate_text(terms.late_fee_percent_ppm),
            "late_grace": terms.late_fee_grace_days,
            "order": " → ".join(self.word("categories", name) for name in terms.allocation),
            "by": self.word("terms", terms.allocate_by),
            "rate": money.rate_text(terms.interest_rate_ppm),
            "basis": self.word("bases", terms.interest_basis),
        }
