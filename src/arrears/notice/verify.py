"""Is this message genuine: yes only with a valid signature over exactly this text, or a code under which exactly this text was sent.

Anything else is `cannot_confirm`, with what to check in the text and how to reach the lender by a way that is not in it. There is no
"probably", in either direction. A code alone confirms nothing: whoever has one genuine message could put its code under a text of
their own; what was sent under it is told, so that a person with a paper letter can compare.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from arrears.notice.canonical import text_hash
from arrears.notice.checks import Remark, checks_of, remark
from arrears.notice.codes import code_hash, codes_in, grouped, normal_code
from arrears.notice.keys import PublicKeys
from arrears.notice.language import date_text
from arrears.notice.signing import PublicKey, signature_in, signed_by, without_signature
from arrears.notice.slots import House

Verdict = Literal["genuine", "cannot_confirm"]


@dataclass(frozen=True)
class Sent:
    """What was sent under a code: its keyed text hash (`canonical.text_hash`), channel, day, and the account's last digits."""

    text_hash: str
    channel: str
    on: date
    account: str


@dataclass(frozen=True)
class Verification:
    """The answer. `by`: what proves it. `reasons`: why it cannot be confirmed. `checks`: what to check in the text. `reach`: the way to the lender."""

    verdict: Verdict
    by: Literal["signature", "code"] | None
    proof: tuple[Remark, ...]
    reasons: tuple[Remark, ...]
    checks: tuple[Remark, ...]
    sent: Sent | None
    says: Remark
    reach: Remark

    def as_json(self, language: str) -> dict[str, Any]:
        """The answer as `arrears verify --json` prints it."""
        sent = None
        if self.sent is not None:
            sent = {"channel": self.sent.channel, "on": self.sent.on.isoformat(), "account": self.sent.account}
        return {
            "verdict": self.verdict, "by": self.by, "says": self.says.text(language), "sent": sent,
            "reasons": [one.as_json(language) for one in self.reasons],
            "checks": [one.as_json(language) for one in self.checks], "reach": self.reach.text(language),
        }  # fmt: skip


#: What was sent under a code, by the code's keyed hash; None: nothing.
Known = Callable[[str], Sent | None]


def verify(
    text: str, known: Known | None, keys: PublicKeys, house: House, on: date, key: bytes = b"", code: str | None = None
) -> Verification:
    """Whether the lender sent a text. `code`: as typed beside the text (or, with an empty text, alone).

    `known` looks up code hashes made with `key`; None where codes cannot be looked up, and only a signature counts. `on`: today, for
    the wording clauses of the day.
    """
    signing = signed_by(text, house.lender.id, keys.keys)
    if signing is not None:
        return _answer("genuine", "signature", house, proof=(signed_by_words(signing),))
    codes = _codes(text, code)
    found = {one: known(code_hash(one, key)) for one in codes} if known is not None else {}
    ours = {one: sent for one, sent in found.items() if sent is not None}
    same = text_hash(without_signature(text), key)
    for sent in ours.values():
        if text.strip() and hmac.compare_digest(sent.text_hash, same):
            return _answer("genuine", "code", house, proof=(remark("advice", "by_code"),), sent=sent)
    reasons = tuple(_reasons(text, code, codes, ours, known is not None))
    checks = checks_of(without_signature(text), house.lender, on, (house.verify_at,)) if text.strip() else ()
    return _answer("cannot_confirm", None, house, reasons=reasons, checks=checks, sent=next(iter(ours.values()), None))


def _codes(text: str, typed: str | None) -> tuple[str, ...]:
    """Codes as they are kept: the typed one first, then those of the text (but not of a signature)."""
    beside = normal_code(typed) if typed else None
    return tuple(dict.fromkeys((*((beside,) if beside else ()), *codes_in(without_signature(text)))))


def _reasons(
    text: str, typed: str | None, codes: tuple[str, ...], ours: Collection[str], looked_up: bool
) -> list[Remark]:
    found: list[Remark] = []
    if typed and normal_code(typed) is None:
        found.append(remark("reasons", "not_a_code"))
    if signature_in(text) is not None:
        found.append(remark("reasons", "bad_signature"))
    for code in codes:
        if not looked_up:
            continue
        kind = "unknown_code" if code not in ours else "altered" if text.strip() else "code_alone"
        found.append(remark("reasons", kind, grouped(code)))
    if codes and not looked_up:
        found.append(remark("reasons", "not_looked_up"))
    return found or [remark("reasons", "no_proof")]


def signed_by_words(key: PublicKey) -> Remark:
    """That a signature of a key is valid, and since when the key is in use."""
    ends = {language: _until(key, language) for language in ("zh-CN", "en")}
    first = key.valid_from.date()
    zh, en = (remark("advice", "by_signature", key.id, **{"from": date_text(first, "", language), "until": ends[language]})
              for language in ("zh-CN", "en"))  # fmt: skip
    return Remark("by_signature", key.id, zh.zh, en.en)


def _until(key: PublicKey, language: str) -> str:
    if key.valid_until is None:
        return ""
    return remark("advice", "until", on=date_text(key.valid_until.date(), "", language)).text(language)


def _answer(
    verdict: Verdict, by: Literal["signature", "code"] | None, house: House, *, proof: tuple[Remark, ...] = (),
    reasons: tuple[Remark, ...] = (), checks: tuple[Remark, ...] = (), sent: Sent | None = None,
) -> Verification:  # fmt: skip
    said = [remark("advice", verdict, lender=house.name(language)) for language in ("zh-CN", "en")]
    says = Remark(verdict, "", said[0].zh, said[1].en)
    reach = remark("advice", "reach", phone=house.lender.phone, site=house.lender.site)
    return Verification(verdict, by, proof, reasons, checks, sent, says, reach)
