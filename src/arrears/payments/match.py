"""Which account a payment is for: by reference, exactly, or not at all. A name, an amount or a likeness never decides.

A reference names an account if it holds the account's own id as a whole word, or a structured reference made from it: ISO 11649 (`RF` and
two check digits, which must hold), or whatever the lender's own pattern takes out of it. Where the references of one entry name two
accounts, or the one that they name does not fit, the entry waits for a person.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from arrears.payments.entries import Entry

#: What separates words of a reference. Ids of accounts may hold `-`, `_`, `.` and `/` inside a word.
_WORD = re.compile(r"[^\s,;:|+()\[\]<>\"'，。；：、（）【】《》]+")
_RF = re.compile(r"RF[0-9]{2}[0-9A-Z]{1,21}")
LONGEST_REFERENCE = 2_000
#: A shorter word among others may be a year or an amount: it names an account only where it is the whole reference.
SHORTEST_WORD = 6

Why = Literal[
    "no_reference",
    "unknown_reference",
    "several_accounts",
    "other_currency",
    "unknown_payment",
    "several_payments",
    "before_the_loan",
    "not_ours",
]


@dataclass(frozen=True)
class Match:
    """A payment (or the reversal of one, `ref` then names it) and its account."""

    entry: Entry
    account_id: str
    ref: str | None = None


@dataclass(frozen=True)
class Unmatched:
    """An entry that waits for a person, and why. `named`: the accounts that its references name, if they are several."""

    entry: Entry
    why: Why
    named: tuple[str, ...] = ()


def candidates(references: Iterable[str], pattern: re.Pattern[str] | None = None) -> tuple[str, ...]:
    """Every text in the references that could be the id of an account, in order, once each."""
    found: list[str] = []
    for reference in references:
        text = reference[:LONGEST_REFERENCE]
        found.append(text.strip())
        words = [form for word in _WORD.findall(text) for form in (word, word.strip(".-_/#"))]
        found += [word for word in words if len(word) >= SHORTEST_WORD]
        found += _structured(text)
        if pattern is not None:
            found += [hit.group("account") for hit in pattern.finditer(text)]
    return tuple(dict.fromkeys(text for text in found if text))


def _structured(text: str) -> list[str]:
    """What an ISO 11649 creditor reference was made from; written in groups of four or not."""
    packed = re.sub(r"\s", "", text).upper()
    return [packed[4:]] if _RF.fullmatch(packed) and _check_digits_hold(packed) else []


def _check_digits_hold(reference: str) -> bool:
    """ISO 11649: moved to the end and written as numbers (A = 10), the whole leaves 1 when divided by 97."""
    digits = "".join(str(int(letter, 36)) for letter in reference[4:] + reference[:4])
    return int(digits) % 97 == 1


def structured_reference(account_id: str) -> str | None:
    """The ISO 11649 reference for an account, to be printed in messages; None if its id cannot be one (1 to 21 of 0-9, A-Z)."""
    if not re.fullmatch(r"[0-9A-Z]{1,21}", account_id):
        return None
    digits = "".join(str(int(letter, 36)) for letter in account_id + "RF00")
    return f"RF{98 - int(digits) % 97:02d}{account_id}"


def match(
    entry: Entry, currencies: Mapping[str, str], payments: Collection[tuple[str, str]] = (), pattern: re.Pattern[str] | None = None
) -> Match | Unmatched:  # fmt: skip
    """The account of an entry.

    `currencies`: by id, the currency of every account that the candidates name. `payments`: for a reversal, account and event id of
    every payment known with the bank's id that it names. Pure: the caller looks them up.
    """
    if entry.kind == "other":
        return Unmatched(entry, "not_ours")
    if entry.kind == "reversal":
        return _reversal(entry, payments)
    if not entry.references:
        return Unmatched(entry, "no_reference")
    named = tuple(name for name in candidates(entry.references, pattern) if name in currencies)
    if not named:
        return Unmatched(entry, "unknown_reference")
    if len(named) > 1:
        return Unmatched(entry, "several_accounts", named)
    if currencies[named[0]] != entry.currency:
        return Unmatched(entry, "other_currency", named)
    return Match(entry, named[0])


def _reversal(entry: Entry, payments: Collection[tuple[str, str]]) -> Match | Unmatched:
    if not payments:
        return Unmatched(entry, "unknown_payment")
    if len(payments) > 1:
        return Unmatched(entry, "several_payments", tuple(account for account, _ in payments))
    account, event = next(iter(payments))
    return Match(entry, account, event)
