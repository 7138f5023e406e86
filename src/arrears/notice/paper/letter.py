"""What one letter says, and to whom: plain text and nothing else; how it looks is the template's business."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, fields, is_dataclass, replace
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any

import yaml


@dataclass(frozen=True)
class Letterhead:
    """Who writes, in the language of the letter. `address`: lines of text, for the head and the sender's line above the recipient."""

    name: str
    phone: str
    site: str
    address: tuple[str, ...] = ()


@dataclass(frozen=True)
class Line:
    """A line of a table: what, and how much or how, both as they are printed. `total`: set in bold under a rule."""

    label: str
    value: str
    total: bool = False


@dataclass(frozen=True)
class Letter:
    """One letter. `language`: zh-CN or en. `on`: its date, at the sender's place. `recipient`: the lines of the address, name included.

    `paragraphs`: the text; a line break inside one is kept. `amounts` and `payment` may be empty: then their tables are left out.
    `code`: under which the letter can be verified, in the form in which it is read aloud. `qr`: what the QR code holds (a link, or the code).
    """

    language: str
    on: date
    sender: Letterhead
    recipient: tuple[str, ...]
    reference: str
    subject: str
    paragraphs: tuple[str, ...]
    code: str
    qr: str
    amounts: tuple[Line, ...] = ()
    payment: tuple[Line, ...] = ()

    @property
    def key(self) -> str:
        """The language as the word files have it: zh or en."""
        return "zh" if self.language.lower().startswith("zh") else "en"

    def as_json(self) -> str:
        """The letter as JSON, to be read back by `from_json`."""
        return json.dumps(asdict(self) | {"on": self.on.isoformat()}, ensure_ascii=False)

    @staticmethod
    def from_json(text: str) -> Letter:
        """The letter that `as_json` wrote."""
        content = json.loads(text)
        content["on"] = date.fromisoformat(content["on"])
        content["sender"]["address"] = tuple(content["sender"]["address"])
        content["sender"] = Letterhead(**content["sender"])
        for name in ("recipient", "paragraphs"):
            content[name] = tuple(content[name])
        for name in ("amounts", "payment"):
            content[name] = tuple(Line(**line) for line in content[name])
        return Letter(**content)


@cache
def labels() -> Mapping[str, Any]:
    """The words of the frame by language, the lines of the table of amounts, and the forms of addresses by country."""
    content: dict[str, Any] = yaml.safe_load(files("arrears.notice.paper").joinpath("labels.yaml").read_text("utf-8"))
    return content


def amounts_from(facts: Mapping[str, str], key: str, country: str = "") -> tuple[Line, ...]:
    """The table of amounts from the facts of a message (names of labels.yaml), in the language `key`; empty if there is no total.

    `country`: whose words are used where English has several.
    """
    total = labels()["total"]
    if total["fact"] not in facts:
        return ()
    rows = [row for row in labels()["amounts"] if row["fact"] in facts]
    lines = [Line(row.get(f"{key}_of", {}).get(country, row[key]), facts[row["fact"]]) for row in rows]
    return (*lines, Line(total[key], facts[total["fact"]], total=True))


def tidy(letter: Letter) -> Letter:
    """The letter in composed form (NFC), tabs as spaces and line ends as one: what typists leave behind changes no page."""
    return _tidied(letter)  # type: ignore[no-any-return]


def _tidied(value: Any) -> Any:
    if isinstance(value, str):
        return unicodedata.normalize("NFC", value).replace("\r\n", "\n").replace("\t", " ")
    if isinstance(value, tuple):
        return tuple(_tidied(item) for item in value)
    if is_dataclass(value) and not isinstance(value, type):
        return replace(value, **{each.name: _tidied(getattr(value, each.name)) for each in fields(value)})
    return value


def printed(letter: Letter) -> Iterator[tuple[str, str, bool]]:
    """Every text that is printed: the part of the letter, the text, and whether it is set in bold."""
    yield "recipient", "".join(letter.recipient), False
    yield "subject", letter.subject, True
    yield "text", "".join(letter.paragraphs).replace("\n", ""), False
    yield "reference", letter.reference, False
    yield "code", letter.code, True
    for table, lines in (("amounts", letter.amounts), ("payment", letter.payment)):
        for line in lines:
            yield table, line.label + line.value, line.total
    yield "sender", letter.sender.name, True
    yield (
        "sender",
        "".join((letter.sender.name, letter.sender.phone, letter.sender.site, *letter.sender.address)),
        False,
    )
