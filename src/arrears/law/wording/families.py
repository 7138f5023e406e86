"""Families of wording: how a threat, a missing sender or a misleading amount is recognised, read from `families/*.yaml`.

A family either has rules (patterns that must not be found) or an element (patterns of which one must be found). Which of them a
law forbids or demands stands in the clauses of its pack.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from arrears.facts.beside import yaml_beside
from arrears.facts.yaml_text import parse_yaml

LANGUAGES = ("zh", "en")
RECIPIENTS = ("borrower", "third_party")
#: What may be known of the debt and so may be said; a later one implies those before it up to `suit`.
FACTS = ("suit", "judgment", "enforcement", "frozen", "listed", "time_barred")
_IMPLIED = {"judgment": {"suit"}, "enforcement": {"suit", "judgment"}, "listed": {"suit", "judgment", "enforcement"}}
_MACRO = re.compile(r"<([a-z_]+)>")


@dataclass(frozen=True)
class Rule:
    """One way in which a family shows: any of `find` in a text of `language`, unless facts or the sentence excuse it.

    `soft`: never more than a warning. `negation`: whether a negation before it excuses it. `without_amounts`: only where the
    amounts of the account are not known.
    """

    id: str
    family: str
    language: str
    find: tuple[re.Pattern[str], ...]
    recipient: str | None
    unless_facts: frozenset[str]
    needs_facts: frozenset[str]
    unless_sentence: re.Pattern[str] | None
    unless_text: re.Pattern[str] | None
    negation: bool
    soft: bool
    without_amounts: bool


@dataclass(frozen=True)
class Family:
    """A family: its words, and its rules or the patterns of its element by language."""

    id: str
    says: Mapping[str, str]
    suggest: Mapping[str, str]
    rules: tuple[Rule, ...]
    element: Mapping[str, re.Pattern[str]]
    promotion: Mapping[str, re.Pattern[str]]


@cache
def families() -> dict[str, Family]:
    """All families by id, in alphabetical order."""
    folder = resources.files("arrears.law.wording").joinpath("families")
    found = [_family(parse_yaml(entry.read_text("utf-8"), f"families/{entry.name}").value)
             for entry in sorted(folder.iterdir(), key=lambda item: item.name) if entry.name.endswith(".yaml")]  # fmt: skip
    return {family.id: family for family in found}


@cache
def words() -> dict[str, Any]:
    """Macros, negation and the words for the force of a clause: `words.yaml`."""
    return dict(yaml_beside("arrears.law.wording", "words.yaml"))


def implied(facts: frozenset[str]) -> frozenset[str]:
    """The facts with those that they imply: no judgment without a suit."""
    return facts.union(*(_IMPLIED.get(fact, set()) for fact in facts))


def compiled(patterns: list[str]) -> re.Pattern[str]:
    """One pattern out of several, `<name>` replaced by the macro of that name. KeyError for an unknown macro."""
    text = "|".join(f"(?:{pattern})" for pattern in patterns)
    for _ in range(4):
        text = _MACRO.sub(lambda match: str(words()["macros"][match.group(1)]), text)
    return re.compile(text)


def rule_of(entry: Mapping[str, Any], family: str) -> Rule:
    """A rule as it stands in YAML. KeyError, ValueError or re.error if it is not one."""
    unless = {name: compiled(entry[name]) if entry.get(name) else None for name in ("unless_sentence", "unless_text")}
    facts = {name: frozenset(entry.get(name) or ()) for name in ("unless_facts", "needs_facts")}
    if entry["language"] not in LANGUAGES or not facts["unless_facts"] | facts["needs_facts"] <= set(FACTS):
        raise ValueError(f"rule {entry['id']} names an unknown language or fact")
    return Rule(
        str(entry["id"]), family, str(entry["language"]),
        # one pattern each: joined ones would lose the search for a first letter, and with it half the speed
        tuple(compiled([pattern]) for pattern in entry["find"]), entry.get("recipient"),
        facts["unless_facts"], facts["needs_facts"], unless["unless_sentence"], unless["unless_text"],
        entry.get("negation") is not False, entry.get("soft") is True, entry.get("without_amounts") is True,
    )  # fmt: skip


def _family(content: Mapping[str, Any]) -> Family:
    name = str(content["family"])
    element, promotion = (
        {language: compiled(patterns) for language, patterns in (content.get(part) or {}).items()}
        for part in ("element", "promotion")
    )
    rules = tuple(rule_of(entry, name) for entry in content.get("rules") or ())
    return Family(name, content["says"], content["suggest"], rules, element, promotion)
