"""From an answer `send` to the message itself: words, code, notice. What cannot be written is parked, and nothing else with it."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from arrears import money
from arrears.dispatch.ask import Asked
from arrears.dispatch.channel import Message
from arrears.dispatch.reasons import Why
from arrears.dispatch.recipients import Recipient
from arrears.dispatch.rules import Rules
from arrears.dispatch.works import Claimed
from arrears.errors import Refusal
from arrears.law.clock import local_day
from arrears.notice.codes import RANDOM_BYTES, new_code
from arrears.notice.occasion import Occasion
from arrears.notice.words import Words

log = logging.getLogger("arrears.dispatch.compose")
_CLAUSE = re.compile(r"\[([A-Z0-9][A-Za-z0-9-]+)\]")
#: Amounts that channels may put into fields of their own.
AMOUNTS = ("due_total", "past_due_total", "payoff", "next_due_amount")
DATES = ("oldest_due_on", "next_due_on")

#: Random bytes, so many: the edge's, never drawn in the notice room.
Random = Callable[[int], bytes]


class Writing(Protocol):
    """What writes messages and knows under which hashes they are registered (`notice.writer.Writer`)."""

    def words(self, occasion: Occasion, position: Mapping[str, Any], language: str, code: str) -> Words:
        """Words that passed the wording check. Refusal if there are none."""

    def code_hash(self, code: str) -> str:
        """The keyed hash of a code."""

    def text_hash(self, text: str) -> str:
        """The keyed hash of a text."""


@dataclass(frozen=True)
class Composed:
    """A message ready to go, and its row of the notices."""

    work: Claimed
    message: Message
    notice: Mapping[str, Any]


def compose(asked: Asked, writer: Writing, rules: Rules, now: datetime, random: Random) -> Composed | Why:
    """The message for work that may leave now, or why it cannot be written. No fault of one item passes to the others."""
    try:
        return _compose(asked, writer, rules, now, random)
    except Refusal as refusal:
        found = refusal.findings[0]
        if found.code == "wording":
            clauses = tuple((clause, "") for finding in refusal.findings for clause in _CLAUSE.findall(finding.what))
            return Why("wording", clauses=tuple(dict.fromkeys(clauses)))
        return Why("poison", note=found.code)
    except Exception as error:  # one item must not stop the batch
        log.exception("work %s cannot be written", asked.work.key[:12])
        return Why("poison", note=type(error).__name__)


def _compose(asked: Asked, writer: Writing, rules: Rules, now: datetime, random: Random) -> Composed:
    work, recipient, position = asked.work, asked.recipient, asked.position
    assert recipient is not None and position is not None
    code = new_code(random(RANDOM_BYTES))
    words = writer.words(occasion_of(work, recipient, rules, now), position, language_of(work, recipient), code)
    message = Message(
        work.key, work.attempt_id, work.channel, recipient.to, words, work.account_id, work.person_id,
        recipient.name, work.not_after, facts_of_position(position),
    )  # fmt: skip
    return Composed(work, message, notice_of(message, writer, now))


def notice_of(message: Message, writer: Writing, now: datetime) -> dict[str, Any]:
    """The row of the notices by which a message is verified; its text is sealed beside it."""
    words = message.words
    return {
        "code_hash": writer.code_hash(words.code), "attempt_id": message.attempt_id, "account_id": message.account_id,
        "person_id": message.person_id, "channel": message.channel, "template": words.template, "language": words.language,
        "text_hash": writer.text_hash(words.text), "made_at": now, "signature": words.signature,
    }  # fmt: skip


def occasion_of(work: Claimed, recipient: Recipient, rules: Rules, now: datetime) -> Occasion:
    """What the message is written about: this account, on the day it is where the borrower is."""
    on = local_day(now, recipient.zones[0])
    repeat = rules.ladders[work.strategy].action(work.action).repeat_days
    return Occasion(
        work.law, work.action, work.stage, work.channel, work.account_id, on, name=recipient.name,
        binds="agency" if rules.asking.binds == "agency" else "lender", again_on=on + timedelta(days=repeat) if repeat else None,
    )  # fmt: skip


def language_of(work: Claimed, recipient: Recipient) -> str:
    """zh-CN or en: the borrower's language, else that of the law's country."""
    language = recipient.language or ("zh-CN" if work.law == "cn" else "en")
    return "zh-CN" if language.startswith("zh") else "en"


def facts_of_position(position: Mapping[str, Any]) -> dict[str, str]:
    """Amounts (decimal text) and dates (ISO) of the fresh position, for channels with fields of their own."""
    currency = str(position["currency"])
    amounts = {name: money.to_text(position[name], currency) for name in AMOUNTS if position.get(name) is not None}
    dates = {name: position[name].isoformat() for name in DATES if position.get(name) is not None}
    return {"currency": currency, "days_past_due": str(position["days_past_due"]), **amounts, **dates}
