"""By which number or mailbox a person is found: a blind index, so that an inbound message finds its people without numbers in the open.

Values are normalised in one place (E.164 digits; mailbox in lower case), then hashed under the token key. The hash is keyed because
numbers are few: without the key, eleven digits can be tried out.
"""

from __future__ import annotations

import hmac
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import yaml
from sqlalchemy import Connection, select

from arrears.store.tables import Reach

if TYPE_CHECKING:
    from arrears.store.personal import Personal

KINDS = ("phone", "email")
#: E.164 has at most 15 digits; fewer than 3 is no number (short codes have 3 to 6).
DIGITS = (3, 15)
#: Rows in one statement.
BATCH = 20_000
_EXTENSION = re.compile(r"(?i)\s*(?:ext|x|分机|转|#|;|,).*$")
_DIGIT = re.compile(r"[0-9]+")
_INSERT = {
    "postgresql": "INSERT INTO reach (token, account_id, person_id, kind)"
    " SELECT * FROM unnest(%s::text[], %s::text[], %s::text[], %s::text[]) ON CONFLICT DO NOTHING",
    "sqlite": "INSERT INTO reach (token, account_id, person_id, kind) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
}


class Reachable(NamedTuple):
    """One person at one account and where they are reached; `country` is where numbers without a calling code are at home."""

    account_id: str
    person_id: str
    country: str | None
    phones: Sequence[str]
    emails: Sequence[str]


class Reached(NamedTuple):
    """A person who has a number or mailbox, at one account."""

    account_id: str
    person_id: str


def normal_phone(value: str, country: str | None = None) -> str | None:
    """A number as `+` and E.164 digits, where its country is told by the number or by `country` (`cn`, `us`, `uk`, `in`, `au`).

    A national number without a country stays as its bare digits. None if it holds no number.
    """
    if value.isascii() and value.startswith("+") and value[1:].isdecimal() and DIGITS[0] < len(value) <= DIGITS[1] + 1:
        return value  # as most are: nothing to be done, millions of times
    written = _EXTENSION.sub("", unicodedata.normalize("NFKC", value).strip())
    digits = "".join(_DIGIT.findall(written))
    if not DIGITS[0] <= len(digits) <= DIGITS[1] + 4:
        return None
    if written.startswith(("+", "(+", "tel:+")):
        return f"+{digits}"
    rule = _rules().get(country or "")
    if rule is None:
        return f"+{digits[2:]}" if digits.startswith("00") and len(digits) > 9 else digits
    return _at_home(digits, rule)


def _at_home(digits: str, rule: Mapping[str, Any]) -> str:
    """Digits as they are dialled in a country, in E.164."""
    code, trunk, lengths = rule["code"], rule["trunk"], rule["digits"]
    for exit_code in rule["exit"]:
        if digits.startswith(exit_code) and len(digits) - len(exit_code) > max(lengths):
            return f"+{digits.removeprefix(exit_code)}"
    if digits.startswith(code) and len(digits) - len(code) in lengths and len(digits) > max(lengths):
        return f"+{digits}"
    national = digits.removeprefix(trunk)
    if len(national) in lengths:
        return f"+{code}{national}"
    return digits


def normal_email(value: str) -> str | None:
    """A mailbox without surrounding space and in lower case; None if it is none."""
    written = unicodedata.normalize("NFKC", value).strip().lower()
    name, at, host = written.rpartition("@")
    return f"{name}@{host.rstrip('.')}" if name and at and host else None


def token_of(key: bytes, kind: str, value: str, country: str | None = None) -> str | None:
    """HMAC-SHA-256 in hex of the kind and the normalised value; None if it is no number or mailbox."""
    normal = normal_phone(value, country) if kind == "phone" else normal_email(value)
    return None if normal is None else hmac.digest(key, f"{kind}\0{normal}".encode(), "sha256").hex()


def note_reach(connection: Connection, personal: Personal, people: Iterable[Reachable]) -> None:
    """Make persons findable by their numbers and mailboxes. What is there already is passed over, and so are the erased."""
    people = list(people)
    erased = personal.erased(connection, {row.person_id for row in people})
    rows = sorted(  # sorted, so that two transactions wait for each other, never in a ring
        (token, row.account_id, row.person_id, kind)
        for row in people
        if row.person_id not in erased
        for kind, values in (("phone", row.phones), ("email", row.emails))
        for value in values
        if (token := personal.token(kind, value, row.country)) is not None
    )
    for start in range(0, len(rows), BATCH):
        batch: Any = rows[start : start + BATCH]
        if connection.dialect.name == "postgresql":
            batch = tuple(list(column) for column in zip(*batch, strict=True))
        connection.exec_driver_sql(_INSERT[connection.dialect.name], batch)


def who_has(
    connection: Connection, personal: Personal, kind: str, value: str, country: str | None = None
) -> list[Reached]:
    """The persons that have a number (`phone`) or mailbox (`email`), each with each account, sorted. Empty if nobody has."""
    token = personal.token(kind, value, country)
    if token is None:
        return []
    found = connection.execute(
        select(Reach.account_id, Reach.person_id).where(Reach.token == token, Reach.kind == kind)
    )
    return sorted(Reached(row[0], row[1]) for row in found)


@cache
def _rules() -> dict[str, dict[str, Any]]:
    content: dict[str, dict[str, Any]] = yaml.safe_load((Path(__file__).parent / "numbers.yaml").read_text("utf-8"))
    return content
