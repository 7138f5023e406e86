"""Delivery receipts of SMSCs: what one says, and which of our messages it may mean.

A receipt is a hint, never the only proof: it comes late, twice or never, and often names the message by another form of its id (in
hexadecimal where the answer had decimal digits, with leading zeros, in capitals).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from arrears.dispatch.channels.smpp_answers import State, states, states_by_word

TAG_MESSAGE_ID = 0x001E
TAG_MESSAGE_STATE = 0x0427

_ID = re.compile(r"\bid:\s*([^\s:]+)", re.IGNORECASE)
_STAT = re.compile(r"\bstat:\s*([A-Za-z]+)", re.IGNORECASE)
_ERR = re.compile(r"\berr:\s*([0-9A-Za-z]+)", re.IGNORECASE)
#: SMPP 3.4 has ids of at most 64 characters; 2**64 is as far as SMSCs count.
_LONGEST_NUMBER = 20


@dataclass(frozen=True)
class Receipt:
    """`ref`: the id as the receipt writes it. `outcome` None: not the end yet, or not readable. `detail`: state and error code."""

    ref: str | None
    outcome: Literal["delivered", "failed"] | None
    detail: str


def read_receipt(text: str, tlvs: Mapping[int, bytes]) -> Receipt:
    """What a receipt says. `tlvs`: its optional parameters by tag; they count before the text (SMPP 3.4, appendix B)."""
    state = _state(text, tlvs)
    error = _ERR.search(text)
    detail = state.word if state else "no state"
    if error and error[1].strip("0"):
        detail += f" err {error[1]}"
    return Receipt(_ref(text, tlvs), state.outcome if state else None, detail)


def plain_id(ref: str) -> str:
    """The plain form of one id: small letters, no leading zeros, no blanks."""
    return ref.strip().lower().lstrip("0") or "0"


def same_ids(ref: str) -> tuple[str, ...]:
    """The plain forms under which a message may be known that a receipt calls `ref`, the likeliest first.

    Compare them with `plain_id` of each id that the provider gave us, in this order, and take the first that fits: `10` may be the
    message `10`, else `a` (written in hexadecimal), else `16` (its digits read as hexadecimal). The receipt's sender, which is the
    number that we wrote to, must fit as well: sequential ids are also each other's other forms.
    """
    plain = plain_id(ref)
    forms = [plain]
    if len(plain) <= _LONGEST_NUMBER:
        if re.fullmatch("[0-9]+", plain):
            forms.append(f"{int(plain):x}")
        if re.fullmatch("[0-9a-f]+", plain):
            forms.append(str(int(plain, 16)))
    return tuple(dict.fromkeys(forms))


def _ref(text: str, tlvs: Mapping[int, bytes]) -> str | None:
    named = tlvs.get(TAG_MESSAGE_ID, b"").rstrip(b"\0").decode("ascii", "replace").strip()
    if named:
        return named
    found = _ID.search(text)
    return found[1] if found else None


def _state(text: str, tlvs: Mapping[int, bytes]) -> State | None:
    numbered = tlvs.get(TAG_MESSAGE_STATE, b"")
    if len(numbered) == 1 and numbered[0] in states():
        return states()[numbered[0]]
    found = _STAT.search(text)
    return states_by_word().get(found[1].upper()) if found else None
