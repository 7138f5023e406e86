"""The answer of `arrears legal freeze`, in words and as JSON: what is frozen, what must be left, what may be asked for, and when a release is due."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

from arrears import money
from arrears.facts.beside import yaml_beside
from arrears.legal.debt import Debt
from arrears.legal.freeze import Freeze, Frozen


@cache
def _words() -> dict[str, Any]:
    content: dict[str, Any] = yaml_beside("arrears.legal", "freeze.yaml")["words"]
    return content


def _word(name: str, language: str, **figures: object) -> str:
    return str(_words()[name]["zh" if language == "zh-CN" else "en"]).format(**figures)


def lines_of(debt: Debt, found: Frozen, living_minor: int | None, persons: int, language: str) -> Iterator[str]:
    """The answer line by line. `living_minor`: the local minimum a person a month; `persons`: the debtor and dependants."""
    yield _word("court_only", language)
    if not found.freezes:
        yield _word("none", language)
    for one in found.freezes:
        yield _one(one, debt, found, language)
    yield _word("owed", language, owed=_shown(found.owed_minor, debt), frozen=_shown(found.frozen_minor, debt))
    if found.above_minor and not found.release_due:
        yield _word("above", language, above=_shown(found.above_minor, debt))
    if living_minor is None:
        yield _word("living_unknown", language)
    else:
        yield _word(
            "living",
            language,
            persons=persons,
            one=_shown(living_minor, debt),
            all=_shown(living_minor * persons, debt),
        )
    yield _word("release_due" if found.release_due else "release_on_payment", language)
    yield _word("debtor_may", language)
    yield from (
        f"[{clause.id}] {clause.says['zh' if language == 'zh-CN' else 'en']} ({clause.source})"
        for clause in found.clauses
    )


def as_json(debt: Debt, found: Frozen, living_minor: int | None, persons: int, language: str) -> dict[str, Any]:
    """The answer as JSON; amounts as decimal strings."""
    currency = str(debt.row["currency"])
    left = None if living_minor is None else money.to_text(living_minor * persons, currency)
    return {
        "account": debt.account_id, "law": debt.law, "as_of": debt.as_of.isoformat(), "currency": currency,
        "owed": money.to_text(found.owed_minor, currency), "frozen": money.to_text(found.frozen_minor, currency),
        "above": money.to_text(found.above_minor, currency), "left_to_live_a_month": left, "release_due": found.release_due,
        "freezes": [
            {"event": one.event_id, "on": one.on.isoformat(), "holder": one.holder, "court": one.court,
             "amount": None if one.amount_minor is None else money.to_text(one.amount_minor, currency),
             "ends_on": one.ends_on.isoformat() if one.ends_on else None,
             "released_on": one.released_on.isoformat() if one.released_on else None, "runs": one.runs_on(found.on)}
            for one in found.freezes
        ],
        "clauses": [clause.as_json(language) for clause in found.clauses],
        "lines": list(lines_of(debt, found, living_minor, persons, language)),
    }  # fmt: skip


def _one(one: Freeze, debt: Debt, found: Frozen, language: str) -> str:
    holder = _word(one.holder, language) if one.holder in _words() else one.holder
    amount = _word("amount_unknown", language) if one.amount_minor is None else _shown(one.amount_minor, debt)
    state = (
        "released" if one.released_on and one.released_on <= found.on else "runs" if one.runs_on(found.on) else "ended"
    )
    return _word(
        state, language, on=one.on, holder=holder, amount=amount, ends=one.ends_on or "-", released=one.released_on
    )


def _shown(minor: int, debt: Debt) -> str:
    return f"{money.to_shown(minor, str(debt.row['currency']))} {debt.row['currency']}"
