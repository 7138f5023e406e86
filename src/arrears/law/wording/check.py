"""Is this text fit to be sent: findings with clause, place and suggestion.

A pure function of the text and what is known of the debt. It looks for wording that a clause forbids and for what a clause
demands; it does not judge whether a text is true, polite or clever, and no finding is no clearance.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from itertools import chain
from typing import Any

from arrears.law.wording.amounts import not_of_the_account
from arrears.law.wording.clauses import WordingClause, load_wording
from arrears.law.wording.context import Context
from arrears.law.wording.evasion import searchable
from arrears.law.wording.families import Rule, families, implied, words
from arrears.law.wording.normalise import Normalised, is_han

#: Latin words from which a text also counts as English, Chinese characters from which it also counts as Chinese.
ENGLISH_WORDS, CHINESE_CHARACTERS = 3, 2
_WORD = re.compile(r"[a-z]{2,}")
_LINE = re.compile(r"\r\n|\r|\n")


@dataclass(frozen=True)
class TextFinding:
    """One fault of a text. `clauses` are all that it breaks, the strictest first; `severity` is block or warn.

    `start` and `end` count characters of the original text from 0 (end not included), `line` and `column` from 1. What is
    missing has no place of its own: it stands at the end of the text and `text` is empty.
    """

    family: str
    rule: str
    severity: str
    clauses: tuple[WordingClause, ...]
    start: int
    end: int
    line: int
    column: int
    text: str

    @property
    def clause(self) -> WordingClause:
        """The strictest clause."""
        return self.clauses[0]

    def says(self, language: str) -> str:
        """What is wrong, and how binding the broken clause is."""
        name = _short(language)
        told, of = families()[self.family], self.clause
        doubt = words()["unconfirmed"][name] if of.confirmed == "false" else ""
        return f"{told.says[name]}{': ' if name == 'en' else '：'}{words()['against'][of.force][name]}{doubt}"

    def suggestion(self, language: str) -> str:
        """What to write instead."""
        name = _short(language)
        return str((self.clause.suggest or families()[self.family].suggest)[name])

    def as_json(self, language: str) -> dict[str, Any]:
        """The finding as `arrears law check-text --json` prints it."""
        return {
            "family": self.family, "rule": self.rule, "severity": self.severity,
            "clause": self.clause.id, "clauses": [_clause_json(clause, language) for clause in self.clauses],
            "line": self.line, "column": self.column, "start": self.start, "end": self.end, "text": self.text,
            "says": self.says(language), "suggestion": self.suggestion(language),
        }  # fmt: skip


@dataclass(frozen=True)
class _Hit:
    family: str
    rules: tuple[str, ...]
    start: int
    end: int
    soft: bool


def check_text(
    text: str,
    pack: str,
    channel: str,
    on: date,
    language: str | None = None,
    recipient: str = "borrower",
    binds: str = "lender",
    facts: Collection[str] = (),
    amounts: Mapping[str, str] | None = None,
    sender: Collection[str] = (),
) -> tuple[TextFinding, ...]:
    """The findings of `text`, in the order of their places.

    `on` is the day on which it is to be sent; `language` zh-CN or en (none: told from the text, both if it mixes them);
    `recipient` borrower or third_party; `binds` who sends it, lender or agency; `facts` those of `families.FACTS` that hold;
    `amounts` those of the account by name, such as ``{"due": "1280.50 CNY"}``; `sender` names of which one must stand in the
    text. Refusal for a pack without wording clauses, ValueError for an amount that is none.
    """
    found = searchable(text)
    clauses = [clause for clause in load_wording(pack) if clause.applies(channel, recipient, on, binds)]
    spoken = _languages(found.text, language, pack)
    known = implied(frozenset(facts))
    hits = [*_forbidden(found, clauses, spoken, recipient, known, amounts or {}), *_missing(found, clauses, sender)]
    findings = (_finding(text, found, hit, clauses) for hit in hits)
    return tuple(sorted(findings, key=lambda finding: (finding.start, finding.end, finding.family)))


def _short(language: str) -> str:
    return "zh" if language.startswith("zh") else "en"


def _languages(text: str, told: str | None, pack: str) -> tuple[str, ...]:
    if told:
        return (_short(told),)
    chinese = sum(map(is_han, text)) >= CHINESE_CHARACTERS
    english = len(_WORD.findall(text)) >= ENGLISH_WORDS
    found = tuple(name for name, there in (("zh", chinese), ("en", english)) if there)
    return found or (("zh",) if pack == "cn" else ("en",))


def _forbidden(
    found: Normalised, clauses: list[WordingClause], spoken: tuple[str, ...], recipient: str,
    known: frozenset[str], amounts: Mapping[str, str],
) -> Iterator[_Hit]:  # fmt: skip
    context = Context(found.text)
    shared = {name for clause in clauses for name in clause.must_not}
    own = [rule for clause in clauses for rule in clause.rules]
    for family in sorted(shared | {rule.family for rule in own}):
        rules = [
            *(families()[family].rules if family in shared else ()),
            *(rule for rule in own if rule.family == family),
        ]
        hits = [hit for rule in rules if rule.language in spoken
                for hit in _hits(rule, found.text, context, recipient, known, bool(amounts))]  # fmt: skip
        if family == "misleading_amount":
            hits += [
                _Hit(family, ("not_of_the_account",), *place, False)
                for place in not_of_the_account(found.text, amounts)
            ]
        yield from _apart(hits)


def _hits(
    rule: Rule, text: str, context: Context, recipient: str, known: frozenset[str], amounts: bool
) -> Iterator[_Hit]:
    if rule.recipient not in (None, recipient) or rule.unless_facts & known or not rule.needs_facts <= known:
        return
    if (rule.without_amounts and amounts) or (rule.unless_text and rule.unless_text.search(text)):
        return
    for match in chain.from_iterable(pattern.finditer(text) for pattern in rule.find):
        start, end = match.span()
        if start == end or context.excused(start, end, rule.language, rule.negation):
            continue
        if rule.unless_sentence and rule.unless_sentence.search(text, *context.sentence(start, end)):
            continue
        yield _Hit(rule.family, (rule.id,), start, end, rule.soft)


def _apart(hits: list[_Hit]) -> list[_Hit]:
    """Hits of one family without overlap: hard ones before soft ones, then the longer; they keep the rules they cover."""
    chosen: list[_Hit] = []
    for hit in sorted(hits, key=lambda hit: (hit.soft, hit.start - hit.end, hit.start)):
        at = next((i for i, other in enumerate(chosen) if hit.end > other.start and hit.start < other.end), None)
        if at is None:
            chosen.append(hit)
        else:
            chosen[at] = replace(chosen[at], rules=(*chosen[at].rules, *hit.rules))
    return chosen


def _missing(found: Normalised, clauses: list[WordingClause], sender: Collection[str]) -> Iterator[_Hit]:
    end = len(found.text)
    for family in sorted({name for clause in clauses for name in clause.must}):
        if not any(_demands(clause, family, found.text) for clause in clauses):
            continue
        if family == "missing_sender" and sender:
            there = any(searchable(name).text in found.text for name in sender)
        else:
            there = any(pattern.search(found.text) for pattern in families()[family].element.values())
        if not there:
            yield _Hit(family, ("element",), end, end, False)


def _demands(clause: WordingClause, family: str, text: str) -> bool:
    if family not in clause.must:
        return False
    return clause.only_with is None or any(
        pattern.search(text) for pattern in families()[family].promotion.values()
    )  # fmt: skip


def _finding(text: str, found: Normalised, hit: _Hit, clauses: list[WordingClause]) -> TextFinding:
    broken = [clause for clause in clauses if _broken(clause, hit, found.text)]
    broken.sort(key=lambda clause: clause.strictness)
    start, end = found.span(hit.start, hit.end) if hit.end > hit.start else (len(text), len(text))
    lines = [match.end() for match in _LINE.finditer(text, 0, start)]
    severity = "block" if broken[0].blocks and not hit.soft else "warn"
    return TextFinding(
        hit.family, hit.rules[0], severity, tuple(broken), start, end, len(lines) + 1,
        start - (lines[-1] if lines else 0) + 1, text[start:end],
    )  # fmt: skip


def _broken(clause: WordingClause, hit: _Hit, text: str) -> bool:
    own = any(rule.family == hit.family and rule.id in hit.rules for rule in clause.rules)
    return own or hit.family in clause.must_not or _demands(clause, hit.family, text)


def _clause_json(clause: WordingClause, language: str) -> dict[str, Any]:
    return {
        "id": clause.id, "source": clause.source, "text": clause.says[_short(language)], "force": clause.force,
        "confirmed": clause.confirmed,
        "in_force": {"from": clause.from_on.isoformat(), "until": clause.until_on.isoformat() if clause.until_on else None},
    }  # fmt: skip
