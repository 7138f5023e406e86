"""Whether the words of a message may leave: the wording clauses of the law, with the account's amounts and the lender's names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from arrears import money
from arrears.errors import Finding, Refusal
from arrears.law.wording import TextFinding, check_text
from arrears.notice.occasion import Occasion
from arrears.notice.signing import without_signature
from arrears.notice.slots import House
from arrears.notice.words import Words
from arrears.replay.columns import MONEY

_ANY_CODE = "AAAA-AAAA-AAAA"


def check_words(words: Words, occasion: Occasion, position: Mapping[str, Any], house: House) -> tuple[TextFinding, ...]:
    """What the wording clauses find in a message (subject and text, without its signature line)."""
    text = "\n".join(filter(None, (words.subject, without_signature(words.text))))
    # a code says nothing, though chance may write an amount or a word into it
    text = text.replace(words.code, _ANY_CODE) if words.code else text
    return check_text(
        text, occasion.law, occasion.channel, occasion.on, words.language, binds=occasion.binds,
        amounts=amounts_of(position) | _answered(occasion, position), sender=[house.name(words.language)],
    )  # fmt: skip


def amounts_of(position: Mapping[str, Any]) -> dict[str, str]:
    """Every amount that a message about this position may name, as `check_text` takes them."""
    currency = str(position["currency"])
    found = {name: int(position[name]) for name in MONEY if position.get(name)}
    found["next_due"] = max(0, int(position.get("next_due_amount") or 0) - int(position.get("credit") or 0))
    return {name: f"{money.to_text(minor, currency)} {currency}" for name, minor in found.items() if minor >= 0}


def _answered(occasion: Occasion, position: Mapping[str, Any]) -> dict[str, str]:
    """The amount that an answer corrects, which is none of the position's."""
    minor, currency = occasion.answer.amount_minor if occasion.answer else 0, str(position["currency"])
    return {"corrected": f"{money.to_text(minor, currency)} {currency}"} if minor else {}


def refuse_blocked(found: tuple[TextFinding, ...], words: Words, place: str) -> None:
    """Refusal if a finding blocks the text; `place` is the template's file and line."""
    blocking = [finding for finding in found if finding.severity == "block"]
    if blocking:
        raise Refusal(*(
            Finding("wording", f"{one.says(words.language)} [{one.clause.id}]", file=place, field=words.template, value=one.text,
                    todo=one.suggestion(words.language))
            for one in blocking
        ))  # fmt: skip
