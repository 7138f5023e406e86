"""Negotiated penalty interest in the words of a page: what was charged, what terms and law allow, what the policy may waive."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from arrears import money, plans
from arrears.errors import Refusal
from arrears.facts.beside import tongue_of
from arrears.facts.schema import Facts
from arrears.law.pages import confirmed_word
from arrears.notice.language import amount_text
from arrears.plans import Policy
from arrears.plans.paper import Sheet, sheet_pdf
from arrears.plans.paper.penalty_letters import as_text, said
from arrears.plans.penalty import Penalty, penalty_of
from arrears.plans.penalty_answer import law_lines, level_lines
from arrears.plans.words import data
from arrears.web.words import penalty_words


@dataclass(frozen=True)
class Asked:
    """What was typed: the amount asked for (minor units) and the reason, or by field what is wrong (`faults` of penalty_words.yaml)."""

    ask_minor: int
    why: str
    faults: Mapping[str, str]


def penalty_on(facts: Facts, account_id: str, on: date, policy: Policy | None) -> Penalty | None:
    """The penalty interest on a day; None where it cannot be computed (a product without terms)."""
    try:
        return penalty_of(facts, account_id, on, policy)
    except Refusal:
        return None


def penalty_shown(found: Penalty, facts: Facts, own_policy: bool, language: str) -> dict[str, Any]:
    """What the template `_penalty.html` takes."""
    words, currency = penalty_words(language), found.owed.currency

    def shown(minor: int) -> str:
        return amount_text(minor, currency, language)

    sums = (
        ("charged", found.charged_minor),
        ("paid", found.paid_minor),
        ("waived", found.waived_minor),
        ("other", found.other_minor),
    )
    policy = (
        words["policy_own" if own_policy else "policy_example"].format(name=found.policy.name[tongue_of(language)])
        if found.policy
        else ""
    )
    return {
        "due": shown(found.due_minor), "is_due": found.due_minor > 0,
        "sums": [(words[name], shown(minor)) for name, minor in sums if minor or name == "charged"],
        "rows": [(charge.text[language], shown(charge.amount_minor)) for charge in found.charges],
        "law": [
            {"text": text, "source": clause.source_in(language) if clause else "",
             "unconfirmed": confirmed_word(clause, language) if clause and clause.confirmed != "read" else ""}
            for text, clause in law_lines(found, language)
        ],
        "levels": list(level_lines(found, language)), "policy": policy or words["no_policy"],
        "why": [(code, text[tongue_of(language)]) for code, text in data("penalty.yaml")["why"].items()],
        "warnings": [said("show", "warning", language), plans.limitation_of(facts, found.owed.account_id, found.owed.on).text(language)],
        "amount_hint": words["amount_hint"].format(most=shown(found.due_minor)),
    }  # fmt: skip


def read_asked(sent: Mapping[str, str], found: Penalty, needed: Collection[str] = ()) -> Asked:
    """What was typed about a request. An empty amount is all that is owed, unless `needed` names it."""
    text, faults, ask = sent.get("amount", "").strip(), {}, found.due_minor
    if text or "amount" in needed:
        minor = read_minor(text, found.owed.currency)
        ask = minor if minor is not None else 0
        if not 0 < ask <= found.due_minor:
            faults["amount"] = "amount"
    if sent.get("why") not in data("penalty.yaml")["why"]:
        faults["why"] = "why"
    return Asked(ask, sent.get("why", ""), faults)


def read_minor(text: str, currency: str) -> int | None:
    """An amount as people write it, in minor units; None if it is none."""
    figures = "".join(sign for sign in text if sign not in ", ¥$£₹€元，￥\u00a0")
    try:
        return money.to_minor(figures, currency)
    except ValueError:
        return None


def letter_file(sheet: Sheet, form: str) -> tuple[bytes, str]:
    """A letter as `pdf` or `txt`, with its media type."""
    if form == "pdf":
        return sheet_pdf(sheet), "application/pdf"
    return as_text(sheet).encode(), "text/plain; charset=utf-8"
