"""What to check in a message that could not be confirmed, computed from its text: never a verdict, never a guess."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from arrears.facts.beside import tongue_of, yaml_beside
from arrears.installation import Lender
from arrears.law.wording import check_text
from arrears.law.wording.evasion import searchable
from arrears.law.wording.families import words as wording
from arrears.law.wording.normalise import is_han
from arrears.notice.links import host_of, hosts_in, is_disguised, is_of, looks_like, numbers_to_call

#: The packs whose wording clauses know every family, by the language of a text.
_PACKS = {"zh": "cn", "en": "us"}
_CHINESE_AT_LEAST = 2
_SHOWN_LIMIT = 60
_ENDS = "。！？!?;；\n"


@dataclass(frozen=True)
class Remark:
    """One thing to tell the person: its id, what it is about as it stands in the text, and its words in both languages."""

    id: str
    value: str
    zh: str
    en: str

    def text(self, language: str) -> str:
        """The words in zh-CN or English."""
        return self.zh if tongue_of(language) == "zh" else self.en

    def as_json(self, language: str) -> dict[str, str]:
        """The remark as `arrears verify --json` prints it."""
        return {"id": self.id, "value": self.value, "text": self.text(language)}


@cache
def words() -> dict[str, Any]:
    """The file `checks.yaml`."""
    return dict(yaml_beside("arrears.notice", "checks.yaml"))


def remark(part: str, name: str, value: str = "", **more: str) -> Remark:
    """A remark of a part of `checks.yaml`, with what it is about."""
    shown = value if len(value) <= _SHOWN_LIMIT else value[:_SHOWN_LIMIT] + "…"
    said = {language: _put(str(words()[part][name][language]), {"value": shown, **more}) for language in ("zh", "en")}
    return Remark(name, shown, said["zh"], said["en"])


def checks_of(text: str, lender: Lender, on: date, others: Collection[str] = ()) -> tuple[Remark, ...]:
    """What to check in a text, each thing once. `others`: further sites of the lender's own (where codes are verified, say)."""
    found = [*_numbers(text, lender), *_sites(text, lender, others), *_asked(text), *_worded(text, on)]
    return tuple({(one.id, one.value): one for one in found}.values())


def _numbers(text: str, lender: Lender) -> Iterator[Remark]:
    for number in numbers_to_call(text, (lender.phone,), words()["public_numbers"]):
        yield remark("checks", "other_number", number, phone=lender.phone)


def _sites(text: str, lender: Lender, others: Collection[str]) -> Iterator[Remark]:
    site = host_of(lender.site)
    own = (site, *(host_of(other) for other in others if other))
    for host in hosts_in(text):
        if any(is_of(host, one) for one in own):
            continue
        if is_disguised(host):
            kind = "disguised_site"
        elif any(is_of(host, one) for one in words()["shorteners"]):
            kind = "short_link"
        else:
            kind = "lookalike_site" if looks_like(host, site) else "other_site"
        yield remark("checks", kind, host, site=lender.site)


def _asked(text: str) -> Iterator[Remark]:
    """What the text asks for: a payment into an account, secrets, remote control. Not what it denies or warns of."""
    found = searchable(text)
    for name in ("transfer", "secrets", "remote"):
        for language in ("zh", "en"):
            matches = (one for pattern in _patterns(name, language) for one in pattern.finditer(found.text))
            match = next((one for one in matches if not _denied(found.text, one.start(), language)), None)
            if match is not None:
                start, end = found.span(match.start(), match.end())
                yield remark("checks", name, text[start:end])


def _denied(text: str, start: int, language: str) -> bool:
    """Whether a negation stands before a place in its part of the sentence ("we never ask for your password")."""
    begins = max(text.rfind(mark, 0, start) for mark in _ENDS) + 1
    negation, parts = _negation(language)
    begins = max((one.end() for one in parts.finditer(text, begins, start)), default=begins)
    return negation.search(text, begins, start) is not None


@cache
def _negation(language: str) -> tuple[re.Pattern[str], re.Pattern[str]]:
    """How something is denied, and where a part of a sentence ends: as the wording check knows them."""
    return re.compile(wording()["negation"][language]), re.compile(wording()["parts"][language])


@cache
def _patterns(name: str, language: str) -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(pattern) for pattern in words()["checks"][name][f"find_{language}"])


def _worded(text: str, on: date) -> Iterator[Remark]:
    """What the wording clauses know: threats, urgency, posing as an authority."""
    pack = _PACKS["zh" if sum(map(is_han, text)) >= _CHINESE_AT_LEAST else "en"]
    found: dict[str, list[str]] = {}
    for finding in check_text(text, pack, "sms", on):
        if finding.text and finding.family in words()["families"]:
            found.setdefault(finding.family, []).append(finding.text)
    for family, places in found.items():
        yield remark("families", family, " / ".join(dict.fromkeys(places)))


def _put(text: str, values: dict[str, str]) -> str:
    """Words with their figures. Not `str.format`: what stands in a message may hold braces."""
    return re.sub(r"\{(\w+)\}", lambda match: values.get(match.group(1), match.group()), text)
