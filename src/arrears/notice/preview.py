"""What a message would say, before anything is sent: its words, its length, and what the wording check finds.

A preview is never signed and its code is never registered, so no preview can pass for a message that was sent.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from arrears.errors import Finding, Refusal
from arrears.law.wording import TextFinding
from arrears.notice.checking import check_words, refuse_blocked
from arrears.notice.codes import new_code
from arrears.notice.language import LANGUAGES, outcomes, turns
from arrears.notice.occasion import Answer, Occasion, Step
from arrears.notice.slots import House, subject_of
from arrears.notice.sms_length import Length, sms_length
from arrears.notice.templates import Template, TemplateSet
from arrears.notice.words import Words, words_for

SPECIMEN_CODE = new_code(b"SPECIMEN")
_DAYS = 35


@dataclass(frozen=True)
class Preview:
    """Words that are not sent. `length` for text messages only; `clauses` are those that the template follows."""

    words: Words
    channel: str
    length: Length | None
    findings: tuple[TextFinding, ...]
    clauses: tuple[str, ...]
    place: str

    @property
    def blocked(self) -> bool:
        """Whether a finding blocks it."""
        return any(finding.severity == "block" for finding in self.findings)

    def as_json(self) -> dict[str, Any]:
        """The preview as `arrears notice preview --json` prints it."""
        words, length = self.words, self.length
        return {
            "template": words.template, "channel": self.channel, "language": words.language, "subject": words.subject,
            "text": words.text, "code": words.code, "encoding": length.encoding if length else None,
            "units": length.units if length else None, "parts": length.parts if length else None,
            "clauses": list(self.clauses), "findings": [finding.as_json(words.language) for finding in self.findings],
        }  # fmt: skip


def preview(
    templates: TemplateSet, occasion: Occasion, position: Mapping[str, Any], house: House, language: str
) -> Preview:
    """A message about an account as it would be written. Refusal as `words.words_for`."""
    template = templates.find(
        occasion.action, occasion.channel, occasion.stage, subject_of(occasion, position) or "", occasion.binds
    )
    words = words_for(templates, occasion, position, house, language, SPECIMEN_CODE)
    length = sms_length(words.text) if occasion.channel == "sms" else None
    found = check_words(words, occasion, position, house)
    return Preview(words, occasion.channel, length, found, template.clauses, template.place)


def previews(templates: TemplateSet, house: House, on: date) -> Iterator[Preview]:
    """Every template of a law, in both languages and for everybody whom it is for, about a specimen account on a day.

    Templates for agencies are left out where the installation names no creditor. Refusal as `words.words_for`.
    """
    for template in templates.templates:
        for binds in template.binds:
            if binds == "agency" and not house.creditor:
                continue
            alone = TemplateSet(templates.law, (template,))
            for language in LANGUAGES:
                occasion, position = specimen(template, templates.law, binds, on)
                yield preview(alone, occasion, position, house, language)


def specimen(template: Template, law: str, binds: str, on: date) -> tuple[Occasion, dict[str, Any]]:
    """An account that a template could be about, with an amount in every category."""
    step = Step(turns()["specimen"]["stage"], on + timedelta(days=_DAYS))
    action, stage = (*template.actions, "any")[0], (*template.stages, "any")[0]
    answer = _answered(action, on) if template.about == "answer" else None
    occasion = Occasion(law, action, stage, template.channel, "SPECIMEN-0001", on, None, binds, step, answer=answer)
    parts = {"due_principal": 423_456, "due_interest": 21_050, "due_penalty": 3_218, "due_fee": 1_500}
    if template.about == "next_due":
        parts = dict.fromkeys(parts, 0)
    total = sum(parts.values())
    position = {
        "currency": str(turns()["specimen"]["currency"][law]), **parts, "due_total": total, "past_due_total": total, "payoff": total + 600_000,
        "days_past_due": _DAYS if total else 0, "oldest_due_on": on - timedelta(days=_DAYS) if total else None,
        "credit": 0, "next_due_amount": 104_000, "next_due_on": on + timedelta(days=_DAYS),
    }  # fmt: skip
    return occasion, position


def _answered(action: str, on: date) -> Answer:
    """Something that a template of an answer could tell: the first outcome of the action."""
    asked_on, until = on - timedelta(days=_DAYS), on + timedelta(days=_DAYS)
    return Answer(asked_on, next(iter(outcomes(action, "en")), ""), on, until, ("penalty",), "penalty", 3_218)


def check_set(templates: TemplateSet, house: House, on: date) -> None:
    """Refusal with every template that cannot be filled, grows too long, or is blocked by a wording clause."""
    findings: list[Finding] = []
    for template in templates.templates:
        try:
            for one in previews(TemplateSet(templates.law, (template,)), house, on):
                refuse_blocked(one.findings, one.words, one.place)
        except Refusal as refusal:
            findings += refusal.findings
    if findings:
        raise Refusal(*dict.fromkeys(findings))
