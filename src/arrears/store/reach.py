"""By which number or mailbox a person is found: a blind index, so that an inbound message finds its people without numbers in the open.

Values are normalised in one place (E.164 digits; mailbox in lower case), then hashed under the token key. The hash is keyed because
numbers are few: without the key, eleven digits can be tried out. While there are several token keys (`store.token_rotation`) a row stands
under each, and each is asked.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import polars as pl
import yaml
from sqlalchemy import Connection, select

from arrears.store.bulk import insert_values
from arrears.store.tables import Reach

if TYPE_CHECKING:
    from arrears.store.personal import Personal

KINDS = ("phone", "email")
#: E.164 has at most 15 digits; fewer than 3 is no number (short codes have 3 to 6).
DIGITS = (3, 15)
#: Bytes of a block of SHA-256; keys are shorter.
_BLOCK = 64
#: Rows in one statement.
BATCH = 20_000
_EXTENSION = re.compile(r"(?i)\s*(?:ext|x|分机|转|#|;|,).*$")
_DIGIT = re.compile(r"[0-9]+")
_IS_NORMAL = rf"^\+[0-9]{{{DIGITS[0]},{DIGITS[1]}}}$"
_COLUMNS = ("token", "account_id", "person_id", "kind")
_INSERT = (  # as binary: text takes the driver five times as long
    "INSERT INTO reach (token, account_id, person_id, kind)"
    " SELECT * FROM unnest(%b::text[], %b::text[], %b::text[], %b::text[]) ON CONFLICT DO NOTHING"
)


class Reachable(NamedTuple):
    """One person at one account and where they are reached; `country` is where numbers without a calling code are at home."""

    account_id: str
    person_id: str
    country: str | None
    phones: Sequence[str]
    emails: Sequence[str]


#: The columns of `Reachable` in a frame.
REACHABLE: dict[str, Any] = {
    "account_id": pl.String, "person_id": pl.String, "country": pl.String,
    "phones": pl.List(pl.String), "emails": pl.List(pl.String),
}  # fmt: skip


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
    frame = pl.DataFrame([row._asdict() for row in people], schema=REACHABLE)
    erased = personal.erased(connection, frame["person_id"].unique().to_list())
    put_tokens(connection, tokens_of(personal.masters.token_keys, frame.filter(~pl.col("person_id").is_in(erased))))


def tokens_of(keys: Sequence[bytes], people: pl.DataFrame) -> pl.DataFrame:
    """The rows of `reach` of people as `REACHABLE`, under each of the keys. Uses no connection: it may run beside what one does."""
    values = pl.concat(
        people.select("account_id", "person_id", "country", pl.col(column).alias("value"), pl.lit(kind).alias("kind"))
        .explode("value")
        .drop_nulls("value")
        for kind, column in (("phone", "phones"), ("email", "emails"))
    )
    normal, phone = pl.col("value").str.contains(_IS_NORMAL), pl.col("kind") == "phone"
    odd = values.select("kind", "value", "country").filter(~(phone & normal)).unique()
    told = [
        normal_phone(value, country) if kind == "phone" else normal_email(value)
        for kind, value, country in odd.iter_rows()
    ]
    odd = odd.with_columns(pl.Series("normal", told, dtype=pl.String))
    found = values.join(odd, on=["kind", "value", "country"], how="left", nulls_equal=True)
    found = found.with_columns(pl.when(phone & normal).then("value").otherwise("normal").alias("normal"))
    found = found.drop_nulls("normal").unique(["kind", "normal", "account_id", "person_id"])
    # sorted, so that two transactions wait for each other, never in a ring
    return pl.concat(_under(key, found) for key in keys).sort(_COLUMNS)


def _under(key: bytes, found: pl.DataFrame) -> pl.DataFrame:
    hashed = _keyed(key)
    tokens = [hashed(kind, value) for kind, value in found.select("kind", "normal").iter_rows()]
    return found.with_columns(pl.Series("token", tokens, dtype=pl.String)).select(_COLUMNS)


def put_tokens(connection: Connection, tokens: pl.DataFrame) -> None:
    """Rows of `tokens_of` into the store; what is there already is passed over."""
    for batch in tokens.iter_slices(BATCH):
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql(_INSERT, tuple(column.to_list() for column in batch))
        else:
            insert_values(connection, "reach", batch, "ON CONFLICT DO NOTHING")


def _keyed(key: bytes) -> Callable[[str, str], str]:
    """HMAC-SHA-256 in hex of a kind and a normalised value. The key goes in once, which halves the time of many (RFC 2104)."""
    padded = key.ljust(_BLOCK, b"\0")
    inner, outer = (hashlib.sha256(bytes(byte ^ pad for byte in padded)) for pad in (0x36, 0x5C))

    def token(kind: str, normal: str) -> str:
        within, around = inner.copy(), outer.copy()
        within.update(f"{kind}\0{normal}".encode())
        around.update(within.digest())
        return around.hexdigest()

    return token


def who_has(
    connection: Connection, personal: Personal, kind: str, value: str, country: str | None = None
) -> list[Reached]:
    """The persons that have a number (`phone`) or mailbox (`email`), each with each account, sorted. Empty if nobody has."""
    tokens = personal.tokens(kind, value, country)
    if not tokens:
        return []
    found = connection.execute(
        select(Reach.account_id, Reach.person_id).where(Reach.token.in_(tokens), Reach.kind == kind)
    )
    return sorted({Reached(row[0], row[1]) for row in found})


@cache
def _rules() -> dict[str, dict[str, Any]]:
    content: dict[str, dict[str, Any]] = yaml.safe_load((Path(__file__).parent / "numbers.yaml").read_text("utf-8"))
    return content
