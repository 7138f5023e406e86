"""What a clause asks of the person who calls or visits, in words they can act on, each with its source.

The clauses are those that the guard shows with lawful work (`Verdict.requires`); what a house cannot prove is marked by the clause itself
(`confirmed`), and stays marked here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from arrears.facts.beside import yaml_beside
from arrears.law import Clause
from arrears.law.clause_kinds import Identify, Record, Require, ThirdParty, Visit


@dataclass(frozen=True)
class Duty:
    """One thing to do (`do`) or not to say (`dont`), by language (zh, en), with its clause. `confirmed`: as the clause has it."""

    sort: str
    says: Mapping[str, str]
    clause: str
    source: str
    confirmed: str


def duties_of(clauses: Iterable[Clause]) -> list[Duty]:
    """The duties of all clauses, each said once: two clauses that ask the same stand as one duty with both ids."""
    found: dict[tuple[str, str], Duty] = {}
    for clause in clauses:
        for sort, says in _said(clause):
            known = found.get((sort, says["en"]))
            ids = clause.id if known is None else f"{known.clause}, {clause.id}"
            source = clause.source if known is None else f"{known.source}; {clause.source}"
            confirmed = clause.confirmed if known is None or known.confirmed != "read" else "read"
            found[sort, says["en"]] = Duty(sort, says, ids, source, confirmed)
    return list(found.values())


def people_needed(clauses: Iterable[Clause]) -> int:
    """How many persons must go together by these clauses; 1 where none says so."""
    return max((clause.rule.staff for clause in clauses if isinstance(clause.rule, Visit)), default=1)


def _said(clause: Clause) -> list[tuple[str, Mapping[str, str]]]:
    rule = clause.rule
    if isinstance(rule, Visit):
        return [("do", words) for words in _of_visit(rule)]
    if isinstance(rule, Identify):
        return [
            *(("do", _told("disclose", item)) for item in rule.disclose),
            *(("dont", item) for item in rule.withhold),
        ]
    if isinstance(rule, Require):
        return [("do", words) for words in _observed(rule.observe)]
    if isinstance(rule, ThirdParty):
        return [("do", rule.may_say)] if rule.may_say else []
    if isinstance(rule, Record):
        return [
            (
                "do",
                {tongue: text.format(what=_listed(rule.what, tongue)) for tongue, text in phrases()["record"].items()},
            )
        ]
    return []


def _of_visit(rule: Visit) -> list[Mapping[str, str]]:
    asked: list[Mapping[str, str]] = []
    if rule.staff > 1:
        asked.append({tongue: text.format(staff=rule.staff) for tongue, text in phrases()["staff"].items()})
    asked += [phrases()[name] for name in ("show_id", "consent_to_enter", "recorded") if getattr(rule, name)]
    if rule.notice_days is not None:
        asked.append({tongue: text.format(days=rule.notice_days) for tongue, text in phrases()["notice_days"].items()})
    return asked


def _observed(observe: Mapping[str, Any]) -> list[Mapping[str, str]]:
    """What is to be observed: words, or words by a name each."""
    parts = [observe] if "zh" in observe else list(observe.values())
    return [part for part in parts if isinstance(part, Mapping) and part.get("zh") and part.get("en")]


def _told(name: str, item: Mapping[str, str]) -> Mapping[str, str]:
    return {tongue: phrases()[name][tongue].format(what=item[tongue]) for tongue in ("zh", "en")}


def _listed(what: Iterable[str], tongue: str) -> str:
    known: Mapping[str, Mapping[str, str]] = phrases()["records"]
    return ("、" if tongue == "zh" else ", ").join(known[word][tongue] if word in known else word for word in what)


@cache
def phrases() -> dict[str, Any]:
    """The turns of duties.yaml."""
    found: dict[str, Any] = yaml_beside("arrears.dispatch", "duties.yaml")
    return found
